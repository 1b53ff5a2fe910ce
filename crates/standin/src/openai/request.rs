//! What the operations read of OpenAI's requests. It knows nothing of the answers. Only what
//! shapes an answer is read; long members stay as they are and count by their length.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::Caching;
use crate::ask::{Ask, Label};
use crate::azure;
use crate::failures::Failure;
use crate::host::Host;
use crate::json;

const CHARACTERS_PER_TOKEN: u64 = 4;
const TOKENS_OF_FRAMING: u64 = 3;

/// A chat or completions request.
#[derive(Deserialize)]
pub(super) struct TextRequest<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) messages: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tools: Option<&'a RawValue>,
    pub(super) stream: Option<bool>,
    #[serde(borrow)]
    pub(super) stream_options: Option<&'a RawValue>,
    pub(super) max_tokens: Option<u64>,
    pub(super) max_completion_tokens: Option<u64>,
    pub(super) n: Option<u64>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_effort: Option<Label<'a>>,
    #[serde(borrow)]
    prompt_cache_key: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt_cache_options: Option<CacheOptions<'a>>,
}

/// A request for a response. Members that the answer repeats are kept as they are.
#[derive(Deserialize)]
pub(super) struct ResponseRequest<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    pub(super) stream: Option<bool>,
    #[serde(borrow)]
    pub(super) stream_options: Option<&'a RawValue>,
    pub(super) background: Option<bool>,
    pub(super) max_output_tokens: Option<u64>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) prompt_cache_key: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt_cache_options: Option<CacheOptions<'a>>,
    #[serde(borrow)]
    pub(super) reasoning: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tools: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) parallel_tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) previous_response_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) store: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) temperature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) text: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_choice: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) top_p: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) truncation: Option<&'a RawValue>,
}

/// `reasoning` of a response.
#[derive(Default, Deserialize)]
pub(super) struct Reasoning<'a> {
    #[serde(borrow)]
    pub(super) effort: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) summary: Option<Label<'a>>,
}

/// `stream_options`.
#[derive(Default, Deserialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: Option<bool>,
    pub(super) include_obfuscation: Option<bool>,
    pub(super) continuous_usage_stats: Option<bool>,
}

#[derive(Deserialize)]
struct CacheOptions<'a> {
    #[serde(borrow)]
    ttl: Option<Label<'a>>,
}

impl TextRequest<'_> {
    pub(super) fn limit(&self) -> Option<u64> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    pub(super) fn caching(&self, model: &str) -> Caching {
        caching(
            model,
            self.prompt_cache_key,
            self.prompt_cache_options.as_ref(),
        )
    }

    pub(super) fn prompt_tokens(&self) -> u64 {
        tokens(&[self.messages, self.prompt, self.tools])
    }
}

impl ResponseRequest<'_> {
    pub(super) fn caching(&self, model: &str) -> Caching {
        caching(
            model,
            self.prompt_cache_key,
            self.prompt_cache_options.as_ref(),
        )
    }

    pub(super) fn input_tokens(&self) -> u64 {
        tokens(&[self.input, self.instructions, self.tools])
    }
}

/// About how many tokens these parts of a request are.
pub(super) fn tokens(parts: &[Option<&RawValue>]) -> u64 {
    let length: usize = parts.iter().flatten().map(|part| part.get().len()).sum();
    json::count(length) / CHARACTERS_PER_TOKEN + TOKENS_OF_FRAMING
}

/// The options of a stream. Fails with 400 where a server refuses them or there is no stream.
pub(super) fn stream_options(
    ask: &Ask<'_>,
    stream: Option<bool>,
    given: Option<&RawValue>,
) -> Result<StreamOptions, Failure> {
    let Some(given) = given else {
        return Ok(StreamOptions::default());
    };
    let too_old = ask.host == Host::Azure && !azure::takes_stream_options(ask.path, ask.query);
    if ask.wishes.refuse_stream_options || ask.host == Host::Mistral || too_old {
        let refusal = "Unrecognized request argument supplied: stream_options";
        return Err(Failure::bad("stream_options", refusal).with_code("unknown_parameter"));
    }
    if stream != Some(true) {
        let refusal = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(Failure::bad("stream_options", refusal));
    }
    serde_json::from_str(given.get()).map_err(|error| Failure::unreadable(&error))
}

/// The tier that is used when this one is asked for.
pub(super) fn replied_tier<'t>(asked: Option<&'t Label<'_>>) -> &'t str {
    match asked.map(Label::as_str) {
        None | Some("auto") => "default",
        Some("fast") => "priority",
        Some(other) => other,
    }
}

/// Whether the model thinks, by its name or because an effort is asked for.
pub(super) fn reasons(model: &str, effort: Option<&Label<'_>>) -> bool {
    match effort.map(Label::as_str) {
        Some("none") => false,
        Some(_) => true,
        None => is_reasoning_model(model),
    }
}

fn is_reasoning_model(model: &str) -> bool {
    let model = model.strip_prefix("ft:").unwrap_or(model);
    let name = model.rsplit('/').next().unwrap_or(model);
    let numbered = name
        .strip_prefix('o')
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
    numbered || name.starts_with("gpt-5") || name.starts_with("gpt-6")
}

fn caching(model: &str, key: Option<&RawValue>, options: Option<&CacheOptions<'_>>) -> Caching {
    let ttl = options.and_then(|options| options.ttl.as_ref());
    if ttl.map(Label::as_str) == Some("12h") {
        Caching::Long
    } else if key.is_some() || options.is_some() || model.contains("cached") {
        Caching::Short
    } else {
        Caching::None
    }
}
