//! What is read of Google's requests, whose members may be written in both ways. It knows nothing
//! of the answers.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::contents::Modalities;
use crate::ask::Label;

/// Tools that the provider runs, whose results are fed back as tokens.
const OWN_TOOLS: [&str; 6] = [
    "googleSearch",
    "google_search",
    "urlContext",
    "url_context",
    "codeExecution",
    "code_execution",
];

/// A request to generate.
#[derive(Deserialize)]
pub(super) struct GenerateRequest<'a> {
    #[serde(borrow)]
    pub(super) contents: Option<&'a RawValue>,
    #[serde(borrow, rename = "systemInstruction", alias = "system_instruction")]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tools: Option<&'a RawValue>,
    #[serde(rename = "generationConfig", alias = "generation_config")]
    config: Option<Config>,
    #[serde(borrow, rename = "cachedContent", alias = "cached_content")]
    cached_content: Option<&'a RawValue>,
    #[serde(borrow, rename = "serviceTier", alias = "service_tier")]
    pub(super) tier: Option<Label<'a>>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "maxOutputTokens", alias = "max_output_tokens")]
    limit: Option<u64>,
    #[serde(rename = "candidateCount", alias = "candidate_count")]
    candidates: Option<u64>,
    #[serde(rename = "thinkingConfig", alias = "thinking_config")]
    thinking: Option<Thinking>,
}

#[derive(Deserialize)]
struct Thinking {
    #[serde(rename = "thinkingBudget", alias = "thinking_budget")]
    budget: Option<i64>,
    #[serde(rename = "includeThoughts", alias = "include_thoughts")]
    shown: Option<bool>,
}

/// A request to count, whose contents stand in it or in a request to generate.
#[derive(Deserialize)]
pub(super) struct CountRequest<'a> {
    #[serde(borrow)]
    pub(super) contents: Option<&'a RawValue>,
    #[serde(
        borrow,
        rename = "generateContentRequest",
        alias = "generate_content_request"
    )]
    pub(super) request: Option<GenerateRequest<'a>>,
}

impl GenerateRequest<'_> {
    /// Most tokens of the answer.
    pub(super) fn limit(&self) -> Option<u64> {
        self.config.as_ref()?.limit
    }

    /// How many candidates are asked for.
    pub(super) fn candidates(&self) -> u64 {
        let config = self.config.as_ref();
        config.and_then(|config| config.candidates).unwrap_or(1)
    }

    /// Whether the model thinks: those from 2.5 on do, unless the budget is zero.
    pub(super) fn thinks(&self, model: &str) -> bool {
        match self.thinking() {
            Some(thinking) => thinking.budget != Some(0),
            None => thinks_by_itself(model),
        }
    }

    /// Whether thoughts stand in the answer.
    pub(super) fn shows_thoughts(&self) -> bool {
        self.thinking()
            .is_some_and(|thinking| thinking.shown == Some(true))
    }

    /// Whether a part of the prompt is read from a cache.
    pub(super) fn is_cached(&self, model: &str) -> bool {
        self.cached_content.is_some() || model.contains("cached")
    }

    /// The tokens of the prompt.
    pub(super) fn prompt(&self) -> Modalities {
        Modalities::of(&[self.contents, self.system, self.tools])
    }

    /// Whether the provider's own tools are among the tools.
    pub(super) fn has_own_tools(&self) -> bool {
        let Some(tools) = self.tools else {
            return false;
        };
        let tools: Vec<Value> = serde_json::from_str(tools.get()).unwrap_or_default();
        tools
            .iter()
            .any(|tool| OWN_TOOLS.iter().any(|name| tool.get(name).is_some()))
    }

    fn thinking(&self) -> Option<&Thinking> {
        self.config.as_ref()?.thinking.as_ref()
    }
}

fn thinks_by_itself(model: &str) -> bool {
    let version = model.strip_prefix("gemini-").unwrap_or_default();
    let version = version.split('-').next().unwrap_or_default();
    version.parse().is_ok_and(|version: f32| version >= 2.5)
}
