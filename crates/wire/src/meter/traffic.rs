//! The kind of traffic that Vertex AI tells beside the usage of APIs that are not its own, OpenAI's and Anthropic's:
//! `usage.extra_properties.google.traffic_type`.
//!
//! It is by this that a call is billed, whatever tier was asked for: as one of a tier, or not at all where it came
//! from capacity that was bought. So it wins over every `service_tier`, before it and behind it.

use domain::provider::ProviderType;

use crate::{
    json::{Raw, object},
    meter::Reading,
};

object! {
    /// What stands beside the usage.
    Extra { google = "google" }
}

object! {
    /// What Google says there.
    OfGoogle { traffic_type = "traffic_type" }
}

/// The service tier of an answer, as it is told in one or the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tier {
    /// Whether the kind of traffic was told.
    by_traffic: bool,
}

impl Tier {
    /// Notes the API's own word, unless Google's was told.
    pub(super) fn note(self, reading: &mut Reading, provider_type: ProviderType, word: Raw<'_>) {
        if !self.by_traffic {
            reading.note_tier(provider_type, word);
        }
    }

    /// Notes Google's word, where these `extra_properties` of a usage have it.
    pub(super) fn note_traffic(
        &mut self,
        reading: &mut Reading,
        provider_type: ProviderType,
        extra: Raw<'_>,
    ) {
        let word = match provider_type {
            ProviderType::VertexAi => traffic_type(extra),
            // Nobody else's word of that name means a price.
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::GoogleAi
            | ProviderType::Bedrock
            | ProviderType::AzureOpenAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Cohere => None,
        };
        if let Some(word) = word {
            self.by_traffic = true;
            reading.note_tier(provider_type, word);
        }
    }
}

fn traffic_type(extra: Raw<'_>) -> Option<Raw<'_>> {
    let google: OfGoogle<'_> = extra.object::<Extra<'_>>()?.google.object()?;
    google.traffic_type.string().map(|_| google.traffic_type)
}
