//! What look-ups find, what they refuse to guess, and in which order a search answers.
#![cfg(test)]

use catalog::{Catalog, CatalogModel};
use weir_catalog as catalog;

fn builtin() -> Catalog {
    Catalog::builtin().unwrap()
}

fn found(kind: &str, id: &str, region: Option<&str>) -> Option<(String, Option<String>)> {
    builtin()
        .find(kind, id, region)
        .map(|model| (model.id, model.region))
}

/// A small catalog of one kind: `id|display name|shutdown`.
fn small(models: &[&str]) -> Catalog {
    let models = models
        .iter()
        .map(|model| {
            let mut parts = model.split('|');
            let mut part = || parts.next().unwrap_or_default();
            let mut line = serde_json::json!({
                "kind": "k", "id": part(), "display_name": part(), "mode": "chat",
                "card": {"standard": {}},
            });
            let shutdown = part();
            if !shutdown.is_empty() {
                line["deprecation_date"] = shutdown.into();
            }
            serde_json::from_value(line).unwrap()
        })
        .collect();
    Catalog::from_bytes(catalog::write("2026-11-15", models).unwrap().into_bytes()).unwrap()
}

fn ids(models: Vec<CatalogModel>) -> Vec<String> {
    models.into_iter().map(|model| model.id).collect()
}

#[test]
fn the_regions_row_comes_first_then_the_default() {
    let row = |region: Option<&str>| Some(("gpt-4o".to_owned(), region.map(str::to_owned)));
    assert_eq!(found("azure_openai", "gpt-4o", Some("eu")), row(Some("eu")));
    assert_eq!(found("azure_openai", "gpt-4o", Some("nowhere")), row(None));
    assert_eq!(found("azure_openai", "gpt-4o", Some("")), row(None));
    assert_eq!(found("azure_openai", "gpt-4o", None), row(None));
}

#[test]
fn what_azure_sells_beside_openais_models_is_found_there_too() {
    let row = |id: &str| Some((id.to_owned(), None));
    assert_eq!(
        found("azure_ai", "deepseek-v3.2", None),
        row("deepseek-v3.2")
    );
    assert_eq!(
        found("azure_openai", "deepseek-v3.2", Some("eu")),
        row("deepseek-v3.2")
    );
    assert_eq!(found("azure_ai", "text-embedding-3-small", None), None);
    assert_eq!(found("openai", "deepseek-v3.2", None), None);
}

#[test]
fn a_fine_tuned_model_is_found_by_its_base() {
    let base = Some(("ft:gpt-4o-2024-08-06".to_owned(), None));
    assert_eq!(found("openai", "ft:gpt-4o-2024-08-06", None), base);
    assert_eq!(found("openai", "ft:gpt-4o-2024-08-06:org::id", None), base);
    assert_eq!(
        found("openai", "ft:gpt-4o-2024-08-06:org:name:id", Some("eu")),
        base
    );
    assert_eq!(found("openai", "ft:gpt-99:org::id", None), None);
    assert_eq!(found("openai", "ft::org::id", None), None);
    assert_eq!(
        found("openai", "gpt-4o-2024-08-06:org::id", None),
        None,
        "not a fine-tuned id"
    );
}

#[test]
fn nothing_is_guessed() {
    for id in [
        "gpt-4",
        "GPT-4",
        "gpt-4o ",
        "openai/gpt-4o",
        "gpt-4o-",
        "gpt-4o-9999-01-01",
        "",
    ] {
        let is_listed = id == "gpt-4";
        assert_eq!(found("openai", id, None).is_some(), is_listed, "{id:?}");
    }
    assert_eq!(found("nobody", "gpt-4o", None), None);
    assert_eq!(found("", "", None), None);
    assert_eq!(found("zzz", "zzz", None), None);
    let hostile = r#"gpt-4o","region":"eu"#;
    assert_eq!(found("azure_openai", hostile, None), None);
    // A profile's prefix is a part of the id.
    assert!(
        found(
            "bedrock",
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            None
        )
        .is_some()
    );
    assert_eq!(
        found(
            "bedrock",
            "xx.anthropic.claude-sonnet-4-5-20250929-v1:0",
            None
        ),
        None
    );
}

#[test]
fn a_search_puts_the_best_fit_first() {
    let catalog = small(&[
        "big-nova|Big",
        "nova|Nova",
        "nova-2|Second",
        "other|Super Nova",
        "supernova|Other",
        "x|nova",
    ]);
    let found = ids(catalog.search("k", "NoVa", 9));
    assert_eq!(
        found,
        ["nova", "x", "nova-2", "big-nova", "other", "supernova"]
    );
    assert_eq!(ids(catalog.search("k", " nova ", 2)), ["nova", "x"]);
    assert_eq!(
        ids(catalog.search("k", "super other", 9)),
        ["other", "supernova"],
        "each word"
    );
    assert_eq!(ids(catalog.search("k", "nova missing", 9)), [""; 0]);
    assert_eq!(catalog.search("k", "", 9).len(), 6);
    assert_eq!(catalog.search("k", "nova", 0), []);
    assert_eq!(catalog.search("other kind", "nova", 9), []);
}

#[test]
fn models_that_were_shut_down_come_last() {
    let catalog = small(&[
        "a-nova|A|2026-11-15",
        "b-nova|B|2026-11-16",
        "c-nova|C|2024-01-01",
        "d-supernova|D",
        "nova|E|2020-01-01",
    ]);
    let found = ids(catalog.search("k", "nova", 9));
    assert_eq!(found, ["b-nova", "d-supernova", "nova", "a-nova", "c-nova"]);
}

#[test]
fn a_search_names_each_model_once() {
    let found = ids(builtin().search("azure_openai", "gpt-4o", 500));
    let mut once = found.clone();
    once.sort();
    once.dedup();
    assert_eq!(found.len(), once.len());
    assert_eq!(found[0], "gpt-4o");
    let listed = builtin().list("azure_openai");
    assert!(
        listed.iter().filter(|model| model.id == "gpt-4o").count() > 1,
        "a list has regions"
    );
}

#[test]
fn what_people_type_finds_what_they_mean() {
    let first = |kind: &str, query: &str| builtin().search(kind, query, 1)[0].id.clone();
    assert_eq!(first("openai", "gpt-5.6"), "gpt-5.6");
    assert_eq!(first("openai", "GPT-4o mini"), "gpt-4o-mini");
    assert_eq!(first("groq", "gpt-oss"), "openai/gpt-oss-120b");
    assert!(first("anthropic", "sonnet 5").starts_with("claude-sonnet-5"));
}
