use super::*;
use crate::providers::several::Owner;

fn openai(endpoints: Value) -> Value {
    json!({"display_name": "A", "type": "openai", "endpoints": endpoints})
}

#[track_caller]
fn refused(json: Value, expected: &[(&str, &str)]) {
    let errors = checked(json.clone()).expect_err(&format!("{json} must be refused"));
    let found: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| (error.field.as_str(), error.code))
        .collect();
    assert_eq!(found, expected, "{json}");
}

#[test]
fn each_endpoint_is_a_provider_of_its_own() {
    let checked = checked(json!({
        "display_name": "A", "type": "bedrock", "fips": true,
        "guardrail": {"id": "abcdefghij12", "version": "1"},
        "endpoints": [
            {"name": "us", "region": "us-east-1"},
            {"name": "us-west", "region": "us-west-2", "credentials": {"mode": "bearer", "api_key": "THERE"}},
        ],
    }))
    .unwrap();
    let several = checked.several.unwrap();
    assert_eq!((several.first.as_str(), several.others.len()), ("us", 1));
    assert_eq!(several.others[0].name.as_str(), "us-west");
    for (upstream, wanted) in [
        (&checked.upstream, "us-east-1"),
        (&several.others[0].upstream, "us-west-2"),
    ] {
        let Upstream::Bedrock {
            region,
            fips,
            guardrail,
            ..
        } = upstream
        else {
            panic!()
        };
        assert_eq!(
            (region.as_str(), *fips),
            (wanted, true),
            "what is common holds for each"
        );
        assert!(guardrail.is_some());
    }
}

#[test]
fn none_are_one_without_a_name() {
    let mut draft = with("openai", json!({"endpoints": []}));
    assert_eq!(checked(draft.clone()).unwrap().several, None);
    draft["endpoints"] = Value::Null;
    assert_eq!(checked(draft).unwrap().several, None);
    let one = checked(openai(json!([{"name": "only", "api_key": "THERE"}]))).unwrap();
    assert_eq!(one.several.unwrap().others, []);
}

#[test]
fn the_fields_of_one_and_of_several_do_not_go_together() {
    let endpoints = json!([{"name": "a", "api_key": "THERE"}]);
    let mut both = openai(endpoints);
    both["api_key"] = json!("THERE");
    both["base_url"] = json!("https://a.example");
    refused(
        both,
        &[
            ("base_url", "endpoint_field"),
            ("api_key", "endpoint_field"),
        ],
    );
    let mut bedrock = json!({"display_name": "A", "type": "bedrock", "endpoints": [{"name": "a", "region": "us-east-1"}]});
    bedrock["region"] = json!("us-east-1");
    bedrock["credentials"] = json!({"mode": "default_chain"});
    refused(
        bedrock,
        &[
            ("region", "endpoint_field"),
            ("credentials", "endpoint_field"),
        ],
    );
}

#[test]
fn every_rule_holds_for_each_and_is_told_where_it_is_broken() {
    refused(
        openai(json!([
            {"name": "a", "api_key": "THERE"},
            {"name": "a", "api_key": "NOT_THERE", "base_url": "nonsense"},
            {"api_key": KEY, "region": "us-east-1"},
            {"name": "Ü", "key": "x"},
            7,
        ])),
        &[
            ("endpoints[3].key", "unknown_field"),
            ("endpoints[4]", "wrong_type"),
            ("endpoints[1].name", "duplicate"),
            ("endpoints[2].name", "required"),
            ("endpoints[3].name", "invalid_name"),
            ("endpoints[4].name", "required"),
            ("endpoints[1].base_url", "invalid_base_url"),
            ("endpoints[1].api_key", "secret_not_found"),
            ("endpoints[2].region", "field_of_other_type"),
            ("endpoints[2].api_key", "invalid_reference"),
            ("endpoints[3].api_key", "required"),
            ("endpoints[4].api_key", "required"),
        ],
    );
    refused(
        json!({"display_name": "A", "type": "openai", "organization": "has space",
            "endpoints": [{"name": "a", "api_key": "THERE"}, {"name": "b", "api_key": 7}]}),
        &[
            ("endpoints[1].api_key", "wrong_type"),
            ("organization", "not_header_safe"),
        ],
    );
}

#[test]
fn there_are_twenty_at_most() {
    let endpoints = |count: usize| {
        let each = (0..count).map(|n| json!({"name": format!("e{n}"), "api_key": "THERE"}));
        openai(each.collect())
    };
    assert!(checked(endpoints(20)).is_ok());
    refused(endpoints(21), &[("endpoints", "too_many")]);
}

#[test]
fn with_passthrough_no_endpoint_has_a_key() {
    let with = |key: Value| {
        json!({"display_name": "A", "type": "anthropic", "authorization_passthrough": true,
        "endpoints": [{"name": "a", "base_url": "https://a.example"}, {"name": "b", "base_url": "https://b.example", "api_key": key}]})
    };
    assert!(checked(with(Value::Null)).is_ok());
    refused(
        with(json!("THERE")),
        &[("endpoints[1].api_key", "must_be_absent")],
    );
}

#[test]
fn what_is_shown_is_what_was_written() {
    for written in [
        openai(
            json!([{"name": "a", "api_key": "THERE"}, {"name": "b", "base_url": "https://b.example/v1", "api_key": "THERE"}]),
        ),
        json!({"display_name": "A", "type": "bedrock", "endpoints": [
            {"name": "a", "region": "us-east-1", "credentials": {"mode": "default_chain"}},
            {"name": "b", "region": "eu-west-1", "credentials": {"mode": "bearer", "api_key": "THERE"}},
        ]}),
        vertex(json!([
            {"name": "a", "location": "global", "project": "a-project", "credentials": {"mode": "default_chain"}},
            {"name": "b", "location": "us-central1", "project": "a-project",
                "credentials": {"mode": "service_account", "service_account": "THERE"}},
        ])),
        azure(json!([
            {"name": "a", "base_url": "https://a.openai.azure.com", "api_key": "THERE", "api_version": "2025-04-01-preview",
                "data_zone": "eu"},
            {"name": "b", "base_url": "https://b.openai.azure.com", "credentials": {"mode": "service_principal",
                "client_id": "c", "client_secret": "THERE", "token_url": "https://login.example/t/oauth2/v2.0/token"}},
        ])),
    ] {
        let checked = checked(written.clone()).unwrap();
        let now = domain::Timestamp::UNIX_EPOCH;
        let provider = domain::provider::Provider {
            id: ProviderId::new("a").unwrap(),
            display_name: checked.display_name,
            enabled: true,
            upstream: checked.upstream,
            several: checked.several,
            other_paths: false,
            models: vec![],
            recording: Recording::default(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let view = crate::providers::ProviderView::of(&provider, "");
        let shown = serde_json::to_value(&view).unwrap();
        assert_eq!(shown["endpoints"], written["endpoints"]);
        for field in Owner::fields_of_endpoints() {
            assert_eq!(shown.get(field), None, "{field}");
        }
        let again = check(
            &view.draft(),
            &Facts {
                has_secret: &|_| true,
                has_price: &|_, _| false,
                allow_link_local: false,
                vertex: &VertexDefaults::default(),
            },
        );
        let again = again.unwrap();
        assert_eq!(
            (again.upstream, again.several),
            (provider.upstream, provider.several)
        );
    }
}

fn vertex(endpoints: Value) -> Value {
    json!({"display_name": "A", "type": "vertex_ai", "endpoints": endpoints})
}

fn azure(endpoints: Value) -> Value {
    json!({"display_name": "A", "type": "azure_openai", "endpoints": endpoints})
}

/// What each endpoint of a checked provider is.
fn upstreams(json: Value) -> Vec<Upstream> {
    let checked = checked(json).unwrap();
    let others = checked.several.unwrap().others;
    std::iter::once(checked.upstream)
        .chain(others.into_iter().map(|other| other.upstream))
        .collect()
}

#[test]
fn each_endpoint_has_its_own() {
    let both = vertex(json!([
        {"name": "a", "location": "us-central1", "project": "the-one"},
        {"name": "b", "location": "europe-west1", "project": "its-own"},
    ]));
    let found: Vec<_> = upstreams(both)
        .into_iter()
        .map(|upstream| match upstream {
            Upstream::VertexAi {
                project, location, ..
            } => (project.to_string(), location.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    let wanted = [("the-one", "us-central1"), ("its-own", "europe-west1")];
    assert_eq!(found, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));

    let both = azure(json!([
        {"name": "a", "base_url": "https://a.openai.azure.com", "api_key": "THERE", "data_zone": "eu"},
        {"name": "b", "base_url": "https://b.openai.azure.com", "api_key": "THERE", "api_version": "2025-04-01-preview"},
    ]));
    let found: Vec<_> = upstreams(both)
        .into_iter()
        .map(|upstream| match upstream {
            Upstream::AzureOpenAi {
                api_version,
                data_zone,
                ..
            } => (
                api_version.map(|version| version.to_string()),
                data_zone.map(domain::provider::DataZone::key),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        found,
        [
            (None, Some("eu")),
            (Some("2025-04-01-preview".to_owned()), None)
        ]
    );
}

#[test]
fn what_each_endpoint_has_does_not_stand_beside() {
    // Also where it would hold for those that have none: a list that is sent anew would lose it.
    let mut both =
        vertex(json!([{"name": "a", "location": "global", "project": "a-project"}, {"name": "b"}]));
    both["location"] = json!("global");
    both["project"] = json!("a-project");
    refused(
        both,
        &[
            ("location", "endpoint_field"),
            ("project", "endpoint_field"),
            ("endpoints[1].location", "required"),
        ],
    );
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let wrong = vertex(json!([
        {"name": "a", "location": "not a place"},
        {"name": "b", "project": "its-own", "api_version": "2024-10-21"},
    ]));
    refused(
        wrong,
        &[
            ("endpoints[0].project", "required"),
            ("endpoints[0].location", "invalid_location"),
            ("endpoints[1].api_version", "field_of_other_type"),
            ("endpoints[1].location", "required"),
        ],
    );
    let versions = vertex(json!([
        {"name": "a", "location": "global", "project": "my-project", "base_url": "https://a.example/v1"},
        {"name": "b", "location": "global", "project": "my-project", "base_url": "https://b.example"},
        {"name": "c", "location": "global", "project": "my-project", "base_url": "https://c.example/v1beta1/"},
    ]));
    refused(
        versions,
        &[
            ("endpoints[0].base_url", "invalid_base_url"),
            ("endpoints[2].base_url", "invalid_base_url"),
        ],
    );
    refused(
        azure(json!([
            {"name": "a", "base_url": "https://a.openai.azure.com", "api_key": "THERE", "data_zone": "mars"},
            {"name": "b", "base_url": "https://b.openai.azure.com", "api_key": "THERE", "api_version": 7},
        ])),
        &[
            ("endpoints[1].api_version", "wrong_type"),
            ("endpoints[0].data_zone", "invalid_data_zone"),
        ],
    );
    refused(
        openai(json!([{"name": "a", "api_key": "THERE", "project": "p"}])),
        &[("endpoints[0].project", "provider_field")],
    );
    let mut common = openai(json!([{"name": "a", "api_key": "THERE"}]));
    common["project"] = json!("p");
    assert!(checked(common).is_ok(), "a header that all calls carry");
}
