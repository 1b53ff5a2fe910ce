//! Which operation of Vertex AI a path asks for, and in which project and location it goes up.

mod support;

use domain::call::Operation;
use support::{
    VERTEX,
    at_home::{HOME, asked},
};
use weir_wire::route::{Dialect, dialect};

const HOST: &str = "https://us-central1-aiplatform.googleapis.com";

#[test]
fn each_path_asks_for_its_operation() {
    let (plain, stream) = (Some(false), Some(true));
    for (method, below, operation, model, streamed) in [
        (
            "POST",
            "/publishers/google/models/gemini-3-pro:generateContent",
            Operation::Generate,
            Some("gemini-3-pro"),
            plain,
        ),
        (
            "POST",
            "/publishers/google/models/gemini-3-pro:streamGenerateContent",
            Operation::Generate,
            Some("gemini-3-pro"),
            stream,
        ),
        (
            "POST",
            "/publishers/google/models/gemini-3-pro:countTokens",
            Operation::CountTokens,
            Some("gemini-3-pro"),
            plain,
        ),
        (
            "POST",
            "/publishers/google/models/text-embedding-005:predict",
            Operation::Embeddings,
            Some("text-embedding-005"),
            plain,
        ),
        (
            "POST",
            "/publishers/google/models/gemini-embedding-2:embedContent",
            Operation::Embeddings,
            Some("gemini-embedding-2"),
            plain,
        ),
        (
            "POST",
            "/publishers/google/models/imagen-4:predict",
            Operation::Other,
            Some("imagen-4"),
            None,
        ),
        (
            "POST",
            "/publishers/google/models/veo-3:predictLongRunning",
            Operation::Other,
            Some("veo-3"),
            None,
        ),
        (
            "POST",
            "/publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict",
            Operation::Messages,
            Some("claude-opus-4-5@20251101"),
            plain,
        ),
        (
            "POST",
            "/publishers/anthropic/models/claude-opus-5:streamRawPredict",
            Operation::Messages,
            Some("claude-opus-5"),
            stream,
        ),
        (
            "POST",
            "/publishers/anthropic/models/count-tokens:rawPredict",
            Operation::CountTokens,
            None,
            None,
        ),
        (
            "POST",
            "/publishers/mistralai/models/codestral-2@001:rawPredict",
            Operation::Chat,
            Some("codestral-2@001"),
            plain,
        ),
        (
            "POST",
            "/publishers/mistralai/models/codestral-2@001:streamRawPredict",
            Operation::Chat,
            Some("codestral-2@001"),
            stream,
        ),
        (
            "POST",
            "/publishers/mistralai/models/mistral-ocr-2505:rawPredict",
            Operation::Other,
            Some("mistral-ocr-2505"),
            None,
        ),
        (
            "POST",
            "/publishers/meta/models/llama-4-maas:rawPredict",
            Operation::Chat,
            Some("meta/llama-4-maas"),
            plain,
        ),
        (
            "POST",
            "/endpoints/openapi/chat/completions",
            Operation::Chat,
            None,
            None,
        ),
        (
            "POST",
            "/endpoints/openapi/embeddings",
            Operation::Embeddings,
            None,
            None,
        ),
        (
            "POST",
            "/publishers/openai/v1/chat/completions",
            Operation::Chat,
            None,
            None,
        ),
        (
            "POST",
            "/publishers/openai/v1/responses",
            Operation::Responses,
            None,
            None,
        ),
        (
            "POST",
            "/endpoints/1234:generateContent",
            Operation::Generate,
            Some("endpoints/1234"),
            plain,
        ),
        (
            "POST",
            "/endpoints/1234:streamGenerateContent",
            Operation::Generate,
            Some("endpoints/1234"),
            stream,
        ),
        (
            "POST",
            "/endpoints/1234:predict",
            Operation::Other,
            Some("endpoints/1234"),
            None,
        ),
        ("POST", "/cachedContents", Operation::Other, None, None),
        (
            "DELETE",
            "/publishers/google/models/gemini-3-pro",
            Operation::Other,
            Some("gemini-3-pro"),
            None,
        ),
        ("GET", "/batchPredictionJobs", Operation::Other, None, None),
        ("POST", ":evaluateInstances", Operation::Other, None, None),
    ] {
        for version in ["v1", "v1beta1"] {
            for home in ["/projects/their-project/locations/europe-west1", HOME] {
                let path = format!("/{version}{home}{below}");
                let found = asked(method, &path);
                assert_eq!(
                    (found.operation, found.model.as_deref(), found.streamed),
                    (operation, model, streamed),
                    "{path}"
                );
                assert_eq!(
                    found.url(HOST),
                    format!("{HOST}/{version}{HOME}{below}"),
                    "{path}"
                );
            }
            if below.starts_with('/') {
                let path = format!("/{version}{below}");
                let found = asked(method, &path);
                assert_eq!(
                    (found.operation, found.model.as_deref()),
                    (operation, model),
                    "{path}"
                );
                assert_eq!(
                    found.url(HOST),
                    format!("{HOST}/{version}{HOME}{below}"),
                    "{path}"
                );
            }
        }
    }
}

#[test]
fn lists_of_models_are_outside_of_every_project() {
    for path in [
        "/v1beta1/publishers/google/models",
        "/v1beta1/projects/their-project/locations/eu/publishers/google/models",
    ] {
        let found = asked("GET", path);
        assert_eq!(
            (found.operation, found.model.clone()),
            (Operation::Models, None)
        );
        assert_eq!(
            found.url(HOST),
            format!("{HOST}/v1beta1/publishers/google/models")
        );
    }
    let one = asked("GET", "/v1/publishers/meta/models/llama-4-maas");
    assert_eq!(one.model.as_deref(), Some("meta/llama-4-maas"));
    assert_eq!(
        one.url(HOST),
        format!("{HOST}/v1/publishers/meta/models/llama-4-maas")
    );
}

#[test]
fn what_is_read_lies_in_the_project_but_for_the_catalog() {
    for (below, operation, model) in [
        ("/publishers/openai/v1/models", Operation::Models, None),
        (
            "/publishers/openai/v1/models/gpt-oss",
            Operation::Models,
            Some("gpt-oss"),
        ),
        (
            "/publishers/openai/v1/responses/resp_1",
            Operation::StoredResponse,
            None,
        ),
        ("/endpoints/openapi/models", Operation::Models, None),
        ("/endpoints/1", Operation::Other, Some("endpoints/1")),
        ("/publishers/google", Operation::Other, None),
        ("/publishers/google/models/a/b", Operation::Other, None),
        (
            "/publishers/google/models/a:fetchPredictOperation",
            Operation::Other,
            Some("a"),
        ),
        ("/cachedContents/1", Operation::Other, None),
    ] {
        for written in ["", "/projects/their-project/locations/eu"] {
            let path = format!("/v1beta1{written}{below}");
            let found = asked("GET", &path);
            assert_eq!(
                (found.operation, found.model.as_deref()),
                (operation, model),
                "{path}"
            );
            assert_eq!(found.url(HOST), format!("{HOST}/v1beta1{HOME}{below}"));
        }
    }
}

#[test]
fn a_base_url_that_ends_in_the_version_swallows_the_paths() {
    let found = asked(
        "POST",
        "/v1beta1/publishers/google/models/m:generateContent",
    );
    for base in [
        "https://p.example",
        "https://p.example/v1beta1",
        "https://p.example/v1beta1/",
    ] {
        assert_eq!(
            found.url(base),
            format!("https://p.example/v1beta1{HOME}/publishers/google/models/m:generateContent")
        );
    }
}

#[test]
fn each_path_has_its_sdk() {
    for (path, expected) in [
        (
            "/v1/publishers/google/models/m:generateContent",
            Dialect::Google,
        ),
        (
            "/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
            Dialect::Google,
        ),
        (
            "/v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict",
            Dialect::Anthropic,
        ),
        (
            "/v1/publishers/anthropic/models/m:rawPredict",
            Dialect::Anthropic,
        ),
        (
            "/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict",
            Dialect::Google,
        ),
        (
            "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
            Dialect::OpenAi,
        ),
        ("/v1/publishers/openai/v1/chat/completions", Dialect::OpenAi),
        ("/v1/endpoints/1:predict", Dialect::Google),
        ("/", Dialect::Google),
    ] {
        assert_eq!(dialect(VERTEX, path), expected, "{path}");
    }
}
