//! The demo's calls: an even mix of providers, models, agents and people, now and then a failure.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Makes one call after the other through the listener.
pub(super) struct Trickle {
    client: Client,
    base: String,
    token: SecretString,
    pause: Duration,
}

/// One kind of sample call.
struct Sample {
    provider: &'static str,
    path: &'static str,
    model: &'static str,
    agent: &'static str,
    user: &'static str,
    shape: Shape,
}

#[derive(Clone, Copy)]
enum Shape {
    Chat {
        streamed: bool,
    },
    Messages {
        streamed: bool,
    },
    Embedding,
    /// A chat that the upstream answers with 429.
    Limited,
}

const SAMPLES: &[Sample] = &[
    sample(
        "openai-main",
        "/chat/completions",
        "gpt-5-mini",
        "support-bot",
        "ada",
        Shape::Chat { streamed: true },
    ),
    sample(
        "anthropic-production",
        "/v1/messages",
        "claude-sonnet-5-5",
        "code-review",
        "grace",
        Shape::Messages { streamed: true },
    ),
    sample(
        "openai-main",
        "/chat/completions",
        "gpt-5.6",
        "research",
        "ada",
        Shape::Chat { streamed: false },
    ),
    sample(
        "vllm-gpu-rack",
        "/chat/completions",
        "qwen3.5-72b-instruct",
        "support-bot",
        "linus",
        Shape::Chat { streamed: true },
    ),
    sample(
        "anthropic-production",
        "/v1/messages",
        "claude-haiku-5-5",
        "triage",
        "edsger",
        Shape::Messages { streamed: false },
    ),
    sample(
        "openai-main",
        "/embeddings",
        "text-embedding-3-small",
        "search-index",
        "grace",
        Shape::Embedding,
    ),
    sample(
        "anthropic-engineers",
        "/v1/messages",
        "claude-opus-5-5",
        "code-review",
        "barbara",
        Shape::Messages { streamed: true },
    ),
    sample(
        "vllm-gpu-rack",
        "/chat/completions",
        "qwen3.8-27b-ft-support",
        "support-bot",
        "ada",
        Shape::Chat { streamed: false },
    ),
    sample(
        "openai-main",
        "/chat/completions",
        "gpt-5-mini",
        "triage",
        "edsger",
        Shape::Limited,
    ),
];

const fn sample(
    provider: &'static str,
    path: &'static str,
    model: &'static str,
    agent: &'static str,
    user: &'static str,
    shape: Shape,
) -> Sample {
    Sample {
        provider,
        path,
        model,
        agent,
        user,
        shape,
    }
}

const QUESTIONS: &[&str] = &[
    "Summarise the incident of last night in three sentences.",
    "Which of these two contracts has the longer notice period, and why?",
    "Write a polite answer to a customer whose parcel is late.",
    "What does this stack trace tell about the cause?",
    "Translate the release notes into German.",
];

impl Trickle {
    pub(super) fn new(
        address: SocketAddr,
        token: SecretString,
        pause: Duration,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder().no_proxy().build()?;
        let base = format!("http://{address}/llm/v1/providers");
        Ok(Self {
            client,
            base,
            token,
            pause,
        })
    }

    /// Calls until it is told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let turns = SAMPLES
            .iter()
            .cycle()
            .zip(QUESTIONS.iter().cycle())
            .enumerate();
        for (turn, (sample, question)) in turns {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.call(sample, question, turn) => {}
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    async fn call(&self, sample: &Sample, question: &str, turn: usize) {
        let limited = matches!(sample.shape, Shape::Limited);
        let mut request = self
            .client
            .post(format!("{}/{}{}", self.base, sample.provider, sample.path))
            .header("x-weir-token", self.token.expose_secret())
            .header("x-weir-agent", sample.agent)
            .header("x-weir-user", sample.user)
            .header("anthropic-version", "2023-06-01")
            .header(CONTENT_TYPE, "application/json")
            .body(body(sample, question, turn).to_string());
        if sample.provider == "anthropic-engineers" {
            request = request.bearer_auth(super::samples::UPSTREAM_KEY);
        }
        if limited {
            request = request.header("x-standin-status", "429");
        }
        let answer = match request.send().await {
            Ok(response) => response.bytes().await,
            Err(error) => Err(error),
        };
        if let Err(error) = answer {
            tracing::warn!(%error, "A sample call failed");
        }
    }
}

fn body(sample: &Sample, question: &str, turn: usize) -> Value {
    // Each turn has its own length, so that the figures differ.
    let context = "The following is known of the case. ".repeat(turn % 40);
    let content = format!("{context}{question}");
    let messages = json!([{ "role": "user", "content": content }]);
    let length = 24 + turn * 7 % 160;
    match sample.shape {
        Shape::Embedding => json!({ "model": sample.model, "input": content }),
        Shape::Chat { streamed } => json!({
            "model": sample.model, "messages": messages, "stream": streamed,
            "max_completion_tokens": length, "prompt_cache_key": "demo",
        }),
        Shape::Limited => json!({ "model": sample.model, "messages": messages }),
        Shape::Messages { streamed } => json!({
            "model": sample.model, "stream": streamed, "max_tokens": length,
            "system": [{ "type": "text", "text": "You help.", "cache_control": { "type": "ephemeral" } }],
            "messages": messages,
        }),
    }
}
