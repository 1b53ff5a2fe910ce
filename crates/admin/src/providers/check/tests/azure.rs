//! What only Azure OpenAI providers have.

use domain::provider::{ApiVersion, AzureCredentials, DataZone};

use super::*;

const TOKEN_URL: &str = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token";

fn taken(change: Value) -> (String, Option<String>, AzureCredentials, Option<DataZone>) {
    match check_taken("azure_openai", change).upstream {
        Upstream::AzureOpenAi {
            base_url,
            api_version,
            credentials,
            data_zone,
        } => (
            base_url.to_string(),
            api_version.map(String::from),
            credentials,
            data_zone,
        ),
        other => panic!("{other:?}"),
    }
}

fn refused(change: Value, expected: &[(&str, &str)]) {
    check_refused("azure_openai", change, expected);
}

fn principal(change: Value) -> Value {
    let mut credentials = json!({"mode": "service_principal", "client_id": "c1",
        "client_secret": "THERE", "token_url": TOKEN_URL});
    for (name, value) in change.as_object().unwrap() {
        credentials[name] = value.clone();
    }
    json!({"api_key": null, "credentials": credentials})
}

#[test]
fn a_pasted_address_gives_its_version_where_none_is_said() {
    let resource = "https://res.openai.azure.com";
    let pasted =
        format!("{resource}/openai/deployments/d/chat/completions?api-version=2025-01-01-preview");
    for (change, version) in [
        (json!({}), None),
        (json!({"base_url": format!("{resource}/openai/v1/")}), None),
        (json!({"base_url": pasted}), Some("2025-01-01-preview")),
        (
            json!({"base_url": pasted, "api_version": "2024-06-01"}),
            Some("2024-06-01"),
        ),
        (
            json!({"api_version": ApiVersion::DEFAULT}),
            Some(ApiVersion::DEFAULT),
        ),
    ] {
        let (base_url, told, ..) = taken(change);
        assert_eq!((base_url.as_str(), told.as_deref()), (resource, version));
    }
    assert_eq!(
        taken(json!({"data_zone": "us-gov"})).3,
        Some(DataZone::UsGov)
    );
}

#[test]
fn it_has_a_key_or_a_service_principal_and_not_both() {
    let key = SecretName::new("THERE").unwrap();
    assert_eq!(taken(json!({})).2, AzureCredentials::Key(key));
    let AzureCredentials::ServicePrincipal(read) = taken(principal(json!({}))).2 else {
        panic!("no service principal");
    };
    assert_eq!(
        (read.client_id.as_str(), read.token_url.as_str(), read.scope),
        ("c1", TOKEN_URL, None)
    );
    let own = "https://ai.azure.com/.default";
    let AzureCredentials::ServicePrincipal(read) = taken(principal(json!({"scope": own}))).2 else {
        panic!("no service principal");
    };
    assert_eq!(read.scope.unwrap().as_str(), own);
    refused(json!({"api_key": null}), &[("api_key", "required")]);
    refused(json!({"api_key": KEY}), &[("api_key", "invalid_reference")]);
    refused(
        json!({"api_key": "GONE"}),
        &[("api_key", "secret_not_found")],
    );
    let mut both = principal(json!({}));
    both["api_key"] = json!("THERE");
    refused(both, &[("api_key", "must_be_absent")]);
}

#[test]
fn every_field_that_is_wrong_is_told() {
    for (change, field, code) in [
        (json!({"base_url": null}), "base_url", "required"),
        (json!({"base_url": "res"}), "base_url", "invalid_base_url"),
        (
            json!({"base_url": "https://res.openai.azure.com?api-key=x"}),
            "base_url",
            "invalid_base_url",
        ),
        (
            json!({"base_url": "https://a:b@res.openai.azure.com"}),
            "base_url",
            "invalid_base_url",
        ),
        (
            json!({"base_url": "http://169.254.169.254/openai"}),
            "base_url",
            "refused_address",
        ),
        (
            json!({"api_version": "v1"}),
            "api_version",
            "invalid_api_version",
        ),
        (
            json!({"data_zone": "global"}),
            "data_zone",
            "invalid_data_zone",
        ),
        (json!({"region": "eastus"}), "region", "field_of_other_type"),
        (json!({"fips": true}), "fips", "field_of_other_type"),
        (
            principal(json!({"mode": null})),
            "credentials.mode",
            "required",
        ),
        (
            principal(json!({"client_id": ""})),
            "credentials.client_id",
            "required",
        ),
        (
            principal(json!({"client_id": "has space"})),
            "credentials.client_id",
            "invalid_text",
        ),
        (
            principal(json!({"client_secret": null})),
            "credentials.client_secret",
            "required",
        ),
        (
            principal(json!({"client_secret": KEY})),
            "credentials.client_secret",
            "invalid_reference",
        ),
        (
            principal(json!({"token_url": null})),
            "credentials.token_url",
            "required",
        ),
        (
            principal(json!({"token_url": "login.microsoftonline.com"})),
            "credentials.token_url",
            "invalid_token_url",
        ),
        (
            principal(json!({"token_url": "https://login.microsoftonline.com"})),
            "credentials.token_url",
            "invalid_token_url",
        ),
        (
            principal(json!({"token_url": "https://login.microsoftonline.com/t/oauth2/token"})),
            "credentials.token_url",
            "invalid_token_url",
        ),
        (
            principal(json!({"token_url": "http://169.254.169.254/t/oauth2/v2.0/token"})),
            "credentials.token_url",
            "refused_address",
        ),
        (
            principal(json!({"scope": "two words"})),
            "credentials.scope",
            "invalid_text",
        ),
        (
            principal(json!({"role_arn": "arn:aws:iam::123456789012:role/x"})),
            "credentials.role_arn",
            "field_of_other_mode",
        ),
    ] {
        refused(change, &[(field, code)]);
    }
    refused(
        json!({"api_key": null, "credentials": {"mode": "bearer", "api_key": "THERE"}}),
        &[("credentials.mode", "invalid_mode")],
    );
    check_refused(
        "openai",
        json!({"api_version": "2024-10-21", "data_zone": "eu"}),
        &[
            ("api_version", "field_of_other_type"),
            ("data_zone", "field_of_other_type"),
        ],
    );
}
