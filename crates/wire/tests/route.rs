//! Which operation a path asks for, and which paths are refused.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::{call::Operation, provider::ProviderType};
use weir_wire::route::{PathError, answers_input, route};

const OPENAI: ProviderType = ProviderType::OpenAi;
const ANTHROPIC: ProviderType = ProviderType::Anthropic;
const COMPATIBLE: ProviderType = ProviderType::OpenAiCompatible;

#[track_caller]
fn check(
    provider_type: ProviderType,
    method: &str,
    path: &str,
    operation: Operation,
    upstream: &str,
) {
    let route = route(provider_type, method, path).unwrap();
    assert_eq!(
        (route.operation, route.upstream_path.as_ref()),
        (operation, upstream),
        "{method} {path}"
    );
}

#[test]
fn openai_paths_with_and_without_their_version() {
    let cases = [
        ("POST", "/chat/completions", Operation::Chat),
        ("POST", "/completions", Operation::Completions),
        ("POST", "/embeddings", Operation::Embeddings),
        ("POST", "/responses", Operation::Responses),
        ("POST", "/responses/compact", Operation::Responses),
        ("POST", "/responses/input_tokens", Operation::CountTokens),
        ("GET", "/responses/resp_1", Operation::StoredResponse),
        ("DELETE", "/responses/resp_1", Operation::StoredResponse),
        (
            "POST",
            "/responses/resp_1/cancel",
            Operation::StoredResponse,
        ),
        (
            "GET",
            "/responses/resp_1/input_items",
            Operation::StoredResponse,
        ),
        ("GET", "/models", Operation::Models),
        ("GET", "/models/gpt-5", Operation::Models),
        ("GET", "/chat/completions", Operation::Other),
        ("GET", "/chat/completions/chatcmpl-1", Operation::Other),
        ("POST", "/models", Operation::Other),
        ("DELETE", "/models/ft:gpt-4o:org::id", Operation::Other),
        ("POST", "/responses/resp_1", Operation::Other),
        ("POST", "/responses/resp_1/input_items", Operation::Other),
        ("GET", "/files", Operation::Other),
        ("POST", "/audio/transcriptions", Operation::Other),
        ("POST", "/images/generations", Operation::Other),
        ("post", "/chat/completions", Operation::Other),
        ("POST", "/Chat/Completions", Operation::Other),
        ("POST", "/v1/messages", Operation::Other),
    ];
    for (method, path, operation) in cases {
        for provider_type in [OPENAI, COMPATIBLE] {
            let upstream = path.strip_prefix("/v1").unwrap_or(path);
            check(provider_type, method, path, operation, upstream);
            if !path.starts_with("/v1") {
                check(
                    provider_type,
                    method,
                    &format!("/v1{path}"),
                    operation,
                    path,
                );
            }
        }
    }
    for path in ["/", "/v1", "/v1/"] {
        check(OPENAI, "GET", path, Operation::Other, path);
    }
    check(
        OPENAI,
        "POST",
        "/v1/v1/chat/completions",
        Operation::Other,
        "/v1/chat/completions",
    );
    check(
        OPENAI,
        "POST",
        "/v10/chat/completions",
        Operation::Other,
        "/v10/chat/completions",
    );
}

#[test]
fn only_compatible_hosts_complete_in_the_middle_and_have_slashes_in_model_ids() {
    check(
        COMPATIBLE,
        "POST",
        "/fim/completions",
        Operation::Completions,
        "/fim/completions",
    );
    check(
        OPENAI,
        "POST",
        "/fim/completions",
        Operation::Other,
        "/fim/completions",
    );
    check(
        COMPATIBLE,
        "GET",
        "/models/meta-llama/Llama-3",
        Operation::Models,
        "/models/meta-llama/Llama-3",
    );
    check(
        OPENAI,
        "GET",
        "/models/a/b",
        Operation::Other,
        "/models/a/b",
    );
}

#[test]
fn anthropic_paths_keep_their_version() {
    let cases = [
        ("POST", "/v1/messages", Operation::Messages),
        ("POST", "/v1/messages/count_tokens", Operation::CountTokens),
        ("GET", "/v1/models", Operation::Models),
        ("GET", "/v1/models/claude-sonnet-5", Operation::Models),
        ("GET", "/v1/messages", Operation::Other),
        ("POST", "/messages", Operation::Other),
        ("POST", "/v1/messages/batches", Operation::Other),
        ("POST", "/v1/chat/completions", Operation::Other),
        ("POST", "/v1/files", Operation::Other),
    ];
    for (method, path, operation) in cases {
        check(ANTHROPIC, method, path, operation, path);
    }
}

#[test]
fn the_model_in_a_path_is_decoded() {
    let model = |provider_type, path| route(provider_type, "GET", path).unwrap().model;
    assert_eq!(model(OPENAI, "/v1/models/gpt-5").as_deref(), Some("gpt-5"));
    assert_eq!(
        model(OPENAI, "/models/ft%3Agpt-4o%3Aorg").as_deref(),
        Some("ft:gpt-4o:org")
    );
    assert_eq!(
        model(ANTHROPIC, "/v1/models/claude-sonnet-5").as_deref(),
        Some("claude-sonnet-5")
    );
    assert_eq!(
        model(COMPATIBLE, "/models/meta-llama%2FLlama-3").as_deref(),
        Some("meta-llama/Llama-3")
    );
    assert_eq!(
        model(COMPATIBLE, "/v1/models/meta-llama/Llama-3/").as_deref(),
        Some("meta-llama/Llama-3")
    );
    assert_eq!(model(OPENAI, "/models"), None);
    assert_eq!(model(OPENAI, "/models/"), None);
    assert_eq!(model(OPENAI, "/responses/resp_1"), None);
}

#[test]
fn names_are_compared_as_the_upstream_compares_them() {
    check(
        OPENAI,
        "POST",
        "/%63hat/completions",
        Operation::Chat,
        "/%63hat/completions",
    );
    check(
        OPENAI,
        "POST",
        "/%76%31/chat/completions",
        Operation::Chat,
        "/chat/completions",
    );
    check(
        OPENAI,
        "POST",
        "/chat/completions/",
        Operation::Chat,
        "/chat/completions/",
    );
    check(
        ANTHROPIC,
        "POST",
        "/v1/mess%61ges",
        Operation::Messages,
        "/v1/mess%61ges",
    );
}

#[test]
fn paths_that_could_be_read_in_two_ways_are_refused() {
    let paths = [
        "/..",
        "/../admin",
        "/chat/../files",
        "/chat/completions/..",
        "/./chat/completions",
        "/chat/.",
        "/%2e%2e/admin",
        "/%2E%2e/admin",
        "/.%2e/admin",
        "/a%2eb",
        "/chat%2fcompletions",
        "/chat%2Fcompletions",
        "/chat\\completions",
        "/chat%5ccompletions",
        "/chat%5Ccompletions",
        "//chat/completions",
        "/chat//completions",
        "/chat/completions//",
        "/v1//chat/completions",
        "/..;/admin",
        "/..%20/admin",
        "/.. ",
        "/%c2%a0/admin",
        "/;/admin",
        "/%252e%252e/admin",
        "/chat%252fcompletions",
        "/chat/completions\n",
        "/chat/\tcompletions",
        "/chat/completions\u{0}",
        "/chat/completions\u{7f}",
        "/chat%00",
        "/chat%0a",
        "/chat%7f",
        "/chat%",
        "/chat%2",
        "/chat%zz",
        "/models/..%2fadmin",
        "/models/a%2f..%2f..%2fadmin",
        "/models/%2e%2e",
        "/models/a%2f",
        "/models/%2fa",
        "/models/a%2f%2fb",
        "/models/a%5cb",
        "/models/a%2fb/c",
        "/responses/models/a%2fb/cancel",
    ];
    for path in paths {
        for provider_type in ProviderType::ALL {
            assert_eq!(
                route(*provider_type, "GET", path),
                Err(PathError::Ambiguous),
                "{path:?}"
            );
        }
    }
    for path in [
        "",
        "chat/completions",
        "/chat/completions?x=1",
        "/chat#x",
        "http://example.com/",
    ] {
        assert_eq!(
            route(OPENAI, "GET", path),
            Err(PathError::NotAPath),
            "{path:?}"
        );
    }
}

#[test]
fn dots_that_are_no_segments_and_other_letters_are_let_through() {
    for path in [
        "/models/gpt-4.1",
        "/models/a..b",
        "/models/...",
        "/files/file-abc.jsonl",
        "/a~b/c_d-e",
        "/übergabe",
    ] {
        assert!(route(OPENAI, "GET", path).is_ok(), "{path}");
    }
}

#[test]
fn the_version_is_neither_doubled_nor_lost() {
    let url = |provider_type, path, base| route(provider_type, "POST", path).unwrap().url(base);
    let chat = "https://api.openai.com/v1/chat/completions";
    assert_eq!(
        url(OPENAI, "/chat/completions", "https://api.openai.com/v1"),
        chat
    );
    assert_eq!(
        url(OPENAI, "/v1/chat/completions", "https://api.openai.com/v1"),
        chat
    );
    assert_eq!(
        url(OPENAI, "/v1/chat/completions", "https://api.openai.com/v1/"),
        chat
    );
    assert_eq!(
        url(COMPATIBLE, "/v1/chat/completions", "http://host:8000"),
        "http://host:8000/v1/chat/completions"
    );
    assert_eq!(
        url(COMPATIBLE, "/chat/completions", "http://host:8000"),
        "http://host:8000/chat/completions"
    );
    assert_eq!(
        url(
            COMPATIBLE,
            "/v1/chat/completions",
            "https://x.databricks.com/serving-endpoints"
        ),
        "https://x.databricks.com/serving-endpoints/chat/completions"
    );
    assert_eq!(
        url(ANTHROPIC, "/v1/messages", "https://api.anthropic.com"),
        "https://api.anthropic.com/v1/messages"
    );
    assert_eq!(
        url(ANTHROPIC, "/v1/messages", "https://api.anthropic.com/v1"),
        "https://api.anthropic.com/v1/messages"
    );
    assert_eq!(
        url(COMPATIBLE, "/v1beta/x", "https://h/v1"),
        "https://h/v1/v1beta/x"
    );
}

#[test]
fn what_was_asked_can_be_the_answer() {
    let stored = Operation::StoredResponse;
    assert!(answers_input(stored, "/responses/r/input_items"));
    assert!(answers_input(stored, "/x/v1/responses/r/%69nput_items/"));
    assert!(!answers_input(stored, "/responses/r"));
    assert!(!answers_input(stored, "/responses/r/cancel"));
    assert!(answers_input(Operation::Responses, "/v1/responses/compact"));
    assert!(!answers_input(Operation::Responses, "/v1/responses"));
    // Nobody knows what these answer.
    assert!(answers_input(Operation::Other, "/conversations/c/items"));
    assert!(!answers_input(Operation::Chat, "/chat/completions"));
}
