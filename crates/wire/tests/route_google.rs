//! The paths of Google, and those of compatible hosts that name a model.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::{call::Operation, provider::ProviderType};
use support::{COMPATIBLE, GOOGLE, OPENAI};
use weir_wire::route::route;

type Expected<'a> = (Operation, Option<&'a str>, Option<bool>);

#[track_caller]
fn check(provider_type: ProviderType, method: &str, path: &str, expected: Expected<'_>) {
    let route = route(provider_type, method, path).unwrap();
    let told = (route.operation, route.model.as_deref(), route.streamed);
    assert_eq!(told, expected, "{method} {path}");
    assert_eq!(route.upstream_path, path, "{method} {path}");
}

#[test]
fn google_names_model_and_stream_in_the_path() {
    let plain = Some(false);
    for version in ["/v1", "/v1beta", "/v1alpha"] {
        let check = |method, path: &str, expected| {
            check(GOOGLE, method, &format!("{version}{path}"), expected);
        };
        let gemini = Some("gemini-2.5-pro");
        let of = |operation, streamed| (operation, gemini, streamed);
        check(
            "POST",
            "/models/gemini-2.5-pro:generateContent",
            of(Operation::Generate, plain),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro:streamGenerateContent",
            of(Operation::Generate, Some(true)),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro:countTokens",
            of(Operation::CountTokens, plain),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro:embedContent",
            of(Operation::Embeddings, plain),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro:batchEmbedContents",
            of(Operation::Embeddings, plain),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro%3AgenerateContent",
            of(Operation::Generate, plain),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro:generateContent/",
            of(Operation::Generate, plain),
        );
        check(
            "POST",
            "/tunedModels/mine:generateContent",
            (Operation::Generate, Some("tunedModels/mine"), plain),
        );
        check("GET", "/models", (Operation::Models, None, None));
        check("GET", "/models/", (Operation::Models, None, None));
        check("GET", "/models/gemini-2.5-pro", of(Operation::Models, None));
        // Not metered; the model is told all the same, since a list of allowed ones holds there too.
        check(
            "POST",
            "/models/gemini-2.5-pro:predict",
            of(Operation::Other, None),
        );
        check(
            "POST",
            "/models/gemini-2.5-pro:batchGenerateContent",
            of(Operation::Other, None),
        );
        check(
            "GET",
            "/models/gemini-2.5-pro:generateContent",
            of(Operation::Other, None),
        );
        check("POST", "/models/gemini-2.5-pro", of(Operation::Other, None));
        check("GET", "/tunedModels", (Operation::Other, None, None));
        check("POST", "/cachedContents", (Operation::Other, None, None));
        check("GET", "/files", (Operation::Other, None, None));
        check(
            "POST",
            "/models/a/b:generateContent",
            (Operation::Other, None, None),
        );
        // OpenAI's style.
        check(
            "POST",
            "/openai/chat/completions",
            (Operation::Chat, None, None),
        );
        check(
            "POST",
            "/openai/embeddings",
            (Operation::Embeddings, None, None),
        );
        check("GET", "/openai/models", (Operation::Models, None, None));
        for path in [
            "gemini-2.5-pro",
            "models/gemini-2.5-pro",
            "models%2Fgemini-2.5-pro",
        ] {
            check(
                "GET",
                &format!("/openai/models/{path}"),
                of(Operation::Models, None),
            );
        }
        check(
            "POST",
            "/openai/images/generations",
            (Operation::Other, None, None),
        );
        check(
            "POST",
            "/openai/v1/chat/completions",
            (Operation::Other, None, None),
        );
    }
    for path in [
        "/models/gemini-2.5-pro:generateContent",
        "/v2/models/m:generateContent",
        "/",
    ] {
        check(GOOGLE, "POST", path, (Operation::Other, None, None));
    }
}

#[test]
fn googles_version_is_neither_doubled_nor_lost() {
    let url = |path: &str, base: &str| route(GOOGLE, "POST", path).unwrap().url(base);
    let host = "https://generativelanguage.googleapis.com";
    for version in ["v1", "v1beta", "v1alpha"] {
        let path = format!("/{version}/models/m:generateContent");
        let whole = format!("{host}{path}");
        assert_eq!(url(&path, host), whole);
        assert_eq!(url(&path, &format!("{host}/")), whole);
        assert_eq!(url(&path, &format!("{host}/{version}")), whole);
        assert_eq!(url(&path, &format!("{host}/{version}/")), whole);
    }
    // Only the same version is.
    assert_eq!(
        url("/v1/models/m:generateContent", "https://h/v1beta"),
        "https://h/v1beta/v1/models/m:generateContent"
    );
    assert_eq!(
        url("/v1beta/models/m:generateContent", "https://h/v1"),
        "https://h/v1/v1beta/models/m:generateContent"
    );
    assert_eq!(
        url("/v1beta/openai/chat/completions", "https://h/x/v1beta"),
        "https://h/x/v1beta/openai/chat/completions"
    );
}

#[test]
fn invocations_are_chats_of_compatible_hosts() {
    check(
        COMPATIBLE,
        "POST",
        "/invocations",
        (Operation::Chat, None, None),
    );
    check(
        COMPATIBLE,
        "POST",
        "/my-endpoint/invocations",
        (Operation::Chat, Some("my-endpoint"), None),
    );
    check(
        COMPATIBLE,
        "POST",
        "/my%20endpoint/invocations",
        (Operation::Chat, Some("my endpoint"), None),
    );
    check(
        COMPATIBLE,
        "GET",
        "/invocations",
        (Operation::Other, None, None),
    );
    check(
        COMPATIBLE,
        "POST",
        "/a/b/invocations",
        (Operation::Other, None, None),
    );
    check(
        OPENAI,
        "POST",
        "/invocations",
        (Operation::Other, None, None),
    );
    let databricks = route(COMPATIBLE, "POST", "/my-endpoint/invocations").unwrap();
    assert_eq!(
        databricks.url("https://x.cloud.databricks.com/serving-endpoints"),
        "https://x.cloud.databricks.com/serving-endpoints/my-endpoint/invocations"
    );
}
