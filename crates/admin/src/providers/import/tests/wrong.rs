//! What is wrong as far as the pasted text tells. That it is told with what the check of providers finds, and each
//! field of each form, are tests of the API.

use super::*;

fn wrong(draft: &ImportDraft) -> Vec<(String, &'static str)> {
    let errors = Plan::of(draft).errors;
    assert!(!errors.is_empty(), "something must be wrong");
    for error in &errors {
        for secret in ["s3cr3t", "azure-key", "aws-secret", "MII"] {
            assert!(!error.message.contains(secret), "{error:?}");
        }
    }
    errors
        .into_iter()
        .map(|error| (error.field, error.code))
        .collect()
}

fn check_wrong(kind: Option<&str>, endpoints: Value, expected: &[(&str, &str)]) {
    let found = wrong(&sent(kind, endpoints.clone()));
    let found: Vec<_> = found
        .iter()
        .map(|(field, code)| (field.as_str(), *code))
        .collect();
    assert_eq!(found, expected, "{endpoints}");
}

#[test]
fn whose_they_are_is_asked_for_with_all_else_that_is_wrong() {
    check_wrong(None, json!([keyed()]), &[("kind", "required")]);
    check_wrong(Some("gcp"), json!([keyed()]), &[("kind", "invalid_kind")]);
    // What nobody can read the kind from is not read as any.
    check_wrong(None, json!([{"key": "s3cr3t"}]), &[("kind", "required")]);
    check_wrong(None, json!(["s3cr3t"]), &[("endpoints[0]", "wrong_type")]);
    check_wrong(
        None,
        json!([{"api_key": "<your-s3cr3t>", "key": 1}, 7]),
        &[
            ("kind", "required"),
            ("endpoints[0].key", "unknown_field"),
            ("endpoints[0].api_key", "placeholder"),
            ("endpoints[1]", "wrong_type"),
        ],
    );
    let mut misspelled = azure();
    misspelled["api_type"] = json!("open_ai");
    check_wrong(
        Some("azur"),
        json!([misspelled]),
        &[
            ("kind", "invalid_kind"),
            ("endpoints[0].api_type", "invalid_api_type"),
        ],
    );
}

#[test]
fn keys_and_a_role_exclude_each_other_and_one_must_be() {
    let mut both = keys();
    both["role_arn"] = json!("arn:aws:iam::123456789012:role/r");
    check_wrong(
        Some("aws"),
        json!([both]),
        &[
            ("endpoints[0].access_key_id", "keys_and_role"),
            ("endpoints[0].secret_access_key", "keys_and_role"),
        ],
    );
    // A role whose name cannot be read is one all the same.
    check_wrong(
        Some("aws"),
        json!([{"region": "us-east-1", "role_arn": 7}]),
        &[("endpoints[0].role_arn", "wrong_type")],
    );
    check_wrong(
        Some("aws"),
        json!([{"region": "us-east-1"}]),
        &[("endpoints[0].access_key_id", "required")],
    );
}

#[test]
fn all_that_is_wrong_with_a_service_account_is_told() {
    let mut endpoint = google();
    let info = &mut endpoint["service_account_info"];
    info["type"] = json!("service-account");
    info["client_id"] = json!(1);
    info["private_key"] = json!("s3cr3t");
    info["quota_project_id"] = json!("s3cr3t");
    info["universe_domain"] = json!("s3cr3t.example");
    let of = |name: &str| format!("endpoints[0].service_account_info.{name}");
    let found = wrong(&sent(Some("google"), json!([endpoint])));
    assert_eq!(
        found,
        [
            (of("client_id"), "wrong_type"),
            (of("quota_project_id"), "unknown_field"),
            (of("universe_domain"), "unsupported_universe"),
            (of("type"), "invalid_service_account"),
            (of("private_key"), "invalid_service_account"),
        ]
    );

    // Another file has other fields, and nothing can be done about each.
    endpoint["service_account_info"] = json!({"type": "authorized_user", "client_id": "1", "client_secret": "s3cr3t",
        "refresh_token": "s3cr3t", "quota_project_id": "a-project"});
    check_wrong(
        Some("google"),
        json!([endpoint]),
        &[(&of("type"), "invalid_service_account")],
    );
}

#[test]
fn what_holds_no_endpoint_says_so() {
    for (credentials, field) in [
        (Value::Null, "credentials"),
        (json!("x"), "credentials"),
        (json!({}), "endpoints"),
        (json!({"endpoints": []}), "endpoints"),
        (json!({"endpoints": {}}), "endpoints"),
    ] {
        let draft = ImportDraft::read(json!({"kind": "openai", "credentials": credentials}));
        let found = wrong(&draft);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, field);
    }
    let many = vec![keyed(); 21];
    check_wrong(Some("openai"), json!(many), &[("endpoints", "too_many")]);
    check_wrong(
        Some("openai"),
        json!(["x"]),
        &[("endpoints[0]", "wrong_type")],
    );
    let more = json!({"kind": "openai", "name": 1, "credentials": {"endpoints": [keyed()], "region": "x"}});
    let found = wrong(&ImportDraft::read(more));
    assert_eq!(
        found,
        [
            ("name".to_owned(), "unknown_field"),
            ("credentials.region".to_owned(), "unknown_field")
        ]
    );
}

#[test]
fn what_all_endpoints_share_must_be_the_same() {
    let (mut fips, plain) = (keys(), keys());
    fips["use_fips_endpoint"] = json!(true);
    check_wrong(
        Some("aws"),
        json!([fips, plain]),
        &[("endpoints[1].use_fips_endpoint", "endpoints_differ")],
    );
    check_wrong(
        Some("aws"),
        json!([plain, fips]),
        &[("endpoints[1].use_fips_endpoint", "endpoints_differ")],
    );
    let mut unreadable = keys();
    unreadable["use_fips_endpoint"] = json!("yes");
    check_wrong(
        Some("aws"),
        json!([unreadable, fips]),
        &[("endpoints[0].use_fips_endpoint", "wrong_type")],
    );
}

#[test]
fn what_was_pasted_is_told_wrong_without_repeating_it() {
    for (text, words) in [
        (
            r#"{"endpoints": [{"api_key": "s3cr3t",}]}"#,
            "a comma stands before a closing bracket at line 1",
        ),
        (
            r#"{"endpoints": [{"api_key": "s3cr3t"}"#,
            "it ends too early",
        ),
        ("s3cr3t", "something is out of place"),
    ] {
        let draft = ImportDraft::default().with_pasted(text);
        let errors = Plan::of(&draft).errors;
        let [error] = &*errors else {
            panic!("{errors:?}");
        };
        assert_eq!(error.field, "credentials");
        assert!(error.message.contains(words), "{}", error.message);
        assert!(!error.message.contains("s3cr3t"));
        assert!(!format!("{draft:?}").contains("s3cr3t"));
    }
}
