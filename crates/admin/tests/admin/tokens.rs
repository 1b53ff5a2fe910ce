use admin::{PageRequest, tokens::TokenDraft};
use domain::Timestamp;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::app::{App, id, told, who};

fn named(name: &str) -> TokenDraft {
    TokenDraft {
        name: Some(name.to_owned()),
        ..TokenDraft::default()
    }
}

#[tokio::test]
async fn a_token_works_at_once_and_is_kept_only_hashed() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let draft = TokenDraft {
        agent: Some("bot".to_owned()),
        user: Some("ada".to_owned()),
        providers: Some(vec!["main".to_owned(), "main".to_owned()]),
        expires_at: Some("2100-01-01T00:00:00+01:00".to_owned()),
        ..named("ci")
    };
    let new = app.admin.tokens().create(&who(), &draft).await.unwrap();
    let plain = new.plain.expose_secret();
    assert!(
        plain.starts_with("wr_") && plain.len() == 46,
        "256 bits behind the prefix"
    );
    assert_eq!(Some(new.token.first_characters.as_str()), plain.get(..9));
    let live = app.live_token(&new.plain).expect("works at once");
    assert_eq!(
        (live.id, live.agent.as_deref(), live.user.as_deref()),
        (new.token.id, Some("bot"), Some("ada"))
    );
    assert!(live.allows(&id("main")) && !live.allows(&id("other")));
    assert!(!live.has_expired(Timestamp::now()));
    assert!(live.has_expired("2100-01-01T00:00:00Z".parse().unwrap()));
    let again = app.read_again().await;
    assert_eq!(again.now().tokens.len(), 1);
    assert!(
        !format!("{:?}", new.plain).contains(plain),
        "it does not show in debug output"
    );
}

#[tokio::test]
async fn a_token_without_providers_may_call_every_one() {
    let app = App::new().await;
    let new = app
        .admin
        .tokens()
        .create(&who(), &named("all"))
        .await
        .unwrap();
    assert!(app.live_token(&new.plain).unwrap().allows(&id("whatever")));
    for body in [
        json!({"name": "all", "agent": "weird", "user": "weir"}),
        json!({"name": "all", "providers": null}),
    ] {
        let draft = TokenDraft::read(body);
        let new = app.admin.tokens().create(&who(), &draft).await.unwrap();
        assert!(app.live_token(&new.plain).unwrap().allows(&id("whatever")));
    }
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    for (body, expected) in [
        (json!({}), vec![("name", "required")]),
        (json!({"name": "  "}), vec![("name", "required")]),
        (json!({"name": "a".repeat(101)}), vec![("name", "too_long")]),
        (json!({"name": "a\nb"}), vec![("name", "control_character")]),
        (json!({"name": 1}), vec![("name", "wrong_type")]),
        (
            json!({"name": "a", "agent": "x\ty"}),
            vec![("agent", "control_character")],
        ),
        (
            json!({"name": "a", "user": "u".repeat(101)}),
            vec![("user", "too_long")],
        ),
        (
            json!({"name": "a", "providers": "main"}),
            vec![("providers", "wrong_type")],
        ),
        (
            json!({"name": "a", "providers": ["main", "gone", 5]}),
            vec![
                ("providers[2]", "wrong_type"),
                ("providers[1]", "provider_not_found"),
            ],
        ),
        (
            json!({"name": "a", "expires_at": "tomorrow"}),
            vec![("expires_at", "invalid_time")],
        ),
        (
            json!({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}),
            vec![("expires_at", "in_the_past")],
        ),
        (
            json!({"name": "a", "scope": "all"}),
            vec![("scope", "unknown_field")],
        ),
        (
            json!({"name": "a", "providers": []}),
            vec![("providers", "required")],
        ),
        (
            json!({"name": "a", "providers": [5]}),
            vec![("providers[0]", "wrong_type")],
        ),
        (
            json!({"name": "a", "agent": "weir:test", "user": " Weir:ada"}),
            vec![("agent", "reserved"), ("user", "reserved")],
        ),
        (json!([]), vec![("", "wrong_type"), ("name", "required")]),
    ] {
        let error = app
            .admin
            .tokens()
            .create(&who(), &TokenDraft::read(body.clone()))
            .await
            .unwrap_err();
        let expected: Vec<(String, &str)> = expected
            .into_iter()
            .map(|(field, code)| (field.to_owned(), code))
            .collect();
        assert_eq!(told(&error), (422, "invalid", expected), "{body}");
    }
    assert!(app.admin.tokens().all(&who()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let app = App::new().await;
    let new = app
        .admin
        .tokens()
        .create(&who(), &named("ci"))
        .await
        .unwrap();
    let kept = app
        .admin
        .tokens()
        .create(&who(), &named("kept"))
        .await
        .unwrap();
    app.admin
        .tokens()
        .revoke(&who(), &new.token.id.to_string())
        .await
        .unwrap();
    assert!(app.live_token(&new.plain).is_none());
    assert!(app.live_token(&kept.plain).is_some());
    for id in [
        new.token.id.to_string(),
        "no-id".to_owned(),
        kept.plain.expose_secret().to_owned(),
    ] {
        let error = app.admin.tokens().revoke(&who(), &id).await.unwrap_err();
        assert_eq!(told(&error).1, "token_not_found");
    }
}

#[tokio::test]
async fn lists_are_newest_first_and_paged() {
    let app = App::new().await;
    for name in ["first", "second", "third"] {
        app.admin
            .tokens()
            .create(&who(), &named(name))
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let page = app
        .admin
        .tokens()
        .list(&who(), &PageRequest::first(2))
        .await
        .unwrap();
    assert_eq!(
        page.items
            .iter()
            .map(|token| token.name.as_str())
            .collect::<Vec<_>>(),
        ["third", "second"]
    );
    let page = PageRequest {
        limit: 2,
        cursor: page.next_cursor,
    };
    let page = app.admin.tokens().list(&who(), &page).await.unwrap();
    assert_eq!(
        page.items
            .iter()
            .map(|token| token.name.as_str())
            .collect::<Vec<_>>(),
        ["first"]
    );
    assert_eq!(page.next_cursor, None);
}
