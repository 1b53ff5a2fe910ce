use admin::{
    probe::{Action, Symptom, TestRequest},
    providers::ProviderDraft,
};
use secrecy::SecretString;
use serde_json::json;

use crate::app::{App, told, who};

fn about(model: Option<&str>, authorization: Option<&str>) -> TestRequest {
    TestRequest {
        model: model.map(str::to_owned),
        authorization: authorization.map(SecretString::from),
        endpoint: None,
        unlisted: false,
    }
}

#[tokio::test]
async fn the_model_must_be_one_of_the_list_and_is_needed_without_one() {
    let app = App::with_secret().await;
    app.openai("Free").await;
    app.create(json!({"display_name": "Listed", "type": "openai", "api_key": "OPENAI_API_KEY", "models": [{"id": "gpt-4o"}]})).await.unwrap();
    let test = async |id: &str, model: Option<&str>| {
        app.admin
            .providers()
            .test(&who(), id, about(model, None))
            .await
    };
    for (id, model, code) in [
        ("free", None, "required"),
        ("free", Some(" "), "required"),
        ("listed", Some("gpt-5"), "model_not_allowed"),
        ("free", Some("a\u{7}b"), "invalid_model_id"),
        ("free", Some(&"x".repeat(513)), "invalid_model_id"),
    ] {
        assert_eq!(
            told(&test(id, model).await.unwrap_err()).2,
            [("model".to_owned(), code)]
        );
    }
    for (id, model) in [
        ("free", Some("any")),
        ("listed", None),
        ("listed", Some("gpt-4o")),
    ] {
        assert!(test(id, model).await.unwrap().ok);
    }
    assert_eq!(
        told(&test("gone", None).await.unwrap_err()).1,
        "provider_not_found"
    );
    app.admin
        .providers()
        .set_enabled(&who(), "listed", false)
        .await
        .unwrap();
    assert!(
        test("listed", None).await.unwrap().ok,
        "disabled providers can be tested"
    );
    let tried = TestRequest {
        unlisted: true,
        ..about(Some("gpt-5"), None)
    };
    let tested = app.admin.providers().test(&who(), "listed", tried).await;
    assert!(tested.unwrap().ok, "one may try before one lists");
}

#[tokio::test]
async fn an_authorization_is_asked_for_exactly_where_it_is_passed_through() {
    let app = App::with_secret().await;
    app.openai("Own key").await;
    app.create(
        json!({"display_name": "Passes", "type": "anthropic", "authorization_passthrough": true}),
    )
    .await
    .unwrap();
    let test = async |id: &str, authorization: Option<&str>| {
        app.admin
            .providers()
            .test(&who(), id, about(Some("m"), authorization))
            .await
    };
    let field = |code| vec![("authorization".to_owned(), code)];
    assert_eq!(
        told(&test("passes", None).await.unwrap_err()).2,
        field("required")
    );
    assert_eq!(
        told(&test("own-key", Some("Bearer x")).await.unwrap_err()).2,
        field("must_be_absent")
    );
    assert!(test("passes", Some("Bearer x")).await.unwrap().ok);
    assert_eq!(
        app.upstream.asked.lock().unwrap().as_slice(),
        [(Some("m".to_owned()), Some("Bearer x".to_owned()))]
    );
}

#[tokio::test]
async fn every_failure_comes_with_what_to_do() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    app.create(json!({"display_name": "Ollama", "type": "openai_compatible", "base_url": "http://localhost:11434"})).await.unwrap();
    let all = [
        Symptom::SecretMissing,
        Symptom::NotResolved,
        Symptom::AddressRefused,
        Symptom::ConnectionRefused,
        Symptom::TimedOut,
        Symptom::NoAnswer,
        Symptom::Tls,
        Symptom::UnknownIssuer,
        Symptom::CertificateExpired,
        Symptom::OtherName,
        Symptom::NotTls,
        Symptom::Unauthorized,
        Symptom::Forbidden,
        Symptom::NotFound,
        Symptom::OnDemandUnsupported,
        Symptom::WrongRegion,
        Symptom::RateLimited,
        Symptom::Refused,
        Symptom::UpstreamError,
        Symptom::NotTheApi,
        Symptom::NoUsage,
        Symptom::CannotRecord,
    ];
    for symptom in all {
        *app.upstream.fails_with.lock().unwrap() = Some(symptom);
        for id in ["main", "ollama"] {
            let view = app
                .admin
                .providers()
                .test(&who(), id, about(Some("m"), None))
                .await
                .unwrap();
            let failure = view.failure.expect("it failed");
            assert!(!view.ok && failure.symptom == symptom);
            assert!(failure.advice.len() > 20, "{symptom:?}: {}", failure.advice);
        }
    }
    *app.upstream.fails_with.lock().unwrap() = Some(Symptom::NotFound);
    let view = app
        .admin
        .providers()
        .test(&who(), "ollama", about(Some("m"), None))
        .await
        .unwrap();
    assert!(
        view.failure.unwrap().advice.contains("/v1"),
        "the usual mistake is named"
    );
    *app.upstream.fails_with.lock().unwrap() = Some(Symptom::Unauthorized);
    let view = app
        .admin
        .providers()
        .test(&who(), "main", about(Some("m"), None))
        .await
        .unwrap();
    assert!(
        view.failure.unwrap().advice.contains("OPENAI_API_KEY"),
        "the secret is named"
    );
}

/// Tests a Bedrock provider whose call fails, and gives back what is offered.
async fn failing(app: &App, symptom: Symptom, model: &str) -> admin::probe::FailureView {
    *app.upstream.fails_with.lock().unwrap() = Some(symptom);
    let request = about(Some(model), None);
    let view = app.admin.providers().test(&who(), "bedrock", request).await;
    view.unwrap().failure.expect("it failed")
}

#[tokio::test]
async fn bedrock_offers_profiles_to_try_and_a_policy_to_copy() {
    let app = App::with_secret().await;
    let bare = "anthropic.claude-opus-5-5";
    app.create(json!({"display_name": "Bedrock", "type": "bedrock", "region": "eu-central-1", "credentials": {"mode": "default_chain"}, "models": [{"id": bare}]})).await.unwrap();
    let failure = failing(&app, Symptom::OnDemandUnsupported, bare).await;
    let tried: Vec<&str> = failure
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::TryModel { model, .. } => Some(model.as_str()),
            Action::Open { .. } | Action::Copy { .. } => None,
        })
        .collect();
    assert_eq!(tried, [format!("eu.{bare}"), format!("global.{bare}")]);
    assert!(failure.actions.iter().any(|action| matches!(action, Action::Open { href, .. } if href == "/providers/bedrock/edit#models")));
    let failure = failing(&app, Symptom::Forbidden, bare).await;
    let json = serde_json::to_value(&failure).unwrap();
    assert_eq!(
        json["policy"]["Statement"][0]["Resource"],
        json!([format!(
            "arn:aws:bedrock:eu-central-1::foundation-model/{bare}"
        )])
    );
    assert_eq!(json["actions"][0]["kind"], "copy");
    let text = json["actions"][0]["text"].as_str().unwrap();
    let copied: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(copied, json["policy"]);

    let other = "amazon.nova-pro-v1:0";
    let unlisted = TestRequest {
        unlisted: true,
        ..about(Some(other), None)
    };
    let (providers, who) = (app.admin.providers(), who());
    let tested = providers.test(&who, "bedrock", unlisted).await.unwrap();
    let failure = tested.failure.expect("it failed");
    let policy = serde_json::to_string(&failure.policy).unwrap();
    for model in [bare, other] {
        let arn = format!("arn:aws:bedrock:eu-central-1::foundation-model/{model}");
        assert!(policy.contains(&arn), "{arn}: {policy}");
    }
}

#[tokio::test]
async fn an_upstream_is_asked_for_its_models_before_and_after_saving() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let models = app
        .admin
        .providers()
        .upstream_models(&who(), "main", None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(models, ["https://api.openai.com/v1"]);
    let draft = |base_url: &str| {
        ProviderDraft::read(
            json!({"type": "openai_compatible", "base_url": base_url, "models": [{"id": ""}]}),
        )
    };
    let good = draft("http://localhost:8000/v1");
    let models = app
        .admin
        .providers()
        .upstream_models_of_draft(&who(), &good, None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(models, ["http://localhost:8000/v1"]);
    let bad = draft("http://169.254.169.254/");
    let error = app
        .admin
        .providers()
        .upstream_models_of_draft(&who(), &bad, None)
        .await
        .unwrap_err();
    assert_eq!(told(&error).2, [("base_url".to_owned(), "refused_address")]);
    *app.upstream.fails_with.lock().unwrap() = Some(Symptom::ConnectionRefused);
    let failure = app
        .admin
        .providers()
        .upstream_models_of_draft(&who(), &good, None)
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        failure.advice.contains("localhost:8000"),
        "{}",
        failure.advice
    );
}
