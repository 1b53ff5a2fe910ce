mod wrong;

use secrecy::ExposeSecret;

use super::*;

/// The stand-in's: it opens nothing.
const PEM: &str = include_str!("../../../../standin/src/oauth/service_account.pem");

fn service_account() -> Value {
    json!({
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "k1",
        "private_key": PEM,
        "client_email": "caller@a-project.iam.gserviceaccount.com",
        "client_id": "1",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    })
}

fn azure() -> Value {
    json!({"region": "eastus", "api_type": "azure", "api_base": "https://res.openai.azure.com/",
        "api_version": "2024-10-21", "api_key": "azure-key"})
}

fn keys() -> Value {
    json!({"region": "us-east-1", "access_key_id": "AKIDEXAMPLE", "secret_access_key": "aws-secret", "session_token": null})
}

fn google() -> Value {
    json!({"region": "us-central1", "service_account_info": service_account()})
}

fn keyed() -> Value {
    json!({"region": "us", "api_key": "sk-1"})
}

fn sent(kind: Option<&str>, endpoints: Value) -> ImportDraft {
    ImportDraft::read(json!({"kind": kind, "credentials": {"endpoints": endpoints}}))
}

/// The JSON of the provider and its secrets.
fn made(kind: Option<&str>, endpoints: Value) -> (Value, Vec<(String, String)>) {
    let plan = Plan::of(&sent(kind, endpoints));
    assert!(plan.errors.is_empty(), "{:?}", plan.errors);
    let id = ProviderId::new("it").unwrap();
    let (json, secrets) = plan.named(&id, &HashSet::new()).unwrap();
    let secrets = secrets
        .into_iter()
        .map(|(name, value)| (name.to_string(), value.expose_secret().to_owned()));
    (json, secrets.collect())
}

fn check_made(kind: &str, endpoint: Value, provider: Value, secrets: &[(&str, &str)]) {
    let mut provider = provider;
    provider["id"] = json!("it");
    let (json, made) = made(Some(kind), json!([endpoint]));
    assert_eq!(json, provider);
    let made: Vec<_> = made
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(made, secrets);
}

#[test]
fn each_form_becomes_what_a_provider_of_its_type_has() {
    check_made(
        "azure",
        azure(),
        json!({"type": "azure_openai", "display_name": "Azure OpenAI", "base_url": "https://res.openai.azure.com/",
            "api_version": "2024-10-21", "api_key": "IT_API_KEY"}),
        &[("IT_API_KEY", "azure-key")],
    );
    check_made(
        "aws",
        keys(),
        json!({"type": "bedrock", "display_name": "AWS Bedrock", "region": "us-east-1", "credentials": {"mode": "static_keys",
            "access_key_id": "IT_ACCESS_KEY_ID", "secret_access_key": "IT_SECRET_ACCESS_KEY"}}),
        &[
            ("IT_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("IT_SECRET_ACCESS_KEY", "aws-secret"),
        ],
    );
    let role = "arn:aws:iam::123456789012:role/r";
    for (more, mode, fips) in [
        (json!({}), "assume_role", false),
        (json!({"use_web_identity": true}), "web_identity", false),
        (
            json!({"use_web_identity": false, "use_fips_endpoint": true}),
            "assume_role",
            true,
        ),
    ] {
        let mut endpoint = json!({"region": "us-east-1", "role_arn": role});
        for (name, value) in more.as_object().unwrap() {
            endpoint[name] = value.clone();
        }
        let mut provider = json!({"type": "bedrock", "display_name": "AWS Bedrock", "region": "us-east-1",
            "credentials": {"mode": mode, "role_arn": role}});
        if fips {
            provider["fips"] = json!(true);
        }
        check_made("aws", endpoint, provider, &[]);
    }
    check_made(
        "google",
        google(),
        json!({"type": "vertex_ai", "display_name": "Vertex AI", "location": "us-central1", "project": "a-project",
            "credentials": {"mode": "service_account", "service_account": "IT_SERVICE_ACCOUNT"}}),
        &[("IT_SERVICE_ACCOUNT", &service_account().to_string())],
    );
    for (kind, ty, name) in [
        ("anthropic", "anthropic", "Anthropic"),
        ("cohere", "cohere", "Cohere"),
        ("openai", "openai", "OpenAI"),
    ] {
        let provider = json!({"type": ty, "display_name": name, "api_key": "IT_API_KEY"});
        check_made(kind, keyed(), provider, &[("IT_API_KEY", "sk-1")]);
    }
    for (kind, preset, name, address) in [
        (
            "cerebras",
            "cerebras",
            "Cerebras",
            "https://api.cerebras.ai/v1",
        ),
        (
            "togetherai",
            "together_ai",
            "Together AI",
            "https://api.together.ai/v1",
        ),
        ("groq", "groq", "Groq", "https://api.groq.com/openai/v1"),
    ] {
        let provider = json!({"type": "openai_compatible", "display_name": name, "preset": preset, "base_url": address,
            "api_key": "IT_API_KEY"});
        check_made(kind, keyed(), provider, &[("IT_API_KEY", "sk-1")]);
    }
}

#[test]
fn several_endpoints_have_what_is_their_own_and_share_the_rest() {
    let (east, west) = (
        keys(),
        json!({"region": "us-west-2", "role_arn": "arn:aws:iam::123456789012:role/r"}),
    );
    let (provider, secrets) = made(Some("aws"), json!([east, west]));
    assert_eq!(
        provider,
        json!({"id": "it", "type": "bedrock", "display_name": "AWS Bedrock", "endpoints": [
            {"name": "us-east-1", "region": "us-east-1", "credentials": {"mode": "static_keys",
                "access_key_id": "IT_US_EAST_1_ACCESS_KEY_ID", "secret_access_key": "IT_US_EAST_1_SECRET_ACCESS_KEY"}},
            {"name": "us-west-2", "region": "us-west-2", "credentials": {"mode": "assume_role",
                "role_arn": "arn:aws:iam::123456789012:role/r"}},
        ]})
    );
    assert_eq!(secrets.len(), 2);

    let (provider, secrets) = made(Some("openai"), json!([keyed(), keyed()]));
    assert_eq!(provider["endpoints"][1]["name"], "us-2");
    assert_eq!(secrets[1].0, "IT_US_2_API_KEY");
}

#[test]
fn endpoints_of_azure_and_vertex_ai_have_version_project_and_place_of_their_own() {
    let (mut one, mut other) = (azure(), azure());
    one["region"] = json!("East US");
    other["api_version"] = json!("2025-04-01-preview");
    let (provider, _) = made(Some("azure"), json!([one, other]));
    let named = &provider["endpoints"];
    assert_eq!(
        (&named[0]["name"], &named[0]["api_version"]),
        (&json!("east-us"), &json!("2024-10-21"))
    );
    assert_eq!(named[1]["api_version"], "2025-04-01-preview");
    assert_eq!(provider.get("api_version"), None);

    let mut europe = google();
    europe["region"] = json!("europe-west1");
    europe["service_account_info"]["project_id"] = json!("another-project");
    let (provider, secrets) = made(Some("google"), json!([google(), europe]));
    assert_eq!(
        provider,
        json!({"id": "it", "type": "vertex_ai", "display_name": "Vertex AI", "endpoints": [
            {"name": "us-central1", "location": "us-central1", "project": "a-project",
                "credentials": {"mode": "service_account", "service_account": "IT_US_CENTRAL1_SERVICE_ACCOUNT"}},
            {"name": "europe-west1", "location": "europe-west1", "project": "another-project",
                "credentials": {"mode": "service_account", "service_account": "IT_EUROPE_WEST1_SERVICE_ACCOUNT"}},
        ]})
    );
    assert_eq!(secrets.len(), 2);
}

#[test]
fn every_endpoint_gets_a_name_of_its_own() {
    let endpoint = |region: Value| json!({"region": region, "api_key": "sk-1"});
    let regions = ["us", "endpoint-4", "US", "", "us-2", "東京"];
    let endpoints: Vec<_> = regions.map(|region| endpoint(json!(region))).into();
    let (provider, _) = made(Some("openai"), json!(endpoints));
    let names: Vec<_> = provider["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|endpoint| endpoint["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "us",
            "endpoint-4",
            "us-2",
            "endpoint-4-2",
            "us-2-2",
            "endpoint-6"
        ]
    );
}

#[test]
fn fields_tell_whose_they_are_where_no_other_has_them() {
    for (endpoint, ty) in [
        (azure(), "azure_openai"),
        (keys(), "bedrock"),
        (google(), "vertex_ai"),
    ] {
        assert_eq!(made(None, json!([endpoint])).0["type"], ty);
    }
    // Any of them may.
    let (provider, _) = made(
        None,
        json!([{"region": "us-east-1", "role_arn": "r"}, keys()]),
    );
    assert_eq!(provider["type"], "bedrock");
}

#[test]
fn names_of_secrets_are_not_taken_twice() {
    let id = ProviderId::new("openai-main").unwrap();
    let mut taken = HashSet::new();
    for expected in [
        "OPENAI_MAIN_API_KEY",
        "OPENAI_MAIN_API_KEY_2",
        "OPENAI_MAIN_API_KEY_3",
    ] {
        let name = free_name(&id, None, "api_key", &taken).unwrap();
        assert_eq!(name.as_str(), expected);
        taken.insert(name);
    }
}

#[test]
fn long_names_of_secrets_are_cut_before_what_they_hold() {
    let id = ProviderId::new("i".repeat(63)).unwrap();
    let region = "e".repeat(63);
    let mut taken = HashSet::new();
    for end in ["_SECRET_ACCESS_KEY", "_SECRET_ACCESS_KEY_2"] {
        let name = free_name(&id, Some(&region), "secret_access_key", &taken).unwrap();
        assert_eq!(name.as_str().len(), SECRET_NAME_MAX);
        assert!(name.as_str().ends_with(end), "{name}");
        taken.insert(name);
    }
}

#[test]
fn what_another_program_took_in_the_meantime_is_told_as_what_it_is() {
    let id = ProviderId::new("it").unwrap();
    for (what, code, field) in [
        (NewSecret::WHAT, "name_taken", "credentials"),
        ("provider id", "id_taken", "id"),
    ] {
        let problem = not_inserted(StoreError::Taken { what }, &id).problem();
        assert_eq!((problem.status, problem.code), (409, code));
        assert_eq!(problem.errors[0].field, field);
    }
    let failed = not_inserted(StoreError::EmptySecret, &id);
    assert_eq!(failed.problem().status, 500);
}
