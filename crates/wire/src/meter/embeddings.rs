//! Embeddings: OpenAI's, Google's and Cohere's. They come plain, never as a stream.
//!
//! Providers of Google's and Cohere's speak OpenAI's API, too, so that one reader takes each answer. Vertex AI
//! has another one, `:predict`, which tells the tokens of each text beside its vector.
//!
//! The vectors are most of the body and tell nothing: see [`super::plain`] for how they are passed over.

use domain::provider::ProviderType;

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading, cohere_usage,
        google_usage::{self, Generated},
        openai_usage::{RawUsage, Split},
        traffic::Tier,
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
        predictions = "predictions",
        id = "id",
        meta = "meta",
    }
}

object! {
    /// One text of `:predict`.
    Prediction {
        embeddings = "embeddings",
        text = "textEmbedding",
        image = "imageEmbedding",
        video = "videoEmbeddings",
    }
}

object! {
    /// Its vector, and what it took.
    Predicted { values = "values", statistics = "statistics" }
}

object! {
    /// What one text took.
    Statistics { tokens = "token_count" }
}

/// Reads a whole answer.
pub(super) fn read(provider_type: ProviderType, body: &[u8]) -> Option<Reading> {
    let text = json::text(body);
    let answer = serde_json::from_str::<Answer<'_>>(&text).ok()?;
    let predicted = predictions(answer.predictions);
    let has_vectors = answer.data.is_list()
        || answer.embeddings.is_list()
        || answer.embeddings.is_object()
        || answer.embedding.is_object()
        || predicted.is_some();
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
    let of_google: google_usage::RawUsage<'_> = answer.usage_metadata.object().unwrap_or_default();
    reading.note_tier(provider_type, of_google.traffic_type);
    let as_google_tells =
        google_usage::Told::read(&of_google).map(|told| told.split(Generated::Never));
    let usage: RawUsage<'_> = answer.usage.object().unwrap_or_default();
    Tier::default().note_traffic(&mut reading, provider_type, usage.extra_properties);
    let split = usage
        .split(provider_type)
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
    if !usage.is_reported() {
        usage.tokens.input = predicted.flatten();
    }
    reading.usage = usage;
    reading.mismatch = mismatch;
    reading.billed_beside = billed_beside;
    reading.error = answer.error.is_some() || !(has_vectors || split.is_some());
    Some(reading)
}

/// The tokens of all texts of `:predict`. `None`: there are no vectors; within: nobody counted them.
fn predictions(list: Raw<'_>) -> Option<Option<u64>> {
    let (mut any, mut told) = (false, None::<u64>);
    list.for_each(|prediction: Prediction<'_>| {
        let predicted: Predicted<'_> = prediction.embeddings.object().unwrap_or_default();
        let places = [
            predicted.values,
            prediction.text,
            prediction.image,
            prediction.video,
        ];
        any |= places.iter().any(|vector| vector.is_list());
        // Google's JSON writes counts as numbers with a point, too.
        let statistics: Statistics<'_> = predicted.statistics.object().unwrap_or_default();
        if let Some(tokens) = statistics.tokens.count() {
            told = Some(told.unwrap_or(0).saturating_add(tokens));
        }
    });
    any.then_some(told)
}
