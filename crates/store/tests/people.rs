//! Who may sign in, one-time links, and people's own API tokens.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

mod common;

use common::*;
use domain::{
    ApiTokenId,
    token::{ApiToken, TokenHash},
};
use store::{AdminRow, GoodLink, StoreError};
use uuid::Uuid;
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
        links
            .insert(hash, soon, "test", None, &noted())
            .await
            .unwrap();
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
        links
            .insert(hash, soon, "sign_in", None, &noted())
            .await
            .unwrap();
    }
    assert!(links.good([7; 32], now).await.unwrap().is_some());
    assert!(links.good([7; 32], later).await.unwrap().is_none());
    assert!(!redeem([7; 32], later).await);
    assert!(!redeem([8; 32], now).await);
    assert!(links.good([6; 32], now).await.unwrap().is_some());
    assert!(redeem([7; 32], now).await);
    assert!(!redeem([7; 32], now).await);
    for hash in [[6; 32], [7; 32]] {
        assert!(
            links.good(hash, now).await.unwrap().is_none(),
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
        links
            .insert(hash, soon, "test", None, &noted())
            .await
            .unwrap();
        let _ = links.redeem(hash, now, &account, &noted()).await;
    }
    assert!(links.good([2; 32], now).await.unwrap().is_some());
}

#[tokio::test]
async fn a_person_is_added_disabled_and_enabled() {
    let place = Place::new();
    let store = place.open().await;
    let admins = store.admins();
    let (ada, eve) = (account(1, "ada"), account(2, "eve"));
    for person in [&eve, &ada] {
        admins.insert(person, &noted()).await.unwrap();
    }
    let twin = admins.insert(&account(3, "ada"), &noted()).await;
    assert!(matches!(twin, Err(StoreError::Taken { .. })));
    assert_eq!(admins.list().await.unwrap(), [ada.clone(), eve.clone()]);

    let (now, later) = (at("2026-11-01T10:00:00Z"), at("2026-11-02T10:00:00Z"));
    assert!(admins.signed_in(eve.id, now, &noted()).await.unwrap());
    admins.disable(eve.id, now, &noted()).await.unwrap();
    assert!(!admins.signed_in(eve.id, later, &noted()).await.unwrap());
    let disabled = AdminRow {
        disabled_at: Some(now),
        last_signed_in_at: Some(now),
        ..eve.clone()
    };
    assert_eq!(admins.by_id(eve.id).await.unwrap(), Some(disabled.clone()));
    admins.enable(eve.id, later, &noted()).await.unwrap();
    let enabled = AdminRow {
        disabled_at: None,
        enabled_at: Some(later),
        ..disabled
    };
    assert_eq!(admins.by_id(eve.id).await.unwrap(), Some(enabled));
    assert_eq!(admins.by_id(ada.id).await.unwrap(), Some(ada));
    let nobody = account(9, "nobody").id;
    assert!(matches!(
        admins.disable(nobody, now, &noted()).await,
        Err(StoreError::NotFound { .. })
    ));
}

#[tokio::test]
async fn a_link_of_one_person_is_of_no_use_to_another() {
    let place = Place::new();
    let store = place.open().await;
    let (links, now) = (store.links(), domain::Timestamp::now());
    let soon = now + std::time::Duration::from_secs(60);
    let (ada, eve) = (account(1, "ada"), account(2, "eve"));
    for (person, first, second) in [(&ada, 1, 2), (&eve, 3, 4)] {
        store.admins().insert(person, &noted()).await.unwrap();
        for hash in [first, second] {
            let (note, of) = (noted(), Some(person.id));
            let kept = links.insert([hash; 32], soon, "test", of, &note);
            kept.await.unwrap();
        }
        // The newer one takes the place of the older.
        assert_eq!(links.good([first; 32], now).await.unwrap(), None);
        let good = GoodLink {
            person: Some(person.id),
        };
        assert_eq!(links.good([second; 32], now).await.unwrap(), Some(good));
    }
    links
        .insert([5; 32], soon, "test", None, &noted())
        .await
        .unwrap();

    assert!(!links.redeem([4; 32], now, &ada, &noted()).await.unwrap());
    let with_password = AdminRow {
        password_hash: "$argon2id$2".to_owned(),
        last_signed_in_at: Some(at("2026-11-01T10:00:00Z")),
        ..ada.clone()
    };
    assert!(
        links
            .redeem([2; 32], now, &with_password, &noted())
            .await
            .unwrap()
    );
    assert_eq!(
        store.admins().by_id(ada.id).await.unwrap(),
        Some(with_password)
    );
    // What could be used for ada is gone; what is eve's alone stays, until she is disabled.
    assert_eq!(links.good([5; 32], now).await.unwrap(), None);
    assert!(links.good([4; 32], now).await.unwrap().is_some());
    store.admins().disable(eve.id, now, &noted()).await.unwrap();
    assert_eq!(links.good([4; 32], now).await.unwrap(), None);
}

#[tokio::test]
async fn api_tokens_are_kept_by_their_hash_and_know_when_they_were_used() {
    let place = Place::new();
    let store = place.open().await;
    let tokens = store.api_tokens();
    let mut token = ApiToken {
        id: ApiTokenId(Uuid::from_u128(7)),
        person: account(1, "ada").id,
        name: "laptop".to_owned(),
        first_characters: "wra_abcdef".to_owned(),
        created_at: at("2026-11-01T10:00:00Z"),
        expires_at: Some(at("2027-11-01T10:00:00Z")),
        last_used_at: None,
    };
    let hash = TokenHash([7; 32]);
    tokens.insert(&token, &hash, &noted()).await.unwrap();
    let twin = ApiToken {
        id: ApiTokenId(Uuid::from_u128(8)),
        ..token.clone()
    };
    let taken = tokens.insert(&twin, &hash, &noted()).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })));

    let (earlier, later) = (at("2026-11-02T10:00:00Z"), at("2026-11-02T10:01:00Z"));
    for used in [later, earlier] {
        tokens.note_use(token.id, used).await.unwrap();
    }
    token.last_used_at = Some(later);
    assert_eq!(tokens.hashes().await.unwrap(), [(hash, token.clone())]);
    assert!(tokens.delete(token.id, &noted()).await.unwrap());
    assert!(!tokens.delete(token.id, &noted()).await.unwrap());
    assert_eq!(tokens.hashes().await.unwrap(), []);
}
