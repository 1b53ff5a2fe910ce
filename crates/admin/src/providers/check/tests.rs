mod azure;
mod bedrock;
mod models;
mod several;
mod vertex;

use serde_json::{Value, json};

use super::*;

const KEY: &str = "sk-live-canary";

fn checked(json: Value) -> Result<Checked, Vec<FieldError>> {
    check(
        &ProviderDraft::read(json),
        &Facts {
            has_secret: &|name: &SecretName| name.as_str() == "THERE",
            has_price: &|kind: &str, model: &str| (kind, model) == ("openai", "gpt-4o"),
            allow_link_local: false,
            vertex: &VertexDefaults::default(),
        },
    )
}

/// A draft with the least that its type needs, changed by `change`.
fn with(ty: &str, change: Value) -> Value {
    let mut draft = match ty {
        "openai" => json!({"display_name": "A", "type": ty, "api_key": "THERE"}),
        "anthropic" | "google_ai" | "cohere" => {
            json!({"display_name": "A", "type": ty, "api_key": "THERE"})
        }
        "azure_openai" => {
            json!({"display_name": "A", "type": ty, "base_url": "https://res.openai.azure.com", "api_key": "THERE"})
        }
        "bedrock" => json!({"display_name": "A", "type": ty, "region": "us-east-1"}),
        "vertex_ai" => {
            json!({"display_name": "A", "type": ty, "project": "my-project", "location": "global"})
        }
        _ => json!({"display_name": "A", "type": ty, "base_url": "http://localhost:8000/v1"}),
    };
    let fields = draft.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        fields.insert(name.clone(), value.clone());
    }
    draft
}

/// Checks that a change of the smallest draft is refused with exactly these fields and codes.
fn check_refused(ty: &str, change: Value, expected: &[(&str, &str)]) {
    let errors =
        checked(with(ty, change.clone())).expect_err(&format!("{ty} {change} must be refused"));
    let found: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| (error.field.as_str(), error.code))
        .collect();
    assert_eq!(found, expected, "{ty} {change}");
    for error in &errors {
        assert!(
            !error.message.is_empty() && !error.message.contains(KEY),
            "{error:?}"
        );
    }
}

fn check_taken(ty: &str, change: Value) -> Checked {
    checked(with(ty, change.clone())).unwrap_or_else(|errors| panic!("{ty} {change}: {errors:?}"))
}

#[test]
fn the_least_that_each_type_needs_is_enough() {
    for ty in ProviderType::ALL.iter().map(|ty| ty.key()) {
        let checked = check_taken(ty, json!({}));
        assert_eq!(checked.upstream.provider_type().key(), ty);
        assert!(checked.enabled && !checked.other_paths && checked.models.is_empty());
        assert_eq!(
            checked.recording,
            Recording::default(),
            "recording is off at first"
        );
    }
}

#[test]
fn every_error_is_told_at_once() {
    let errors = checked(json!({
        "id": "Not An Id", "type": "openai", "enabled": "yes", "organization": "has space",
        "models": [{"id": "a", "rates": {"input": "-1", "output": 2.5}}, {"id": "a"}, 7],
        "nonsense": 1, "version": 3,
    }))
    .unwrap_err();
    let mut found: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| (error.field.as_str(), error.code))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("api_key", "required"),
            ("display_name", "required"),
            ("enabled", "wrong_type"),
            ("id", "invalid_id"),
            ("models[0].rates.input", "invalid_rate"),
            ("models[0].rates.output", "wrong_type"),
            ("models[1].id", "duplicate"),
            ("models[2]", "wrong_type"),
            ("nonsense", "unknown_field"),
            ("organization", "not_header_safe"),
            ("version", "read_only"),
        ]
    );
}

#[test]
fn cohere_needs_a_key_and_an_address_above_its_apis() {
    check_refused(
        "cohere",
        json!({ "api_key": null }),
        &[("api_key", "required")],
    );
    check_refused(
        "cohere",
        json!({ "api_key": "GONE" }),
        &[("api_key", "secret_not_found")],
    );
    for end in ["/v1", "/v2", "/v2/", "/compatibility", "/compatibility/v1"] {
        check_refused(
            "cohere",
            json!({ "base_url": format!("https://api.cohere.com{end}") }),
            &[("base_url", "invalid_base_url")],
        );
    }
    for field in ["preset", "region", "organization"] {
        check_refused(
            "cohere",
            json!({ field: "x" }),
            &[(field, "field_of_other_type")],
        );
    }
    let checked = check_taken(
        "cohere",
        json!({ "base_url": "https://proxy.example/cohere/" }),
    );
    assert_eq!(checked.upstream.base_url(), "https://proxy.example/cohere");
    assert_eq!(checked.upstream.catalog_kind(), Some("cohere"));
    let checked = check_taken("cohere", json!({}));
    assert_eq!(checked.upstream.base_url(), "https://api.cohere.com");
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for json in [json!([]), json!("x"), json!(null), json!(1)] {
        let errors = checked(json).unwrap_err();
        assert_eq!(
            (errors[0].field.as_str(), errors[0].code),
            ("", "wrong_type")
        );
    }
}

#[test]
fn display_names_are_one_to_253_characters_without_control_characters() {
    for (name, code) in [
        (json!(""), "required"),
        (json!("   "), "required"),
        (json!(null), "required"),
        (json!("a".repeat(254)), "too_long"),
        (json!("a\nb"), "control_character"),
        (json!("a\u{7f}b"), "control_character"),
        (json!(5), "wrong_type"),
    ] {
        check_refused(
            "openai",
            json!({ "display_name": name }),
            &[("display_name", code)],
        );
    }
    assert_eq!(
        check_taken("openai", json!({"display_name": "ä".repeat(253)}))
            .display_name
            .chars()
            .count(),
        253
    );
    assert_eq!(
        check_taken("openai", json!({"display_name": "  Main  "})).display_name,
        "Main"
    );
}

#[test]
fn ids_follow_the_rule() {
    for id in ["1a", "A", "a_b", "a b", "-a", &"a".repeat(64)] {
        check_refused("openai", json!({ "id": id }), &[("id", "invalid_id")]);
    }
    assert_eq!(
        check_taken("openai", json!({"id": "a-1"}))
            .id
            .unwrap()
            .as_str(),
        "a-1"
    );
    assert_eq!(check_taken("openai", json!({"id": null})).id, None);
}

#[test]
fn types_are_those_that_there_are() {
    for (ty, code) in [
        (json!("azure"), "invalid_type"),
        (json!(null), "required"),
        (json!(["openai"]), "wrong_type"),
    ] {
        check_refused("openai", json!({ "type": ty }), &[("type", code)]);
    }
}

#[test]
fn fields_of_other_types_are_refused_and_name_the_type_that_has_them() {
    let rows: &[(&str, Value, &[&str])] = &[
        ("preset", json!("groq"), &["openai", "anthropic"]),
        ("inject_stream_usage", json!(true), &["openai", "anthropic"]),
        (
            "organization",
            json!("org"),
            &["anthropic", "openai_compatible"],
        ),
        (
            "project",
            json!("proj"),
            &["anthropic", "openai_compatible"],
        ),
        (
            "authorization_passthrough",
            json!(false),
            &["openai", "openai_compatible"],
        ),
    ];
    for (field, value, types) in rows {
        for ty in *types {
            let mut change = json!({});
            change[*field] = value.clone();
            check_refused(ty, change.clone(), &[(*field, "field_of_other_type")]);
            change[*field] = Value::Null;
            check_taken(ty, change);
        }
    }
    let errors = checked(with("openai", json!({"preset": "groq"}))).unwrap_err();
    assert!(
        errors[0].message.contains("openai_compatible"),
        "{}",
        errors[0].message
    );
}

#[test]
fn fields_of_types_that_are_not_there_yet_are_unknown() {
    for field in ["endpoint", "api_versions"] {
        let mut change = json!({});
        change[field] = json!("x");
        check_refused("openai", change, &[(field, "unknown_field")]);
    }
}

#[test]
fn base_urls_are_plain_http_addresses() {
    for url in [
        "ftp://a",
        "a.example/v1",
        "http://",
        "https://u:p@a.example",
        "https://a.example/v1?x=1",
        "https://a.example/#x",
        "file:///etc/passwd",
    ] {
        check_refused(
            "openai",
            json!({ "base_url": url }),
            &[("base_url", "invalid_base_url")],
        );
    }
    check_refused(
        "openai_compatible",
        json!({"base_url": null}),
        &[("base_url", "required")],
    );
    check_refused(
        "openai_compatible",
        json!({"base_url": "nonsense"}),
        &[("base_url", "invalid_base_url")],
    );
    let checked = check_taken(
        "openai_compatible",
        json!({"base_url": "https://llm.example.com/v1/"}),
    );
    assert_eq!(checked.upstream.base_url(), "https://llm.example.com/v1");
}

#[test]
fn metadata_addresses_are_refused_unless_allowed() {
    for url in [
        "http://169.254.169.254/latest",
        "http://[fd00:ec2::254]/",
        "http://metadata.google.internal./x",
    ] {
        check_refused(
            "openai_compatible",
            json!({ "base_url": url }),
            &[("base_url", "refused_address")],
        );
        let draft = ProviderDraft::read(with("openai_compatible", json!({ "base_url": url })));
        let allowed = Facts {
            has_secret: &|_| true,
            has_price: &|_, _| true,
            allow_link_local: true,
            vertex: &VertexDefaults::default(),
        };
        assert!(check(&draft, &allowed).is_ok(), "{url}");
    }
}

#[test]
fn keys_are_references_that_resolve() {
    for ty in ["openai", "anthropic", "openai_compatible"] {
        check_refused(
            ty,
            json!({ "api_key": KEY }),
            &[("api_key", "invalid_reference")],
        );
        check_refused(
            ty,
            json!({"api_key": "MISSING"}),
            &[("api_key", "secret_not_found")],
        );
        check_refused(ty, json!({"api_key": 5}), &[("api_key", "wrong_type")]);
    }
    for empty in [json!(null), json!(""), json!("  ")] {
        check_refused(
            "openai",
            json!({ "api_key": empty }),
            &[("api_key", "required")],
        );
        check_refused(
            "anthropic",
            json!({ "api_key": empty }),
            &[("api_key", "required")],
        );
        check_taken("openai_compatible", json!({ "api_key": empty }));
    }
}

#[test]
fn passthrough_and_a_key_exclude_each_other() {
    check_refused(
        "anthropic",
        json!({"authorization_passthrough": true}),
        &[("api_key", "must_be_absent")],
    );
    let checked = check_taken(
        "anthropic",
        json!({"authorization_passthrough": true, "api_key": null}),
    );
    assert_eq!(
        checked.upstream,
        Upstream::Anthropic {
            base_url: None,
            auth: AnthropicAuth::Passthrough
        }
    );
    check_taken("anthropic", json!({"authorization_passthrough": false}));
}

#[test]
fn organization_and_project_are_header_safe() {
    for field in ["organization", "project"] {
        for (value, code) in [
            ("a b", "not_header_safe"),
            ("a\r\nX: y", "not_header_safe"),
            ("ä", "not_header_safe"),
            (&"a".repeat(257), "too_long"),
        ] {
            let mut change = json!({});
            change[field] = json!(value);
            check_refused("openai", change, &[(field, code)]);
        }
    }
    check_taken(
        "openai",
        json!({"organization": "org-1", "project": "proj_2"}),
    );
}

#[test]
fn presets_are_those_that_there_are() {
    check_refused(
        "openai_compatible",
        json!({"preset": "openrouter"}),
        &[("preset", "invalid_preset")],
    );
    for preset in Preset::ALL {
        let checked = check_taken("openai_compatible", json!({ "preset": preset.key() }));
        assert_eq!(checked.upstream.catalog_kind(), Some(preset.key()));
    }
}

#[test]
fn switches_are_true_or_false() {
    for field in ["enabled", "other_paths", "record_inputs", "record_outputs"] {
        let mut change = json!({});
        change[field] = json!("true");
        check_refused("openai", change, &[(field, "wrong_type")]);
    }
    check_refused(
        "anthropic",
        json!({"authorization_passthrough": 1}),
        &[("authorization_passthrough", "wrong_type")],
    );
    check_refused(
        "openai_compatible",
        json!({"inject_stream_usage": 1}),
        &[("inject_stream_usage", "wrong_type")],
    );
    let checked = check_taken(
        "openai",
        json!({"enabled": false, "other_paths": true, "record_inputs": true, "record_outputs": true}),
    );
    assert!(
        !checked.enabled
            && checked.other_paths
            && checked.recording.inputs
            && checked.recording.outputs
    );
}

#[test]
fn streams_are_asked_for_usage_unless_switched_off() {
    for (given, expected) in [
        (json!(null), true),
        (json!(true), true),
        (json!(false), false),
    ] {
        let checked = check_taken("openai_compatible", json!({ "inject_stream_usage": given }));
        let Upstream::OpenAiCompatible {
            inject_stream_usage,
            ..
        } = checked.upstream
        else {
            panic!()
        };
        assert_eq!(inject_stream_usage, expected);
    }
}
