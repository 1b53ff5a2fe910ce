//! Embeddings: OpenAI's, Google's and Cohere's. They come plain, never as a stream.
//!
//! Providers of Google's and Cohere's speak OpenAI's API, too, so that one reader takes each answer.
//!
//! The vectors are most of the body and tell nothing: see [`super::plain`] for how they are passed over.

use domain::provider::ProviderType;

use crate::{
    json::{self, object},
    meter::{
        Reading, cohere_usage,
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
        id = "id",
        meta = "meta",
    }
}

/// Reads a whole answer.
pub(super) fn read(provider_type: ProviderType, body: &[u8]) -> Option<Reading> {
    let text = json::text(body);
    let answer = serde_json::from_str::<Answer<'_>>(&text).ok()?;
    let has_vectors = answer.data.is_list()
        || answer.embeddings.is_list()
        || answer.embeddings.is_object()
        || answer.embedding.is_object();
    let mut reading = Reading {
        ended: true,
        delivered_text: has_vectors,
        ..Reading::default()
    };
    reading.note_model(answer.model);
    let as_cohere_tells = answer
        .meta
        .object()
        .and_then(|meta: cohere_usage::RawUsage<'_>| meta.split());
    if as_cohere_tells.is_some() {
        reading.note_id(answer.id);
    }
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
        .or(as_google_tells)
        .or(as_cohere_tells);
    let Split {
        mut usage,
        mut mismatch,
        billed_beside,
    } = split.unwrap_or_default();
    if !usage.is_reported() && usage.provider_total.is_some() {
        // Some hosts tell the total only, and there is nothing but a prompt.
        usage.tokens.input = usage.provider_total;
        mismatch = false;
    }
    reading.usage = usage;
    reading.mismatch = mismatch;
    reading.billed_beside = billed_beside;
    reading.error = answer.error.is_some() || !(has_vectors || split.is_some());
    Some(reading)
}
