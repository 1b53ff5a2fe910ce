//! What admins configure, and people.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

mod common;

use common::*;
use domain::{AdminId, token::GatewayToken, token::TokenHash};
use serde_json::json;
use store::{AdminRow, AuditEntry, AuditFilter, StoreError};
use uuid::Uuid;
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
    store.providers().insert(&kept).await.unwrap();
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
    store.providers().insert(&provider("a")).await.unwrap();
    let again = store.providers().insert(&provider("a")).await;
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
    store.providers().insert(&mine).await.unwrap();
    let mut yours = mine.clone();
    mine.display_name = "Mine".to_owned();
    yours.display_name = "Yours".to_owned();
    assert_eq!(store.providers().update(&mine, 1).await.unwrap(), 2);
    let refused = store.providers().update(&yours, 1).await;
    assert!(matches!(
        refused,
        Err(StoreError::VersionConflict { current: 2 })
    ));
    let there = store.providers().get(&mine.id).await.unwrap().unwrap();
    assert_eq!((there.display_name.as_str(), there.version), ("Mine", 2));
    let nobody = store.providers().update(&provider("b"), 1).await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn the_id_of_a_deleted_provider_is_burnt_only_by_calls() {
    let place = Place::new();
    let store = place.open().await;
    let providers = store.providers();
    providers.insert(&provider("unused")).await.unwrap();
    providers.insert(&provider("openai-main")).await.unwrap();
    record(
        &mut place.writer(&store),
        &[call(1, at("2025-11-20T12:00:00Z"))],
    )
    .await;
    for id in ["unused", "openai-main"] {
        assert!(!providers.id_is_burnt(&provider_id(id)).await.unwrap());
        assert!(providers.delete(&provider_id(id)).await.unwrap());
        assert!(!providers.delete(&provider_id(id)).await.unwrap());
    }
    assert!(!providers.id_is_burnt(&provider_id("unused")).await.unwrap());
    assert!(
        providers
            .id_is_burnt(&provider_id("openai-main"))
            .await
            .unwrap()
    );
    providers.insert(&provider("unused")).await.unwrap();
    let burnt = providers.insert(&provider("openai-main")).await;
    assert!(matches!(burnt, Err(StoreError::Taken { .. })));
}

fn token(n: u128, name: &str) -> GatewayToken {
    GatewayToken {
        id: token_id(n),
        name: name.to_owned(),
        first_characters: "wr_abcd".to_owned(),
        agent: Some("billing".to_owned()),
        user: None,
        providers: vec![provider_id("openai-main")],
        created_at: at("2025-11-01T10:00:00Z"),
        expires_at: Some(at("2026-11-01T10:00:00Z")),
        last_used_at: None,
    }
}

#[tokio::test]
async fn tokens_come_back_with_their_hashes() {
    let place = Place::new();
    let store = place.open().await;
    let (b, a) = (token(1, "b"), token(2, "a"));
    store
        .tokens()
        .insert(&b, &TokenHash([1; 32]))
        .await
        .unwrap();
    store
        .tokens()
        .insert(&a, &TokenHash([2; 32]))
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
        .insert(&token(3, "c"), &TokenHash([1; 32]))
        .await;
    assert!(matches!(
        same_hash,
        Err(StoreError::Taken { what: "token" })
    ));
    assert!(store.tokens().delete(a.id).await.unwrap());
    assert!(!store.tokens().delete(a.id).await.unwrap());
}

#[tokio::test]
async fn last_use_is_written_with_the_calls() {
    let place = Place::new();
    let store = place.open().await;
    store
        .providers()
        .insert(&provider("openai-main"))
        .await
        .unwrap();
    store
        .tokens()
        .insert(&token(1, "a"), &TokenHash([1; 32]))
        .await
        .unwrap();
    let secret = secret_name("OPENAI_API_KEY");
    store.secrets().put(&secret, "sk-1".into()).await.unwrap();
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
    settings.set("time_zone", &json!("UTC")).await.unwrap();
    settings
        .set("time_zone", &json!({ "name": "Europe/Berlin" }))
        .await
        .unwrap();
    assert_eq!(
        settings.get("time_zone").await.unwrap(),
        Some(json!({ "name": "Europe/Berlin" }))
    );
}

#[tokio::test]
async fn people_are_found_by_name_and_by_id() {
    let place = Place::new();
    let store = place.open().await;
    let admins = store.admins();
    assert_eq!(admins.count().await.unwrap(), 0);
    let ada = AdminRow {
        id: AdminId(Uuid::from_u128(1)),
        name: "ada".to_owned(),
        password_hash: "$argon2id$1".to_owned(),
        created_at: at("2025-11-01T10:00:00Z"),
    };
    admins.insert(&ada).await.unwrap();
    let twin = AdminRow {
        id: AdminId(Uuid::from_u128(2)),
        ..ada.clone()
    };
    assert!(matches!(
        admins.insert(&twin).await,
        Err(StoreError::Taken { .. })
    ));
    assert_eq!(admins.by_name("ada").await.unwrap(), Some(ada.clone()));
    assert_eq!(admins.by_name("Ada").await.unwrap(), None);
    admins.set_password(ada.id, "$argon2id$2").await.unwrap();
    let changed = admins.by_id(ada.id).await.unwrap().unwrap();
    assert_eq!(changed.password_hash, "$argon2id$2");
    assert!(!format!("{changed:?}").contains("argon2id"));
    assert!(matches!(
        admins.set_password(twin.id, "x").await,
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(admins.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_link_is_good_once_and_for_a_while() {
    let place = Place::new();
    let store = place.open().await;
    let links = store.links();
    let now = domain::Timestamp::now();
    let soon = now + std::time::Duration::from_secs(60);
    let later = now + std::time::Duration::from_secs(120);
    links.insert([7; 32], soon, "sign_in").await.unwrap();
    assert!(links.is_good([7; 32], now).await.unwrap());
    assert!(!links.is_good([7; 32], later).await.unwrap());
    assert!(!links.take([7; 32], later).await.unwrap());
    assert!(!links.take([8; 32], now).await.unwrap());
    assert!(links.take([7; 32], now).await.unwrap());
    assert!(!links.take([7; 32], now).await.unwrap());
    assert!(!links.is_good([7; 32], now).await.unwrap());
}

#[tokio::test]
async fn the_audit_is_read_newest_first_in_pages() {
    let place = Place::new();
    let store = place.open().await;
    let audit = store.audit();
    let entry = |n: u8| AuditEntry {
        at: at(&format!("2025-11-20T12:00:{n:02}Z")),
        actor: format!("person:{}", n % 2),
        action: "update".to_owned(),
        object_kind: "provider".to_owned(),
        object_id: format!("p{n}"),
        before: Some(json!({ "enabled": true })),
        after: None,
        address: Some("127.0.0.1".to_owned()),
    };
    for n in 0..5 {
        audit.append(&entry(n)).await.unwrap();
    }
    let first = audit.list(&AuditFilter::default(), 3, None).await.unwrap();
    assert_eq!(first.items, vec![entry(4), entry(3), entry(2)]);
    audit.append(&entry(5)).await.unwrap();
    let cursor = first.next.unwrap().to_string().parse().unwrap();
    let second = audit
        .list(&AuditFilter::default(), 3, Some(cursor))
        .await
        .unwrap();
    assert_eq!(second.items, vec![entry(1), entry(0)]);
    assert_eq!(second.next, None);
    let filter = AuditFilter {
        actor: Some("person:0".to_owned()),
        since: Some(at("2025-11-20T12:00:02Z")),
        until: Some(at("2025-11-20T12:00:04Z")),
        ..AuditFilter::default()
    };
    let some = audit.list(&filter, 10, None).await.unwrap();
    assert_eq!(some.items, vec![entry(2)]);
}
