//! How long the vectors of embedding models are: in the picker, on the provider's and the catalog's pages, and
//! beside what a test of the connection was answered.

use crate::browser::Browser;

async fn with_provider() -> Browser {
    let mut browser = Browser::signed_in().await;
    let form = [
        ("do", "save"),
        ("display_name", "Cohere"),
        ("type", "cohere"),
        ("cohere.key_from", "new"),
        ("cohere.new_key", "COHERE_API_KEY"),
        ("cohere.new_value", "co-hush"),
        ("model", "embed-v4.0"),
        ("model", "embed-v5.0-fast"),
        ("model", "embed-of-ours"),
        ("model", "command-a-03-2025"),
    ];
    browser.post("/new-provider", &form).await.is(303);
    browser
}

#[tokio::test]
async fn they_are_told_wherever_models_are_listed() {
    let mut browser = with_provider().await;
    browser
        .get("/providers/cohere/models")
        .await
        .says("1,536 dimensions")
        .says("2,048 dimensions")
        .says("embed-of-ours");
    browser
        .post(
            "/new-provider",
            &[("do", "search"), ("type", "cohere"), ("q", "embed-v4")],
        )
        .await
        .says("1,536 dimensions · images");
    browser
        .get("/settings/catalog?kind=cohere&q=embed&open=embed-english-light-v3.0")
        .await
        .says("1,024 dimensions")
        .says(">Vector<")
        .says("not known")
        .says_not("Longest answer");
}

#[tokio::test]
async fn a_test_tells_what_came_and_says_where_the_catalog_says_something_else() {
    let mut browser = with_provider().await;
    for (model, says) in [
        (
            "embed-v4.0",
            "The vector has 1,536 dimensions, as the catalog says.",
        ),
        (
            "embed-v5.0-fast",
            "The vector has 1,024 dimensions, and the catalog says 2,048.",
        ),
        (
            "embed-of-ours",
            "The vector has 8 dimensions. The catalog does not say how many it should have.",
        ),
    ] {
        let form = [("model", model)];
        let page = browser.post("/providers/cohere/test", &form).await;
        page.says(says);
    }
    let chat = [("model", "command-a-03-2025")];
    let page = browser.post("/providers/cohere/test", &chat).await;
    page.says_not("The vector has");
}
