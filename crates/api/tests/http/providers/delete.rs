use http::{Method, header};

use crate::app::{App, ask};

const PATH: &str = "/api/v1/providers/main";

#[tokio::test]
async fn a_deleted_provider_is_gone() {
    let app = App::with_provider().await;
    app.delete(PATH).await.empty(204);
    app.get(PATH).await.problem(404, "provider_not_found");
    app.delete(PATH).await.problem(404, "provider_not_found");
}

#[tokio::test]
async fn a_delete_may_be_based_on_a_version() {
    let app = App::with_provider().await;
    for (tag, status) in [("\"2\"", 412), ("\"1\"", 204)] {
        let mut request = ask(Method::DELETE, PATH, None);
        request
            .headers_mut()
            .insert(header::IF_MATCH, tag.parse().unwrap());
        assert_eq!(app.send(request).await.status.as_u16(), status);
    }
}
