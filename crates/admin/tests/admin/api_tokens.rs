//! People's own tokens for the REST API.

use std::time::Duration;

use admin::{
    Actor, ByToken, Who,
    api_tokens::{API_TOKENS_MAX, ApiTokenDraft, NewApiToken},
    people::SignedIn,
};
use domain::Timestamp;
use secrecy::ExposeSecret;

use crate::{
    app::{App, told, who},
    people::{as_person, secret, with_ada},
};

fn named(name: &str) -> ApiTokenDraft {
    ApiTokenDraft {
        name: Some(name.to_owned()),
        ..ApiTokenDraft::default()
    }
}

/// Somebody who shows this token of theirs.
fn actor(of: &SignedIn, new: &NewApiToken) -> Option<Actor> {
    Some(Actor::Person {
        id: of.id,
        name: of.name.clone(),
        by_token: Some(ByToken {
            id: new.token.id,
            first_characters: new.token.first_characters.clone(),
            expires_at: new.token.expires_at,
        }),
    })
}

async fn last_used(app: &App, who: &Who) -> Option<Timestamp> {
    app.admin.api_tokens().all(who).await.unwrap()[0].last_used_at
}

#[tokio::test]
async fn a_token_is_its_owner_until_it_is_revoked() {
    let (app, ada) = with_ada().await;
    let (tokens, by_ada) = (app.admin.api_tokens(), as_person(&ada));
    let new = tokens.create(&by_ada, &named(" laptop ")).await.unwrap();
    let plain = new.plain.expose_secret();
    assert!(plain.starts_with("wra_") && plain.len() == 47);
    assert_eq!(Some(new.token.first_characters.as_str()), plain.get(..10));
    assert!(!format!("{new:?}").contains(plain));
    assert_eq!(tokens.recognise(&new.plain), actor(&ada, &new));
    assert_eq!(tokens.recognise(&secret(&plain.replace("wra_", ""))), None);
    assert_eq!(tokens.recognise(&secret(&format!("{plain} "))), None);

    let id = new.token.id.to_string();
    tokens.revoke(&by_ada, &id).await.unwrap();
    assert_eq!(tokens.recognise(&new.plain), None);
    let gone = tokens.revoke(&by_ada, &id).await.unwrap_err();
    assert_eq!(told(&gone).1, "api_token_not_found");
}

#[tokio::test]
async fn only_people_have_tokens_and_only_their_own() {
    let (app, ada) = with_ada().await;
    let tokens = app.admin.api_tokens();
    for nobody in [who(), Who::system()] {
        let refused = tokens.create(&nobody, &named("ci")).await.unwrap_err();
        assert_eq!(told(&refused).0, 403);
        assert_eq!(
            told(&tokens.all(&nobody).await.unwrap_err()).1,
            "not_a_person"
        );
    }
    let new = tokens.create(&as_person(&ada), &named("ci")).await.unwrap();
    let eve = SignedIn {
        id: domain::AdminId(uuid::Uuid::from_u128(7)),
        name: "eve".to_owned(),
        stamp: String::new(),
    };
    let id = new.token.id.to_string();
    assert!(tokens.all(&as_person(&eve)).await.unwrap().is_empty());
    let refused = tokens.revoke(&as_person(&eve), &id).await.unwrap_err();
    assert_eq!(told(&refused).1, "api_token_not_found");
    assert_eq!(tokens.recognise(&new.plain), actor(&ada, &new));
}

#[tokio::test]
async fn an_expired_token_and_one_of_somebody_disabled_are_refused() {
    let (app, ada) = with_ada().await;
    let (tokens, people) = (app.admin.api_tokens(), app.admin.people());
    let by_ada = as_person(&ada);
    let soon = Timestamp::now() + Duration::from_millis(300);
    let draft = ApiTokenDraft {
        expires_at: Some(soon.to_string()),
        ..named("short")
    };
    let short = tokens.create(&by_ada, &draft).await.unwrap();
    assert_eq!(tokens.recognise(&short.plain), actor(&ada, &short));
    assert_eq!(people.all(&who()).await.unwrap()[0].api_tokens, 1);
    while Timestamp::now() <= soon {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(tokens.recognise(&short.plain), None);
    assert_eq!(people.all(&who()).await.unwrap()[0].api_tokens, 0);

    let long = tokens.create(&by_ada, &named("long")).await.unwrap();
    let (store, note) = (&app.store, crate::app::noted());
    store
        .admins()
        .disable(ada.id, Timestamp::now(), &note)
        .await
        .unwrap();
    let later = app.read_again().await;
    let restarted = admin::Admin::new(
        store.clone(),
        later,
        app.upstream.clone(),
        admin::Options {
            public_url: String::new(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        },
    );
    assert_eq!(
        restarted.api_tokens().recognise(&long.plain),
        None,
        "after a new start"
    );
    let id = ada.id.to_string();
    restarted
        .people()
        .set_enabled(&who(), &id, true)
        .await
        .unwrap();
    assert_eq!(
        restarted.api_tokens().recognise(&long.plain),
        actor(&ada, &long)
    );
}

#[tokio::test]
async fn the_last_use_is_written_once_in_a_minute() {
    let (app, ada) = with_ada().await;
    let (tokens, by_ada) = (app.admin.api_tokens(), as_person(&ada));
    let new = tokens.create(&by_ada, &named("ci")).await.unwrap();
    assert_eq!(last_used(&app, &by_ada).await, None);
    tokens.recognise(&new.plain).unwrap();
    let first = loop {
        if let Some(used) = last_used(&app, &by_ada).await {
            break used;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    for _ in 0..50 {
        tokens.recognise(&new.plain).unwrap();
    }
    // Whatever was begun before this change is written before it.
    tokens.create(&by_ada, &named("another")).await.unwrap();
    let all = tokens.all(&by_ada).await.unwrap();
    assert_eq!(all[1].last_used_at, Some(first));
}

#[tokio::test]
async fn nobody_has_more_than_a_hundred() {
    let (app, ada) = with_ada().await;
    let (tokens, by_ada) = (app.admin.api_tokens(), as_person(&ada));
    for n in 0..API_TOKENS_MAX {
        tokens
            .create(&by_ada, &named(&format!("ci {n}")))
            .await
            .unwrap();
    }
    let refused = tokens.create(&by_ada, &named("more")).await.unwrap_err();
    assert_eq!(told(&refused), (409, "too_many_api_tokens", vec![]));
    let all = tokens.all(&by_ada).await.unwrap();
    assert_eq!(all.len(), API_TOKENS_MAX);
    tokens
        .revoke(&by_ada, &all[0].id.to_string())
        .await
        .unwrap();
    tokens.create(&by_ada, &named("more")).await.unwrap();
}

#[tokio::test]
async fn a_use_is_written_also_after_the_clock_was_put_back() {
    let (app, ada) = with_ada().await;
    let by_ada = as_person(&ada);
    let tokens = app.admin.api_tokens();
    let new = tokens.create(&by_ada, &named("ci")).await.unwrap();
    let ahead = Timestamp::now() + Duration::from_secs(3600);
    let kept = app.store.api_tokens();
    kept.note_use(new.token.id, ahead).await.unwrap();
    let restarted = admin::Admin::new(
        app.store.clone(),
        app.read_again().await,
        app.upstream.clone(),
        admin::Options {
            public_url: String::new(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        },
    );
    restarted.api_tokens().recognise(&new.plain).unwrap();
    let limit = std::time::Instant::now() + Duration::from_secs(10);
    while last_used(&app, &by_ada).await.unwrap() > Timestamp::now() {
        assert!(std::time::Instant::now() < limit, "it is not written");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
