//! What is read of a Converse request. It knows nothing of the answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::guardrail::GuardrailConfig;
use crate::ask::Label;
use crate::caching::{Caching, Prompt};
use crate::json;

const CHARACTERS_PER_TOKEN: u64 = 4;
const TOKENS_OF_FRAMING: u64 = 5;
const CACHE_POINT: &str = "cachePoint";

/// A request to converse.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConverseRequest<'a> {
    #[serde(borrow)]
    pub(super) messages: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    inference_config: Option<InferenceConfig>,
    #[serde(borrow)]
    tool_config: Option<ToolConfig<'a>>,
    #[serde(borrow)]
    pub(super) guardrail_config: Option<GuardrailConfig<'a>>,
    additional_model_request_fields: Option<Additional>,
    #[serde(borrow)]
    additional_model_response_field_paths: Option<Vec<Label<'a>>>,
    #[serde(borrow)]
    service_tier: Option<Tier<'a>>,
    #[serde(borrow)]
    pub(super) performance_config: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InferenceConfig {
    max_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct ToolConfig<'a> {
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Additional {
    #[serde(alias = "reasoning_config")]
    thinking: Option<Thinking>,
}

#[derive(Deserialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: Option<String>,
    budget_tokens: Option<usize>,
}

#[derive(Deserialize)]
struct Tier<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Label<'a>>,
}

impl ConverseRequest<'_> {
    /// Most tokens of the answer.
    pub(super) fn limit(&self) -> Option<u64> {
        self.inference_config.as_ref()?.max_tokens
    }

    /// The client's tools.
    pub(super) fn tools(&self) -> Option<&RawValue> {
        self.tool_config.as_ref()?.tools
    }

    /// Most tokens of thinking; `None` if none is asked for.
    pub(super) fn thinking_budget(&self) -> Option<usize> {
        let fields = self.additional_model_request_fields.as_ref()?;
        let thinking = fields.thinking.as_ref()?;
        let on = thinking.kind.as_deref() != Some("disabled");
        on.then(|| thinking.budget_tokens.unwrap_or(usize::MAX))
    }

    /// Whether the counts of thinking are to stand in the answer.
    pub(super) fn wants_details(&self) -> bool {
        let paths = self.additional_model_response_field_paths.as_ref();
        paths.is_some_and(|paths| {
            paths
                .iter()
                .any(|path| path.as_str() == "/usage/output_tokens_details")
        })
    }

    /// The tier that is used.
    pub(super) fn tier(&self) -> &str {
        let tier = self.service_tier.as_ref();
        let kind = tier.and_then(|tier| tier.kind.as_ref());
        kind.map_or("default", Label::as_str)
    }

    /// The tokens of the prompt.
    pub(super) fn prompt(&self, model: &str) -> Prompt {
        let parts = [self.messages, self.system, self.tools()];
        let length: usize = parts.iter().flatten().map(|part| part.get().len()).sum();
        let mut caching = Caching::of(&parts, CACHE_POINT);
        if model.contains("cached") && caching == Caching::default() {
            caching.add(None);
        }
        caching.split(json::count(length) / CHARACTERS_PER_TOKEN + TOKENS_OF_FRAMING)
    }
}
