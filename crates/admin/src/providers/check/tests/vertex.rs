//! Providers of Vertex AI: project, location, credentials.

use domain::provider::{GoogleCredentials, Upstream};

use super::*;

fn upstream(change: Value) -> Upstream {
    check_taken("vertex_ai", change).upstream
}

#[test]
fn the_least_is_a_project_and_a_location() {
    let Upstream::VertexAi {
        project,
        location,
        base_url,
        credentials,
    } = upstream(json!({}))
    else {
        panic!("another type")
    };
    assert_eq!(
        (project.as_str(), location.as_str()),
        ("my-project", "global")
    );
    assert_eq!(
        (base_url, credentials),
        (None, GoogleCredentials::DefaultChain)
    );
}

#[test]
fn each_field_is_checked() {
    for (change, expected) in [
        (json!({"project": null}), &[("project", "required")][..]),
        (
            json!({"project": "My Project"}),
            &[("project", "invalid_project")],
        ),
        (json!({"project": 7}), &[("project", "wrong_type")]),
        (json!({"location": ""}), &[("location", "required")]),
        (
            json!({"location": "us central"}),
            &[("location", "invalid_location")],
        ),
        (
            json!({"project": null, "location": null}),
            &[("project", "required"), ("location", "required")],
        ),
        (
            json!({"base_url": "host"}),
            &[("base_url", "invalid_base_url")],
        ),
        (
            json!({"api_key": "THERE"}),
            &[("api_key", "must_be_absent")],
        ),
        (
            json!({"region": "us-east-1"}),
            &[("region", "field_of_other_type")],
        ),
        (
            json!({"organization": "o"}),
            &[("organization", "field_of_other_type")],
        ),
        (
            json!({"credentials": {}}),
            &[("credentials.mode", "required")],
        ),
        (
            json!({"credentials": {"mode": "bearer"}}),
            &[("credentials.mode", "invalid_mode")],
        ),
        (
            json!({"credentials": {"mode": "static_keys"}}),
            &[("credentials.mode", "invalid_mode")],
        ),
        (
            json!({"credentials": {"mode": "default_chain", "service_account": "THERE"}}),
            &[("credentials.service_account", "field_of_other_mode")],
        ),
        (
            json!({"credentials": {"mode": "service_account"}}),
            &[("credentials.service_account", "required")],
        ),
        (
            json!({"credentials": {"mode": "service_account", "service_account": KEY}}),
            &[("credentials.service_account", "invalid_reference")],
        ),
        (
            json!({"credentials": {"mode": "service_account", "service_account": "MISSING"}}),
            &[("credentials.service_account", "secret_not_found")],
        ),
        (
            json!({"credentials": {"mode": "service_account", "service_account": "THERE", "role_arn": "x"}}),
            &[("credentials.role_arn", "field_of_other_mode")],
        ),
        (
            json!({"credentials": {"mode": "service_account", "key": "THERE"}}),
            &[
                ("credentials.key", "unknown_field"),
                ("credentials.service_account", "required"),
            ],
        ),
    ] {
        check_refused("vertex_ai", change, expected);
    }
    check_refused(
        "bedrock",
        json!({"location": "global"}),
        &[("location", "field_of_other_type")],
    );
    check_refused(
        "google_ai",
        json!({"project": "my-project"}),
        &[("project", "field_of_other_type")],
    );
    check_refused(
        "bedrock",
        json!({"credentials": {"mode": "bearer", "api_key": "THERE", "service_account": "THERE"}}),
        &[("credentials.service_account", "field_of_other_mode")],
    );
}

#[test]
fn an_address_ends_before_the_version() {
    for url in [
        "https://p.example/v1",
        "https://p.example/v1/",
        "https://p.example/google/v1beta1",
        "https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1",
        "https://p.example/v1beta1/projects/my-project",
        "https://p.example/v1/publishers/google",
    ] {
        check_refused(
            "vertex_ai",
            json!({ "base_url": url }),
            &[("base_url", "invalid_base_url")],
        );
    }
    for url in [
        "https://us-central1-aiplatform.googleapis.com",
        "https://p.example/v1/account/gateway/google-vertex-ai",
        "https://p.example/vertex-v1",
    ] {
        upstream(json!({ "base_url": url }));
    }
}

#[test]
fn a_service_account_is_a_reference() {
    let taken =
        upstream(json!({"credentials": {"mode": "service_account", "service_account": "THERE"}}));
    let names: Vec<&str> = taken.secrets().iter().map(|name| name.as_str()).collect();
    assert_eq!(names, ["THERE"]);
}

#[test]
fn what_is_left_out_comes_from_the_process() {
    let variables = |set: &'static [(&str, &str)]| {
        VertexDefaults::from_variables(move |name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    let of_google = variables(&[
        ("GOOGLE_CLOUD_PROJECT", "of-google"),
        ("GOOGLE_CLOUD_LOCATION", "eu"),
    ]);
    assert_eq!(of_google.project.as_deref(), Some("of-google"));
    let defaults = variables(&[
        ("VERTEXAI_PROJECT", "of-vertex"),
        ("GOOGLE_CLOUD_PROJECT", "of-google"),
        ("VERTEXAI_LOCATION", " "),
        ("GOOGLE_CLOUD_LOCATION", "eu"),
    ]);
    let facts = Facts {
        has_secret: &|_| true,
        has_price: &|_, _| true,
        allow_link_local: false,
        vertex: &defaults,
    };
    let made = |json| check(&ProviderDraft::read(json), &facts).unwrap().upstream;
    let home = |upstream: &Upstream| {
        let (project, location) = upstream.google_home().unwrap();
        (project.to_string(), location.to_string())
    };
    let none = made(json!({"display_name": "A", "type": "vertex_ai"}));
    assert_eq!(home(&none), ("of-vertex".to_owned(), "eu".to_owned()));
    let own = made(
        json!({"display_name": "A", "type": "vertex_ai", "project": "my-project", "location": "us"}),
    );
    assert_eq!(home(&own), ("my-project".to_owned(), "us".to_owned()));
}

#[test]
fn models_are_kept_by_their_one_name() {
    let ids = [
        "google/gemini-3-pro",
        "publishers/meta/models/llama-4-maas",
        "claude-opus-5",
    ];
    let models: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let taken = check_taken("vertex_ai", json!({ "models": models }));
    let names: Vec<&str> = taken.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(
        names,
        ["gemini-3-pro", "meta/llama-4-maas", "claude-opus-5"]
    );
    check_refused(
        "vertex_ai",
        json!({"models": [{"id": "gemini-3-pro"}, {"id": "google/gemini-3-pro"}]}),
        &[("models[1].id", "duplicate")],
    );
}
