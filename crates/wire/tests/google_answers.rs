//! What Google tells beside the usage of `generateContent`: searches and tiers; embeddings; and its
//! imitation of OpenAI's API.

mod support;

use domain::{call::Operation, pricing::ServiceTier, provider::ProviderType};
use support::{GOOGLE, described, meter, plain};
use weir_wire::meter::{Meter, Metered, Shape};

#[test]
fn searches_are_billed_by_query_or_by_answer() {
    let of = |model_version: &str, asked: Option<&str>, queries: &str| {
        let body = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"x"}}]}},"finishReason":"STOP","groundingMetadata":{{"webSearchQueries":{queries}}}}}],"usageMetadata":{{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}}{model_version}}}"#
        );
        let mut meter = Meter::new(&Metered {
            operation: Operation::Generate,
            provider_type: GOOGLE,
            shape: Shape::Plain,
            model: asked,
        });
        let _ = meter.push(body.as_bytes());
        meter.finish().usage.searches
    };
    let two = r#"["a","","b"]"#;
    assert_eq!(of(r#","modelVersion":"gemini-3-pro""#, None, two), Some(2));
    assert_eq!(
        of(r#","modelVersion":"gemini-2.5-pro""#, None, two),
        Some(1)
    );
    assert_eq!(of("", Some("gemini-2.0-flash"), two), Some(1));
    assert_eq!(of("", Some("gemini-flash-latest"), two), Some(2));
    assert_eq!(of("", None, "[]"), None);
    assert_eq!(of("", None, r#"[""]"#), None);
}

#[test]
fn the_tier_is_the_one_that_was_used() {
    let of = |members: &str, header: Option<&'static str>| {
        let body =
            format!(r#"{{"candidates":[],"usageMetadata":{{"promptTokenCount":1{members}}}}}"#);
        let mut meter = meter(Operation::Generate, GOOGLE, Shape::Plain);
        meter.headers(&|name| header.filter(|_| name == "x-gemini-service-tier"));
        let _ = meter.push(body.as_bytes());
        let reading = meter.finish();
        (reading.service_tier.unwrap_or_default(), reading.tier)
    };
    for (word, tier) in [
        ("ON_DEMAND", None),
        ("ON_DEMAND_PRIORITY", Some(ServiceTier::Priority)),
        ("ON_DEMAND_FLEX", Some(ServiceTier::Flex)),
        ("ON_DEMAND_OFFPEAK", Some(ServiceTier::OffPeak)),
        ("PROVISIONED_THROUGHPUT", None),
    ] {
        let member = format!(r#","trafficType":"{word}""#);
        assert_eq!(of(&member, None), (word.to_owned(), tier));
    }
    for (word, tier) in [
        ("standard", None),
        ("flex", Some(ServiceTier::Flex)),
        ("PRIORITY", Some(ServiceTier::Priority)),
        ("SERVICE_TIER_FLEX", Some(ServiceTier::Flex)),
        ("batch", Some(ServiceTier::Batch)),
    ] {
        let member = format!(r#","trafficType":"ON_DEMAND","serviceTier":"{word}""#);
        assert_eq!(of(&member, None), (word.to_owned(), tier));
    }
    assert_eq!(
        of(r#","trafficType":"ON_DEMAND""#, Some("priority")),
        ("priority".to_owned(), Some(ServiceTier::Priority))
    );
}

#[test]
fn embeddings_in_each_form() {
    let check = |body: &str, expected: &str| {
        let reading = plain(Operation::Embeddings, GOOGLE, body.as_bytes());
        assert_eq!(described(&reading), expected, "{body}");
        assert!(
            reading.ended && !reading.error && reading.delivered_text,
            "{body}"
        );
    };
    check(
        r#"{"embedding":{"values":[0.1,-0.2]},"usageMetadata":{"promptTokenCount":4}}"#,
        "input=4",
    );
    check(
        r#"{"embeddings":[{"values":[0.1]},{"values":[0.2]}],"usageMetadata":{"promptTokenCount":700,"totalTokenCount":700,"promptTokensDetails":[{"modality":"TEXT","tokenCount":100},{"modality":"IMAGE","tokenCount":600}]}}"#,
        "input=100 input_image=600 total=700",
    );
    check(r#"{"embeddings":[{"values":[0.1]}]}"#, "");
    check(
        r#"{"object":"list","data":[{"embedding":[0.1]}],"model":"gemini-embedding-001","usage":{"prompt_tokens":8,"total_tokens":8}}"#,
        "input=8 total=8",
    );
    let error = plain(
        Operation::Embeddings,
        GOOGLE,
        br#"{"error":{"code":400,"message":"x"}}"#,
    );
    assert!(error.error && !error.delivered_text);
}

#[test]
fn the_vectors_of_googles_embeddings_are_not_held() {
    let vector = "0.0123456789,".repeat(100_000);
    let body = format!(
        r#"{{"embeddings":[{{"values":[{vector}0]}}],"usageMetadata":{{"promptTokenCount":8}}}}"#
    );
    let mut meter = meter(Operation::Embeddings, GOOGLE, Shape::Plain).with_body_limit(1000);
    for piece in body.as_bytes().chunks(16 * 1024) {
        assert!(!meter.push(piece).settled);
        assert!(meter.held_bytes() <= 1000);
    }
    assert_eq!(described(&meter.finish()), "input=8");
}

#[test]
fn thoughts_show_in_the_total_of_googles_imitation_only() {
    let of = |provider_type: ProviderType, usage: &str| {
        let body = format!(r#"{{"choices":[],"usage":{usage}}}"#);
        described(&plain(Operation::Chat, provider_type, body.as_bytes()))
    };
    let untold = r#"{"prompt_tokens":9,"completion_tokens":3,"total_tokens":112}"#;
    assert_eq!(
        of(GOOGLE, untold),
        "input=9 output=103 reasoning=100 total=112"
    );
    assert_eq!(
        of(ProviderType::OpenAi, untold),
        "input=9 output=3 total=112 MISMATCH"
    );
    let told = r#"{"prompt_tokens":9,"completion_tokens":103,"total_tokens":112,"completion_tokens_details":{"reasoning_tokens":100}}"#;
    assert_eq!(
        of(GOOGLE, told),
        "input=9 output=103 reasoning=100 total=112"
    );
}

#[test]
fn what_is_no_text_is_delivered_all_the_same() {
    let image = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},"finishReason":"STOP"}]}"#;
    let reading = plain(Operation::Generate, GOOGLE, image.as_bytes());
    assert!(reading.delivered_text && reading.text.is_empty());
}
