//! What hosts that imitate OpenAI's API tell outside of `usage` (section 6 of `wire-formats`), and the
//! headers of each type.

mod support;

use domain::{call::Operation, provider::ProviderType};
use support::{BEDROCK, COMPATIBLE, GOOGLE, OPENAI, described, meter, stream};
use weir_wire::meter::{Reading, Shape};

fn read(
    provider_type: ProviderType,
    shape: Shape,
    headers: &[(&str, &'static str)],
    body: &str,
) -> Reading {
    let mut meter = meter(Operation::Chat, provider_type, shape);
    meter.headers(&|name| {
        let header = headers.iter().find(|(header, _)| *header == name);
        header.map(|(_, value)| *value)
    });
    let _ = meter.push(body.as_bytes());
    meter.finish()
}

const FIREWORKS: &[(&str, &str)] = &[
    ("fireworks-prompt-tokens", "500"),
    ("fireworks-cached-prompt-tokens", "256"),
    ("fireworks-server-time-to-first-token", "0.1"),
];

#[test]
fn fireworks_headers_split_a_prompt_that_the_body_does_not() {
    let of = |headers, usage: &str| {
        let body = format!(r#"{{"choices":[],"usage":{usage}}}"#);
        described(&read(COMPATIBLE, Shape::Plain, headers, &body))
    };
    let unsplit = r#"{"prompt_tokens":500,"completion_tokens":40,"total_tokens":540}"#;
    assert_eq!(of(&[], unsplit), "input=500 output=40 total=540");
    assert_eq!(
        of(FIREWORKS, unsplit),
        "input=244 output=40 cached_input=256 total=540"
    );
    let split = r#"{"prompt_tokens":500,"completion_tokens":40,"total_tokens":540,"prompt_tokens_details":{"cached_tokens":128}}"#;
    assert_eq!(
        of(FIREWORKS, split),
        "input=372 output=40 cached_input=128 total=540"
    );
    assert_eq!(of(FIREWORKS, "null"), "input=244 cached_input=256");
    assert_eq!(
        of(&[("fireworks-prompt-tokens", "500")], "null"),
        "input=500"
    );
    let odd: &[(&str, &'static str)] = &[
        ("fireworks-prompt-tokens", "-1"),
        ("fireworks-cached-prompt-tokens", "9999"),
    ];
    assert_eq!(of(odd, "null"), "");
    assert_eq!(
        of(odd, unsplit),
        "input=0 output=40 cached_input=500 total=540"
    );
}

#[test]
fn fireworks_tells_the_same_in_the_last_chunk() {
    for names in [
        r#""prompt-tokens":500,"cached-prompt-tokens":256"#,
        r#""fireworks-prompt-tokens":"500","fireworks-cached-prompt-tokens":"256""#,
    ] {
        let body = format!(
            "data: {{\"id\":\"f\",\"choices\":[{{\"delta\":{{\"content\":\"Hi\"}}}}]}}\n\n\
             data: {{\"id\":\"f\",\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":500,\"completion_tokens\":40,\"total_tokens\":540}},\"perf_metrics\":{{{names}}}}}\n\n\
             data: [DONE]\n\n"
        );
        let reading = stream(Operation::Chat, COMPATIBLE, body.as_bytes());
        assert_eq!(
            described(&reading),
            "input=244 output=40 cached_input=256 total=540",
            "{names}"
        );
    }
}

#[test]
fn databricks_passes_on_bedrocks_metrics() {
    let metrics = r#""amazon-bedrock-invocationMetrics":{"inputTokenCount":120,"outputTokenCount":300,"cacheReadInputTokenCount":4096,"cacheWriteInputTokenCount":1500}"#;
    let of = |usage: &str| {
        let body = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"Hi\"}},\"finish_reason\":\"stop\"}}]{usage},{metrics}}}\n\ndata: [DONE]\n\n"
        );
        described(&stream(Operation::Chat, COMPATIBLE, body.as_bytes()))
    };
    assert_eq!(
        of(""),
        "input=120 output=300 cached_input=4096 cache_write_unknown=1500"
    );
    // What the usage tells goes before.
    assert_eq!(
        of(r#","usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}"#),
        "input=9 output=2 total=11"
    );
}

#[test]
fn mlflow_models_that_are_no_chat_answer_with_predictions() {
    let reading = read(COMPATIBLE, Shape::Plain, &[], r#"{"predictions":["a",1]}"#);
    assert!(reading.ended && !reading.error && reading.delivered_text);
    assert!(!reading.usage.is_reported());
    assert_eq!(reading.text.kept(), r#"["a",1]"#);
}

#[test]
fn groqs_usage_counts_once_and_its_errors_show() {
    let usage = |prompt: u64| {
        format!(
            r#"{{"prompt_tokens":{prompt},"completion_tokens":2,"total_tokens":{}}}"#,
            prompt + 2
        )
    };
    let chunk = |members: String| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],{members}}}\n\n"
        )
    };
    let x_groq = chunk(format!(r#""x_groq":{{"id":"req_1","usage":{}}}"#, usage(9)));
    let own = chunk(format!(r#""usage":{}"#, usage(9)));
    let read = |body: &str| stream(Operation::Chat, COMPATIBLE, body.as_bytes());
    for body in [
        x_groq.clone(),
        own.clone(),
        x_groq.clone() + &own,
        own + &x_groq,
    ] {
        let reading = read(&body);
        assert_eq!(described(&reading), "input=9 output=2 total=11");
        // No `[DONE]`: finish reason and usage make an end.
        assert!(reading.ended && !reading.error);
    }
    assert!(
        read(&chunk(
            r#""x_groq":{"id":"req_1","error":"over_capacity"}"#.to_owned()
        ))
        .error
    );
}

#[test]
fn each_type_reads_its_own_headers_only() {
    let all = [
        ("x-amzn-bedrock-input-token-count", "7"),
        ("x-amzn-bedrock-output-token-count", "2"),
        ("x-amzn-bedrock-service-tier", "flex"),
        ("x-gemini-service-tier", "priority"),
        ("fireworks-prompt-tokens", "500"),
        ("fireworks-cached-prompt-tokens", "256"),
    ];
    for provider_type in ProviderType::ALL.iter().copied() {
        let (counts, tier) = match provider_type {
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::VertexAi
            | ProviderType::AzureOpenAi
            | ProviderType::Cohere => ("", None),
            ProviderType::GoogleAi => ("", Some("priority")),
            ProviderType::Bedrock => ("input=7 output=2", Some("flex")),
            ProviderType::OpenAiCompatible => ("input=244 cached_input=256", None),
        };
        let reading = read(provider_type, Shape::Plain, &all, r#"{"choices":[]}"#);
        assert_eq!(described(&reading), counts, "{provider_type:?}");
        assert_eq!(reading.service_tier.as_deref(), tier, "{provider_type:?}");
        assert_eq!(reading.tier.is_some(), tier.is_some(), "{provider_type:?}");
    }
}

#[test]
fn a_header_names_the_tier_over_the_body() {
    let body = r#"{"choices":[],"service_tier":"default"}"#;
    for (provider_type, name) in [
        (GOOGLE, "x-gemini-service-tier"),
        (BEDROCK, "x-amzn-bedrock-service-tier"),
    ] {
        let tier = |word: &'static str| {
            read(provider_type, Shape::Plain, &[(name, word)], body).service_tier
        };
        assert_eq!(tier(" flex ").as_deref(), Some("flex"));
        assert_eq!(tier(" ").as_deref(), Some("default"));
    }
    assert_eq!(
        read(
            OPENAI,
            Shape::Plain,
            &[("x-gemini-service-tier", "flex")],
            body
        )
        .service_tier
        .as_deref(),
        Some("default")
    );
}
