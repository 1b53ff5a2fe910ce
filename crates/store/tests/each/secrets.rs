//! Secrets: encrypted, and only under the right key.

use crate::common::*;
use sea_orm::ConnectionTrait;
use secrecy::{ExposeSecret, SecretString};
use store::{AuditFilter, MasterKey, MasterKeyError, NewSecret, Options, Store, StoreError};
use weir_store as store;

#[tokio::test]
async fn a_new_value_replaces_the_old_one() {
    let place = Place::new();
    let store = place.open().await;
    let name = secret_name("A");
    store
        .secrets()
        .put(&name, "one".into(), &noted())
        .await
        .unwrap();
    let before = store.secrets().list().await.unwrap();
    store
        .secrets()
        .put(&name, "two".into(), &noted())
        .await
        .unwrap();
    let after = store.secrets().list().await.unwrap();
    assert_eq!(
        store
            .secrets()
            .value(&name)
            .await
            .unwrap()
            .unwrap()
            .expose_secret(),
        "two"
    );
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].created_at, before[0].created_at);
    assert!(after[0].updated_at >= before[0].updated_at);
    assert_eq!(after[0].last_used_at, None);
}

#[tokio::test]
async fn imported_secrets_are_made_with_their_provider_or_not_at_all() {
    let place = Place::new();
    let store = place.open().await;
    let there = secret_name("B");
    let secrets = store.secrets();
    secrets.put(&there, "one".into(), &noted()).await.unwrap();
    let before = store.secrets().list().await.unwrap();
    let log = || async {
        let audit = store.audit();
        let page = audit.list(&AuditFilter::default(), 100, None).await;
        page.unwrap().items.len()
    };
    let rows = log().await;
    let new = |name: &str, value: &str| NewSecret {
        name: secret_name(name),
        value: value.into(),
        entry: noted(),
    };
    let taken = |error: &StoreError| {
        let what = NewSecret::WHAT;
        matches!(error, StoreError::Taken { what: of } if *of == what)
    };
    let empty = |error: &StoreError| matches!(error, StoreError::EmptySecret);
    for (second, is_told) in [
        (new("B", "two"), taken as fn(&StoreError) -> bool),
        (new("C", ""), empty),
    ] {
        let refused = store
            .providers()
            .insert_with(&provider("a"), &noted(), &[new("A", "one"), second])
            .await;
        assert!(refused.is_err_and(|error| is_told(&error)));
        assert_eq!(store.providers().list().await.unwrap(), []);
        assert_eq!(store.secrets().list().await.unwrap(), before);
        assert_eq!(log().await, rows);
    }
    let value = store.secrets().value(&there).await.unwrap().unwrap();
    assert_eq!(value.expose_secret(), "one");

    let all = [new("A", "one"), new("C", "three")];
    let providers = store.providers();
    providers
        .insert_with(&provider("a"), &noted(), &all)
        .await
        .unwrap();
    assert_eq!(store.secrets().list().await.unwrap().len(), 3);
    assert_eq!(log().await, rows + 3);
}

#[tokio::test]
async fn an_empty_value_is_refused() {
    let place = Place::new();
    let store = place.open().await;
    let empty = store
        .secrets()
        .put(&secret_name("A"), "".into(), &noted())
        .await;
    assert!(matches!(empty, Err(StoreError::EmptySecret)));
    assert!(store.secrets().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_secret_in_use_stays() {
    let place = Place::new();
    let store = place.open().await;
    let name = secret_name("OPENAI_API_KEY");
    store
        .secrets()
        .put(&name, "x".into(), &noted())
        .await
        .unwrap();
    store
        .providers()
        .insert(&provider("a"), &noted())
        .await
        .unwrap();
    store
        .providers()
        .insert(&provider("b"), &noted())
        .await
        .unwrap();
    let by = vec![provider_id("a"), provider_id("b")];
    assert_eq!(store.secrets().list().await.unwrap()[0].used_by, by);
    let refused = store.secrets().delete(&name, &noted()).await;
    assert!(matches!(refused, Err(StoreError::InUse { by: users }) if users == by));
    for id in &by {
        store.providers().delete(id, &noted()).await.unwrap();
    }
    assert!(store.secrets().delete(&name, &noted()).await.unwrap());
    assert!(!store.secrets().delete(&name, &noted()).await.unwrap());
}

#[tokio::test]
async fn another_master_key_is_found_out_at_once() {
    let place = Place::new();
    place.open().await.close().await.unwrap();
    let other = MasterKey::generate().unwrap();
    let options = Options {
        master_key: other.clone(),
        ..place.options()
    };
    let error = Store::open(options).await.unwrap_err();
    let StoreError::MasterKey(MasterKeyError::Wrong { expected, given }) = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (expected.as_str(), given.as_str()),
        (place.key().id(), other.id())
    );
    assert!(error.to_string().contains("WEIR_MASTER_KEY"));
    place.open().await;
}

#[tokio::test]
async fn all_secrets_move_to_a_new_master_key() {
    let place = Place::new();
    let store = place.open().await;
    let names = [secret_name("A"), secret_name("B")];
    for name in &names {
        store
            .secrets()
            .put(name, format!("value of {name}").into(), &noted())
            .await
            .unwrap();
    }
    let new = MasterKey::generate().unwrap();
    let wrong = store
        .rotate_master_key(&MasterKey::generate().unwrap(), &new, &noted())
        .await;
    assert!(matches!(
        wrong,
        Err(StoreError::MasterKey(MasterKeyError::Wrong { .. }))
    ));
    store
        .rotate_master_key(&place.key(), &new, &noted())
        .await
        .unwrap();
    store
        .secrets()
        .put(&secret_name("C"), "value of C".into(), &noted())
        .await
        .unwrap();
    store.close().await.unwrap();

    assert!(Store::open(place.options()).await.is_err());
    let store = Store::open(Options {
        master_key: new,
        ..place.options()
    })
    .await
    .unwrap();
    for name in ["A", "B", "C"] {
        let value = store
            .secrets()
            .value(&secret_name(name))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(value.expose_secret(), format!("value of {name}"));
    }
}

#[tokio::test]
async fn a_row_under_another_name_or_changed_is_not_opened() {
    let place = Place::new();
    let store = place.open().await;
    store
        .secrets()
        .put(&secret_name("A"), "of A".into(), &noted())
        .await
        .unwrap();
    store
        .secrets()
        .put(&secret_name("B"), "of B".into(), &noted())
        .await
        .unwrap();
    let other = other(&place).await;
    let swap = "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'A') WHERE name = 'B'";
    other.execute_unprepared(swap).await.unwrap();
    let error = store.secrets().value(&secret_name("B")).await.unwrap_err();
    assert!(matches!(error, StoreError::Sealed { .. }));
    assert_eq!(
        store
            .secrets()
            .value(&secret_name("A"))
            .await
            .unwrap()
            .unwrap()
            .expose_secret(),
        "of A"
    );
}

#[test]
fn a_master_key_is_read_in_any_of_its_forms() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys").join("master.key");
    let load = |text: &str| MasterKey::load(Some(SecretString::from(text)), &file);
    let hexadecimal = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";
    let id = load(hexadecimal).unwrap().id().to_owned();
    for same in [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=\n",
    ] {
        assert_eq!(load(same).unwrap().id(), id);
    }
    let named = MasterKey::read(&SecretString::from("short"), "WEIR_NEW_MASTER_KEY").unwrap_err();
    assert!(
        named.to_string().starts_with("WEIR_NEW_MASTER_KEY "),
        "{named}"
    );
    for wrong in [
        "short",
        "zz",
        hexadecimal.trim_start_matches("00"),
        "AAECAwQ=",
    ] {
        assert!(matches!(load(wrong), Err(MasterKeyError::Malformed { .. })));
    }
    assert!(MasterKey::find(None, &file).unwrap().is_none());
    assert!(!file.exists());
    let made = MasterKey::load(None, &file).unwrap();
    assert_eq!(MasterKey::load(None, &file).unwrap().id(), made.id());
    assert_eq!(load("").unwrap().id(), made.id());
    assert!(made.save(&file).is_err());
    assert!(format!("{made:?}").contains("hidden"));
}
