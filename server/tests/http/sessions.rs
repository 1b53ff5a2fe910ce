//! When people who have signed in have to do so again. Time is passed by making the session older.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use serde_json::json;
use store::{MasterKey, Store};
use tower_sessions::{SessionStore, session::Id, session::Record};

use crate::support::{World, world};

const HOUR: i64 = 60 * 60;

/// Somebody who has signed in, and the table that says so.
struct Person {
    world: World,
    store: Store,
    cookie: String,
}

impl Person {
    async fn signed_in() -> Self {
        let world = world().await;
        let link = world.weir.first_link.as_ref().unwrap();
        let (_, secret) = link.split_once("link=").unwrap();
        let welcome = world
            .client
            .post(world.url("/welcome"))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "link={secret}&name=ada&password=correct+horse+battery"
            ))
            .send()
            .await
            .unwrap();
        let cookies = welcome.headers().get_all("set-cookie");
        let cookie = cookies
            .iter()
            .find_map(|cookie| cookie.to_str().unwrap().strip_prefix("weir_session="))
            .and_then(|rest| rest.split(';').next())
            .unwrap()
            .to_owned();
        let data = world.data.path().join("weir");
        let store = Store::open(store::Options {
            database_url: format!("sqlite:{}", data.join("weir.db").display()),
            master_key: MasterKey::load(None, &data.join("master.key")).unwrap(),
            readers: 1,
        })
        .await
        .unwrap();
        Self {
            world,
            store,
            cookie,
        }
    }

    async fn session(&self) -> Option<Record> {
        let id: Id = self.cookie.parse().unwrap();
        self.store.sessions().load(&id).await.unwrap()
    }

    /// The session as if it had begun, or been used, so many seconds earlier.
    async fn made_older(&self, key: &str, seconds: i64) {
        let mut session = self.session().await.unwrap();
        let held = session.data.get_mut("signed_in").unwrap();
        let at = held[key].as_i64().unwrap();
        held[key] = json!(at - seconds);
        if key == "seen" {
            session.expiry_date -= Duration::from_secs(seconds.unsigned_abs());
        }
        self.store.sessions().save(&session).await.unwrap();
    }

    async fn status(&self) -> StatusCode {
        let page = self
            .world
            .client
            .get(self.world.url("/providers"))
            .header("cookie", format!("weir_session={}", self.cookie));
        page.send().await.unwrap().status()
    }
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_without_a_request() {
    let person = Person::signed_in().await;
    person.made_older("seen", 11 * HOUR).await;
    assert_eq!(person.status().await, StatusCode::OK);
    let renewed: SystemTime = person.session().await.unwrap().expiry_date.into();
    let left = renewed.duration_since(SystemTime::now()).unwrap().as_secs();
    assert!(left.abs_diff(12 * 60 * 60) < 60, "{left} s");
    person.made_older("seen", 12 * HOUR + 1).await;
    assert_eq!(person.status().await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_after_seven_days_however_often_it_is_used() {
    let person = Person::signed_in().await;
    person.made_older("since", 7 * 24 * HOUR - 60).await;
    assert_eq!(person.status().await, StatusCode::OK);
    person.made_older("since", 61).await;
    assert_eq!(person.status().await, StatusCode::SEE_OTHER);
    assert_eq!(person.session().await, None);
}
