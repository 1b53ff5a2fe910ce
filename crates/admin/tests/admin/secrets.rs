use admin::{
    PageRequest,
    providers::{Attention, BasedOn, ProviderStatus},
    secrets::read_value,
};
use serde_json::json;

use crate::app::{App, noted, told, who};

#[tokio::test]
async fn names_are_upper_snake_case() {
    let app = App::new().await;
    for name in ["openai", "_A", "2A", "A-B", "A B", "Ä", ""] {
        let error = app.put_secret(name, "value").await.unwrap_err();
        assert_eq!(
            told(&error),
            (422, "invalid", vec![("name".to_owned(), "invalid_name")]),
            "{name}"
        );
    }
}

#[tokio::test]
async fn values_are_what_a_header_can_carry() {
    let app = App::new().await;
    for (value, code) in [
        ("", "required"),
        ("   ", "required"),
        ("sk-1\n", "control_character"),
        ("sk\r\n1", "control_character"),
        ("sk\u{0}1", "control_character"),
        (" sk-1", "space_around"),
        ("sk-1 ", "space_around"),
        ("sk–1", "not_ascii"),
        ("sk\u{200b}1", "not_ascii"),
        (&"a".repeat(8_193), "too_long"),
    ] {
        let error = app.put_secret("KEY", value).await.unwrap_err();
        assert_eq!(told(&error).2, [("value".to_owned(), code)], "{value:?}");
        assert!(value.trim().is_empty() || !error.problem().detail.contains(value.trim()));
    }
    app.put_secret("KEY", "a b").await.unwrap();
}

#[test]
fn bodies_are_read_field_by_field() {
    for (body, fields) in [
        (json!({}), vec![("value", "required")]),
        (json!({"value": null}), vec![("value", "required")]),
        (json!({"value": 5}), vec![("value", "wrong_type")]),
        (
            json!({"value": "x", "name": "Y"}),
            vec![("name", "unknown_field")],
        ),
        (json!("x"), vec![("", "wrong_type"), ("value", "required")]),
    ] {
        let found = told(&read_value(body).unwrap_err()).2;
        let expected: Vec<(String, &str)> = fields
            .into_iter()
            .map(|(field, code)| (field.to_owned(), code))
            .collect();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_new_value_is_used_at_once_by_every_provider_that_refers_to_it() {
    let app = App::with_secret().await;
    app.put_secret("OTHER", "sk-other").await.unwrap();
    app.openai("One").await;
    app.openai("Two").await;
    app.create(json!({"display_name": "Three", "type": "openai", "api_key": "OTHER"}))
        .await
        .unwrap();
    app.put_secret("OPENAI_API_KEY", "sk-second").await.unwrap();
    let credentials: Vec<_> = ["one", "two", "three"]
        .map(|id| app.credential(id).unwrap())
        .into();
    assert_eq!(credentials, ["sk-second", "sk-second", "sk-other"]);
}

#[tokio::test]
async fn a_secret_in_use_is_not_deleted() {
    let app = App::with_secret().await;
    app.openai("One").await;
    app.openai("Two").await;
    let error = app
        .admin
        .secrets()
        .delete(&who(), "OPENAI_API_KEY")
        .await
        .unwrap_err();
    assert_eq!(told(&error).1, "secret_in_use");
    let detail = error.problem().detail;
    assert!(detail.contains("one") && detail.contains("two"), "{detail}");
    for id in ["one", "two"] {
        app.admin
            .providers()
            .delete(
                &who(),
                id,
                admin::providers::BasedOn::Newest,
                admin::providers::ItsTranscripts::Keep,
            )
            .await
            .unwrap();
    }
    app.admin
        .secrets()
        .delete(&who(), "OPENAI_API_KEY")
        .await
        .unwrap();
    for name in ["OPENAI_API_KEY", "not a name"] {
        assert_eq!(
            told(&app.admin.secrets().delete(&who(), name).await.unwrap_err()).1,
            "secret_not_found"
        );
    }
}

#[tokio::test]
async fn lists_say_who_uses_a_secret() {
    let app = App::with_secret().await;
    app.put_secret("ANOTHER", "x").await.unwrap();
    app.openai("One").await;
    let page = app
        .admin
        .secrets()
        .list(&who(), &PageRequest::first(1))
        .await
        .unwrap();
    assert_eq!(
        (page.items[0].name.as_str(), page.next_cursor.as_deref()),
        ("ANOTHER", Some("ANOTHER"))
    );
    let page = PageRequest {
        limit: 1,
        cursor: page.next_cursor,
    };
    let page = app.admin.secrets().list(&who(), &page).await.unwrap();
    assert_eq!(page.items[0].used_by, [crate::app::id("one")]);
    assert_eq!(page.next_cursor, None);
    let bad = PageRequest {
        limit: 1,
        cursor: Some("?".to_owned()),
    };
    assert_eq!(
        told(&app.admin.secrets().list(&who(), &bad).await.unwrap_err()).2[0].1,
        "invalid_cursor"
    );
}

#[tokio::test]
async fn the_names_of_all_secrets_are_known_without_asking_the_database() {
    fn names(live: &admin::Live) -> Vec<String> {
        let mut names: Vec<String> = live.now().secrets.iter().map(ToString::to_string).collect();
        names.sort();
        names
    }
    let app = App::with_secret().await;
    app.put_secret("UNUSED", "x").await.unwrap();
    app.put_secret("UNUSED", "y").await.unwrap();
    assert_eq!(names(app.admin.live()), ["OPENAI_API_KEY", "UNUSED"]);
    let read_again = app.read_again().await;
    assert_eq!(names(&read_again), ["OPENAI_API_KEY", "UNUSED"]);
    app.admin.secrets().delete(&who(), "UNUSED").await.unwrap();
    assert_eq!(names(app.admin.live()), ["OPENAI_API_KEY"]);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_told_from_one_that_is_missing() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    // Another program has given the database another key meanwhile.
    let beside = store::Store::open(store::Options {
        database_url: format!("sqlite:{}", app.dir.path().join("weir.db").display()),
        master_key: app.key.clone(),
        readers: 1,
    })
    .await
    .unwrap();
    let new = store::MasterKey::generate().unwrap();
    beside
        .rotate_master_key(&app.key, &new, &noted())
        .await
        .unwrap();
    let view = app
        .admin
        .providers()
        .update(
            &who(),
            "main",
            BasedOn::Newest,
            json!({"display_name": "Renamed"}),
        )
        .await
        .unwrap();
    let status = app.admin.providers().status(&who(), &view).await.unwrap();
    assert_eq!(
        status,
        ProviderStatus::NeedsAttention(Attention::SecretUnreadable {
            name: "OPENAI_API_KEY".to_owned()
        })
    );
}
