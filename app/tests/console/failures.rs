//! The database is away, in whole or in part; and messages that wait for somebody to read them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::body::Body;
use http::{Request, header};
use store::Sessions;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::browser::{Browser, Page};

/// Sessions that can be read, and written only until somebody says otherwise.
#[derive(Debug, Clone)]
struct Fragile {
    sessions: Sessions,
    broken: Arc<AtomicBool>,
}

impl Fragile {
    fn check(&self) -> Result<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Error::Backend("the disk is full".to_owned()));
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl SessionStore for Fragile {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.check()?;
        self.sessions.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.check()?;
        self.sessions.save(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.sessions.load(id).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.sessions.delete(id).await
    }
}

#[track_caller]
fn is_told(page: &Page) {
    page.is(503)
        .says("The database cannot be used at the moment")
        .says("Try again")
        .says("<!doctype html>");
    assert_eq!(page.header("retry-after"), "1");
    assert!(page.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn while_the_database_is_away_every_page_says_so() {
    let mut browser = Browser::signed_in().await;
    browser.store.close().await.unwrap();
    is_told(&browser.get("/providers").await);
    let secret = [("name", "A_KEY"), ("value", "hush-hush")];
    let page = browser.post("/new-secret", &secret).await;
    is_told(&page);
    page.says_not("hush-hush");
}

#[tokio::test]
async fn a_session_that_cannot_be_saved_is_no_blank_page() {
    let broken = Arc::new(AtomicBool::new(false));
    let mut browser = Browser::with_sessions(|store| Fragile {
        sessions: store.sessions(),
        broken: broken.clone(),
    })
    .await;
    browser.make_admin().await;
    browser
        .post("/new-secret", &[("name", "A_KEY"), ("value", "v")])
        .await
        .is(303);
    broken.store(true, Ordering::Relaxed);
    is_told(&browser.get("/secrets").await);
    broken.store(false, Ordering::Relaxed);
    browser.get("/secrets").await.is(200).says("A_KEY is saved");
}

#[tokio::test]
async fn a_message_waits_until_somebody_sees_it() {
    let mut browser = Browser::signed_in().await;
    browser
        .post("/new-secret", &[("name", "A_KEY"), ("value", "v")])
        .await
        .is(303);
    let get = |headers: &[(&'static str, &str)]| {
        let request = headers
            .iter()
            .fold(Request::get("/secrets"), |request, (name, value)| {
                request.header(*name, *value)
            });
        request.body(Body::empty()).unwrap()
    };
    // A search while one types, over TLS and without; the free id of a form; a redirect on the way.
    for request in [
        get(&[("sec-fetch-dest", "empty")]),
        get(&[(header::ACCEPT.as_str(), "*/*")]),
    ] {
        browser
            .send(request)
            .await
            .is(200)
            .says_not("A_KEY is saved");
    }
    browser.get("/new-provider/free-id?id=x").await.is(200);
    browser.get("/").await.is(303);
    browser
        .send(get(&[("sec-fetch-dest", "document")]))
        .await
        .says("A_KEY is saved");
    browser.get("/secrets").await.says_not("A_KEY is saved");
}
