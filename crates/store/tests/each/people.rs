//! Who may sign in, one-time links, and people's own API tokens.

use crate::common::*;
use domain::{
    ApiTokenId,
    token::{ApiToken, TokenHash},
};
use store::{AdminRow, GoodLink, Store, StoreError};
use uuid::Uuid;
use weir_store as store;

/// Adds a person with a link of their own.
async fn add(store: &Store, person: &AdminRow) -> Result<(), StoreError> {
    let now = at("2026-11-01T10:00:00Z");
    let soon = now + std::time::Duration::from_secs(60);
    let link = link_row(link_hash(person), Some(person.id), now, soon);
    let admins = store.admins();
    admins.insert(person, &noted(), &link, &noted()).await
}

/// The hash of the link that somebody is added with.
fn link_hash(person: &AdminRow) -> [u8; 32] {
    let mut hash = [0xff; 32];
    hash[..16].copy_from_slice(person.id.0.as_bytes());
    hash
}

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
        let row = link_row(hash, None, now, soon);
        links.insert(&row, &noted()).await.unwrap();
        links.redeem(hash, now, account, &noted()).await
    };
    assert!(link([1; 32], &ada).await.unwrap());
    assert!(matches!(
        link([2; 32], &twin).await,
        Err(StoreError::Taken { .. })
    ));
    assert_eq!(admins.by_name("ada").await.unwrap(), Some(ada.clone()));
    assert_eq!(admins.by_name("Ada").await.unwrap(), None);
    let change = async |of: &AdminRow, hash: &str| {
        let changed = admins.change_password(of, hash, &noted()).await;
        changed.unwrap()
    };
    assert!(change(&ada, "$argon2id$2").await);
    assert!(
        !change(&ada, "$argon2id$3").await,
        "it has been changed since"
    );
    let changed = admins.by_id(ada.id).await.unwrap().unwrap();
    assert_eq!(changed.password_hash, "$argon2id$2");
    assert!(!format!("{changed:?}").contains("argon2id"));
    assert!(!change(&twin, "x").await, "there is nobody");
    let (now, note) = (domain::Timestamp::now(), noted());
    admins.disable(ada.id, now, &note).await.unwrap();
    assert!(!change(&changed, "x").await, "disabled");
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
        let row = link_row(hash, None, now, soon);
        links.insert(&row, &noted()).await.unwrap();
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
        let row = link_row(hash, None, now, soon);
        links.insert(&row, &noted()).await.unwrap();
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
        add(&store, person).await.unwrap();
    }
    let of_eve = link_hash(&eve);
    let (now, links) = (at("2026-11-01T10:00:00Z"), store.links());
    let good = links.good(of_eve, now).await.unwrap();
    assert_eq!(good.map(|link| link.person), Some(Some(eve.id)));
    let twin = add(&store, &account(3, "ada")).await;
    assert!(matches!(twin, Err(StoreError::Taken { .. })));
    // Neither of the two without the other.
    let (bob, soon) = (account(4, "bob"), now + std::time::Duration::from_secs(60));
    let eves = link_row(of_eve, Some(bob.id), now, soon);
    let clash = admins.insert(&bob, &noted(), &eves, &noted()).await;
    assert!(matches!(clash, Err(StoreError::Taken { .. })));
    assert_eq!(admins.by_id(bob.id).await.unwrap(), None);
    let ids = [eve.id, account(9, "nobody").id, ada.id];
    let mut some = admins.by_ids(ids).await.unwrap();
    some.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(some, [ada.clone(), eve.clone()]);
    assert_eq!(admins.by_ids([]).await.unwrap(), []);
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
        add(&store, person).await.unwrap();
        for hash in [first, second] {
            let row = link_row([hash; 32], Some(person.id), now, soon);
            links.insert(&row, &noted()).await.unwrap();
        }
        // The newer one takes the place of the older.
        assert_eq!(links.good([first; 32], now).await.unwrap(), None);
        let good = GoodLink {
            person: Some(person.id),
        };
        assert_eq!(links.good([second; 32], now).await.unwrap(), Some(good));
    }
    let row = link_row([5; 32], None, now, soon);
    links.insert(&row, &noted()).await.unwrap();

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
    // Of a clock that was put back, too.
    for used in [later, earlier] {
        tokens.note_use(token.id, used).await.unwrap();
    }
    token.last_used_at = Some(earlier);
    let own = tokens.of(token.person).await.unwrap();
    assert_eq!(own, [token.clone()]);
    assert_eq!(tokens.of(account(2, "eve").id).await.unwrap(), []);
    assert_eq!(tokens.hashes().await.unwrap(), [(hash, token.clone())]);
    assert!(tokens.delete(token.id, &noted()).await.unwrap());
    assert!(!tokens.delete(token.id, &noted()).await.unwrap());
    assert_eq!(tokens.hashes().await.unwrap(), []);
}
