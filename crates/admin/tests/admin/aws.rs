//! What is asked of AWS when a Bedrock provider is saved.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use admin::{
    Admin, AdminError, Live, Options,
    probe::GuardrailCheck,
    providers::{BasedOn, ProviderDraft},
    tokens::TokenDraft,
};
use catalog::Catalog;
use serde_json::{Value, json};
use tokio::time::{advance, pause, resume, timeout};

use crate::app::{App, who};

const OWN: &str = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";

fn bedrock(change: Value) -> Value {
    let mut draft = json!({"id": "bedrock", "display_name": "Bedrock", "type": "bedrock", "region": "us-east-1"});
    let fields = draft.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    draft
}

#[tokio::test]
async fn a_guardrail_that_aws_does_not_know_is_refused_in_its_words() {
    let app = App::new().await;
    let draft = bedrock(json!({"guardrail": {"id": "gr-1", "version": "3"}}));
    *app.upstream.guardrail.lock().unwrap() = Some(GuardrailCheck::Missing {
        message: Some("no such thing".to_owned()),
    });
    let Err(AdminError::Invalid(errors)) = app.create(draft.clone()).await else {
        panic!("it was taken")
    };
    let [error] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    assert_eq!(
        (error.field.as_str(), error.code),
        ("guardrail.id", "guardrail_not_found")
    );
    assert!(error.message.contains("no such thing"), "{}", error.message);
    // Where the credentials may not look, nobody is kept from saving.
    *app.upstream.guardrail.lock().unwrap() = Some(GuardrailCheck::Unknown);
    app.create(draft).await.unwrap();
    // What did not change is not asked again.
    *app.upstream.guardrail.lock().unwrap() = Some(GuardrailCheck::Missing { message: None });
    let who = who();
    let providers = app.admin.providers();
    let renamed = providers
        .update(
            &who,
            "bedrock",
            BasedOn::Newest,
            json!({"display_name": "B"}),
        )
        .await;
    assert_eq!(renamed.unwrap().display_name, "B");
}

#[tokio::test]
async fn arns_are_priced_by_the_model_that_they_name_or_that_aws_says_is_behind_them() {
    let app = App::new().await;
    let named =
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-5";
    *app.upstream.behind.lock().unwrap() = Some("anthropic.claude-haiku-5-5".to_owned());
    let saved = app
        .create(bedrock(
            json!({"models": [{"id": named}, {"id": OWN}, {"id": "amazon.nova-lite-v1:0"}]}),
        ))
        .await
        .unwrap();
    let priced_as: Vec<_> = saved
        .models
        .iter()
        .map(|model| model.price_as.as_deref())
        .collect();
    assert_eq!(
        priced_as,
        [
            Some("us.anthropic.claude-opus-5-5"),
            Some("anthropic.claude-haiku-5-5"),
            None
        ]
    );
    *app.upstream.behind.lock().unwrap() = None;
    let saved = app
        .create(bedrock(json!({"id": "other", "models": [{"id": OWN}]})))
        .await
        .unwrap();
    assert_eq!(
        saved.models[0].price_as, None,
        "nobody can tell: it stays unpriced"
    );
}

#[tokio::test]
async fn while_aws_does_not_answer_other_changes_go_on_and_a_save_ends() {
    let app = App::new().await;
    let saved = app.create(bedrock(
        json!({"guardrail": {"id": "gr-1", "version": "3"}, "models": [{"id": OWN}]}),
    ));
    saved.await.unwrap();
    let asked = || app.upstream.aws_asked.load(Ordering::SeqCst);
    let before = asked();
    app.upstream.hangs.store(true, Ordering::SeqCst);
    let saving = tokio::spawn({
        let providers = app.admin.providers();
        async move {
            let patch = json!({"guardrail": {"id": "gr-1", "version": "4"}, "models": [{"id": OWN}, {"id": format!("{OWN}d")}]});
            let who = who();
            let saved = providers.update(&who, "bedrock", BasedOn::Newest, patch);
            saved.await
        }
    });
    while asked() == before {
        assert!(!saving.is_finished(), "it ended before it asked");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let at_once = Duration::from_secs(2);
    let who = who();
    let providers = app.admin.providers();
    let disabled = timeout(at_once, providers.set_enabled(&who, "bedrock", false));
    assert!(!disabled.await.unwrap().unwrap().enabled);
    let draft = TokenDraft::read(json!({"name": "new"}));
    let tokens = app.admin.tokens();
    timeout(at_once, tokens.create(&who, &draft))
        .await
        .unwrap()
        .unwrap();
    assert!(!saving.is_finished());
    pause();
    advance(Duration::from_secs(9)).await;
    resume();
    let saved = timeout(at_once, saving).await.unwrap().unwrap().unwrap();
    assert_eq!((saved.models.len(), saved.enabled), (2, false));
    // Of the two models only the new one was asked for, after the guardrail.
    assert_eq!(asked(), before + 2);
}

#[tokio::test]
async fn a_price_that_only_some_regions_have_can_be_named_there() {
    let app = App::new().await;
    let rows = concat!(
        r#"{"format":1,"version":"2026-11-20","models":1}"#,
        "\n",
        r#"{"kind":"bedrock","id":"here.only","region":"us-east-1","display_name":"Here","mode":"chat","card":{"standard":{"input":"3","output":"3"}}}"#,
        "\n",
    );
    let catalog = Catalog::from_bytes(rows.as_bytes().to_vec()).unwrap();
    let live = Live::load(&app.store, Arc::new(catalog)).await.unwrap();
    let options = Options {
        public_url: "https://weir.example.com".to_owned(),
        allow_link_local_upstreams: false,
        vertex: admin::providers::VertexDefaults::default(),
    };
    let admin = Admin::new(app.store.clone(), live, app.upstream.clone(), options);
    let create = async |id: &str, region: &str| {
        let models = json!([{"id": "mine", "price_as": "here.only"}]);
        let draft = bedrock(json!({"id": id, "region": region, "models": models}));
        let draft = ProviderDraft::read(draft);
        admin.providers().create(&who(), &draft).await
    };
    create("here", "us-east-1").await.unwrap();
    assert!(matches!(
        create("elsewhere", "eu-west-1").await,
        Err(AdminError::Invalid(_))
    ));
}
