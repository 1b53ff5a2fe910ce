//! What admins configure.

use crate::common::*;
use domain::token::TokenHash;
use sea_orm::ConnectionTrait;
use serde_json::json;
use store::StoreError;
use weir_store as store;

#[tokio::test]
async fn a_provider_is_kept_as_it_is() {
    let place = Place::new();
    let store = place.open().await;
    let mut kept = provider("openai-main");
    kept.models = serde_json::from_value(json!([
        { "id": "gpt-4o", "display_name": "Four", "price_as": null, "rates": { "input": "2.50", "cached_input": "0" } },
        { "id": "o3", "display_name": null, "price_as": "o3-mini" },
    ]))
    .unwrap();
    kept.recording.inputs = true;
    store.providers().insert(&kept, &noted()).await.unwrap();
    assert_eq!(
        store.providers().get(&kept.id).await.unwrap(),
        Some(kept.clone())
    );
    assert_eq!(store.providers().list().await.unwrap(), vec![kept]);
}

#[tokio::test]
async fn an_id_is_given_once() {
    let place = Place::new();
    let store = place.open().await;
    store
        .providers()
        .insert(&provider("a"), &noted())
        .await
        .unwrap();
    let again = store.providers().insert(&provider("a"), &noted()).await;
    assert!(matches!(
        again,
        Err(StoreError::Taken {
            what: "provider id"
        })
    ));
}

#[tokio::test]
async fn of_two_changes_the_second_is_refused() {
    let place = Place::new();
    let store = place.open().await;
    let mut mine = provider("a");
    store.providers().insert(&mine, &noted()).await.unwrap();
    let mut yours = mine.clone();
    mine.display_name = "Mine".to_owned();
    yours.display_name = "Yours".to_owned();
    assert_eq!(
        store.providers().update(&mine, 1, &noted()).await.unwrap(),
        2
    );
    let refused = store.providers().update(&yours, 1, &noted()).await;
    assert!(matches!(
        refused,
        Err(StoreError::VersionConflict { current: 2 })
    ));
    let there = store.providers().get(&mine.id).await.unwrap().unwrap();
    assert_eq!((there.display_name.as_str(), there.version), ("Mine", 2));
    let nobody = store.providers().update(&provider("b"), 1, &noted()).await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn the_id_of_a_deleted_provider_is_burnt_only_by_calls() {
    let place = Place::new();
    let store = place.open().await;
    let providers = store.providers();
    providers
        .insert(&provider("unused"), &noted())
        .await
        .unwrap();
    providers
        .insert(&provider("openai-main"), &noted())
        .await
        .unwrap();
    record(
        &mut place.writer(&store),
        &[call(1, at("2025-11-20T12:00:00Z"))],
    )
    .await;
    for id in ["unused", "openai-main"] {
        assert!(!providers.id_is_burnt(&provider_id(id)).await.unwrap());
        assert!(providers.delete(&provider_id(id), &noted()).await.unwrap());
        assert!(!providers.delete(&provider_id(id), &noted()).await.unwrap());
    }
    assert!(!providers.id_is_burnt(&provider_id("unused")).await.unwrap());
    assert!(
        providers
            .id_is_burnt(&provider_id("openai-main"))
            .await
            .unwrap()
    );
    providers
        .insert(&provider("unused"), &noted())
        .await
        .unwrap();
    let burnt = providers.insert(&provider("openai-main"), &noted()).await;
    assert!(matches!(burnt, Err(StoreError::Taken { .. })));
}

#[tokio::test]
async fn tokens_come_back_with_their_hashes() {
    let place = Place::new();
    let store = place.open().await;
    let (b, a) = (token(1, "b"), token(2, "a"));
    store
        .tokens()
        .insert(&b, &TokenHash([1; 32]), &noted())
        .await
        .unwrap();
    store
        .tokens()
        .insert(&a, &TokenHash([2; 32]), &noted())
        .await
        .unwrap();
    assert_eq!(
        store.tokens().list().await.unwrap(),
        vec![a.clone(), b.clone()]
    );
    assert_eq!(
        store.tokens().hashes().await.unwrap(),
        vec![(TokenHash([2; 32]), a.clone()), (TokenHash([1; 32]), b)]
    );
    let same_hash = store
        .tokens()
        .insert(&token(3, "c"), &TokenHash([1; 32]), &noted())
        .await;
    assert!(matches!(
        same_hash,
        Err(StoreError::Taken { what: "token" })
    ));
    assert!(store.tokens().delete(a.id, &noted()).await.unwrap());
    assert!(!store.tokens().delete(a.id, &noted()).await.unwrap());
}

#[tokio::test]
async fn last_use_is_written_with_the_calls() {
    let place = Place::new();
    let store = place.open().await;
    store
        .providers()
        .insert(&provider("openai-main"), &noted())
        .await
        .unwrap();
    store
        .tokens()
        .insert(&token(1, "a"), &TokenHash([1; 32]), &noted())
        .await
        .unwrap();
    let secret = secret_name("OPENAI_API_KEY");
    store
        .secrets()
        .put(&secret, "sk-1".into(), &noted())
        .await
        .unwrap();
    let (first, second) = (at("2025-11-20T12:00:00Z"), at("2025-11-20T12:00:05Z"));
    let mut writer = place.writer(&store);
    record(&mut writer, &[call(2, second), call(1, first)]).await;
    record(&mut writer, &[call(3, first)]).await;
    assert_eq!(
        store.tokens().list().await.unwrap()[0].last_used_at,
        Some(second)
    );
    assert_eq!(
        store.secrets().list().await.unwrap()[0].last_used_at,
        Some(second)
    );
}

#[tokio::test]
async fn settings_are_replaced() {
    let place = Place::new();
    let store = place.open().await;
    let settings = store.settings();
    assert_eq!(settings.get("time_zone").await.unwrap(), None);
    settings
        .set("time_zone", &json!("UTC"), &noted())
        .await
        .unwrap();
    settings
        .set("time_zone", &json!({ "name": "Europe/Berlin" }), &noted())
        .await
        .unwrap();
    assert_eq!(
        settings.get("time_zone").await.unwrap(),
        Some(json!({ "name": "Europe/Berlin" }))
    );
}

#[tokio::test]
async fn the_last_use_of_secrets_is_written_again_once_providers_can_be_read() {
    let place = Place::new();
    let store = place.open().await;
    let note = noted();
    let secret = secret_name("OPENAI_API_KEY");
    store
        .providers()
        .insert(&provider("openai-main"), &note)
        .await
        .unwrap();
    store
        .secrets()
        .put(&secret, "sk-1".into(), &note)
        .await
        .unwrap();
    let (first, second) = (at("2025-11-20T12:00:00Z"), at("2025-11-20T12:00:05Z"));
    let mut writer = place.writer(&store);
    let other = other(&place).await;
    let broken = "UPDATE providers SET config = '{' || config";
    other.execute_unprepared(broken).await.unwrap();
    record(&mut writer, &[call(1, first)]).await;
    let mended = "UPDATE providers SET config = substr(config, 2)";
    other.execute_unprepared(mended).await.unwrap();
    record(&mut writer, &[call(2, second)]).await;
    let secrets = store.secrets().list().await.unwrap();
    assert_eq!(secrets[0].last_used_at, Some(second));
}
