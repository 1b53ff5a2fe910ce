//! Azure OpenAI: its two families of paths, and answers with what its content filter says.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::call::Operation;
use support::{AZURE, described, meter, plain};
use weir_wire::{
    meter::Shape,
    request::{RequestError, read},
    route::{Dialect, PathError, dialect, is_dated, route},
    transcript::{self, Api, Part},
};

#[track_caller]
fn check(method: &str, path: &str, operation: Operation, model: Option<&str>) {
    let route = route(AZURE, method, path).unwrap();
    let told = (route.operation, route.model.as_deref(), route.streamed);
    assert_eq!(told, (operation, model, None), "{method} {path}");
    assert_eq!(
        route.url("https://res.openai.azure.com"),
        format!("https://res.openai.azure.com{path}")
    );
    assert_eq!(dialect(AZURE, path), Dialect::OpenAi);
}

#[test]
fn deployments_are_named_in_dated_paths_and_in_the_body_below_v1() {
    for (method, path, operation, model) in [
        (
            "POST",
            "/openai/deployments/my-chat/chat/completions",
            Operation::Chat,
            Some("my-chat"),
        ),
        (
            "POST",
            "/%6fpenai/deployments/my%2Dchat/chat/completions/",
            Operation::Chat,
            Some("my-chat"),
        ),
        (
            "POST",
            "/openai/deployments/v1/completions",
            Operation::Completions,
            Some("v1"),
        ),
        (
            "POST",
            "/openai/deployments/e/embeddings",
            Operation::Embeddings,
            Some("e"),
        ),
        (
            "POST",
            "/openai/deployments/w/audio/transcriptions",
            Operation::Other,
            Some("w"),
        ),
        (
            "GET",
            "/openai/deployments/d/chat/completions",
            Operation::Other,
            Some("d"),
        ),
        ("GET", "/openai/deployments", Operation::Other, None),
        ("POST", "/openai/responses", Operation::Responses, None),
        (
            "GET",
            "/openai/responses/resp_1",
            Operation::StoredResponse,
            None,
        ),
        (
            "POST",
            "/openai/responses/resp_1/cancel",
            Operation::StoredResponse,
            None,
        ),
        ("GET", "/openai/models", Operation::Models, None),
        (
            "GET",
            "/openai/models/gpt-4o",
            Operation::Models,
            Some("gpt-4o"),
        ),
        ("POST", "/openai/v1/chat/completions", Operation::Chat, None),
        ("POST", "/openai/v1/responses", Operation::Responses, None),
        (
            "POST",
            "/openai/v1/responses/input_tokens",
            Operation::CountTokens,
            None,
        ),
        (
            "POST",
            "/openai/v1/completions",
            Operation::Completions,
            None,
        ),
        ("POST", "/openai/v1/embeddings", Operation::Embeddings, None),
        ("GET", "/openai/v1/models", Operation::Models, None),
        (
            "GET",
            "/openai/v1/models/ft%3Aa%2Fb",
            Operation::Models,
            Some("ft:a/b"),
        ),
        (
            "POST",
            "/OpenAI/Deployments/Chat/Chat/Completions",
            Operation::Chat,
            Some("Chat"),
        ),
        ("POST", "/openai/V1/Embeddings", Operation::Embeddings, None),
        ("GET", "/openai/Models/V1", Operation::Models, Some("V1")),
        ("POST", "/openai/chat/completions", Operation::Other, None),
        ("POST", "/chat/completions", Operation::Other, None),
        ("POST", "/v1/chat/completions", Operation::Other, None),
        ("POST", "/openai/v1", Operation::Other, None),
        ("POST", "/anthropic/v1/messages", Operation::Other, None),
        ("GET", "/", Operation::Other, None),
    ] {
        check(method, path, operation, model);
    }
    for path in [
        "/openai/deployments/a%2Fb/chat/completions",
        "/openai/deployments/../responses",
        "/openai/deployments/%2e%2e/responses",
        "/openai/deployments/%2E./responses",
        "/openai/deployments/..;x/responses",
        "/openai/deployments/%252e%252e/responses",
        "/openai/deployments/a%5C..%5Cb/chat/completions",
        "/openai/deployments/a%2F..%2Fb/chat/completions",
        "/openai/deployments//chat/completions",
        "/openai/v1/responses/..%2Ffiles",
        "/openai//responses",
    ] {
        assert_eq!(
            route(AZURE, "POST", path),
            Err(PathError::Ambiguous),
            "{path}"
        );
    }
}

#[test]
fn only_dated_paths_want_a_version() {
    for path in [
        "/openai/deployments/d/chat/completions",
        "/openai/responses",
        "/openai/models",
        "/openai",
        "/%6fpenai/files",
    ] {
        assert!(is_dated(path), "{path}");
        assert!(is_dated(&path.to_uppercase()), "{path}");
    }
    for path in ["/openai/v1/chat/completions", "/openai/%761", "/", "/x", ""] {
        assert!(!is_dated(path), "{path}");
        assert!(!is_dated(&path.to_uppercase()), "{path}");
    }
}

#[test]
fn the_path_may_name_what_the_body_does_not() {
    let body = br#"{"messages":[]}"#;
    for operation in [
        Operation::Chat,
        Operation::Completions,
        Operation::Embeddings,
    ] {
        assert_eq!(read(operation, AZURE, body).unwrap().model, None);
    }
    assert_eq!(
        read(Operation::Responses, AZURE, body),
        Err(RequestError::ModelMissing)
    );
    let null = br#"{"model":null,"messages":[]}"#;
    assert_eq!(read(Operation::Chat, AZURE, null).unwrap().model, None);
    assert_eq!(
        read(Operation::Responses, AZURE, null),
        Err(RequestError::ModelMissing)
    );
    let number = br#"{"model":7,"messages":[]}"#;
    assert_eq!(
        read(Operation::Chat, AZURE, number),
        Err(RequestError::ModelNotAString)
    );
    let twice = br#"{"model":"a","model":"b"}"#;
    assert_eq!(
        read(Operation::Chat, AZURE, twice),
        Err(RequestError::Duplicate("model"))
    );
}

const FILTERED: &str = r#"{"hate":{"filtered":false,"severity":"safe"}}"#;

#[test]
fn usage_is_openais_in_every_operation() {
    let details = r#""prompt_tokens_details":{"cached_tokens":4096,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":192}"#;
    let chat = format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-2024-11-20","choices":[{{"index":0,"finish_reason":"stop","content_filter_results":{FILTERED},"message":{{"role":"assistant","content":"Hi"}}}}],
            "prompt_filter_results":[{{"prompt_index":0,"content_filter_results":{FILTERED}}}],
            "usage":{{"prompt_tokens":5200,"completion_tokens":300,"total_tokens":5500,{details}}}}}"#
    );
    let responses = r#"{"id":"resp_1","object":"response","status":"completed","model":"gpt-5-2025-08-07","output":[],"content_filters":[],
        "usage":{"input_tokens":5200,"output_tokens":300,"total_tokens":5500,"input_tokens_details":{"cached_tokens":4096},"output_tokens_details":{"reasoning_tokens":192}}}"#;
    let embeddings = r#"{"object":"list","data":[],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}"#;
    for (operation, body, counts, model) in [
        (
            Operation::Chat,
            chat.as_str(),
            "input=1104 output=300 cached_input=4096 reasoning=192 total=5500",
            "gpt-4o-2024-11-20",
        ),
        (
            Operation::Responses,
            responses,
            "input=1104 output=300 cached_input=4096 reasoning=192 total=5500",
            "gpt-5-2025-08-07",
        ),
        (
            Operation::Embeddings,
            embeddings,
            "input=8 total=8",
            "text-embedding-3-small",
        ),
    ] {
        let reading = plain(operation, AZURE, body.as_bytes());
        assert_eq!(described(&reading), counts);
        assert_eq!(reading.replied_model.as_deref(), Some(model));
        assert!(reading.ended && !reading.error);
    }
}

/// A stream as Azure sends it: first what the filter says of the prompt, with empty `choices` and `model`.
fn stream() -> String {
    [
        format!(
            r#"{{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{{"prompt_index":0,"content_filter_results":{FILTERED}}}]}}"#
        ),
        format!(
            r#"{{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-11-20","choices":[{{"index":0,"delta":{{"role":"assistant","content":"Hi"}},"content_filter_results":{FILTERED},"finish_reason":null}}],"usage":null}}"#
        ),
        r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-11-20","choices":[{"index":0,"delta":{},"content_filter_results":{},"finish_reason":"content_filter"}],"usage":null}"#.to_owned(),
        // With the asynchronous filter, its word on what was said may come after it.
        format!(
            r#"{{"id":"","object":"","created":0,"model":"","choices":[{{"index":0,"finish_reason":null,"content_filter_results":{FILTERED},"content_filter_offsets":{{"check_offset":44,"start_offset":44,"end_offset":198}}}}]}}"#
        ),
        r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-11-20","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#.to_owned(),
        "[DONE]".to_owned(),
    ]
    .map(|data| format!("data: {data}\n\n"))
    .concat()
}

#[test]
fn a_stream_tells_the_same_however_it_is_cut() {
    let stream = stream();
    for piece in [1, 7, 64, stream.len()] {
        let mut meter = meter(Operation::Chat, AZURE, Shape::Stream);
        for bytes in stream.as_bytes().chunks(piece) {
            meter.push(bytes);
        }
        let reading = meter.finish();
        assert_eq!(described(&reading), "input=9 output=2 total=11");
        assert_eq!(reading.replied_model.as_deref(), Some("gpt-4o-2024-11-20"));
        assert!(reading.ended && !reading.error && reading.delivered_text);
    }
}

#[test]
fn transcripts_hold_what_was_said_and_what_the_filter_did() {
    let api = Api {
        operation: Operation::Chat,
        provider_type: AZURE,
        model: None,
    };
    let said = transcript::answer(api, Shape::Stream, stream().as_bytes()).unwrap();
    assert_eq!(said.stopped_by.as_deref(), Some("content_filter"));
    assert_eq!(said.messages.len(), 1);
    let parts = said
        .messages
        .first()
        .map(|message| message.parts.as_slice());
    assert_eq!(parts, Some(&[Part::Text("Hi".to_owned())][..]));
    assert_eq!(said.response_id.as_deref(), Some("chatcmpl-1"));
    for (body, error) in [
        (
            r#"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            "The response was filtered",
        ),
        (
            r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
            "The API deployment for this resource does not exist.",
        ),
        (
            r#"{"statusCode":401,"message":"Unauthorized. Access token is missing"}"#,
            "Unauthorized. Access token is missing",
        ),
    ] {
        let said = transcript::answer(api, Shape::Plain, body.as_bytes()).unwrap();
        assert_eq!(said.error.as_deref(), Some(error));
    }
}
