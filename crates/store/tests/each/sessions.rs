//! Sessions, as tower-sessions uses them.

use std::collections::HashMap;

use crate::common::*;
use domain::Timestamp;
use serde_json::json;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

pub(crate) fn record(id: i128, seconds: i64) -> Record {
    let data = HashMap::from([("stamp".to_owned(), json!("x"))]);
    let id = serde_json::to_value(Id(id)).unwrap();
    let mut record = json!({ "id": id, "data": data });
    let at = Timestamp::now().as_second() + seconds;
    // tower-sessions' own form of a time: year, day of the year, hour, minute, second …
    let at = jiff::Timestamp::from_second(at)
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::UTC);
    record["expiry_date"] = json!([
        at.year(),
        at.day_of_year(),
        at.hour(),
        at.minute(),
        at.second(),
        0,
        0,
        0,
        0
    ]);
    serde_json::from_value(record).unwrap()
}

#[tokio::test]
async fn a_session_comes_back_until_it_expires() {
    let place = Place::new();
    let sessions = place.open().await.sessions();
    let mut fresh = record(7, 600);
    fresh.id = Id(i128::MIN + 5);
    sessions.create(&mut fresh).await.unwrap();
    assert_eq!(sessions.load(&fresh.id).await.unwrap(), Some(fresh.clone()));
    fresh.data.insert("more".to_owned(), json!([1, 2]));
    sessions.save(&fresh).await.unwrap();
    assert_eq!(sessions.load(&fresh.id).await.unwrap(), Some(fresh.clone()));
    let expired = record(8, -600);
    sessions.save(&expired).await.unwrap();
    assert_eq!(sessions.load(&expired.id).await.unwrap(), None);
    assert_eq!(sessions.remove_expired(Timestamp::now()).await.unwrap(), 1);
    sessions.delete(&fresh.id).await.unwrap();
    assert_eq!(sessions.load(&fresh.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_session_never_takes_over_another() {
    let place = Place::new();
    let sessions = place.open().await.sessions();
    let mut first = record(7, 600);
    sessions.create(&mut first).await.unwrap();
    let mut second = record(7, 600);
    sessions.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(sessions.load(&second.id).await.unwrap(), Some(second));
}
