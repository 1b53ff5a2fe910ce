use std::time::{Duration, Instant};

use admin::{
    Actor, AdminError, Who,
    audit::{AuditQuery, AuditView},
    people::SignedIn,
};
use futures_util::future::{join, join_all, select_ok};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{App, address, noted, told, who};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// The refused attempts of the audit at this, newest first, as soon as there are so many. Nobody waits for
/// what is written of them.
async fn refused_attempts(app: &App, at: &str, many: usize) -> Vec<AuditView> {
    let query = AuditQuery::read(&format!("result=refused{at}")).unwrap();
    loop {
        let page = app.admin.audit().list(&Who::system(), &query).await;
        let rows = page.unwrap().items;
        if rows.len() >= many {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
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
            by_token: None,
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
        by_token: None,
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

    let refused = refused_attempts(&app, "", 3).await;
    let rows: Vec<_> = refused.iter().rev().collect();
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
    assert!(rows.iter().all(|row| row.result == "refused"));
    let actors: Vec<&str> = rows.iter().map(|row| row.actor.as_str()).collect();
    assert_eq!(
        actors,
        ["unknown", "unknown", "person:ada"],
        "whoever has signed in is known"
    );
    let everything = format!("{rows:?}");
    assert!(!everything.contains(PASSWORD), "{everything}");
}

#[tokio::test]
async fn a_recovered_password_is_not_overwritten_by_a_change_that_began_before() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let link = people.make_link(&Who::system()).await.unwrap();
    let by_ada = as_person(&ada);
    let (changed, recovered) = join(
        people.change_password(&by_ada, secret(PASSWORD), secret("the thief's password")),
        people.use_link(link, "ada", secret("the owner's password"), None),
    )
    .await;
    recovered.unwrap();
    if let Err(error) = changed {
        assert_eq!(
            told(&error).2,
            [("current_password".to_owned(), "wrong_password")]
        );
    }
    let owner = people.sign_in("ada", secret("the owner's password"), None);
    assert!(owner.await.is_ok());
}

#[tokio::test]
async fn somebody_who_is_being_disabled_changes_no_password() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let new = people.add(&Who::system(), "eve").await.unwrap();
    let (_, link) = new.address.expose_secret().split_once("link=").unwrap();
    people
        .use_link(secret(link), "", secret(PASSWORD), None)
        .await
        .unwrap();
    let (by_ada, id) = (as_person(&ada), ada.id.to_string());
    let before = app.store.admins().by_id(ada.id).await.unwrap().unwrap();
    let (changed, disabled) = join(
        people.change_password(&by_ada, secret(PASSWORD), secret("a whole new password")),
        people.set_enabled(&Who::system(), &id, false),
    )
    .await;
    assert!(!disabled.unwrap().enabled);
    // Whichever came first: nothing is changed once somebody is out.
    let after = app.store.admins().by_id(ada.id).await.unwrap().unwrap();
    let query = AuditQuery::read(&format!("object={id}")).unwrap();
    let rows = app.admin.audit().list(&who(), &query).await.unwrap().items;
    let newest_done = rows.iter().find(|row| row.result == "done").unwrap();
    assert_eq!(newest_done.action, "disable");
    if let Err(error) = changed {
        assert!(matches!(error, AdminError::SignInFailed), "{error:?}");
        assert_eq!(after.password_hash, before.password_hash);
    }
}

#[tokio::test]
async fn the_audit_knows_whether_somebody_disabled_had_the_right_password() {
    let (app, ada) = with_ada().await;
    let people = app.admin.people();
    let now = domain::Timestamp::now();
    let admins = app.store.admins();
    admins.disable(ada.id, now, &noted()).await.unwrap();
    for password in [PASSWORD, "wrong password"] {
        let refused = people.sign_in("ada", secret(password), None).await;
        assert!(matches!(refused, Err(AdminError::SignInFailed)));
    }
    let rows = refused_attempts(&app, "&action=sign_in", 2).await;
    let reasons: Vec<_> = rows.iter().rev().map(|row| row.after.clone()).collect();
    let reason = |reason: &str| Some(serde_json::json!({ "reason": reason }));
    assert_eq!(reasons, [reason("disabled"), reason("wrong_password")]);
}

#[tokio::test]
async fn the_use_of_a_bad_link_is_audited_without_it() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    let from = Some(address("203.0.113.9"));
    for _ in 0..3 {
        let refused = people.use_link(secret("guessed"), "ada", secret(PASSWORD), from);
        assert!(matches!(refused.await, Err(AdminError::LinkInvalid)));
    }
    let rows = refused_attempts(&app, "", 1).await;
    assert_eq!(rows.len(), 1, "they share a row");
    assert_eq!(
        (rows[0].action.as_str(), rows[0].object_kind.as_str()),
        ("set_password", "one_time_link")
    );
    assert_eq!(
        (rows[0].actor.as_str(), rows[0].address.as_deref()),
        ("unknown", Some("203.0.113.9"))
    );
    let reason = serde_json::json!({ "reason": "link_invalid" });
    assert_eq!(rows[0].after, Some(reason));
    assert!(!format!("{rows:?}").contains("guessed"));
}

#[tokio::test]
async fn changes_do_not_wait_for_the_password_of_a_link() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    let link = people.make_link(&Who::system()).await.unwrap();
    // Whoever signs in keeps those busy who compute hashes.
    let names: Vec<String> = (0..24).map(|n| format!("nobody{n}")).collect();
    let busy = join_all(
        names
            .iter()
            .map(|name| people.sign_in(name, secret(PASSWORD), None)),
    );
    let used = async {
        // After the others have queued up.
        while refused_now(&app).await == 0 {}
        people
            .use_link(link.clone(), "ada", secret(PASSWORD), None)
            .await
            .unwrap();
        "used"
    };
    let changed = async {
        while refused_now(&app).await == 0 {}
        for _ in 0..20 {
            people.link_is_for(&link).await.unwrap();
        }
        app.put_secret("KEY", "x").await.unwrap();
        "changed"
    };
    let (used, changed) = (Box::pin(used), Box::pin(changed));
    let first = async {
        let (first, other) = futures_util::future::select(used, changed)
            .await
            .factor_first();
        other.await;
        first
    };
    assert_eq!(join(busy, first).await.1, "changed");
}

/// How many refused attempts there are so far.
async fn refused_now(app: &App) -> usize {
    refused_attempts(app, "", 0).await.len()
}

#[tokio::test]
async fn names_that_nobody_can_have_are_unknown() {
    let (app, _) = with_ada().await;
    let people = app.admin.people();
    for name in ["ada\0", "a\nda", ""] {
        let refused = people.sign_in(name, secret(PASSWORD), None).await;
        assert!(matches!(refused, Err(AdminError::SignInFailed)), "{name:?}");
    }
}
