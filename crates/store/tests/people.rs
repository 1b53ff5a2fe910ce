//! Who may sign in, and one-time links.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

mod common;

use common::*;
use store::{AdminRow, StoreError};
use weir_store as store;

#[tokio::test]
async fn people_are_found_by_name_and_by_id() {
    let place = Place::new();
    let store = place.open().await;
    let admins = store.admins();
    assert_eq!(admins.count().await.unwrap(), 0);
    let (ada, twin) = (account(1, "ada"), account(2, "ada"));
    let link = async |hash: [u8; 32], account: &AdminRow| {
        let (links, now) = (store.links(), domain::Timestamp::now());
        let soon = now + std::time::Duration::from_secs(60);
        links.insert(hash, soon, "test", &noted()).await.unwrap();
        links.redeem(hash, now, account, &noted()).await
    };
    assert!(link([1; 32], &ada).await.unwrap());
    assert!(matches!(
        link([2; 32], &twin).await,
        Err(StoreError::Taken { .. })
    ));
    assert_eq!(admins.by_name("ada").await.unwrap(), Some(ada.clone()));
    assert_eq!(admins.by_name("Ada").await.unwrap(), None);
    admins
        .set_password(ada.id, "$argon2id$2", &noted())
        .await
        .unwrap();
    let changed = admins.by_id(ada.id).await.unwrap().unwrap();
    assert_eq!(changed.password_hash, "$argon2id$2");
    assert!(!format!("{changed:?}").contains("argon2id"));
    assert!(matches!(
        admins.set_password(twin.id, "x", &noted()).await,
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(admins.count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_link_is_good_once_and_for_a_while() {
    let place = Place::new();
    let store = place.open().await;
    let links = store.links();
    let now = domain::Timestamp::now();
    let soon = now + std::time::Duration::from_secs(60);
    let later = now + std::time::Duration::from_secs(120);
    let ada = account(1, "ada");
    let redeem = async |hash, now| links.redeem(hash, now, &ada, &noted()).await.unwrap();
    for hash in [[6; 32], [7; 32]] {
        links.insert(hash, soon, "sign_in", &noted()).await.unwrap();
    }
    assert!(links.is_good([7; 32], now).await.unwrap());
    assert!(!links.is_good([7; 32], later).await.unwrap());
    assert!(!redeem([7; 32], later).await);
    assert!(!redeem([8; 32], now).await);
    assert!(links.is_good([6; 32], now).await.unwrap());
    assert!(redeem([7; 32], now).await);
    assert!(!redeem([7; 32], now).await);
    for hash in [[6; 32], [7; 32]] {
        assert!(
            !links.is_good(hash, now).await.unwrap(),
            "no link outlives the use of one"
        );
    }
}

#[tokio::test]
async fn a_link_that_could_not_be_used_stays_good() {
    let place = Place::new();
    let store = place.open().await;
    let (links, now) = (store.links(), domain::Timestamp::now());
    let soon = now + std::time::Duration::from_secs(60);
    for (hash, account) in [([1; 32], account(1, "ada")), ([2; 32], account(2, "ada"))] {
        links.insert(hash, soon, "test", &noted()).await.unwrap();
        let _ = links.redeem(hash, now, &account, &noted()).await;
    }
    assert!(links.is_good([2; 32], now).await.unwrap());
}
