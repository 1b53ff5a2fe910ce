//! What the catalog knows of one model.

use domain::pricing::RateCard;
use serde::{Deserialize, Serialize};

/// One row of the catalog: a model at one host, in one region where prices differ by region.
///
/// As JSON it is also a line of the catalog's file; what is not known is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogModel {
    /// The host whose prices these are: `openai`, `anthropic`, `groq`, …
    pub kind: String,
    /// The id as it is sent to that host.
    pub id: String,
    /// Where these prices hold. `None`: wherever no row of its own says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What people read. Many models have no name but their id.
    pub display_name: String,
    /// What the model is for.
    pub mode: Mode,
    /// List prices. Empty where no price is known, which is not the same as free.
    pub card: RateCard,
    /// Tokens of the largest prompt. `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// Tokens of the longest answer. `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Numbers in one embedding. `None`: not known, or not an embedding model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_dimensions: Option<u64>,
    /// What the model can do: `tools`, `vision`, `reasoning`, … in alphabetical order. Empty: not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// The day of its shutdown, `YYYY-MM-DD`, in the past too: old calls can still be priced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecation_date: Option<String>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Conversations.
    Chat,
    /// Conversations, by OpenAI's Responses API only.
    Responses,
    /// Text that goes on where the prompt ends.
    Completion,
    /// Vectors of texts.
    Embedding,
}
