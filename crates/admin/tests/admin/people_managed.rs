//! Adding people, their one-time links, disabling and enabling them.

use admin::{
    AdminError, Who,
    audit::AuditQuery,
    people::{LinkFor, NewLink, SignedIn},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::{
    app::{App, told, who},
    people::{PASSWORD, as_person, secret, with_ada},
};

/// The secret part of a link.
fn part(new: &NewLink) -> SecretString {
    let (address, part) = new.address.expose_secret().split_once("?link=").unwrap();
    assert_eq!(address, "https://weir.example.com/welcome");
    assert_eq!(part.len(), 43, "256 bits");
    secret(part)
}

/// Eve, who has set a password.
async fn with_eve(app: &App) -> SignedIn {
    let people = app.admin.people();
    let new = people.add(&who(), "eve").await.unwrap();
    people
        .use_link(part(&new), "", secret(PASSWORD), None)
        .await
        .unwrap()
}

#[tokio::test]
async fn somebody_who_was_added_sets_a_password_with_their_own_link() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    let new = people.add(&who(), " eve ").await.unwrap();
    assert_eq!(new.name, "eve");
    let refused = people.sign_in("eve", secret(""), None).await.unwrap_err();
    assert_eq!(
        told(&refused).1,
        "sign_in_failed",
        "no password is not an empty one"
    );
    let open = people.all(&who()).await.unwrap()[1].clone();
    assert_eq!(
        (
            open.has_password,
            open.link_expires_at,
            open.last_signed_in_at
        ),
        (false, Some(new.expires_at), None)
    );

    let link = part(&new);
    let is_for = |had_password| LinkFor::Person {
        name: "eve".to_owned(),
        had_password,
    };
    assert_eq!(people.link_is_for(&link).await.unwrap(), is_for(false));
    // Whose it is does not depend on who is named.
    let eve = people
        .use_link(link.clone(), "ada", secret(PASSWORD), None)
        .await
        .unwrap();
    assert_eq!((eve.name.as_str(), eve.id), ("eve", new.person));
    assert!(matches!(
        people.link_is_for(&link).await,
        Err(AdminError::LinkInvalid)
    ));
    let done = people.all(&who()).await.unwrap()[1].clone();
    assert!(done.has_password && done.last_signed_in_at.is_some());
    assert_eq!(done.link_expires_at, None);

    let lost = people
        .make_link_for(&who(), &eve.id.to_string())
        .await
        .unwrap();
    assert_eq!(
        people.link_is_for(&part(&lost)).await.unwrap(),
        is_for(true)
    );
}

#[tokio::test]
async fn a_link_of_one_ends_no_link_of_another_and_the_command_lines_is_for_anybody() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let eves = part(&people.add(&who(), "eve").await.unwrap());
    let anybodys = people.make_link(&Who::system()).await.unwrap();
    assert_eq!(
        people.link_is_for(&anybodys).await.unwrap(),
        LinkFor::Anybody
    );
    let adas = people.make_link_for(&who(), &ada.id.to_string()).await;
    people
        .use_link(
            part(&adas.unwrap()),
            "",
            secret("a whole new password"),
            None,
        )
        .await
        .unwrap();
    assert!(people.link_is_for(&eves).await.is_ok());
    assert!(people.link_is_for(&anybodys).await.is_err());
    let nobody = people.make_link_for(&who(), "nobody").await.unwrap_err();
    assert_eq!(told(&nobody).1, "person_not_found");
}

#[tokio::test]
async fn names_are_told_apart_whatever_their_capitals() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    for name in ["ada", "ADA", " Ada "] {
        let taken = people.add(&who(), name).await.unwrap_err();
        assert_eq!(
            told(&taken),
            (409, "name_taken", vec![("name".to_owned(), "name_taken")])
        );
    }
    for name in ["", "a\nb", &"a".repeat(101)] {
        assert_eq!(told(&people.add(&who(), name).await.unwrap_err()).0, 422);
    }
}

#[tokio::test]
async fn somebody_disabled_is_out_at_once_and_their_sessions_stay_ended() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let eve = with_eve(&app).await;
    let id = eve.id.to_string();
    let link = people.make_link_for(&who(), &id).await.unwrap();
    let disabled = people
        .set_enabled(&as_person(&ada), &id, false)
        .await
        .unwrap();
    assert!(!disabled.enabled);
    assert_eq!(people.resume(eve.id, &eve.stamp).await.unwrap(), None);
    let right = people
        .sign_in("eve", secret(PASSWORD), None)
        .await
        .unwrap_err();
    let wrong = people
        .sign_in("eve", secret("wrong password"), None)
        .await
        .unwrap_err();
    assert_eq!(
        right.problem(),
        wrong.problem(),
        "nobody learns that the account is there"
    );
    for link in [part(&link), people.make_link(&Who::system()).await.unwrap()] {
        let refused = people
            .use_link(link, "eve", secret("a whole new password"), None)
            .await;
        assert!(refused.is_err());
    }

    people
        .set_enabled(&as_person(&ada), &id, true)
        .await
        .unwrap();
    assert_eq!(people.resume(eve.id, &eve.stamp).await.unwrap(), None);
    let again = people.sign_in("eve", secret(PASSWORD), None).await.unwrap();
    assert!(people.resume(eve.id, &again.stamp).await.unwrap().is_some());
    assert!(people.resume(ada.id, &ada.stamp).await.unwrap().is_some());
}

#[tokio::test]
async fn every_change_of_people_is_in_the_audit_without_its_link() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let by_ada = as_person(&ada);
    let new = people.add(&by_ada, "eve").await.unwrap();
    let id = new.person.to_string();
    people.set_enabled(&by_ada, &id, false).await.unwrap();
    people.set_enabled(&by_ada, &id, false).await.unwrap();
    people.set_enabled(&by_ada, &id, true).await.unwrap();
    people.make_link_for(&by_ada, &id).await.unwrap();
    let query = AuditQuery::read(&format!("kind=person&object={id}")).unwrap();
    let rows = app.admin.audit().list(&who(), &query).await.unwrap().items;
    let actions: Vec<&str> = rows.iter().rev().map(|row| row.action.as_str()).collect();
    assert_eq!(
        actions,
        ["create", "make_link", "disable", "enable", "make_link"]
    );
    assert!(rows.iter().all(|row| row.actor == "person:ada"));
    assert_eq!(
        rows[2].before,
        Some(json!({"name": "eve", "enabled": true}))
    );
    assert_eq!(
        rows[2].after,
        Some(json!({"name": "eve", "enabled": false}))
    );
    let told = serde_json::to_string(&rows).unwrap();
    assert!(!told.contains(part(&new).expose_secret()));
}

#[tokio::test]
async fn of_two_who_disable_each_other_one_does() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let eve = with_eve(&app).await;
    // A third, so that neither is the last who can sign in.
    let new = people.add(&who(), "bob").await.unwrap();
    people
        .use_link(part(&new), "", secret(PASSWORD), None)
        .await
        .unwrap();
    let (by_ada, by_eve) = (as_person(&ada), as_person(&eve));
    let (adas, eves) = (ada.id.to_string(), eve.id.to_string());
    let (first, second) = futures_util::future::join(
        people.set_enabled(&by_ada, &eves, false),
        people.set_enabled(&by_eve, &adas, false),
    )
    .await;
    let refused = match (first, second) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        both => panic!("{both:?}"),
    };
    assert!(matches!(refused, AdminError::SignInFailed), "{refused:?}");
}
