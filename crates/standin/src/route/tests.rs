use super::*;

fn parts(method: Method, path: &str, header: Option<&'static str>) -> Parts {
    let mut request = http::Request::builder().method(method).uri(path);
    if let Some(name) = header {
        request = request.header(name, "k");
    }
    request.body(()).expect("a request").into_parts().0
}

fn check(method: Method, path: &str, expected: &Operation<'_>) {
    let request = parts(method, path, None);
    assert_eq!(&Route::of(&request, None).operation, expected, "{path}");
}

fn check_host(path: &str, wished: Option<Host>, expected: (Host, Api)) {
    let request = parts(Method::POST, path, None);
    let route = Route::of(&request, wished);
    assert_eq!((route.host, route.api()), expected, "{path}");
    assert!(
        !matches!(route.operation, Operation::UnknownPath(_)),
        "{path}"
    );
}

#[test]
fn paths_work_with_and_without_the_version() {
    let chat = Operation::OpenAi(OpenAiOperation::Chat);
    check(Method::POST, "/v1/chat/completions", &chat);
    check(Method::POST, "/chat/completions?x=1", &chat);
    check(
        Method::GET,
        "/v1/responses/resp_1",
        &Operation::OpenAi(OpenAiOperation::Response("resp_1")),
    );
    check(
        Method::POST,
        "/responses/resp_1/cancel",
        &Operation::OpenAi(OpenAiOperation::CancelResponse("resp_1")),
    );
    check(
        Method::GET,
        "/models/a/b",
        &Operation::OpenAi(OpenAiOperation::Model("a/b")),
    );
    check(
        Method::GET,
        "/v1/models/ft:gpt-6:org",
        &Operation::OpenAi(OpenAiOperation::Model("ft:gpt-6:org")),
    );
}

#[test]
fn what_does_not_exist_has_a_value_of_its_own() {
    check(Method::GET, "/v2", &Operation::UnknownPath(Api::OpenAi));
    check(
        Method::GET,
        "/messages",
        &Operation::WrongMethod(Api::Anthropic),
    );
    check(
        Method::GET,
        "/v1beta/models/m:generateContent",
        &Operation::WrongMethod(Api::Google),
    );
    check(
        Method::POST,
        "/model/arn:aws:bedrock:r:1:inference-profile/x/converse",
        &Operation::UnknownPath(Api::Bedrock),
    );
}

#[test]
fn a_header_says_whose_models_are_listed() {
    for (header, api) in [
        (None, Api::OpenAi),
        (Some("x-api-key"), Api::Anthropic),
        (Some("x-goog-api-key"), Api::Google),
    ] {
        for path in ["/v1/models", "/v1/models/m"] {
            let request = parts(Method::GET, path, header);
            let route = Route::of(&request, None);
            assert_eq!(route.api(), api);
            assert!(!matches!(route.operation, Operation::UnknownPath(_)));
        }
    }
    let request = parts(Method::GET, "/v1/models?key=k", None);
    assert_eq!(Route::of(&request, None).host, Host::Google);
}

#[test]
fn paths_say_whose_server_is_meant() {
    for (path, expected) in [
        ("/v1/models/m:generateContent", (Host::Google, Api::Google)),
        (
            "/v1alpha/tunedModels/m:countTokens",
            (Host::Google, Api::Google),
        ),
        (
            "/v1beta/openai/chat/completions",
            (Host::Google, Api::OpenAi),
        ),
        (
            "/model/a%3A0/converse-stream",
            (Host::Bedrock, Api::Bedrock),
        ),
        ("/openai/v1/responses", (Host::Bedrock, Api::OpenAi)),
        ("/anthropic/v1/messages", (Host::Bedrock, Api::Anthropic)),
        (
            "/serving-endpoints/e/invocations",
            (Host::Databricks, Api::OpenAi),
        ),
        (
            "/serving-endpoints/chat/completions",
            (Host::Databricks, Api::OpenAi),
        ),
        (
            "/serving-endpoints/anthropic/v1/messages",
            (Host::Databricks, Api::Anthropic),
        ),
        (
            "/ai-gateway/mlflow/v1/chat/completions",
            (Host::Databricks, Api::OpenAi),
        ),
        ("/invocations", (Host::MlFlow, Api::OpenAi)),
        (
            "/as/groq/openai/v1/chat/completions",
            (Host::Groq, Api::OpenAi),
        ),
        (
            "/as/databricks/e/invocations",
            (Host::Databricks, Api::OpenAi),
        ),
    ] {
        check_host(path, None, expected);
    }
    let wished = Some(Host::Fireworks);
    let expected = (Host::Fireworks, Api::OpenAi);
    check_host("/inference/v1/chat/completions", wished, expected);
}
