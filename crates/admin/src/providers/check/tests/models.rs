use domain::NanoUsd;
use serde_json::json;

use super::{check_refused, check_taken};

#[test]
fn models_are_checked_one_by_one() {
    let rows: &[(serde_json::Value, &[(&str, &str)])] = &[
        (json!({}), &[("models", "wrong_type")]),
        (json!(["gpt-4o"]), &[("models[0]", "wrong_type")]),
        (json!([{}]), &[("models[0].id", "required")]),
        (
            json!([{"id": " gpt"}]),
            &[("models[0].id", "invalid_model_id")],
        ),
        (
            json!([{"id": "a".repeat(513)}]),
            &[("models[0].id", "invalid_model_id")],
        ),
        (
            json!([{"id": "a"}, {"id": "b"}, {"id": "a"}]),
            &[("models[2].id", "duplicate")],
        ),
        (
            json!([{"id": "a", "display_name": "x\ty"}]),
            &[("models[0].display_name", "control_character")],
        ),
        (
            json!([{"id": "a", "price_as": " x\u{0}"}]),
            &[("models[0].price_as", "invalid_model_id")],
        ),
        (
            json!([{"id": "a", "price_as": "gpt-9"}]),
            &[("models[0].price_as", "not_in_catalog")],
        ),
        (
            json!([{"id": "a", "colour": "red"}]),
            &[("models[0].colour", "unknown_field")],
        ),
        (
            json!([{"id": "a", "rates": "1"}]),
            &[("models[0].rates", "wrong_type")],
        ),
    ];
    for (models, expected) in rows {
        check_refused("openai", json!({ "models": models }), expected);
    }
    check_refused(
        "openai_compatible",
        json!({"models": [{"id": "a", "price_as": "gpt-4o"}]}),
        &[("models[0].price_as", "no_catalog")],
    );
    check_refused(
        "azure_openai",
        json!({"models": [{"id": "a", "price_as": "model-router"}]}),
        &[("models[0].price_as", "is_a_fee")],
    );
    let checked = check_taken(
        "openai",
        json!({"models": [{"id": "b", "price_as": "gpt-4o", "display_name": "B"}, {"id": "a"}]}),
    );
    let ids: Vec<&str> = checked
        .models
        .iter()
        .map(|model| model.id.as_str())
        .collect();
    assert_eq!(ids, ["b", "a"], "the admin's order stays");
}

#[test]
fn rates_are_zero_or_positive_with_six_decimals_at_most() {
    for rate in [
        "-1",
        "1.1234567",
        "abc",
        "1e3",
        "2,50",
        "$2",
        "NaN",
        "1000000.1",
    ] {
        let models = json!([{"id": "a", "rates": {"input": rate}}]);
        check_refused(
            "openai",
            json!({ "models": models }),
            &[("models[0].rates.input", "invalid_rate")],
        );
    }
    for bucket in [
        "cache_write_unknown",
        "input_audio",
        "cached_input_audio",
        "input_image",
        "output_audio",
        "output_image",
    ] {
        let field = format!("models[0].rates.{bucket}");
        let models = json!([{"id": "a", "rates": {bucket: "1"}}]);
        check_refused(
            "openai",
            json!({ "models": models }),
            &[(&field, "not_overridable")],
        );
    }
    let models = json!([{"id": "a", "rates": {"inputs": "1"}}]);
    check_refused(
        "openai",
        json!({ "models": models }),
        &[("models[0].rates.inputs", "unknown_bucket")],
    );
    let models = json!([{"id": "a", "rates": {"searches": "1"}}]);
    check_refused(
        "openai",
        json!({ "models": models }),
        &[("models[0].rates.searches", "unknown_bucket")],
    );

    let rates = json!({"input": "2.500000", "output": null, "cached_input": "0", "cache_write_5m": "", "cache_write_1h": "1", "cache_write_30m": "1", "cache_write_12h": "1"});
    let checked = check_taken("openai", json!({"models": [{"id": "a", "rates": rates}]}));
    let rates = checked.models[0].rates;
    assert_eq!(rates.input.unwrap().to_string(), "2.5");
    assert_eq!(rates.output, None, "null keeps the catalog's rate");
    assert_eq!(
        rates.cached_input.unwrap().cost_of(1_000),
        NanoUsd::ZERO,
        "zero is free"
    );
    assert_eq!(rates.cache_write_5m, None, "empty keeps the catalog's rate");
}

#[test]
fn a_provider_lists_a_thousand_models_at_most() {
    let models = |count: usize| {
        let models: Vec<_> = (0..count)
            .map(|place| json!({"id": format!("model-{place}")}))
            .collect();
        json!({ "models": models })
    };
    assert_eq!(check_taken("openai", models(1_000)).models.len(), 1_000);
    check_refused("openai", models(1_001), &[("models", "too_many")]);
    // Nothing else is said of so many, however much of it is wrong.
    let wrong = json!({"models": vec![json!({"id": ""}); 20_000]});
    check_refused("openai", wrong, &[("models", "too_many")]);
}
