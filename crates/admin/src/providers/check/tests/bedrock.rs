//! What only Bedrock providers have.

use domain::provider::{AwsCredentials, Guardrail};

use super::*;

fn credentials(json: Value) -> AwsCredentials {
    match check_taken("bedrock", json!({ "credentials": json })).upstream {
        Upstream::Bedrock { credentials, .. } => credentials,
        other => panic!("{other:?}"),
    }
}

fn refused(credentials: Value, expected: &[(&str, &str)]) {
    check_refused("bedrock", json!({ "credentials": credentials }), expected);
}

#[test]
fn each_mode_of_credentials_is_read() {
    assert_eq!(
        credentials(json!({"mode": "default_chain"})),
        AwsCredentials::DefaultChain
    );
    assert_eq!(credentials(Value::Null), AwsCredentials::DefaultChain);
    let there = || SecretName::new("THERE").unwrap();
    assert_eq!(
        credentials(
            json!({"mode": "static_keys", "access_key_id": "THERE", "secret_access_key": "THERE", "session_token": ""})
        ),
        AwsCredentials::StaticKeys {
            access_key_id: there(),
            secret_access_key: there(),
            session_token: None,
        }
    );
    let role = "arn:aws:iam::123456789012:role/bedrock-caller";
    assert_eq!(
        credentials(
            json!({"mode": "assume_role", "role_arn": role, "external_id": "ours:1", "session_name": "weir@prod"})
        ),
        AwsCredentials::AssumeRole {
            role_arn: role.parse().unwrap(),
            external_id: Some("ours:1".to_owned()),
            session_name: Some("weir@prod".to_owned()),
        }
    );
    assert_eq!(
        credentials(json!({"mode": "web_identity", "role_arn": role})),
        AwsCredentials::WebIdentity {
            role_arn: role.parse().unwrap()
        }
    );
    assert_eq!(
        credentials(json!({"mode": "bearer", "api_key": "THERE"})),
        AwsCredentials::Bearer { api_key: there() }
    );
}

#[test]
fn what_a_mode_lacks_or_does_not_have_is_told() {
    refused(json!({}), &[("credentials.mode", "required")]);
    refused(
        json!({"mode": "instance"}),
        &[("credentials.mode", "invalid_mode")],
    );
    refused(
        json!({"mode": "static_keys", "secret_access_key": KEY}),
        &[
            ("credentials.access_key_id", "required"),
            ("credentials.secret_access_key", "invalid_reference"),
        ],
    );
    refused(
        json!({"mode": "default_chain", "role_arn": "arn:aws:iam::123456789012:role/x"}),
        &[("credentials.role_arn", "field_of_other_mode")],
    );
    refused(
        json!({"mode": "assume_role"}),
        &[("credentials.role_arn", "required")],
    );
    refused(
        json!({"mode": "assume_role", "role_arn": "bedrock-caller", "external_id": "x", "session_name": "a b"}),
        &[
            ("credentials.role_arn", "invalid_role_arn"),
            ("credentials.external_id", "invalid_external_id"),
            ("credentials.session_name", "invalid_session_name"),
        ],
    );
    refused(
        json!({"mode": "bearer", "api_key": "GONE"}),
        &[("credentials.api_key", "secret_not_found")],
    );
    refused(
        json!({"mode": "default_chain", "profile": "dev"}),
        &[("credentials.profile", "unknown_field")],
    );
}

#[test]
fn region_address_and_key_are_checked() {
    check_refused("bedrock", json!({"region": ""}), &[("region", "required")]);
    check_refused(
        "bedrock",
        json!({"region": "us-east-1.evil.example"}),
        &[("region", "invalid_region")],
    );
    check_refused(
        "bedrock",
        json!({"api_key": "THERE"}),
        &[("api_key", "must_be_absent")],
    );
    check_refused(
        "bedrock",
        json!({"fips": true, "base_url": "https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com"}),
        &[("fips", "must_be_absent")],
    );
    check_refused(
        "openai",
        json!({"region": "us-east-1"}),
        &[("region", "field_of_other_type")],
    );
    check_refused(
        "google_ai",
        json!({"credentials": {"mode": "default_chain"}, "guardrail": {"id": "x", "version": "1"}}),
        &[
            ("credentials", "field_of_other_type"),
            ("guardrail", "field_of_other_type"),
        ],
    );
}

#[test]
fn guardrails_have_an_id_and_a_version() {
    let of = |json: Value| check_taken("bedrock", json!({ "guardrail": json })).upstream;
    for version in ["DRAFT", "1", "12"] {
        let Upstream::Bedrock { guardrail, .. } = of(json!({"id": "gr-1", "version": version}))
        else {
            panic!("not Bedrock")
        };
        let expected = Guardrail {
            id: "gr-1".to_owned(),
            version: version.to_owned(),
        };
        assert_eq!(guardrail, Some(expected));
    }
    let refused = |json: Value, expected: &[(&str, &str)]| {
        check_refused("bedrock", json!({ "guardrail": json }), expected);
    };
    refused(
        json!({}),
        &[
            ("guardrail.id", "required"),
            ("guardrail.version", "required"),
        ],
    );
    refused(
        json!({"id": "gr 1", "version": "0"}),
        &[
            ("guardrail.id", "invalid_guardrail"),
            ("guardrail.version", "invalid_version"),
        ],
    );
}
