//! Catalogs that were brought: one waits, one is applied, and neither is lost or mixed up.

use crate::common::*;
use store::{AuditEntry, AuditFilter, CatalogInfo, CatalogOrigin};
use uuid::Uuid;
use weir_store as store;

fn info(n: u128, origin: CatalogOrigin) -> CatalogInfo {
    CatalogInfo {
        id: Uuid::from_u128(n),
        version: format!("2026-12-0{n}"),
        models: 7,
        origin,
        actor: "person:ada".to_owned(),
        at: at("2026-12-01T10:00:00Z"),
    }
}

fn applied_by_eve() -> AuditEntry {
    AuditEntry {
        at: at("2026-12-02T08:00:00Z"),
        actor: "person:eve".to_owned(),
        ..noted()
    }
}

#[tokio::test]
async fn what_waits_is_applied_once_and_kept_over_a_restart() {
    let place = Place::new();
    let store = place.open().await;
    let text = "a line of the catalog\n".repeat(1_000);
    let first = info(1, CatalogOrigin::Upload);
    store
        .catalogs()
        .put_pending(&first, text.clone().into_bytes())
        .await
        .unwrap();
    assert_eq!(
        store.catalogs().pending().await.unwrap(),
        Some(first.clone())
    );
    assert_eq!(store.catalogs().applied().await.unwrap(), None);
    assert!(
        store
            .catalogs()
            .apply(first.id, &applied_by_eve())
            .await
            .unwrap()
    );
    assert!(
        !store
            .catalogs()
            .apply(first.id, &applied_by_eve())
            .await
            .unwrap()
    );
    store.close().await.unwrap();

    let store = place.open().await;
    let kept = store.catalogs().applied().await.unwrap().unwrap();
    let expected = CatalogInfo {
        actor: "person:eve".to_owned(),
        at: at("2026-12-02T08:00:00Z"),
        ..first
    };
    assert_eq!(kept, expected);
    assert_eq!(
        store.catalogs().text(kept.id).await.unwrap().unwrap(),
        text.as_bytes()
    );
    assert_eq!(store.catalogs().pending().await.unwrap(), None);
    let audit = store
        .audit()
        .list(&AuditFilter::default(), 9, None)
        .await
        .unwrap();
    assert_eq!(audit.items.len(), 1, "a refused apply leaves no row");
}

#[tokio::test]
async fn one_waits_at_most_and_only_that_one_is_applied() {
    let place = Place::new();
    let store = place.open().await;
    let catalogs = store.catalogs();
    let (first, second) = (
        info(1, CatalogOrigin::Upload),
        info(2, CatalogOrigin::Address),
    );
    catalogs
        .put_pending(&first, b"first".to_vec())
        .await
        .unwrap();
    catalogs
        .put_pending(&second, b"second".to_vec())
        .await
        .unwrap();
    assert!(!catalogs.apply(first.id, &noted()).await.unwrap());
    assert_eq!(catalogs.text(first.id).await.unwrap(), None);
    assert!(catalogs.apply(second.id, &noted()).await.unwrap());
    catalogs
        .put_pending(&first, b"first".to_vec())
        .await
        .unwrap();
    catalogs.forget_pending().await.unwrap();
    assert_eq!(catalogs.pending().await.unwrap(), None);
    assert_eq!(catalogs.applied().await.unwrap().unwrap().id, second.id);
}

#[tokio::test]
async fn going_back_to_the_builtin_one_keeps_none() {
    let place = Place::new();
    let store = place.open().await;
    let catalogs = store.catalogs();
    let (first, builtin) = (
        info(1, CatalogOrigin::Upload),
        info(2, CatalogOrigin::Builtin),
    );
    catalogs
        .put_pending(&first, b"first".to_vec())
        .await
        .unwrap();
    catalogs.apply(first.id, &noted()).await.unwrap();
    catalogs.put_pending(&builtin, b"".to_vec()).await.unwrap();
    assert_eq!(catalogs.text(builtin.id).await.unwrap(), Some(vec![]));
    assert!(catalogs.apply(builtin.id, &noted()).await.unwrap());
    assert_eq!(catalogs.applied().await.unwrap(), None);
    assert_eq!(catalogs.pending().await.unwrap(), None);
}
