//! The audit: read in pages, and written with each change or not at all.

use crate::common::*;
use domain::token::TokenHash;
use secrecy::ExposeSecret;
use serde_json::json;
use store::{AuditEntry, AuditFilter, AuditResult, AuditRow, Choice, MasterKey, Page, Store};
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
    assert_eq!(entries(&first), vec![entry(4), entry(3), entry(2)]);
    audit.append(&entry(5)).await.unwrap();
    let cursor = first.next.unwrap().to_string().parse().unwrap();
    let second = audit
        .list(&AuditFilter::default(), 3, Some(cursor))
        .await
        .unwrap();
    assert_eq!(entries(&second), vec![entry(1), entry(0)]);
    assert_eq!(second.next, None);
    let filter = AuditFilter {
        actors: Choice::only("person:0".to_owned()),
        since: Some(at("2025-11-20T12:00:02Z")),
        until: Some(at("2025-11-20T12:00:04Z")),
        ..AuditFilter::default()
    };
    let some = audit.list(&filter, 10, None).await.unwrap();
    assert_eq!(entries(&some), vec![entry(2)]);
}

fn entries(page: &Page<AuditRow>) -> Vec<AuditEntry> {
    page.items.iter().map(|row| row.entry.clone()).collect()
}

/// Twelve rows, three of which share a time, and of which every third was refused.
async fn twelve(store: &Store) {
    for n in 0..12_u8 {
        let entry = AuditEntry {
            at: at(&format!("2025-11-20T12:00:{:02}Z", n / 3)),
            actor: ["person:ada", "admin_token"][usize::from(n % 2)].to_owned(),
            action: ["create", "update", "sign_in"][usize::from(n % 3)].to_owned(),
            object_kind: ["provider", "secret"][usize::from(n / 6)].to_owned(),
            object_id: format!("o{}", n % 4),
            ..noted()
        };
        match n % 3 {
            2 => drop(store.audit().append_refused(&entry).await.unwrap()),
            _ => store.audit().append(&entry).await.unwrap(),
        }
    }
}

/// Every row that fits, read in pages of two.
async fn all(store: &Store, filter: &AuditFilter) -> Vec<AuditRow> {
    let mut rows = vec![];
    let mut cursor = None;
    loop {
        let page = store.audit().list(filter, 2, cursor).await.unwrap();
        rows.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return rows;
        }
    }
}

#[tokio::test]
async fn every_filter_finds_what_reading_all_would_find() {
    let place = Place::new();
    let store = place.open().await;
    twelve(&store).await;
    let everything = all(&store, &AuditFilter::default()).await;
    let order: Vec<i64> = everything.iter().map(|row| row.seq).collect();
    assert_eq!(order, (1..=12).rev().collect::<Vec<_>>());

    let texts = |any: &[&str], none: &[&str]| Choice {
        any_of: any.iter().map(ToString::to_string).collect(),
        none_of: none.iter().map(ToString::to_string).collect(),
    };
    let actors = [
        texts(&[], &[]),
        texts(&["person:ada"], &[]),
        texts(&[], &["person:ada"]),
    ];
    let actions = [
        texts(&[], &[]),
        texts(&["create", "sign_in", "create"], &["sign_in"]),
    ];
    let kinds = [
        texts(&[], &[]),
        texts(&["secret", "provider"], &[]),
        texts(&["nothing"], &[]),
    ];
    let ids = [
        texts(&[], &[]),
        texts(&["o1", "o2"], &[]),
        texts(&[], &["o1"]),
    ];
    let results = [
        Choice::default(),
        Choice::only(AuditResult::Refused),
        Choice::only(AuditResult::Done),
        Choice {
            any_of: AuditResult::ALL.to_vec(),
            none_of: vec![AuditResult::Refused],
        },
    ];
    let since = [None, Some(at("2025-11-20T12:00:01Z"))];
    let mut found = 0;
    for actors in &actors {
        for actions in &actions {
            for object_kinds in &kinds {
                for object_ids in &ids {
                    for results in &results {
                        for since in since {
                            let filter = AuditFilter {
                                actors: actors.clone(),
                                actions: actions.clone(),
                                object_kinds: object_kinds.clone(),
                                object_ids: object_ids.clone(),
                                results: results.clone(),
                                since,
                                until: Some(at("2025-11-20T12:00:03Z")),
                            };
                            let expected: Vec<AuditRow> = everything
                                .iter()
                                .filter(|row| {
                                    actors.takes(&row.entry.actor)
                                        && actions.takes(&row.entry.action)
                                        && object_kinds.takes(&row.entry.object_kind)
                                        && object_ids.takes(&row.entry.object_id)
                                        && results.takes(&row.result)
                                        && since.is_none_or(|since| row.entry.at >= since)
                                        && row.entry.at < at("2025-11-20T12:00:03Z")
                                })
                                .cloned()
                                .collect();
                            assert_eq!(all(&store, &filter).await, expected, "{filter:?}");
                            found += expected.len();
                        }
                    }
                }
            }
        }
    }
    assert!(found > 100, "the filters leave nothing to compare: {found}");
}

#[tokio::test]
async fn a_refused_attempt_is_told_apart_and_counted() {
    let place = Place::new();
    let store = place.open().await;
    let seq = store.audit().append_refused(&noted()).await.unwrap();
    store.audit().append(&noted()).await.unwrap();
    store.audit().set_times(seq, 17).await.unwrap();
    let rows = all(&store, &AuditFilter::default()).await;
    let told: Vec<_> = rows.iter().map(|row| (row.result, row.times)).collect();
    assert_eq!(told, [(AuditResult::Done, 1), (AuditResult::Refused, 17)]);
}

#[tokio::test]
async fn what_occurs_is_offered_once() {
    let place = Place::new();
    let store = place.open().await;
    twelve(&store).await;
    let occurring = store.audit().occurring().await.unwrap();
    assert_eq!(occurring.actors, ["admin_token", "person:ada"]);
    assert_eq!(occurring.actions, ["create", "sign_in", "update"]);
    assert_eq!(occurring.object_kinds, ["provider", "secret"]);
}

#[tokio::test]
async fn no_more_is_offered_than_anybody_reads() {
    let place = Place::new();
    let store = place.open().await;
    assert_eq!(store.audit().occurring().await.unwrap().actors, [""; 0]);
    for n in 0..120 {
        let actor = format!("person:{n:03}");
        let entry = AuditEntry { actor, ..noted() };
        store.audit().append(&entry).await.unwrap();
    }
    let actors = store.audit().occurring().await.unwrap().actors;
    let first: Vec<String> = (0..100).map(|n| format!("person:{n:03}")).collect();
    assert_eq!(actors, first);
}

/// Everything that can be changed, read.
async fn state(store: &Store) -> String {
    let now = domain::Timestamp::now();
    let rows = store.audit().list(&AuditFilter::default(), 100, None).await;
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
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
        store.catalogs().applied().await.unwrap(),
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
    let link = |hash| link_row([hash; 32], None, now, soon);
    links.insert(&link(1), &note).await.unwrap();
    links.redeem([1; 32], now, &ada, &note).await.unwrap();
    links.insert(&link(2), &note).await.unwrap();

    let waiting = store::CatalogInfo {
        id: uuid::Uuid::from_u128(1),
        version: "2026-12-01".to_owned(),
        models: 1,
        origin: store::CatalogOrigin::Upload,
        actor: "system".to_owned(),
        at: now,
    };
    store
        .catalogs()
        .put_pending(&waiting, b"x".to_vec())
        .await
        .unwrap();

    refuse(&other(&place).await, "INSERT ON audit").await;
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
        store.admins().change_password(&ada, "x", &note).await.err(),
        store
            .admins()
            .insert(&account(7, "new"), &note, &link(7), &note)
            .await
            .err(),
        store.admins().disable(ada.id, now, &note).await.err(),
        store.admins().enable(ada.id, now, &note).await.err(),
        store.admins().signed_in(ada.id, now, &note).await.err(),
        api_tokens
            .insert(&api_token(2), &other_hash, &note)
            .await
            .err(),
        api_tokens.delete(api_token(1).id, &note).await.err(),
        links.insert(&link(3), &note).await.err(),
        links.redeem([2; 32], now, &eve, &note).await.err(),
        store.catalogs().apply(waiting.id, &note).await.err(),
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
