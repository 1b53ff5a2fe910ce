use admin::providers::{ProviderView, RatesView};
use domain::{
    ProviderId, Timestamp,
    provider::{PricePlace, ProviderType},
};

use super::{Client, offered, setup, shell::quoted};

fn provider(ty: ProviderType) -> ProviderView {
    let proxy_url = "https://weir.example/llm/v1/providers/main".to_owned();
    ProviderView {
        id: ProviderId::new("main").unwrap(),
        display_name: "Main".to_owned(),
        provider_type: ty,
        enabled: true,
        base_url: None,
        api_key: None,
        preset: None,
        inject_stream_usage: None,
        other_paths: false,
        organization: None,
        project: (ty == ProviderType::VertexAi).then(|| "my-project".to_owned()),
        location: (ty == ProviderType::VertexAi).then(|| "global".to_owned()),
        authorization_passthrough: None,
        region: (ty == ProviderType::Bedrock).then(|| "eu-central-1".to_owned()),
        credentials: None,
        fips: None,
        guardrail: None,
        api_version: None,
        data_zone: None,
        price_place: PricePlace::default(),
        prices_differ: false,
        endpoints: vec![],
        models: vec![admin::providers::ModelView {
            id: "listed".to_owned(),
            display_name: None,
            price_as: None,
            rates: RatesView::default(),
        }],
        record_inputs: false,
        record_outputs: false,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        discovery_url: format!("{proxy_url}/.well-known/weir"),
        proxy_url,
    }
}

/// Checks the code of a client.
#[track_caller]
fn check(provider: &ProviderView, client: Client, model: &str, expected: &str) {
    assert_eq!(setup(provider, client, model).code.text, expected);
}

#[test]
fn each_type_is_called_as_its_api_wants() {
    check(
        &provider(ProviderType::OpenAi),
        Client::Curl,
        "gpt-5-mini",
        r#"curl https://weir.example/llm/v1/providers/main/chat/completions \
  -H "Authorization: Bearer $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"model": "gpt-5-mini", "messages": [{"role": "user", "content": "What is a weir?"}]}'"#,
    );
    check(
        &provider(ProviderType::GoogleAi),
        Client::Curl,
        "gemini-3-pro",
        r#"curl https://weir.example/llm/v1/providers/main/v1beta/models/gemini-3-pro:generateContent \
  -H "x-goog-api-key: $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"contents": [{"parts": [{"text": "What is a weir?"}]}]}'"#,
    );
    check(
        &provider(ProviderType::AzureOpenAi),
        Client::Curl,
        "chat",
        r#"curl 'https://weir.example/llm/v1/providers/main/openai/deployments/chat/chat/completions?api-version=2024-10-21' \
  -H "api-key: $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"messages": [{"role": "user", "content": "What is a weir?"}]}'"#,
    );
    check(
        &provider(ProviderType::Cohere),
        Client::Curl,
        "command-a-03-2025",
        r#"curl https://weir.example/llm/v1/providers/main/v2/chat \
  -H "Authorization: Bearer $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"model": "command-a-03-2025", "messages": [{"role": "user", "content": "What is a weir?"}]}'"#,
    );
    check(
        &provider(ProviderType::Bedrock),
        Client::Curl,
        "eu.amazon.nova-pro-v1:0",
        r#"curl https://weir.example/llm/v1/providers/main/model/eu.amazon.nova-pro-v1%3A0/converse \
  -H "Authorization: Bearer $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"messages": [{"role": "user", "content": [{"text":"What is a weir?"}]}]}'"#,
    );
    check(
        &provider(ProviderType::Bedrock),
        Client::TypeScript,
        "eu.amazon.nova-pro-v1:0",
        r#"import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";

const client = new BedrockRuntimeClient({
  region: "eu-central-1",
  endpoint: "https://weir.example/llm/v1/providers/main",
});
const answer = await client.send(
  new ConverseCommand({
    modelId: "eu.amazon.nova-pro-v1:0",
    messages: [{ role: "user", content: [{ text: "What is a weir?" }] }],
  }),
);
for (const part of answer.output?.message?.content ?? []) {
  if (part.text) console.log(part.text);
}"#,
    );
}

#[test]
fn each_model_of_vertex_is_called_as_its_api_wants() {
    let vertex = provider(ProviderType::VertexAi);
    let below = "https://weir.example/llm/v1/providers/main";
    for (model, path, body) in [
        (
            "gemini-3-pro",
            "/v1/publishers/google/models/gemini-3-pro:generateContent",
            r#""contents""#,
        ),
        (
            "claude-opus-4-5@20251101",
            "/v1/publishers/anthropic/models/claude-opus-4-5%4020251101:rawPredict",
            r#""anthropic_version""#,
        ),
        (
            "codestral-2",
            "/v1/publishers/mistralai/models/codestral-2:rawPredict",
            r#""model": "codestral-2""#,
        ),
        (
            "meta/llama-4-maas",
            "/v1/endpoints/openapi/chat/completions",
            r#""model": "meta/llama-4-maas""#,
        ),
        (
            "endpoints/12",
            "/v1/endpoints/12:generateContent",
            r#""contents""#,
        ),
    ] {
        let text = setup(&vertex, Client::Curl, model).code.text;
        assert!(text.contains(&format!("{below}{path}")), "{text}");
        assert!(text.contains(body), "{text}");
    }
    for (model, address) in [
        ("gemini-3-pro", format!("\"{below}\"")),
        ("claude-opus-5", format!("\"{below}/v1\"")),
        (
            "meta/llama-4-maas",
            format!("\"{below}/v1/endpoints/openapi\""),
        ),
    ] {
        for client in [Client::Python, Client::TypeScript] {
            let text = setup(&vertex, client, model).code.text;
            assert!(text.contains(&address), "{text}");
        }
    }
    let tuned = setup(&vertex, Client::Python, "endpoints/12").code.text;
    assert!(
        tuned.contains("projects/my-project/locations/global/endpoints/12"),
        "{tuned}"
    );
}

#[test]
fn every_place_is_filled_in_and_no_text_holds_a_token() {
    for ty in ProviderType::ALL.iter().copied() {
        for passthrough in [None, Some(true)] {
            let mut provider = provider(ty);
            provider.authorization_passthrough = passthrough;
            for client in offered(&provider) {
                let setup = setup(&provider, *client, "the-model");
                let environment = setup.environment.map(|block| block.text);
                let all = format!("{}\n{}", environment.unwrap_or_default(), setup.code.text);
                for place in [
                    "PROXY_URL",
                    "REGION",
                    "PROJECT",
                    "LOCATION",
                    "API_VERSION",
                    "QUESTION",
                    "MODEL,",
                ] {
                    assert!(!all.contains(place), "{ty:?} {client:?}: {all}");
                }
                assert!(all.contains("the-model"), "{ty:?} {client:?}: {all}");
                assert!(all.contains("WEIR_TOKEN"), "{ty:?} {client:?}: {all}");
            }
        }
    }
}

#[test]
fn passthrough_shows_both_credentials() {
    let mut anthropic = provider(ProviderType::Anthropic);
    let with_key = setup(&anthropic, Client::Curl, "claude-sonnet-5").code.text;
    assert!(with_key.contains(r#"-H "x-api-key: $WEIR_TOKEN""#));
    anthropic.authorization_passthrough = Some(true);
    for client in offered(&anthropic) {
        let setup = setup(&anthropic, *client, "claude-sonnet-5");
        let environment = setup.environment.map(|block| block.text);
        let all = environment.unwrap_or_default() + &setup.code.text;
        assert!(all.contains("x-weir-token"), "{client:?}: {all}");
        let own = all.contains("ANTHROPIC_AUTH_TOKEN");
        assert_eq!(own, *client != Client::ClaudeCode, "{client:?}: {all}");
    }
}

#[test]
fn aws_sdks_are_told_to_want_tls() {
    let mut bedrock = provider(ProviderType::Bedrock);
    assert!(setup(&bedrock, Client::Python, "m").notes.is_empty());
    bedrock.proxy_url = "http://127.0.0.1:8080/llm/v1/providers/main".to_owned();
    let notes = setup(&bedrock, Client::Python, "m").notes;
    assert!(notes.iter().any(|note| note.contains("--tls-cert")));
}

#[test]
fn no_id_gets_out_of_its_literal() {
    let odd = "it's \"$HOME\" \\ PROXY_URL";
    let python = setup(&provider(ProviderType::OpenAi), Client::Python, odd)
        .code
        .text;
    assert!(
        python.contains(r#"model="it's \"$HOME\" \\ PROXY_URL","#),
        "{python}"
    );
    let shell = setup(&provider(ProviderType::OpenAi), Client::Curl, odd)
        .code
        .text;
    assert!(
        shell.contains(r#"{"model": "it'\''s \"$HOME\" \\ PROXY_URL""#),
        "{shell}"
    );
}

#[test]
fn no_id_gets_out_of_its_quotes() {
    assert_eq!(quoted("a-b/c:1.0"), "a-b/c:1.0");
    assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    assert_eq!(quoted(""), "''");
}
