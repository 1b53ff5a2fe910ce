//! The database is away, in whole or in part; and messages that wait for somebody to read them.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::Body;
use http::{Request, header};
use store::Sessions;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::browser::{Browser, Page, value_of};

/// As many writes as one likes.
const ANY: usize = usize::MAX;

/// Sessions that can be read, and written as often as somebody says.
#[derive(Debug, Clone)]
struct Fragile {
    sessions: Sessions,
    writes: Arc<AtomicUsize>,
}

impl Fragile {
    fn check(&self) -> Result<()> {
        match self.writes.load(Ordering::Relaxed) {
            0 => return Err(Error::Backend("the disk is full".to_owned())),
            ANY => {}
            more => self.writes.store(more - 1, Ordering::Relaxed),
        }
        Ok(())
    }
}

/// A console with an admin who has signed in, and how often its sessions can be written.
async fn fragile() -> (Browser, Arc<AtomicUsize>) {
    let writes = Arc::new(AtomicUsize::new(ANY));
    let mut browser = Browser::with_sessions(|store| Fragile {
        sessions: store.sessions(),
        writes: writes.clone(),
    })
    .await;
    browser.make_admin().await;
    (browser, writes)
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
    let (mut browser, writes) = fragile().await;
    browser
        .post("/new-secret", &[("name", "A_KEY"), ("value", "v")])
        .await
        .is(303);
    writes.store(0, Ordering::Relaxed);
    is_told(&browser.get("/secrets").await);
    writes.store(ANY, Ordering::Relaxed);
    browser.get("/secrets").await.is(200).says("A_KEY is saved");
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_at_the_moment_keeps_what_was_typed() {
    let (mut browser, writes) = fragile().await;
    writes.store(0, Ordering::Relaxed);
    let form = [
        ("once", "0123456789abcdef"),
        ("name", "The shop’s \"own\" token"),
        ("agent", "shop"),
        ("expires", "never"),
        ("value", "hush-hush"),
    ];
    let page = browser.post("/new-token", &form).await;
    is_told(&page);
    page.says("look at what is there before you send it again")
        .says_not("Nothing was saved")
        .says("action=\"/new-token\"")
        .says("name=\"agent\" value=\"shop\"")
        .says("The shop’s &quot;own&quot; token")
        .says("Passwords and the values of secrets are not kept")
        .says_not("hush-hush");
    writes.store(ANY, Ordering::Relaxed);
    browser.post("/new-token", &form).await.is(200);
}

#[tokio::test]
async fn a_form_whose_id_was_taken_before_the_database_went_away_can_be_sent_again() {
    let (mut browser, writes) = fragile().await;
    let shown = browser.get("/new-token").await;
    let once = value_of(shown.is(200), "once").to_owned();
    // Its id is taken; without a name nothing is made; the id cannot be given back.
    writes.store(1, Ordering::Relaxed);
    let page = browser.post("/new-token", &[("once", &once)]).await;
    is_told(&page);
    let fresh = value_of(&page, "once").to_owned();
    assert_ne!(fresh, once);
    writes.store(ANY, Ordering::Relaxed);
    let form = |once| [("once", once), ("name", "ci"), ("expires", "never")];
    browser.post("/new-token", &form(&once)).await.is(409);
    browser.post("/new-token", &form(&fresh)).await.is(200);
}

#[tokio::test]
async fn a_form_is_not_to_be_sent_again_to_a_damaged_database() {
    let mut browser = Browser::signed_in().await;
    fs::remove_file(browser.folder.path().join("weir.db")).unwrap();
    let secret = [("name", "A_KEY"), ("value", "hush-hush")];
    let page = browser.post("/new-secret", &secret).await;
    page.is(503)
        .says("The database’s files are damaged or gone")
        .says_not("Send again")
        .says_not("hush-hush");
    assert_eq!(page.header("retry-after"), "");
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
