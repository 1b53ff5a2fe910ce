//! The manners of the other servers that speak OpenAI's API: how they report usage, where in a
//! stream, and what stands beside it. It knows nothing of requests.
//!
//! | server | usage | in a stream |
//! |---|---|---|
//! | Groq | with times | also in `x_groq` of the last chunk, asked for or not |
//! | DeepSeek | with hits and misses of the cache | as OpenAI |
//! | xAI | reasoning is not in the output's count but in the total | as OpenAI |
//! | Mistral, Cerebras, Fireworks | the plain counts, details where they are not zero | in the last chunk, asked for or not |
//! | Together | the plain counts, `cached_tokens` beside them | in the last chunk, asked for or not |
//! | Perplexity | with a cost; of deep research with searches, citations and reasoning outside of the output | in the last chunk, asked for or not |
//! | SambaNova | with times | as OpenAI |
//! | Databricks | counts of the cache and of reasoning at the top | as OpenAI |
//! | vLLM | plain | as OpenAI, or in every chunk where `continuous_usage_stats` asks for it |
//! | Vertex AI | the plain counts, details where they are not zero, the kind of traffic | as OpenAI |
//! | Azure | as OpenAI, with what its content filter says | as OpenAI; the first chunk has no choices |
//! | Ollama, MLflow, Cohere | the three plain counts | as OpenAI |

use super::request::StreamOptions;
use super::usage::Counts;
use crate::ask::Ask;
use crate::azure;
use crate::host::Host;
use crate::json::{Object, object, object_string};
use crate::reply::Reply;
use crate::vertex;
use crate::wishes::UsagePlace;

/// The usage of an answer; `None`: it has none.
pub(super) fn whole_usage(ask: &Ask<'_>, counts: &Counts, model: &str) -> Option<String> {
    ask.wishes.usage_or(|| usage(ask, counts, model))
}

/// Where the server puts the usage of a stream, if not in a chunk of its own.
pub(super) fn usage_place(host: Host, options: &StreamOptions) -> Option<UsagePlace> {
    match host {
        Host::Mistral | Host::Cerebras | Host::Fireworks | Host::Together | Host::Perplexity => {
            Some(UsagePlace::Finish)
        }
        Host::Vllm => (options.continuous_usage_stats == Some(true)).then_some(UsagePlace::Every),
        Host::Own
        | Host::Google
        | Host::Bedrock
        | Host::Vertex
        | Host::Azure
        | Host::Groq
        | Host::DeepSeek
        | Host::Xai
        | Host::SambaNova
        | Host::Databricks
        | Host::Ollama
        | Host::MlFlow
        | Host::Cohere => None,
    }
}

/// What the server puts beside the usage of a plain answer.
pub(super) fn write_beside(host: Host, body: &mut Object<'_>, id: &str, usage: Option<&str>) {
    match host {
        Host::Groq => {
            body.object("x_groq", |groq| {
                groq.text("id", id);
            })
            .null("usage_breakdown");
        }
        Host::Azure => {
            body.raw("prompt_filter_results", azure::PROMPT_FILTERED);
        }
        Host::Cerebras if usage.is_some() => {
            body.object("time_info", write_times);
        }
        Host::Own
        | Host::Google
        | Host::Bedrock
        | Host::Vertex
        | Host::DeepSeek
        | Host::Xai
        | Host::Mistral
        | Host::Together
        | Host::Fireworks
        | Host::Cerebras
        | Host::SambaNova
        | Host::Perplexity
        | Host::Databricks
        | Host::Vllm
        | Host::Ollama
        | Host::MlFlow
        | Host::Cohere => {}
    }
}

/// The same for the last chunk of a stream, with a comma before it.
pub(super) fn beside_text(host: Host, id: &str, usage: Option<&str>) -> Option<String> {
    let mut text = Vec::new();
    object(&mut text, |body| {
        if host == Host::Azure {
            // It stood in the first chunk.
        } else if host == Host::Groq {
            body.object("x_groq", |groq| {
                groq.text("id", id).raw_if_any("usage", usage);
            });
        } else {
            write_beside(host, body, id, usage);
        }
    });
    let text = String::from_utf8_lossy(&text);
    let members = text.strip_prefix('{')?.strip_suffix('}')?;
    (!members.is_empty()).then(|| format!(",{members}"))
}

/// What the server says of each choice, with a comma before it.
pub(super) fn of_choice(host: Host) -> String {
    if host == Host::Azure {
        format!(",\"content_filter_results\":{}", azure::ANSWER_FILTERED)
    } else {
        String::new()
    }
}

/// The chunk with which a stream begins before its first choice. `None`: there is none.
pub(super) fn first_chunk(host: Host) -> Option<String> {
    (host == Host::Azure).then(|| {
        format!(
            "data: {{\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":{}}}\n\n",
            azure::PROMPT_FILTERED
        )
    })
}

/// With the headers that the server adds to a plain answer.
pub(super) fn with_headers(host: Host, counts: &Counts, reply: Reply) -> Reply {
    if host != Host::Fireworks {
        return reply;
    }
    reply
        .with_header("fireworks-prompt-tokens", counts.prompt.to_string())
        .with_header("fireworks-cached-prompt-tokens", counts.cached.to_string())
        .with_header("fireworks-server-time-to-first-token", "0.042")
}

fn usage(ask: &Ask<'_>, counts: &Counts, model: &str) -> String {
    match ask.host {
        Host::Own | Host::Bedrock | Host::Azure => counts.of_chat(),
        Host::Xai => of_xai(counts),
        Host::Perplexity => of_perplexity(counts, model),
        Host::Groq
        | Host::Google
        | Host::Vertex
        | Host::DeepSeek
        | Host::Mistral
        | Host::Together
        | Host::Fireworks
        | Host::Cerebras
        | Host::SambaNova
        | Host::Databricks
        | Host::Vllm
        | Host::Ollama
        | Host::MlFlow
        | Host::Cohere => object_string(|usage| {
            write_plain(usage, counts.prompt, counts.visible + counts.reasoning);
            write_more(ask, usage, counts, model);
        }),
    }
}

fn write_plain(usage: &mut Object<'_>, prompt: u64, output: u64) {
    usage
        .number("prompt_tokens", prompt)
        .number("completion_tokens", output)
        .number("total_tokens", prompt + output);
}

fn write_more(ask: &Ask<'_>, usage: &mut Object<'_>, counts: &Counts, model: &str) {
    match ask.host {
        Host::Groq => {
            write_times(usage);
            write_details(usage, counts);
        }
        Host::DeepSeek => {
            usage
                .number("prompt_cache_hit_tokens", counts.cached)
                .number("prompt_cache_miss_tokens", counts.prompt - counts.cached);
            write_details(usage, counts);
        }
        Host::Together => {
            if counts.cached > 0 {
                usage.number("cached_tokens", counts.cached);
            }
        }
        Host::SambaNova => {
            usage
                .flag("is_last_response", true)
                .raw("time_to_first_token", "0.042")
                .raw("total_latency", "0.61")
                .raw("completion_tokens_per_sec", "412.5");
            write_details(usage, counts);
        }
        Host::Databricks => {
            if counts.cached > 0 {
                usage.number("cache_read_input_tokens", counts.cached);
            }
            if counts.written() > 0 && model.contains("claude") {
                usage.number("cache_creation_input_tokens", counts.written());
            }
            if counts.reasoning > 0 {
                usage.number("reasoning_tokens", counts.reasoning);
            }
        }
        Host::Google | Host::Mistral | Host::Fireworks | Host::Cerebras | Host::Vllm => {
            write_details(usage, counts);
        }
        Host::Vertex => {
            write_details(usage, counts);
            vertex::write_beside(ask, usage);
        }
        Host::Own
        | Host::Bedrock
        | Host::Azure
        | Host::Xai
        | Host::Perplexity
        | Host::Ollama
        | Host::MlFlow
        | Host::Cohere => {}
    }
}

/// Parts of the counts, where they are not zero.
fn write_details(usage: &mut Object<'_>, counts: &Counts) {
    if counts.cached > 0 {
        usage.object("prompt_tokens_details", |details| {
            details.number("cached_tokens", counts.cached);
        });
    }
    if counts.reasoning > 0 {
        usage.object("completion_tokens_details", |details| {
            details.number("reasoning_tokens", counts.reasoning);
        });
    }
}

fn write_times(times: &mut Object<'_>) {
    times
        .raw("queue_time", "0.017")
        .raw("prompt_time", "0.004")
        .raw("completion_time", "0.158")
        .raw("total_time", "0.179");
}

/// Reasoning is in the total, but not in the output.
fn of_xai(counts: &Counts) -> String {
    object_string(|usage| {
        usage
            .number("prompt_tokens", counts.prompt)
            .number("completion_tokens", counts.visible)
            .number(
                "total_tokens",
                counts.prompt + counts.visible + counts.reasoning,
            )
            .object("prompt_tokens_details", |details| {
                details
                    .number("text_tokens", counts.prompt)
                    .number("audio_tokens", 0)
                    .number("image_tokens", 0)
                    .number("cached_tokens", counts.cached);
            })
            .object("completion_tokens_details", |details| {
                details
                    .number("reasoning_tokens", counts.reasoning)
                    .number("audio_tokens", 0)
                    .number("accepted_prediction_tokens", 0)
                    .number("rejected_prediction_tokens", 0);
            })
            .number("num_sources_used", 0);
    })
}

/// Deep research counts searches, citations and reasoning apart.
fn of_perplexity(counts: &Counts, model: &str) -> String {
    object_string(|usage| {
        write_plain(usage, counts.prompt, counts.visible);
        usage.text("search_context_size", "low");
        if model.contains("deep-research") {
            usage
                .number("citation_tokens", 1_200)
                .number("num_search_queries", 3)
                .number("reasoning_tokens", counts.reasoning.max(64));
        }
        usage.object("cost", |cost| {
            cost.raw("input_tokens_cost", "0.0")
                .raw("output_tokens_cost", "0.0")
                .raw("request_cost", "0.005")
                .raw("total_cost", "0.005");
        });
    })
}
