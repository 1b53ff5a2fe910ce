//! Cohere's paths.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::call::Operation::{
    self, Chat, CohereChat, CountTokens, Embeddings, Models, Other, Rerank,
};
use support::COHERE;
use weir_wire::route::{PathError, route};

#[track_caller]
fn check(method: &str, path: &str, operation: Operation, model: Option<&str>) {
    let route = route(COHERE, method, path).unwrap();
    assert_eq!(
        (route.operation, route.model.as_deref()),
        (operation, model),
        "{method} {path}"
    );
    assert_eq!(
        route.url("https://api.cohere.com"),
        format!("https://api.cohere.com{path}")
    );
}

#[test]
fn each_path_has_its_operation() {
    check("POST", "/v2/chat", CohereChat, None);
    check("POST", "/v2/%63hat/", CohereChat, None);
    check("POST", "/v2/embed", Embeddings, None);
    check("POST", "/v2/rerank", Rerank, None);
    check("POST", "/v1/tokenize", CountTokens, None);
    check("GET", "/v1/models", Models, None);
    check("GET", "/v1/models/embed-v4.0", Models, Some("embed-v4.0"));
    check("POST", "/compatibility/v1/chat/completions", Chat, None);
    check("POST", "/compatibility/v1/embeddings", Embeddings, None);
    for path in [
        "/v1/chat",
        "/v1/embed",
        "/v1/rerank",
        "/v1/classify",
        "/v1/datasets",
        "/v1/finetuning/finetuned-models",
        "/v2/models",
        "/chat/completions",
        "/compatibility/v1/models",
        "/compatibility/chat/completions",
        "/V2/chat",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            check(method, path, Other, None);
        }
    }
    check("POST", "/v1/models", Other, None);
    check("GET", "/v2/chat", Other, None);
    check("DELETE", "/v1/models/x", Other, None);
}

#[test]
fn what_is_ambiguous_is_refused() {
    for path in [
        "/v2//chat",
        "/v2/../v1/models",
        "/v2/chat%2fx",
        "/v1/models/%2e%2e",
    ] {
        assert_eq!(
            route(COHERE, "POST", path),
            Err(PathError::Ambiguous),
            "{path}"
        );
    }
}
