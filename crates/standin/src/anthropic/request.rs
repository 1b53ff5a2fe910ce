//! What is read of Anthropic's requests. It knows nothing of the answers. Only what shapes an
//! answer is read; long members stay as they are and count by their length.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Version;
use crate::ask::Label;
use crate::caching::Caching;
use crate::failures::Failure;
use crate::json;

const CHARACTERS_PER_TOKEN: u64 = 4;
const TOKENS_OF_FRAMING: u64 = 5;

/// A request for a message, or for the count of its tokens.
#[derive(Deserialize)]
pub(super) struct MessageRequest<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) messages: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tools: Option<&'a RawValue>,
    pub(super) max_tokens: Option<u64>,
    pub(super) stream: Option<bool>,
    /// Bedrock reads the version here.
    #[serde(borrow)]
    pub(super) anthropic_version: Option<Label<'a>>,
    #[serde(borrow)]
    thinking: Option<Thinking<'a>>,
    #[serde(borrow)]
    pub(super) speed: Option<Label<'a>>,
    #[serde(borrow)]
    pub(super) inference_geo: Option<Label<'a>>,
    #[serde(borrow)]
    cache_control: Option<&'a RawValue>,
    temperature: Option<IgnoredAny>,
    top_p: Option<IgnoredAny>,
    top_k: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Thinking<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Label<'a>>,
    budget_tokens: Option<usize>,
}

impl MessageRequest<'_> {
    /// Fails with 400 for what the new version refuses.
    pub(super) fn check(&self, version: Version) -> Result<(), Failure> {
        if version == Version::Old {
            return Ok(());
        }
        let refused = [
            ("temperature", &self.temperature),
            ("top_p", &self.top_p),
            ("top_k", &self.top_k),
        ];
        match refused.iter().find(|(_, member)| member.is_some()) {
            Some((name, _)) => Err(Failure::bad(
                name,
                format!("{name}: not supported by this version of the API"),
            )),
            None => Ok(()),
        }
    }

    /// Most tokens of thinking; `None` if none is asked for.
    pub(super) fn thinking_budget(&self) -> Option<usize> {
        let thinking = self.thinking.as_ref()?;
        let kind = thinking.kind.as_ref().map(Label::as_str);
        (kind != Some("disabled")).then(|| thinking.budget_tokens.unwrap_or(usize::MAX))
    }

    /// All tokens of the prompt, cached or not.
    pub(super) fn prompt_tokens(&self) -> u64 {
        let parts = [self.messages, self.system, self.tools];
        let length: usize = parts.iter().flatten().map(|part| part.get().len()).sum();
        json::count(length) / CHARACTERS_PER_TOKEN + TOKENS_OF_FRAMING
    }

    /// For how long parts of the prompt are to be cached.
    pub(super) fn caching(&self, model: &str) -> Caching {
        let mut caching = Caching::of(&[self.messages, self.system, self.tools], "cache_control");
        if let Some(control) = self.cache_control {
            caching.add(serde_json::from_str(control.get()).ok().as_ref());
        }
        if model.contains("cached") && caching == Caching::default() {
            caching.add(None);
        }
        caching
    }
}
