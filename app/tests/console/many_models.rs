//! A provider of as many models as there may be: its pages stay small, and hold up nothing.

use std::time::{Duration, Instant};

use admin::{Who, providers::ProviderDraft};
use axum::body::Body;
use http::{Request, header};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::browser::{Browser, HOST};

const PATH: &str = "/providers/many/edit";

async fn with_models(count: usize) -> Browser {
    let browser = Browser::signed_in().await;
    let models: Vec<_> = (0..count)
        .map(|place| json!({"id": format!("house/model-{place}"), "rates": {"input": "1.5"}}))
        .collect();
    let draft = ProviderDraft::read(json!({
        "id": "many", "display_name": "Many", "type": "openai_compatible",
        "base_url": "https://models.example/v1", "models": models,
    }));
    let providers = browser.admin.providers();
    providers.create(&Who::system(), &draft).await.unwrap();
    browser
}

#[tokio::test]
async fn a_model_takes_little_of_the_page() {
    let mut sizes = vec![];
    for count in [10, 110] {
        let page = with_models(count).await.get(PATH).await;
        page.is(200).says(&format!("Selected, {count}"));
        sizes.push(page.text.len());
    }
    let of_one = (sizes[1] - sizes[0]) / 100;
    assert!(of_one < 4_500, "{of_one} bytes for each model");
}

/// On a single thread, as all of a test is: what is done there is seen as a timer that is late.
#[tokio::test]
async fn a_large_page_holds_up_nothing() {
    let browser = with_models(800).await;
    let cookies: Vec<String> = browser.cookies().collect();
    let cookies = cookies.join("; ");
    let pages: Vec<_> = (0..2)
        .map(|_| {
            let request = Request::get(PATH)
                .header(header::HOST, HOST)
                .header(header::COOKIE, &cookies)
                .body(Body::empty())
                .unwrap();
            let router = browser.router();
            tokio::spawn(async move {
                let began = Instant::now();
                let answer = router.oneshot(request).await.unwrap();
                assert_eq!(answer.status(), 200);
                answer.into_body().collect().await.unwrap();
                began.elapsed()
            })
        })
        .collect();
    let mut longest = Duration::ZERO;
    while pages.iter().any(|page| !page.is_finished()) {
        let began = Instant::now();
        tokio::time::sleep(Duration::from_millis(1)).await;
        longest = longest.max(began.elapsed());
    }
    let mut page = Duration::ZERO;
    for done in pages {
        page = page.max(done.await.unwrap());
    }
    assert!(
        longest < page / 4,
        "held up for {longest:?} by pages that took {page:?}"
    );
}
