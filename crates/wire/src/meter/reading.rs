//! What the meter read from an answer.

use domain::{
    pricing::{ServiceTier, is_pinned},
    provider::ProviderType,
    usage::Usage,
};

use crate::{json::Raw, meter::TextSeen};

/// What an answer told of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Tokens per bucket, as the provider reported them. Of a stream that broke off, what was told until
    /// then: Anthropic's input without any output, say.
    pub usage: Usage,
    /// Whether the counts do not fit together: the buckets do not add up to the provider's own total, a
    /// part is larger than its whole, or tokens were billed that belong in no bucket of this call.
    pub mismatch: bool,
    /// Whether something of the answer is billed that no bucket holds: tokens of another model, or of a tool
    /// with rates of its own. What the buckets cost is then not what the call costs.
    pub billed_beside: bool,
    /// The model that the answer names.
    pub replied_model: Option<String>,
    /// The service tier that the answer names, in the provider's own word.
    pub service_tier: Option<String>,
    /// The same, where it has rates of its own.
    pub tier: Option<ServiceTier>,
    /// The geography that the answer names, in the provider's own word.
    pub geography: Option<String>,
    /// Whether that geography is one that costs more.
    pub pinned_geography: bool,
    /// The provider's id of the answer.
    pub response_id: Option<String>,
    /// Whether the answer came to its end: the last event of a stream, a whole JSON body.
    pub ended: bool,
    /// Whether the answer tells of an error, or is not of the API's shape.
    pub error: bool,
    /// Whether the answer says that the work still goes on, as a background response does: its usage shows
    /// in a later answer with the same id.
    pub unfinished: bool,
    /// Whether anything was delivered that is billed: text, reasoning, tool calls, embeddings.
    pub delivered_text: bool,
    /// Whether vectors were delivered, which are no output and have no tokens.
    pub vectors: bool,
    /// The text, for estimating what was not reported.
    pub text: TextSeen,
}

impl Reading {
    /// Of an answer of which only the size is known: delivered, and to be estimated.
    #[must_use]
    pub fn unread(bytes: usize, ended: bool) -> Self {
        let mut reading = Self {
            ended,
            delivered_text: bytes > 0,
            ..Self::default()
        };
        reading.text.pass_over(bytes);
        reading
    }

    /// Keeps the text of a string that was generated. Whether there is any.
    pub(super) fn see(&mut self, text: Raw<'_>) -> bool {
        text.escaped()
            .is_some_and(|escaped| self.see_escaped(escaped))
    }

    /// The same for what stood between the quotes of a string.
    pub(super) fn see_escaped(&mut self, escaped: &str) -> bool {
        self.text.push(escaped);
        self.delivered_text |= !escaped.is_empty();
        !escaped.is_empty()
    }

    /// Keeps JSON that was generated, such as a tool's arguments.
    pub(super) fn see_json(&mut self, json: &str) {
        self.text.push_json(json);
        self.delivered_text = true;
    }

    /// Notes the model that an answer names; an empty name is none.
    pub(super) fn note_model(&mut self, model: Raw<'_>) {
        note(&mut self.replied_model, model);
    }

    /// Notes the id of the answer.
    pub(super) fn note_id(&mut self, id: Raw<'_>) {
        note(&mut self.response_id, id);
    }

    /// Notes the service tier that was used, of which the last word counts.
    pub(super) fn note_tier(&mut self, provider_type: ProviderType, word: Raw<'_>) {
        if note(&mut self.service_tier, word) {
            self.tier = self
                .service_tier
                .as_deref()
                .and_then(|word| ServiceTier::named(provider_type, word));
        }
    }

    /// Notes the service tier that a header tells.
    pub(super) fn set_tier(&mut self, provider_type: ProviderType, word: &str) {
        self.tier = ServiceTier::named(provider_type, word);
        self.service_tier = Some(word.to_owned());
    }

    /// Notes the geography, and whether it is the one that costs more.
    pub(super) fn note_geography(&mut self, provider_type: ProviderType, word: Raw<'_>) {
        if note(&mut self.geography, word) {
            let geography = self.geography.as_deref();
            self.pinned_geography = geography.is_some_and(|word| is_pinned(provider_type, word));
        }
    }
}

/// Keeps a string unless it is absent, empty or known already. Whether it was kept.
fn note(known: &mut Option<String>, told: Raw<'_>) -> bool {
    let Some(escaped) = told.escaped().filter(|text| !text.is_empty()) else {
        return false;
    };
    if known.as_deref() == Some(escaped) {
        return false;
    }
    *known = told.string().map(std::borrow::Cow::into_owned);
    true
}
