//! Embeddings. They come plain, never as a stream.
//!
//! The vectors are most of the body and tell nothing: see [`super::plain`] for how they are passed over.

use domain::provider::ProviderType;

use crate::{
    json::{self, object},
    meter::{
        Reading,
        openai_usage::{RawUsage, Split},
    },
};

object! {
    /// The answer.
    Answer { data = "data", model = "model", usage = "usage", error = "error", service_tier = "service_tier" }
}

/// Reads a whole answer.
pub(super) fn read(provider_type: ProviderType, body: &[u8]) -> Option<Reading> {
    let text = json::text(body);
    let answer = serde_json::from_str::<Answer<'_>>(&text).ok()?;
    let mut reading = Reading {
        ended: true,
        delivered_text: answer.data.is_list(),
        ..Reading::default()
    };
    reading.note_model(answer.model);
    reading.note_tier(provider_type, answer.service_tier);
    let split = answer
        .usage
        .object::<RawUsage<'_>>()
        .and_then(|usage| usage.split());
    let Split {
        mut usage,
        mut mismatch,
    } = split.unwrap_or_default();
    if !usage.is_reported() && usage.provider_total.is_some() {
        // Some hosts tell the total only, and there is nothing but a prompt.
        usage.tokens.input = usage.provider_total;
        mismatch = false;
    }
    reading.usage = usage;
    reading.mismatch = mismatch;
    reading.error = answer.error.is_some() || !(answer.data.is_list() || split.is_some());
    Some(reading)
}
