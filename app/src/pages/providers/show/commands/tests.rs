use admin::providers::{ProviderView, RatesView};
use domain::{ProviderId, Timestamp, provider::ProviderType};

use super::{blocks, quoted};

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
        project: None,
        authorization_passthrough: None,
        region: (ty == ProviderType::Bedrock).then(|| "eu-central-1".to_owned()),
        credentials: None,
        fips: None,
        guardrail: None,
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

/// Checks the commands of a type, one text after the other.
fn check(provider: &ProviderView, model: &str, expected: &[&str]) {
    let texts: Vec<String> = blocks(provider, model)
        .into_iter()
        .map(|block| block.text)
        .collect();
    assert_eq!(texts, expected);
}

#[test]
fn each_type_is_called_as_its_api_wants() {
    check(
        &provider(ProviderType::OpenAi),
        "gpt-5-mini",
        &[
            r#"curl https://weir.example/llm/v1/providers/main/chat/completions \
  -H "Authorization: Bearer $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"messages":[{"content":"What is a weir?","role":"user"}],"model":"gpt-5-mini"}'"#,
            r#"export OPENAI_BASE_URL="https://weir.example/llm/v1/providers/main"
export OPENAI_API_KEY="$WEIR_TOKEN""#,
        ],
    );
    check(
        &provider(ProviderType::GoogleAi),
        "gemini-3-pro",
        &[
            r#"curl https://weir.example/llm/v1/providers/main/v1beta/models/gemini-3-pro:generateContent \
  -H "x-goog-api-key: $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"contents":[{"parts":[{"text":"What is a weir?"}]}]}'"#,
        ],
    );
    check(
        &provider(ProviderType::Bedrock),
        "eu.amazon.nova-pro-v1:0",
        &[
            r#"curl https://weir.example/llm/v1/providers/main/model/eu.amazon.nova-pro-v1%3A0/converse \
  -H "Authorization: Bearer $WEIR_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"messages":[{"content":[{"text":"What is a weir?"}],"role":"user"}]}'"#,
            r#"export AWS_BEARER_TOKEN_BEDROCK="$WEIR_TOKEN"
export AWS_ENDPOINT_URL_BEDROCK_RUNTIME="https://weir.example/llm/v1/providers/main"
export AWS_REGION="eu-central-1"
aws bedrock-runtime converse --region eu-central-1 --model-id eu.amazon.nova-pro-v1:0 \
  --messages '[{"content":[{"text":"What is a weir?"}],"role":"user"}]'"#,
        ],
    );
}

#[test]
fn passthrough_shows_both_credentials() {
    let mut anthropic = provider(ProviderType::Anthropic);
    let with_key = blocks(&anthropic, "claude-sonnet-5");
    assert!(with_key[0].text.contains(r#"-H "x-api-key: $WEIR_TOKEN""#));
    anthropic.authorization_passthrough = Some(true);
    let passing = blocks(&anthropic, "claude-sonnet-5");
    assert_eq!(passing.len(), 1);
    for header in [
        "x-weir-token: $WEIR_TOKEN",
        "Authorization: Bearer $ANTHROPIC_AUTH_TOKEN",
    ] {
        assert!(passing[0].text.contains(header), "{header}");
    }
}

#[test]
fn no_id_gets_out_of_its_quotes() {
    assert_eq!(quoted("a-b/c:1.0"), "a-b/c:1.0");
    assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    assert_eq!(quoted(""), "''");
}
