//! What the last people to try found: ids that are given again, names that cannot be read, ends left blank.

use admin::{
    AdminError,
    providers::{BasedOn, ItsTranscripts},
    tokens::TokenDraft,
};
use serde_json::json;

use crate::app::{App, told, who};

#[tokio::test]
async fn a_provider_made_anew_under_an_id_goes_on_with_its_versions() {
    let app = App::with_secret().await;
    let openai = json!({"id": "main", "display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY"});
    let providers = app.admin.providers();
    let first = app.create(openai.clone()).await.unwrap();
    providers
        .delete(&who(), "main", BasedOn::Newest, ItsTranscripts::Keep)
        .await
        .unwrap();
    let second = app.create(openai.clone()).await.unwrap();
    assert_eq!((first.version, second.version), (1, 2));
    let from_the_first = json!({"record_inputs": true});
    let error = providers
        .update(
            &who(),
            "main",
            BasedOn::version(first.version),
            from_the_first,
        )
        .await
        .unwrap_err();
    assert!(matches!(error, AdminError::VersionConflict { current: 2 }));
    let changed = json!({"display_name": "Renamed"});
    providers
        .update(&who(), "main", BasedOn::Newest, changed)
        .await
        .unwrap();
    providers
        .delete(&who(), "main", BasedOn::Newest, ItsTranscripts::Keep)
        .await
        .unwrap();
    assert_eq!(app.create(openai).await.unwrap().version, 4);
}

#[tokio::test]
async fn a_name_that_cannot_be_seen_or_that_turns_around_is_refused() {
    let app = App::with_secret().await;
    for name in [
        "\u{200b}",
        "roo\u{200b}t",
        "\u{202e}toor",
        "a\u{feff}",
        "a\u{e0041}",
    ] {
        let provider = json!({"display_name": name, "type": "openai", "api_key": "OPENAI_API_KEY"});
        let (status, _, fields) = told(&app.create(provider).await.unwrap_err());
        assert_eq!(status, 422, "{name:?}");
        assert!(
            fields.contains(&("display_name".to_owned(), "control_character")),
            "{name:?}: {fields:?}"
        );
        let people = app.admin.people();
        let error = people.add(&who(), name).await.unwrap_err();
        assert_eq!(told(&error).0, 422, "{name:?}");
    }
    // Emoji and Persian join what they are made of.
    for name in ["👩\u{200d}🚀 team", "می\u{200c}خواهم"] {
        let provider = json!({"display_name": name, "type": "openai", "api_key": "OPENAI_API_KEY"});
        app.create(provider).await.unwrap();
    }
}

#[tokio::test]
async fn an_end_left_blank_is_no_end_that_never_comes() {
    let app = App::with_secret().await;
    for blank in ["", "  "] {
        let draft = TokenDraft {
            name: Some("ci".to_owned()),
            expires_at: Some(blank.to_owned()),
            ..TokenDraft::default()
        };
        let error = app.admin.tokens().create(&who(), &draft).await.unwrap_err();
        assert_eq!(
            told(&error).2,
            [("expires_at".to_owned(), "invalid_time")],
            "{blank:?}"
        );
    }
}

#[tokio::test]
async fn an_address_with_control_characters_is_not_made_another_one() {
    let app = App::with_secret().await;
    for address in [
        "http://a.example/v1\nX",
        "https://a.example\t/v1",
        "http://a.example/v1\r\nX: y",
    ] {
        let provider =
            json!({"display_name": "A", "type": "openai_compatible", "base_url": address});
        let (status, _, fields) = told(&app.create(provider).await.unwrap_err());
        assert_eq!(status, 422, "{address:?}");
        assert!(fields.iter().any(|(field, _)| field == "base_url"));
    }
}
