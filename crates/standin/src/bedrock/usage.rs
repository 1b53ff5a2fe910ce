//! Counts of tokens as Bedrock reports them: cached tokens are beside the input's count. It knows
//! nothing of requests.

use serde::Deserialize;

use crate::caching::Prompt;
use crate::json::{Object, object_string};
use crate::reply::Reply;
use crate::wishes::{Usage, Wishes};

/// How long the answer took, in milliseconds.
pub(super) const LATENCY: u64 = 812;

/// The counts of one answer.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) prompt: Prompt,
    pub(super) output: u64,
}

/// What InvokeModel tells in headers, or at the end of its stream.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metrics {
    #[serde(rename = "inputTokenCount")]
    input: Option<u64>,
    #[serde(rename = "outputTokenCount")]
    output: Option<u64>,
    #[serde(rename = "cacheReadInputTokenCount")]
    read: Option<u64>,
    #[serde(rename = "cacheWriteInputTokenCount")]
    written: Option<u64>,
}

impl Counts {
    /// `usage` of Converse, with the input's count given: it is not always what it should be.
    pub(super) fn of_converse(&self, input: u64) -> String {
        let prompt = &self.prompt;
        object_string(|usage| {
            usage
                .number("inputTokens", input)
                .number("outputTokens", self.output)
                .number(
                    "totalTokens",
                    prompt.input + prompt.read + prompt.written() + self.output,
                );
            if prompt.read + prompt.written() == 0 {
                return;
            }
            usage
                .number("cacheReadInputTokens", prompt.read)
                .number("cacheWriteInputTokens", prompt.written())
                .array("cacheDetails", |details| {
                    for (ttl, count) in [("1h", prompt.written_1h), ("5m", prompt.written_5m)] {
                        if count > 0 {
                            details.object(|detail| {
                                detail.text("ttl", ttl).number("inputTokens", count);
                            });
                        }
                    }
                });
        })
    }

    /// What is told beside a body, unless the request wishes otherwise.
    pub(super) fn metrics(&self, wishes: &Wishes) -> Option<Metrics> {
        match &wishes.metrics {
            Some(Usage::Absent) => None,
            Some(Usage::Verbatim(json)) => serde_json::from_str(json).ok(),
            None => {
                let prompt = &self.prompt;
                let cached = prompt.read + prompt.written() > 0;
                Some(Metrics {
                    input: Some(prompt.input),
                    output: Some(self.output),
                    read: cached.then_some(prompt.read),
                    written: cached.then(|| prompt.written()),
                })
            }
        }
    }
}

impl Metrics {
    /// Without a count of output: embeddings have none.
    pub(super) fn without_output(self) -> Self {
        Self {
            output: None,
            ..self
        }
    }

    /// The answer with these counts in its headers.
    pub(super) fn in_headers(self, mut reply: Reply) -> Reply {
        for (name, count) in [
            ("x-amzn-bedrock-input-token-count", self.input),
            ("x-amzn-bedrock-output-token-count", self.output),
            ("x-amzn-bedrock-cache-read-input-token-count", self.read),
            ("x-amzn-bedrock-cache-write-input-token-count", self.written),
        ] {
            if let Some(count) = count {
                reply = reply.with_header(name, count.to_string());
            }
        }
        reply.with_header("x-amzn-bedrock-invocation-latency", LATENCY.to_string())
    }

    /// Writes `amazon-bedrock-invocationMetrics`.
    pub(super) fn write(self, event: &mut Object<'_>) {
        event.object("amazon-bedrock-invocationMetrics", |metrics| {
            for (name, count) in [
                ("inputTokenCount", self.input),
                ("outputTokenCount", self.output),
            ] {
                if let Some(count) = count {
                    metrics.number(name, count);
                }
            }
            metrics
                .number("invocationLatency", LATENCY)
                .number("firstByteLatency", 301);
            for (name, count) in [
                ("cacheReadInputTokenCount", self.read),
                ("cacheWriteInputTokenCount", self.written),
            ] {
                if let Some(count) = count {
                    metrics.number(name, count);
                }
            }
        });
    }
}
