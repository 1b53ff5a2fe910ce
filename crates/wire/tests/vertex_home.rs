//! No client of Vertex AI names a project or a location: not in the path, however it is written, and not in the
//! model of the body.

mod support;

use domain::call::Operation;
use support::{
    OPENAI, VERTEX,
    at_home::{HOME, asked},
};
use weir_wire::{
    request::{RequestError, other_model, read},
    route::{PathError, route},
};

#[test]
fn no_path_names_another_project_or_location() {
    for (path, up) in [
        (
            "/v1/projects/their-project/locations",
            "/v1/projects/own-project/locations",
        ),
        ("/v1/projects/their-project", "/v1/projects/own-project"),
        (
            "/v1/%70rojects/their-project/%6cocations/eu/endpoints/openapi/chat/completions",
            "/v1/projects/own-project/locations/us-central1/endpoints/openapi/chat/completions",
        ),
        (
            "/v1/projects/their-project/locations/eu:rerank",
            "/v1/projects/own-project/locations/us-central1:rerank",
        ),
        (
            "/v1/projects/their-project/locations/eu",
            "/v1/projects/own-project/locations/us-central1",
        ),
        (
            "/v1/projects/example.com:their/locations/eu/endpoints/1:predict",
            "/v1/projects/own-project/locations/us-central1/endpoints/1:predict",
        ),
    ] {
        assert_eq!(asked("POST", path).upstream_path, up);
    }
    for path in [
        "/v1/projects/a/../b/locations/eu",
        "/v1/projects/a/%2e%2E/b/locations/eu",
        "/v1/projects/a/.%2e/b/locations/eu",
        "/v1/projects/a/..;x/b/locations/eu",
        "/v1/projects/a%2Fb/locations/eu",
        "/v1/endpoints/..%2F..%2Fprojects%2Fb",
        "/v1/endpoints/1%252F..%252Fb:predict",
        "/v1/publishers/google/models/..%2f..%2fb:generateContent",
        "/v1//projects/b/locations/eu/endpoints/1:predict",
        "//v1/projects/b/locations/eu/endpoints/1:predict",
        "/v1/\\projects/b",
    ] {
        assert_eq!(
            route(VERTEX, "POST", path),
            Err(PathError::Ambiguous),
            "{path}"
        );
    }
    // What is not where a project stands is below the provider's own.
    for below in [
        "/Projects/their-project/locations/eu/endpoints/1:predict",
        "/projects;x/their-project/locations/eu/endpoints/1:predict",
        "/locations/eu/endpoints/1:predict",
        "/v1/projects/their-project/locations/eu/endpoints/1:predict",
    ] {
        let path = format!("/v1{below}");
        assert_eq!(
            asked("POST", &path).upstream_path,
            format!("/v1{HOME}{below}")
        );
    }
    // Until it is known, none is named.
    let bare = route(
        VERTEX,
        "POST",
        "/v1/projects/p/locations/l/endpoints/1:predict",
    )
    .unwrap();
    assert_eq!(bare.upstream_path, "/v1/endpoints/1:predict");
}

#[test]
fn a_path_without_a_version_is_refused() {
    for path in [
        "/",
        "/v1x",
        "/V1/projects/their-project/locations/eu/endpoints/1:predict",
        "/v2/projects/their-project/x",
        "/v1beta/publishers/google/models/m:generateContent",
        "/projects/their-project/locations/eu/endpoints/1:predict",
        "/publishers/google/models/m:generateContent",
        "/upload/v1/projects/their-project/locations/eu/ragCorpora/1/ragFiles:upload",
        "/resumable/upload/v1beta1/projects/their-project/locations/eu/ragCorpora/1/ragFiles:upload",
        "/batch",
        "/$discovery/rest",
        "/v1;x/projects/their-project/locations/eu/endpoints/1:predict",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            assert_eq!(
                route(VERTEX, method, path),
                Err(PathError::NoVersion),
                "{path}"
            );
        }
    }
    assert_eq!(
        asked("POST", "/%76%31/endpoints/1:predict").upstream_path,
        format!("/v1{HOME}/endpoints/1:predict")
    );
}

#[test]
fn a_model_of_a_body_is_in_no_project() {
    for model in [
        "projects/their-project/locations/eu/endpoints/1",
        "projects/their-project/locations/eu/publishers/google/models/m",
        "/projects/their-project/locations/eu/endpoints/1",
        "//aiplatform.googleapis.com/projects/their-project/locations/eu/endpoints/1",
        "google/projects/their-project/locations/eu/endpoints/1",
        "Projects\\/their-project",
        "\\u0070rojects/their-project",
    ] {
        let body = format!(r#"{{"model":"{model}"}}"#);
        for operation in [
            Operation::Chat,
            Operation::Completions,
            Operation::Embeddings,
            Operation::Responses,
        ] {
            assert_eq!(
                read(operation, VERTEX, body.as_bytes()),
                Err(RequestError::ModelInProject),
                "{model}"
            );
            assert!(read(operation, OPENAI, body.as_bytes()).is_ok(), "{model}");
        }
        // Where the path names the model, and where none is run.
        for operation in [
            Operation::Generate,
            Operation::Messages,
            Operation::CountTokens,
        ] {
            assert!(read(operation, VERTEX, body.as_bytes()).is_ok(), "{model}");
        }
        assert!(other_model(VERTEX, None, body.as_bytes()).is_ok());
    }
    for (model, name) in [
        ("google/gemini-3-pro", "gemini-3-pro"),
        ("publishers/meta/models/llama-4-maas", "meta/llama-4-maas"),
        ("endpoints/1", "endpoints/1"),
        ("my-projects/m", "my-projects/m"),
    ] {
        let body = format!(r#"{{"model":"{model}"}}"#);
        let asked = read(Operation::Chat, VERTEX, body.as_bytes()).unwrap();
        assert_eq!(asked.model.as_deref(), Some(name));
    }
}
