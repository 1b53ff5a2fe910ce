//! The paths of Bedrock: models and streams that they name; paths of either cloud that are refused; and whose
//! SDK speaks on a path.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::{call::Operation, provider::ProviderType};
use support::{ANTHROPIC, BEDROCK, COHERE, COMPATIBLE, GOOGLE};
use weir_wire::route::{Dialect, PathError, dialect, route};

type Expected<'a> = (Operation, Option<&'a str>, Option<bool>);

#[track_caller]
fn check(provider_type: ProviderType, method: &str, path: &str, expected: Expected<'_>) {
    let route = route(provider_type, method, path).unwrap();
    let told = (route.operation, route.model.as_deref(), route.streamed);
    assert_eq!(told, expected, "{method} {path}");
    assert_eq!(route.upstream_path, path, "{method} {path}");
}

#[test]
fn bedrock_names_model_and_stream_in_the_path() {
    let ids = [
        ("amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("amazon.nova-pro-v1%3A0", "amazon.nova-pro-v1:0"),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123",
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
        ),
        (
            "arn:aws:bedrock:us-east-1:123456789012:custom-model%2Famazon.nova%2Fabc",
            "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova/abc",
        ),
    ];
    let actions = [
        ("converse", Operation::Converse, Some(false)),
        ("converse-stream", Operation::Converse, Some(true)),
        ("invoke", Operation::Invoke, Some(false)),
        ("invoke-with-response-stream", Operation::Invoke, Some(true)),
        ("count-tokens", Operation::CountTokens, Some(false)),
        ("apply", Operation::Other, None),
    ];
    for (written, id) in ids {
        for (action, operation, streamed) in actions {
            let path = format!("/model/{written}/{action}");
            check(BEDROCK, "POST", &path, (operation, Some(id), streamed));
            check(BEDROCK, "GET", &path, (Operation::Other, Some(id), None));
        }
    }
    for path in [
        "/model",
        "/model/converse",
        "/model/a/b/converse",
        "/guardrail/g/version/1/apply",
        "/async-invoke",
        "/models/m/converse",
        "/v1/model/m/converse",
    ] {
        check(BEDROCK, "POST", path, (Operation::Other, None, None));
    }
}

#[test]
fn an_arn_with_raw_slashes_goes_up_as_one_segment() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
    let encoded =
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123";
    for written in [
        arn,
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile/abc123",
    ] {
        for action in ["converse", "converse-stream", "invoke", "count-tokens", "x"] {
            let path = format!("/model/{written}/{action}");
            let route = route(BEDROCK, "POST", &path).unwrap();
            assert_eq!(route.model.as_deref(), Some(arn));
            assert_eq!(route.upstream_path, format!("/model/{encoded}/{action}"));
            assert_eq!(
                route.url("https://bedrock-runtime.us-east-1.amazonaws.com"),
                format!("https://bedrock-runtime.us-east-1.amazonaws.com/model/{encoded}/{action}")
            );
        }
    }
    let custom = "/model/arn:aws:bedrock:us-east-1:1:custom-model/amazon.nova:1/abc/converse/";
    assert_eq!(
        route(BEDROCK, "POST", custom).unwrap().upstream_path,
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Acustom-model%2Famazon.nova%3A1%2Fabc/converse"
    );
}

#[test]
fn ids_that_could_be_read_in_two_ways_are_refused() {
    for id in [
        "..",
        ".",
        "%2e%2e",
        ";x",
        ";",
        "..;x",
        "a%2f..%2fb",
        "a%2F",
        "%2Fa",
        "a%2f%2fb",
        "a%2f;b",
        "a%5cb",
        "a%252fb",
        "a%00",
        "%",
        "arn:aws:x/..",
        "arn:aws:x/./y",
        "arn:aws:x//y",
        "arn:aws:x/a%2fb",
        "arn:aws:x/;y",
    ] {
        for action in ["converse", "invoke"] {
            let path = format!("/model/{id}/{action}");
            assert_eq!(
                route(BEDROCK, "POST", &path),
                Err(PathError::Ambiguous),
                "{path}"
            );
        }
    }
    for path in [
        "/v1beta/models/..:generateContent/..",
        "/v1beta/models/a%2fb:x/y",
        "/v1beta/tunedModels/a%2fb:generateContent",
        "/v1beta/openai/models/a%2f..%2fb",
    ] {
        assert_eq!(
            route(GOOGLE, "POST", path),
            Err(PathError::Ambiguous),
            "{path}"
        );
    }
    // Escaped slashes stay where they may: in the id, not in the action.
    let action = "/model/m/converse%2fx";
    assert_eq!(route(BEDROCK, "POST", action), Err(PathError::Ambiguous));
}

#[test]
fn bedrock_speaks_openais_and_anthropics_api_too() {
    let check =
        |method, path, operation, model| check(BEDROCK, method, path, (operation, model, None));
    check("POST", "/openai/v1/chat/completions", Operation::Chat, None);
    check(
        "POST",
        "/openai/v1/completions",
        Operation::Completions,
        None,
    );
    check("POST", "/openai/v1/embeddings", Operation::Embeddings, None);
    check("POST", "/openai/v1/responses", Operation::Responses, None);
    check(
        "GET",
        "/openai/v1/responses/resp_1",
        Operation::StoredResponse,
        None,
    );
    check("GET", "/openai/v1/models", Operation::Models, None);
    check(
        "GET",
        "/openai/v1/models/openai.gpt-oss-20b-1:0",
        Operation::Models,
        Some("openai.gpt-oss-20b-1:0"),
    );
    check(
        "GET",
        "/openai/v1/models/a%2Fb",
        Operation::Models,
        Some("a/b"),
    );
    check("POST", "/anthropic/v1/messages", Operation::Messages, None);
    check(
        "POST",
        "/anthropic/v1/messages/count_tokens",
        Operation::CountTokens,
        None,
    );
    check("GET", "/anthropic/v1/models", Operation::Models, None);
    for path in [
        "/openai/chat/completions",
        "/chat/completions",
        "/v1/chat/completions",
        "/v1/messages",
        "/anthropic/messages",
    ] {
        check("POST", path, Operation::Other, None);
    }
}

#[test]
fn every_path_has_a_dialect() {
    let check = |provider_type, path, expected| {
        assert_eq!(
            dialect(provider_type, path),
            expected,
            "{provider_type:?} {path}"
        );
    };
    let odd = [
        "",
        "/",
        "//",
        "x",
        "/..",
        "/%",
        "/%2e%2e/%zz",
        "/\u{0}",
        "/é?x#y",
    ];
    for provider_type in ProviderType::ALL.iter().copied() {
        let own = match provider_type {
            ProviderType::OpenAi | ProviderType::AzureOpenAi | ProviderType::OpenAiCompatible => {
                Dialect::OpenAi
            }
            ProviderType::Anthropic => Dialect::Anthropic,
            ProviderType::GoogleAi | ProviderType::VertexAi => Dialect::Google,
            ProviderType::Bedrock => Dialect::Aws,
            ProviderType::Cohere => Dialect::Cohere,
        };
        for path in odd {
            check(provider_type, path, own);
        }
    }
    check(GOOGLE, "/v1beta/models/m:generateContent", Dialect::Google);
    check(GOOGLE, "/v1beta/openai/chat/completions", Dialect::OpenAi);
    check(GOOGLE, "/v1/%6fpenai/embeddings", Dialect::OpenAi);
    check(GOOGLE, "/openai/chat/completions", Dialect::Google);
    check(BEDROCK, "/model/m/converse", Dialect::Aws);
    check(BEDROCK, "/openai/v1/chat/completions", Dialect::OpenAi);
    check(BEDROCK, "/openai/anything", Dialect::OpenAi);
    check(BEDROCK, "/anthropic/v1/messages", Dialect::Anthropic);
    check(COHERE, "/v2/chat", Dialect::Cohere);
    check(COHERE, "/compatibility/v1/models", Dialect::OpenAi);
    check(ANTHROPIC, "/openai/v1", Dialect::Anthropic);
    check(COMPATIBLE, "/v1/messages", Dialect::OpenAi);
}
