//! Embeddings: OpenAI's and Google's. They come plain, never as a stream.
//!
//! A provider of Google's speaks both APIs, so that one reader takes either answer.
//!
//! The vectors are most of the body and tell nothing: see [`super::plain`] for how they are passed over.

use domain::provider::ProviderType;

use crate::{
    json::{self, object},
    meter::{
        Reading,
        google_usage::{self, Generated},
        openai_usage::{RawUsage, Split},
    },
};

object! {
    /// The answer.
    Answer {
        data = "data",
        model = "model",
        usage = "usage",
        error = "error",
        service_tier = "service_tier",
        embeddings = "embeddings",
        embedding = "embedding",
        usage_metadata = "usageMetadata",
    }
}

/// Reads a whole answer.
pub(super) fn read(provider_type: ProviderType, body: &[u8]) -> Option<Reading> {
    let text = json::text(body);
    let answer = serde_json::from_str::<Answer<'_>>(&text).ok()?;
    let has_vectors =
        answer.data.is_list() || answer.embeddings.is_list() || answer.embedding.is_object();
    let mut reading = Reading {
        ended: true,
        delivered_text: has_vectors,
        ..Reading::default()
    };
    reading.note_model(answer.model);
    reading.note_tier(provider_type, answer.service_tier);
    let as_google_tells = answer
        .usage_metadata
        .object::<google_usage::RawUsage<'_>>()
        .and_then(|usage| google_usage::Told::read(&usage))
        .map(|told| told.split(Generated::Never));
    let split = answer
        .usage
        .object::<RawUsage<'_>>()
        .and_then(|usage| usage.split(provider_type))
        .or(as_google_tells);
    let Split {
        mut usage,
        mut mismatch,
        billed_beside: _,
    } = split.unwrap_or_default();
    if !usage.is_reported() && usage.provider_total.is_some() {
        // Some hosts tell the total only, and there is nothing but a prompt.
        usage.tokens.input = usage.provider_total;
        mismatch = false;
    }
    reading.usage = usage;
    reading.mismatch = mismatch;
    reading.error = answer.error.is_some() || !(has_vectors || split.is_some());
    Some(reading)
}
