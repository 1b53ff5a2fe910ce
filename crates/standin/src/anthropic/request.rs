//! What is read of Anthropic's requests. It knows nothing of the answers. Only what shapes an
//! answer is read; long members stay as they are and count by their length.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Version;
use super::usage::Caching;
use crate::ask::Label;
use crate::failures::Failure;
use crate::json;

const CHARACTERS_PER_TOKEN: u64 = 4;
const TOKENS_OF_FRAMING: u64 = 5;
const CACHE_MEMBER: &str = "\"cache_control\"";

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
        let mut caching = Caching::default();
        if let Some(control) = self.cache_control {
            caching.add(ttl(serde_json::from_str(control.get()).ok().as_ref()));
        }
        for part in [self.messages, self.system, self.tools].iter().flatten() {
            if part.get().contains(CACHE_MEMBER)
                && let Ok(value) = serde_json::from_str(part.get())
            {
                add_all(&value, &mut caching);
            }
        }
        if model.contains("cached") && caching == Caching::default() {
            caching.add("5m");
        }
        caching
    }
}

/// Every `cache_control` within `value`.
fn add_all(value: &Value, caching: &mut Caching) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                add_all(element, caching);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if name == "cache_control" && member.is_object() {
                    caching.add(ttl(Some(member)));
                } else {
                    add_all(member, caching);
                }
            }
        }
        _ => {}
    }
}

fn ttl(control: Option<&Value>) -> &str {
    control
        .and_then(|control| control.get("ttl"))
        .and_then(Value::as_str)
        .unwrap_or("5m")
}
