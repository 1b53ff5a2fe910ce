use admin::FieldError;

use super::{draft, form_field};
use crate::http::fields::Fields;

#[test]
fn passthrough_goes_without_the_key_that_the_form_still_holds() {
    let mut fields = Fields::from([
        ("type", "anthropic"),
        ("anthropic.key_from", "existing"),
        ("anthropic.key", "ANTHROPIC_API_KEY"),
    ]);
    assert_eq!(draft(&fields).api_key.as_deref(), Some("ANTHROPIC_API_KEY"));
    fields.push("anthropic.passthrough", "on");
    let passing = draft(&fields);
    assert_eq!(
        (passing.api_key, passing.authorization_passthrough),
        (None, Some(true))
    );
}

#[test]
fn only_fields_of_the_chosen_type_are_sent() {
    let mut fields = Fields::from([
        ("display_name", " Main "),
        ("type", "openai"),
        ("openai.base_url", ""),
        ("openai.key_from", "existing"),
        ("openai.key", "OPENAI_API_KEY"),
        ("openai.organization", "org-1"),
        ("anthropic.passthrough", "on"),
        ("openai_compatible.base_url", "http://a/v1"),
        ("record_outputs", "on"),
    ]);
    let of_openai = draft(&fields);
    assert_eq!(of_openai.display_name.as_deref(), Some("Main"));
    assert_eq!(of_openai.api_key.as_deref(), Some("OPENAI_API_KEY"));
    assert_eq!(of_openai.organization.as_deref(), Some("org-1"));
    assert_eq!(
        (of_openai.authorization_passthrough, of_openai.preset),
        (None, None)
    );
    assert_eq!(
        (of_openai.record_inputs, of_openai.record_outputs),
        (Some(false), Some(true))
    );

    fields.set("type", "openai_compatible");
    let compatible = draft(&fields);
    assert_eq!(compatible.base_url.as_deref(), Some("http://a/v1"));
    assert_eq!(
        (compatible.inject_stream_usage, compatible.organization),
        (Some(false), None)
    );
}

#[test]
fn blank_rates_keep_the_catalogs_and_zero_is_free() {
    let fields = Fields::from([
        ("model", "a.b"),
        ("model_name.a.b", "Alpha"),
        ("rate.input.a.b", " 0 "),
        ("rate.output.a.b", ""),
        ("rate.input.other", "9"),
    ]);
    let draft = draft(&fields);
    let model = &draft.models[0];
    assert_eq!(
        (model.id.as_str(), model.display_name.as_deref()),
        ("a.b", Some("Alpha"))
    );
    assert_eq!(
        model.rates.clone().into_iter().collect::<Vec<_>>(),
        [("input".to_owned(), Some("0".to_owned()))]
    );
}

#[test]
fn errors_find_the_field_that_they_are_about() {
    let fields = Fields::from([
        ("type", "anthropic"),
        ("model", "a"),
        ("model", "b.c"),
        ("anthropic.key_from", "existing"),
    ]);
    let check = |field: &str, expected: &str| {
        assert_eq!(
            form_field(&FieldError::new(field, "code", ""), &fields),
            expected,
            "{field}"
        );
    };
    check("models[1].rates.cache_write_5m", "rate.cache_write_5m.b.c");
    check("models[0].display_name", "model_name.a");
    check("models[0].id", "model");
    check("models[7].price_as", "price_as.");
    check("api_key", "anthropic.key");
    check("authorization_passthrough", "anthropic.passthrough");
    check("base_url", "anthropic.base_url");
    check("id", "id");
}

#[test]
fn errors_of_bedrock_find_their_fields() {
    let fields = Fields::from([
        ("type", "bedrock"),
        ("bedrock.mode", "static_keys"),
        ("bedrock.secret_access_key.key_from", "new"),
    ]);
    for (field, expected) in [
        ("region", "bedrock.region"),
        ("base_url", "bedrock.base_url"),
        ("fips", "bedrock.fips"),
        ("credentials", "bedrock.mode"),
        ("credentials.mode", "bedrock.mode"),
        ("credentials.access_key_id", "bedrock.access_key_id.key"),
        (
            "credentials.secret_access_key",
            "bedrock.secret_access_key.new_key",
        ),
        ("credentials.role_arn", "bedrock.role_arn"),
        ("credentials.external_id", "bedrock.external_id"),
        ("credentials.api_key", "bedrock.api_key.key"),
        ("guardrail.id", "bedrock.guardrail_id"),
        ("guardrail.version", "bedrock.guardrail_version"),
    ] {
        let error = FieldError::new(field, "code", "");
        assert_eq!(form_field(&error, &fields), expected);
    }
}

/// A Bedrock form in which every field of every mode is filled in.
fn all_of_bedrock(mode: &str) -> Fields {
    let mut fields = Fields::from([
        ("type", "bedrock"),
        ("bedrock.region", "eu-central-1"),
        ("bedrock.access_key_id.key", "ID"),
        ("bedrock.secret_access_key.key", "KEY"),
        ("bedrock.session_token.key", ""),
        ("bedrock.role_arn", "arn:aws:iam::123456789012:role/x"),
        ("bedrock.external_id", "outside"),
        ("bedrock.session_name", "weir"),
        ("bedrock.api_key.key", "API_KEY"),
        ("google_ai.key", "GEMINI_API_KEY"),
    ]);
    fields.push("bedrock.mode", mode);
    fields
}

#[test]
fn only_fields_of_the_chosen_mode_are_sent() {
    let given = |mode: &str| {
        let fields = all_of_bedrock(mode);
        let sent = draft(&fields);
        assert_eq!(sent.api_key, None);
        assert_eq!(sent.region.as_deref(), Some("eu-central-1"));
        let credentials = sent.credentials.unwrap();
        assert_eq!(credentials.mode.as_deref(), Some(mode));
        [
            ("access_key_id", credentials.access_key_id),
            ("secret_access_key", credentials.secret_access_key),
            ("session_token", credentials.session_token),
            ("role_arn", credentials.role_arn),
            ("external_id", credentials.external_id),
            ("session_name", credentials.session_name),
            ("api_key", credentials.api_key),
        ]
        .into_iter()
        .filter(|(_, value)| value.is_some())
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
    };
    assert_eq!(given("default_chain"), Vec::<&str>::new());
    assert_eq!(
        given("static_keys"),
        ["access_key_id", "secret_access_key", "session_token"]
    );
    assert_eq!(
        given("assume_role"),
        ["role_arn", "external_id", "session_name"]
    );
    assert_eq!(given("web_identity"), ["role_arn"]);
    assert_eq!(given("bearer"), ["api_key"]);
}

#[test]
fn a_guardrail_is_sent_once_half_of_it_is_filled_in() {
    let mut fields = all_of_bedrock("default_chain");
    assert_eq!(draft(&fields).guardrail, None);
    fields.push("bedrock.guardrail_version", "DRAFT");
    let sent = draft(&fields).guardrail.unwrap();
    assert_eq!((sent.id, sent.version.as_deref()), (None, Some("DRAFT")));
}

#[test]
fn a_key_of_google_is_sent_as_any_other() {
    let fields = Fields::from([
        ("type", "google_ai"),
        ("google_ai.key_from", "existing"),
        ("google_ai.key", "GEMINI_API_KEY"),
    ]);
    let sent = draft(&fields);
    assert_eq!(sent.api_key.as_deref(), Some("GEMINI_API_KEY"));
    assert_eq!((sent.region, sent.credentials), (None, None));
}
