//! The audit: read in pages, and written with each change or not at all.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

mod common;

use common::*;
use domain::token::TokenHash;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use secrecy::ExposeSecret;
use serde_json::json;
use store::{AuditEntry, AuditFilter, MasterKey, Store};
use weir_store as store;

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

/// Everything that can be changed, read.
async fn state(store: &Store) -> String {
    let now = domain::Timestamp::now();
    let rows = store.audit().list(&AuditFilter::default(), 100, None).await;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
        store.providers().list().await.unwrap(),
        store.secrets().list().await.unwrap(),
        store.tokens().hashes().await.unwrap(),
        store.api_tokens().hashes().await.unwrap(),
        store.settings().get("time_zone").await.unwrap(),
        store.admins().by_name("ada").await.unwrap().map(|ada| (
            ada.disabled_at,
            ada.enabled_at,
            ada.last_signed_in_at
        )),
        store.links().good([2; 32], now).await.unwrap(),
        rows.unwrap().items.len(),
    ) + &store.admins().count().await.unwrap().to_string()
}

#[tokio::test]
async fn nothing_changes_without_its_row_in_the_audit() {
    let place = Place::new();
    let store = place.open().await;
    let (links, now) = (store.links(), domain::Timestamp::now());
    let soon = now + std::time::Duration::from_secs(60);
    let (ada, note) = (account(1, "ada"), noted());
    let (kept, name) = (provider("kept"), secret_name("KEPT"));
    store.providers().insert(&kept, &note).await.unwrap();
    store.secrets().put(&name, "x".into(), &note).await.unwrap();
    let tokens = store.tokens();
    let hash = TokenHash([1; 32]);
    tokens.insert(&token(1, "a"), &hash, &note).await.unwrap();
    let api_tokens = store.api_tokens();
    api_tokens
        .insert(&api_token(1), &hash, &note)
        .await
        .unwrap();
    links
        .insert([1; 32], soon, "test", None, &note)
        .await
        .unwrap();
    links.redeem([1; 32], now, &ada, &note).await.unwrap();
    links
        .insert([2; 32], soon, "test", None, &note)
        .await
        .unwrap();

    let options = ConnectOptions::new(place.options().database_url);
    let other = Database::connect(options).await.unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END";
    other.execute_unprepared(full).await.unwrap();
    let before = state(&store).await;
    let mut renamed = kept.clone();
    renamed.display_name = "Renamed".to_owned();
    let mut eve = ada.clone();
    eve.password_hash = "$argon2id$2".to_owned();
    let new_key = MasterKey::generate().unwrap();
    let other_hash = TokenHash([2; 32]);
    let refused = [
        store
            .providers()
            .insert(&provider("new"), &note)
            .await
            .err(),
        store.providers().update(&renamed, 1, &note).await.err(),
        store.providers().delete(&kept.id, &note).await.err(),
        store.secrets().put(&name, "y".into(), &note).await.err(),
        store.secrets().delete(&name, &note).await.err(),
        tokens
            .insert(&token(2, "b"), &other_hash, &note)
            .await
            .err(),
        tokens.delete(token_id(1), &note).await.err(),
        store
            .settings()
            .set("time_zone", &json!("UTC"), &note)
            .await
            .err(),
        store.admins().set_password(ada.id, "x", &note).await.err(),
        store.admins().insert(&account(7, "new"), &note).await.err(),
        store.admins().disable(ada.id, now, &note).await.err(),
        store.admins().enable(ada.id, now, &note).await.err(),
        store.admins().signed_in(ada.id, now, &note).await.err(),
        api_tokens
            .insert(&api_token(2), &other_hash, &note)
            .await
            .err(),
        api_tokens.delete(api_token(1).id, &note).await.err(),
        links.insert([3; 32], soon, "test", None, &note).await.err(),
        links.redeem([2; 32], now, &eve, &note).await.err(),
        store
            .rotate_master_key(&place.key(), &new_key, &note)
            .await
            .err(),
    ];
    for (index, refused) in refused.iter().enumerate() {
        assert!(refused.is_some(), "change {index} was made");
    }
    assert_eq!(state(&store).await, before);
    assert_eq!(links.good([3; 32], now).await.unwrap(), None);
    let value = store.secrets().value(&name).await.unwrap().unwrap();
    assert_eq!(value.expose_secret(), "x");
}
