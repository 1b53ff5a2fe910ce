//! The data that this release carries is whole, in order, and what the price lists say.
#![cfg(test)]

use std::collections::BTreeMap;

use catalog::{Catalog, CatalogModel, Mode};
use domain::{
    Bucket, UsdPerMtok,
    pricing::{RateCard, ServiceTier},
    provider::{Preset, ProviderType},
};
use weir_catalog as catalog;

const FILE: &[u8] = include_bytes!("../data/models.jsonl");

fn builtin() -> Catalog {
    Catalog::builtin().unwrap()
}

fn find(kind: &str, id: &str) -> CatalogModel {
    builtin()
        .find(kind, id, None)
        .unwrap_or_else(|| panic!("{kind} {id} is not there"))
}

fn rate(text: &str) -> Option<UsdPerMtok> {
    Some(text.parse().unwrap())
}

#[test]
fn the_file_passes_every_check() {
    let checked = Catalog::from_bytes(FILE.to_vec()).unwrap();
    assert_eq!(checked.version(), "2026-11-21");
    assert_eq!(builtin().version(), checked.version());
    assert_eq!(builtin().kinds(), checked.kinds());
}

#[test]
fn each_kind_has_as_many_rows_as_the_price_list() {
    let listed = "ai21 12, anthropic 43, azure_ai 126, azure_openai 260, bedrock 475, bedrock_mantle 50, \
        cerebras 10, claude_platform_aws 14, cohere 17, databricks 79, deepinfra 136, deepseek 12, \
        fireworks_ai 336, google_ai 47, groq 33, meta 7, minimax 12, mistral 70, moonshot 20, nebius 62, \
        openai 150, perplexity 83, sambanova 8, together_ai 89, vertex_ai 139, voyage 26, xai 74, zai 23";
    let listed: BTreeMap<&str, usize> = listed
        .split(", ")
        .map(|entry| entry.split_once(' ').unwrap())
        .map(|(kind, rows)| (kind, rows.parse().unwrap()))
        .collect();
    let catalog = builtin();
    let found: BTreeMap<&str, usize> = catalog
        .kinds()
        .into_iter()
        .map(|kind| (kind, catalog.list(kind).len()))
        .collect();
    assert_eq!(found, listed);
    assert_eq!(found.values().sum::<usize>(), 2413);
}

#[test]
fn every_row_is_found_by_its_own_key() {
    let catalog = builtin();
    let mut tiers = 0;
    let mut unpriced = 0;
    for model in catalog
        .kinds()
        .into_iter()
        .flat_map(|kind| catalog.list(kind))
    {
        let found = catalog.find(&model.kind, &model.id, model.region.as_deref());
        assert_eq!(found.as_ref(), Some(&model));
        tiers += model.card.tiers.len();
        unpriced += usize::from(model.card == RateCard::default());
    }
    assert_eq!((tiers, unpriced), (1287, 20));
}

#[test]
fn the_hosts_that_providers_are_set_up_for_are_there() {
    let catalog = builtin();
    let kinds = catalog.kinds();
    let own_servers = [Preset::Vllm, Preset::Ollama, Preset::Mlflow];
    for preset in Preset::ALL
        .iter()
        .filter(|preset| !own_servers.contains(preset))
    {
        assert!(kinds.contains(&preset.key()), "{}", preset.key());
    }
    for provider_type in ProviderType::ALL {
        if let Some(kind) = provider_type.catalog_kind(None) {
            assert!(kinds.contains(&kind), "{kind}");
        }
    }
}

#[test]
fn spot_rows_are_right() {
    let gpt = find("openai", "gpt-4o");
    assert_eq!(gpt.display_name, "GPT-4o");
    assert_eq!((gpt.mode, gpt.region), (Mode::Chat, None));
    assert_eq!(
        (gpt.context_window, gpt.max_output_tokens),
        (Some(128_000), Some(16_384))
    );
    assert_eq!(gpt.card.standard.input, rate("2.5"));
    assert_eq!(gpt.card.standard.output, rate("10"));
    assert_eq!(gpt.card.standard.cached_input, rate("1.25"));
    assert_eq!(gpt.card.standard.cache_write_30m, None);
    let tiers: Vec<ServiceTier> = gpt.card.tiers.iter().map(|tier| tier.tier).collect();
    assert_eq!(tiers, [ServiceTier::Batch, ServiceTier::Priority]);
    assert_eq!(
        gpt.card.tiers[0].rates.cached_input, None,
        "blank stays blank"
    );

    let sol = find("openai", "gpt-5.6").card;
    assert_eq!(sol.standard.cache_write_12h, rate("10"));
    assert_eq!(sol.standard.cache_write_unknown, rate("5"));
    assert_eq!(sol.regional_multiplier, Some("1.1".parse().unwrap()));
    assert_eq!(sol.searches, Some("10".parse().unwrap()));
    let long = sol.long_context.unwrap();
    assert_eq!((long.threshold, long.rates.output), (272_000, rate("30")));

    let haiku = find("anthropic", "claude-haiku-5-5").card;
    assert_eq!(haiku.standard.cache_write_5m, rate("0.125"));
    let batch_long = haiku.tiers[0].long_context.as_ref().unwrap();
    assert_eq!(
        (batch_long.threshold, batch_long.rates.input),
        (100_000, rate("0.25"))
    );

    let fable = find("anthropic", "claude-fable-5-2").card;
    assert!(
        fable
            .tiers
            .iter()
            .any(|t| t.tier == ServiceTier::Fast && t.rates.input == rate("16"))
    );

    let audio = find("openai", "gpt-audio").card.standard;
    assert_eq!(
        (audio.input_audio, audio.output_audio),
        (rate("32"), rate("64"))
    );

    let ada = find("openai", "text-embedding-3-large");
    assert_eq!(
        (ada.mode, ada.embedding_dimensions),
        (Mode::Embedding, Some(3072))
    );
    assert_eq!(
        ada.card.standard.output,
        Some(UsdPerMtok::FREE),
        "0 in the list is free"
    );
}

#[test]
fn what_one_host_says_of_a_models_vectors_holds_at_every_host() {
    for (kind, id, dimensions) in [
        ("cohere", "embed-v4.0", Some(1536)),
        ("cohere", "embed-v5.0-pro", Some(2048)),
        // Told of these at Azure alone.
        ("cohere", "embed-english-v3.0", Some(1024)),
        ("bedrock", "cohere.embed-multilingual-v3", Some(1024)),
        // Told by OpenAI alone.
        ("azure_openai", "text-embedding-3-large", Some(3072)),
        ("azure_openai", "text-embedding-ada-002", Some(1536)),
        // Told by nobody.
        ("cohere", "embed-english-light-v3.0", None),
        ("mistral", "mistral-embed", None),
        ("openai", "gpt-4o", None),
    ] {
        assert_eq!(
            find(kind, id).embedding_dimensions,
            dimensions,
            "{kind} {id}"
        );
    }
}

#[test]
fn prices_that_are_only_known_as_zero_are_no_prices() {
    let gemma = find("google_ai", "gemma-3-27b-it");
    assert_eq!(gemma.card, RateCard::default());
    assert!(
        Bucket::ALL
            .iter()
            .all(|bucket| gemma.card.standard.get(*bucket).is_none())
    );
}

#[test]
fn the_cheap_hours_have_their_price() {
    let deepseek = find("deepseek", "deepseek-v4-pro").card;
    assert_eq!(deepseek.standard.input, rate("1.32"));
    let [off_peak] = deepseek.tiers.as_slice() else {
        panic!("{:?}", deepseek.tiers)
    };
    assert_eq!(off_peak.rates.input, rate("0.66"));
    let holds = |at: &str| {
        off_peak
            .hours
            .as_ref()
            .unwrap()
            .hold_at(at.parse().unwrap())
    };
    assert!(holds("2026-11-20T23:00:00Z") && !holds("2026-11-20T08:00:00Z"));
}
