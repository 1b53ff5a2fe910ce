use crate::app::App;

#[tokio::test]
async fn the_page_needs_nothing_but_itself_and_its_style_sheet() {
    let app = App::new().await;
    let page = app.get("/api/docs").await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    for hole in [
        "<script",
        "<style",
        " style=",
        "http://",
        "https://",
        "javascript:",
        " onclick",
    ] {
        let text = page
            .text
            .replace("http://127.0.0.1:8080", "")
            .replace("http://localhost:8000/v1", "")
            .replace("https://login.microsoftonline.com/", "")
            .replace("https://cognitiveservices.azure.com/", "");
        assert!(!text.contains(hole), "{hole}");
    }
    assert!(page.text.contains("href=\"/api/docs/style.css\""));
    let style = app.get("/api/docs/style.css").await;
    assert!(!style.text.contains("url(") && !style.text.contains("@import"));
}

#[tokio::test]
async fn the_page_shows_every_route_schema_and_error() {
    let app = App::new().await;
    let page = app.get("/api/docs").await.text;
    let document = app.get("/api/openapi.json").await.json(200);
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("<article id=\"{id}\">")), "{id}");
            assert!(page.contains(&format!("href=\"#{id}\"")), "{id}");
        }
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    for code in [
        "invalid",
        "invalid_query",
        "id_taken",
        "version_conflict",
        "token_missing",
        "malformed_json",
        "internal",
    ] {
        assert!(page.contains(&format!("id=\"error-{code}\"")), "{code}");
    }
    // Every link leads somewhere.
    for link in page
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
    }
}
