//! Where the form's upstream would be called: its address, and what prices depend on.

use domain::{
    pricing::is_pinned,
    provider::{BaseUrl, DataZone, GoogleLocation, PricePlace, ProviderType, Region, residency},
};

use crate::http::{fields::Fields, page::Page};

/// The address that the region makes, or the machine.
pub(super) fn bedrock_address(page: &Page, fields: &Fields) -> String {
    let providers = page.admin().providers();
    let region = fields.text("bedrock.region").parse::<Region>();
    region.map_or_else(
        |_| "https://bedrock-runtime.REGION.amazonaws.com".to_owned(),
        |region| providers.bedrock_address(&region, fields.ticked("bedrock.fips")),
    )
}

/// The address that the location makes.
pub(super) fn vertex_address(fields: &Fields) -> String {
    let location = fields.text("vertex_ai.location").parse::<GoogleLocation>();
    location.map_or_else(
        |_| "https://LOCATION-aiplatform.googleapis.com".to_owned(),
        |location| location.vertex_ai(),
    )
}

/// The zone whose prices hold: the one that is chosen, else that of the endpoint.
fn azure_zone(fields: &Fields) -> Option<&str> {
    let chosen = fields.text("azure_openai.data_zone");
    if !chosen.is_empty() {
        return Some(chosen);
    }
    let endpoint: BaseUrl = fields.text("azure_openai.base_url").parse().ok()?;
    DataZone::of_address(&endpoint).map(DataZone::key)
}

/// Where the form's upstream would be called, as far as prices depend on it.
pub(super) fn price_place(ty: ProviderType, fields: &Fields) -> PricePlace {
    let region = match ty {
        ProviderType::Bedrock => Some(fields.text("bedrock.region")),
        ProviderType::AzureOpenAi => azure_zone(fields),
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::VertexAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => None,
    };
    let geography = match ty {
        ProviderType::VertexAi => Some(fields.text("vertex_ai.location")),
        ProviderType::OpenAi => residency(fields.text("openai.base_url")),
        ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::Bedrock
        | ProviderType::AzureOpenAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => None,
    };
    PricePlace {
        region: region
            .filter(|region| !region.is_empty())
            .map(str::to_owned),
        is_pinned: geography.is_some_and(|word| is_pinned(ty, word)),
    }
}
