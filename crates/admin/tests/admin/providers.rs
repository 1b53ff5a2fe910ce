use admin::{
    AdminError, PageRequest,
    providers::{
        Attention, BasedOn, ItsTranscripts, ModelDraft, ProviderDraft, ProviderQuery,
        ProviderStatus,
    },
    tokens::TokenDraft,
};
use domain::provider::ProviderType;
use serde_json::json;

use crate::app::{App, id, noted, told, who};

#[tokio::test]
async fn a_new_provider_takes_calls_before_create_returns_and_after_a_restart() {
    let app = App::with_secret().await;
    let view = app.openai("OpenAI main").await;
    assert_eq!(view.id, id("openai-main"));
    assert_eq!(view.version, 1);
    assert_eq!(
        view.proxy_url,
        "https://weir.example.com/llm/v1/providers/openai-main"
    );
    assert_eq!(
        view.discovery_url,
        "https://weir.example.com/llm/v1/providers/openai-main/.well-known/weir"
    );
    assert_eq!(app.credential("openai-main").as_deref(), Some("sk-first"));
    let again = app.read_again().await;
    let again = again.keep();
    let live = &again.providers[&id("openai-main")];
    assert_eq!(
        live.provider,
        app.live_provider("openai-main").unwrap().provider
    );
}

#[tokio::test]
async fn derived_ids_step_aside_and_given_ones_that_are_taken_are_refused() {
    let app = App::with_secret().await;
    assert_eq!(app.openai("Main").await.id, id("main"));
    assert_eq!(app.openai("main!").await.id, id("main-2"));
    assert_eq!(app.openai("MAIN").await.id, id("main-3"));
    assert_eq!(app.openai("東京").await.id, id("openai-1"));
    assert_eq!(app.openai("大阪").await.id, id("openai-2"));
    let compatible = json!({"display_name": "名", "type": "openai_compatible", "base_url": "http://localhost:1/v1"});
    assert_eq!(
        app.create(compatible).await.unwrap().id,
        id("openai-compatible-1")
    );

    let taken =
        json!({"id": "main", "display_name": "X", "type": "openai", "api_key": "OPENAI_API_KEY"});
    let error = app.create(taken.clone()).await.unwrap_err();
    assert_eq!(
        told(&error),
        (409, "id_taken", vec![("id".to_owned(), "id_taken")])
    );
    let mut wrong = taken;
    wrong["api_key"] = json!(null);
    let (status, _, fields) = told(&app.create(wrong).await.unwrap_err());
    assert_eq!(status, 422);
    assert_eq!(
        fields,
        [
            ("api_key".to_owned(), "required"),
            ("id".to_owned(), "id_taken")
        ]
    );
}

#[tokio::test]
async fn an_id_that_tokens_still_name_is_not_given_again() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let draft = TokenDraft {
        name: Some("t".to_owned()),
        providers: Some(vec!["main".to_owned()]),
        ..TokenDraft::default()
    };
    let token = app
        .admin
        .tokens()
        .create(&who(), &draft)
        .await
        .unwrap()
        .token;
    app.admin
        .providers()
        .delete(&who(), "main", BasedOn::Newest, ItsTranscripts::Keep)
        .await
        .unwrap();
    assert_eq!(
        app.openai("Main").await.id,
        id("main-2"),
        "derived ones step aside"
    );
    let again =
        json!({"id": "main", "display_name": "X", "type": "openai", "api_key": "OPENAI_API_KEY"});
    assert_eq!(
        told(&app.create(again.clone()).await.unwrap_err()).1,
        "id_burnt"
    );
    app.admin
        .tokens()
        .revoke(&who(), &token.id.to_string())
        .await
        .unwrap();
    assert_eq!(app.create(again).await.unwrap().id, id("main"));
}

#[tokio::test]
async fn a_change_counts_the_version_and_is_live_at_once() {
    let app = App::with_secret().await;
    app.put_secret("OTHER_KEY", "sk-other").await.unwrap();
    app.openai("Main").await;
    let providers = app.admin.providers();
    let patch =
        json!({"api_key": "OTHER_KEY", "models": [{"id": "gpt-4o", "rates": {"input": "0"}}]});
    let view = providers
        .update(&who(), "main", BasedOn::version(1), patch)
        .await
        .unwrap();
    assert_eq!(view.version, 2);
    assert!(view.updated_at >= view.created_at);
    assert_eq!(app.credential("main").as_deref(), Some("sk-other"));
    let live = app.live_provider("main").unwrap();
    assert!(live.allows("gpt-4o") && !live.allows("gpt-5"));
    assert_eq!(live.provider.version, 2);

    let error = providers
        .update(
            &who(),
            "main",
            BasedOn::version(1),
            json!({"enabled": false}),
        )
        .await
        .unwrap_err();
    assert!(
        matches!(error, AdminError::VersionConflict { current: 2 }),
        "{error:?}"
    );
    assert!(
        app.live_provider("main").unwrap().provider.enabled,
        "nothing was changed"
    );
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_none() {
    let app = App::with_secret().await;
    let view = app.openai("Main").await;
    let same = serde_json::to_value(&view).unwrap();
    let after = app
        .admin
        .providers()
        .update(&who(), "main", BasedOn::Newest, same)
        .await
        .unwrap();
    assert_eq!(after, view);
    let after = app
        .admin
        .providers()
        .set_enabled(&who(), "main", true)
        .await
        .unwrap();
    assert_eq!(after, view);
}

#[tokio::test]
async fn a_provider_is_switched_off_and_on_at_once() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    for (enabled, version) in [(false, 2), (true, 3)] {
        let view = app
            .admin
            .providers()
            .set_enabled(&who(), "main", enabled)
            .await
            .unwrap();
        assert_eq!((view.enabled, view.version), (enabled, version));
        assert_eq!(app.live_provider("main").unwrap().provider.enabled, enabled);
    }
}

#[tokio::test]
async fn the_form_replaces_everything_but_id_and_type() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let draft = ProviderDraft {
        id: Some("elsewhere".to_owned()),
        provider_type: Some("anthropic".to_owned()),
        display_name: Some("Renamed".to_owned()),
        api_key: Some("OPENAI_API_KEY".to_owned()),
        models: vec![ModelDraft {
            id: "gpt-4o".to_owned(),
            ..ModelDraft::default()
        }],
        ..ProviderDraft::default()
    };
    let view = app
        .admin
        .providers()
        .replace(&who(), "main", BasedOn::version(1), &draft)
        .await
        .unwrap();
    assert_eq!(
        (
            view.id,
            view.provider_type.key(),
            view.display_name.as_str()
        ),
        (id("main"), "openai", "Renamed")
    );
}

#[tokio::test]
async fn a_deleted_provider_is_gone_at_once() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let used = app.admin.providers().used_by(&who(), "main").await.unwrap();
    assert_eq!((used.calls_last_hour, used.tokens.len()), (0, 0));
    app.admin
        .providers()
        .delete(&who(), "main", BasedOn::version(1), ItsTranscripts::Keep)
        .await
        .unwrap();
    assert!(app.live_provider("main").is_none());
    for error in [
        app.admin.providers().get(&who(), "main").await.unwrap_err(),
        app.admin
            .providers()
            .delete(&who(), "main", BasedOn::Newest, ItsTranscripts::Keep)
            .await
            .unwrap_err(),
        app.admin
            .providers()
            .set_enabled(&who(), "main", true)
            .await
            .unwrap_err(),
        app.admin
            .providers()
            .used_by(&who(), "Not An Id")
            .await
            .unwrap_err(),
    ] {
        assert_eq!(told(&error).1, "provider_not_found");
    }
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let app = App::with_secret().await;
    for name in ["Alpha", "Beta", "Gamma"] {
        app.openai(name).await;
    }
    app.create(json!({"display_name": "Ollama", "type": "openai_compatible", "base_url": "http://localhost:11434/v1", "preset": "ollama"})).await.unwrap();
    app.admin
        .providers()
        .set_enabled(&who(), "beta", false)
        .await
        .unwrap();
    let ids = async |query: &str| -> Vec<String> {
        let query = ProviderQuery::read(query).unwrap();
        let page = app.admin.providers().list(&who(), &query).await.unwrap();
        page.items
            .into_iter()
            .map(|provider| provider.id.to_string())
            .collect()
    };
    assert_eq!(ids("").await, ["alpha", "beta", "gamma", "ollama"]);
    assert_eq!(ids("type=openai_compatible").await, ["ollama"]);
    assert_eq!(
        ids("type=openai&type=anthropic&status=disabled").await,
        ["beta"]
    );
    assert_eq!(
        ids("status.not=disabled&type.not=openai_compatible").await,
        ["alpha", "gamma"]
    );
    assert_eq!(
        ids("q=AM").await,
        ["gamma", "ollama"]
            .into_iter()
            .filter(|id| id.contains("am"))
            .collect::<Vec<_>>()
    );
    assert_eq!(ids("q=nothing").await, [""; 0]);

    let mut query = ProviderQuery {
        page: PageRequest::first(3),
        ..ProviderQuery::default()
    };
    let first = app.admin.providers().list(&who(), &query).await.unwrap();
    assert_eq!(
        (first.items.len(), first.next_cursor.as_deref()),
        (3, Some("gamma"))
    );
    query.page.cursor = first.next_cursor;
    let last = app.admin.providers().list(&who(), &query).await.unwrap();
    assert_eq!((last.items.len(), last.next_cursor), (1, None));
}

#[tokio::test]
async fn a_provider_without_its_secret_needs_attention() {
    let app = App::with_secret().await;
    let view = app.openai("Main").await;
    let status = app.admin.providers().status(&who(), &view).await.unwrap();
    assert_eq!(status, ProviderStatus::Active);
    // A database that was written by another master key, or by hand.
    let other = App::new().await;
    other
        .store
        .providers()
        .insert(&app.live_provider("main").unwrap().provider, &noted())
        .await
        .unwrap();
    let live = other.read_again().await;
    let kept = live.keep();
    let missing = kept.providers[&id("main")].secret_missing().unwrap();
    assert_eq!(missing.as_str(), "OPENAI_API_KEY");
    let admin = admin::Admin::new(
        other.store.clone(),
        live,
        other.upstream.clone(),
        admin::Options {
            public_url: "http://x".to_owned(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        },
    );
    let status = admin.providers().status(&who(), &view).await.unwrap();
    assert_eq!(
        status,
        ProviderStatus::NeedsAttention(Attention::SecretMissing {
            name: "OPENAI_API_KEY".to_owned()
        })
    );
    let query = ProviderQuery::read("status=needs_attention").unwrap();
    assert_eq!(
        admin.providers().found(&who(), &query).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_draft_can_be_checked_without_saving_it() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let draft = ProviderDraft {
        id: Some("main".to_owned()),
        ..ProviderDraft::default()
    };
    let errors = app.admin.providers().check(&who(), &draft).await.unwrap();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["display_name", "type", "id"]);
    let suggested = app
        .admin
        .providers()
        .suggested_id(&who(), "Main", ProviderType::OpenAi)
        .await
        .unwrap();
    assert_eq!(suggested, id("main-2"));
}

#[tokio::test]
async fn a_change_is_made_whole_even_if_whoever_asked_goes_away() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    for enabled in [false, true, false, true, false] {
        let providers = app.admin.providers();
        let who = who();
        let change = providers.set_enabled(&who, "main", enabled);
        // Asked for, then left: polled once, then dropped.
        let _ = tokio::time::timeout(std::time::Duration::ZERO, change).await;
    }
    // The next change comes after all of them.
    app.put_secret("LAST", "x").await.unwrap();
    let stored = app
        .store
        .providers()
        .get(&id("main"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(app.live_provider("main").unwrap().provider, stored);
}

#[tokio::test]
async fn changes_at_the_same_time_do_not_lose_each_other() {
    let app = App::with_secret().await;
    let created = futures_util::future::join_all((0..8).map(|_| app.openai("Same"))).await;
    let mut ids: Vec<String> = created
        .into_iter()
        .map(|view| view.id.to_string())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
    assert_eq!(app.admin.live().now().providers.len(), 8);
}
