use std::time::{Duration, Instant};

use admin::{Actor, AdminError, Who, people::SignedIn};
use futures_util::future::{join_all, select_ok};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{App, address, told};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// An `App` whose first admin is ada.
pub(crate) async fn with_ada() -> (App, SignedIn) {
    let app = App::new().await;
    let link = app.admin.people().make_link(&Who::system()).await.unwrap();
    let ada = app
        .admin
        .people()
        .use_link(link, "ada", secret(PASSWORD), None)
        .await
        .unwrap();
    (app, ada)
}

pub(crate) fn as_person(signed_in: &SignedIn) -> Who {
    Who::checked(
        Actor::Person {
            id: signed_in.id,
            name: signed_in.name.clone(),
        },
        None,
    )
}

#[tokio::test]
async fn the_first_admin_is_made_by_a_link_that_works_once() {
    let app = App::new().await;
    let people = app.admin.people();
    assert!(people.is_first_start().await.unwrap());
    let link = people.make_link(&Who::system()).await.unwrap();
    assert_eq!(link.expose_secret().len(), 43, "256 bits");

    for (name, password, field) in [
        ("", PASSWORD, "name"),
        ("ada", "too short", "password"),
        ("a\nb", PASSWORD, "name"),
    ] {
        let error = people
            .use_link(link.clone(), name, secret(password), None)
            .await
            .unwrap_err();
        assert_eq!(
            told(&error).2[0].0,
            field,
            "a mistake does not use the link up"
        );
    }
    let error = people
        .use_link(secret("guessed"), "ada", secret(PASSWORD), None)
        .await
        .unwrap_err();
    assert!(matches!(error, AdminError::LinkInvalid));

    let ada = people
        .use_link(link.clone(), " ada ", secret(PASSWORD), None)
        .await
        .unwrap();
    assert_eq!(ada.name, "ada");
    assert!(!people.is_first_start().await.unwrap());
    let error = people
        .use_link(link, "bob", secret(PASSWORD), None)
        .await
        .unwrap_err();
    assert!(matches!(error, AdminError::LinkInvalid));
}

#[tokio::test]
async fn two_links_at_once_make_one_first_admin() {
    let app = App::new().await;
    let people = app.admin.people();
    let first = people.make_link(&Who::system()).await.unwrap();
    let second = people.make_link(&Who::system()).await.unwrap();
    let made = join_all([
        people.use_link(first, "ada", secret(PASSWORD), None),
        people.use_link(second, "eve", secret(PASSWORD), None),
    ])
    .await;
    assert_eq!(
        made.iter().filter(|made| made.is_ok()).count(),
        1,
        "{made:?}"
    );
}

#[tokio::test]
async fn the_use_of_a_link_ends_all_older_ones() {
    let app = App::new().await;
    let people = app.admin.people();
    let older = people.make_link(&Who::system()).await.unwrap();
    let newer = people.make_link(&Who::system()).await.unwrap();
    people
        .use_link(newer, "ada", secret(PASSWORD), None)
        .await
        .unwrap();
    let again = people
        .use_link(older, "ada", secret("a whole new password"), None)
        .await
        .unwrap_err();
    assert_eq!(told(&again).1, "link_invalid");
    assert!(people.sign_in("ada", secret(PASSWORD), None).await.is_ok());
}

#[tokio::test]
async fn a_later_link_sets_the_password_of_an_account() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let link = people.make_link(&Who::system()).await.unwrap();
    let error = people
        .use_link(link.clone(), "nobody", secret(PASSWORD), None)
        .await
        .unwrap_err();
    assert_eq!(told(&error).2, [("name".to_owned(), "unknown_name")]);
    let again = people
        .use_link(link, "ada", secret("a whole new password"), None)
        .await
        .unwrap();
    assert_eq!(again.id, ada.id);
    assert_eq!(
        people.resume(ada.id, &ada.stamp).await.unwrap(),
        None,
        "older sessions have ended"
    );
    assert!(people.sign_in("ada", secret(PASSWORD), None).await.is_err());
    assert!(
        people
            .sign_in("ada", secret("a whole new password"), None)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn signing_in_wants_name_and_password_and_does_not_say_which_was_wrong() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    assert_eq!(
        people.sign_in("ada", secret(PASSWORD), None).await.unwrap(),
        ada
    );
    let wrong = people
        .sign_in("ada", secret("wrong password"), None)
        .await
        .unwrap_err();
    let unknown = people
        .sign_in("nobody", secret(PASSWORD), None)
        .await
        .unwrap_err();
    assert_eq!(wrong.problem(), unknown.problem());
    assert_eq!(told(&wrong).1, "sign_in_failed");
    let long = people
        .sign_in("ada", secret(&"a".repeat(100_000)), None)
        .await
        .unwrap_err();
    assert_eq!(told(&long).1, "sign_in_failed");
}

#[tokio::test]
async fn a_session_holds_while_the_password_stays() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let expected = Actor::Person {
        id: ada.id,
        name: "ada".to_owned(),
    };
    assert_eq!(
        people.resume(ada.id, &ada.stamp).await.unwrap(),
        Some(expected)
    );
    assert_eq!(people.resume(ada.id, "other").await.unwrap(), None);

    let who = as_person(&ada);
    let change = async |current: &str, new: &str| {
        people
            .change_password(&who, secret(current), secret(new))
            .await
    };
    let error = change("not my password", "a whole new password")
        .await
        .unwrap_err();
    assert_eq!(
        told(&error).2,
        [("current_password".to_owned(), "wrong_password")]
    );
    let error = change(PASSWORD, "short").await.unwrap_err();
    assert_eq!(told(&error).2, [("new_password".to_owned(), "too_short")]);
    let error = people
        .change_password(&Who::system(), secret(PASSWORD), secret(PASSWORD))
        .await
        .unwrap_err();
    assert_eq!(told(&error).0, 422);

    let renewed = change(PASSWORD, "a whole new password").await.unwrap();
    assert_eq!(
        people.resume(ada.id, &ada.stamp).await.unwrap(),
        None,
        "the others have ended"
    );
    assert!(
        people
            .resume(ada.id, &renewed.stamp)
            .await
            .unwrap()
            .is_some(),
        "this one goes on"
    );
}

#[tokio::test]
async fn failures_slow_the_account_down_from_wherever_they_come() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    for n in 0..4 {
        let from = Some(address(&format!("10.0.0.{n}")));
        assert!(
            people
                .sign_in("ada", secret("wrong password"), from)
                .await
                .is_err()
        );
    }
    let begun = Instant::now();
    assert!(
        people
            .sign_in("ada", secret(PASSWORD), Some(address("10.0.1.1")))
            .await
            .is_ok()
    );
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "the fifth attempt waits: {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn an_address_that_keeps_failing_is_refused() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    let refused = (0..20).map(|n| {
        let people = people.clone();
        Box::pin(async move {
            let from = Some(address("192.0.2.66"));
            match people
                .sign_in(&format!("name{n}"), secret("wrong password"), from)
                .await
            {
                Err(error @ AdminError::TooManySignIns { .. }) => Ok(error),
                _ => Err(()),
            }
        })
    });
    let (error, _) = select_ok(refused).await.expect("some are refused");
    assert_eq!(told(&error).0, 429);
    assert!(error.problem().retry_after.is_some());
    assert!(
        people
            .sign_in("ada", secret(PASSWORD), Some(address("192.0.2.67")))
            .await
            .is_ok(),
        "others get in"
    );
}

#[tokio::test]
async fn refused_sign_ins_are_audited_without_what_was_typed() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let from = Some(address("203.0.113.9"));
    for (name, password) in [("ada", "wrong"), ("ada", "wrong again"), (PASSWORD, "ada")] {
        let refused = people.sign_in(name, secret(password), from).await;
        assert!(matches!(refused, Err(AdminError::SignInFailed)));
    }
    people
        .change_password(&as_person(&ada), secret("wrong"), secret("a new password"))
        .await
        .unwrap_err();

    let query = admin::audit::AuditQuery::read("result=refused").unwrap();
    let page = app
        .admin
        .audit()
        .list(&Who::system(), &query)
        .await
        .unwrap();
    let rows: Vec<_> = page.items.iter().rev().collect();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let reason = row.after.as_ref().unwrap()["reason"].as_str().unwrap();
            (
                row.action.as_str(),
                row.object_id.clone(),
                reason,
                row.address.as_deref(),
            )
        })
        .collect();
    let id = ada.id.to_string();
    assert_eq!(
        told,
        [
            ("sign_in", id.clone(), "wrong_password", Some("203.0.113.9")),
            (
                "sign_in",
                String::new(),
                "no_such_account",
                Some("203.0.113.9")
            ),
            ("change_password", id, "wrong_password", None),
        ]
    );
    assert!(
        rows.iter()
            .all(|row| row.actor == "unknown" && row.result == "refused")
    );
    let everything = format!("{rows:?}");
    assert!(!everything.contains(PASSWORD), "{everything}");
}
