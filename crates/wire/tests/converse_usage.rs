//! Every shape of usage that `wire-formats` knows of Converse (5.2, 5.3), and the buckets that it means.

mod support;

use domain::{call::Operation, pricing::ServiceTier};
use proptest::prelude::*;
use serde_json::json;
use support::{
    BEDROCK, described,
    frames::{event, frame},
};
use weir_wire::meter::{Meter, Metered, Reading, Shape};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const GPT: &str = "openai.gpt-5.6-sol";

fn read(
    operation: Operation,
    shape: Shape,
    model: &str,
    headers: &[(&str, &'static str)],
    body: &[u8],
) -> Reading {
    let mut meter = Meter::new(&Metered {
        operation,
        provider_type: BEDROCK,
        shape,
        model: Some(model),
    });
    meter.headers(&|name| {
        let header = headers.iter().find(|(header, _)| *header == name);
        header.map(|(_, value)| *value)
    });
    let _ = meter.push(body);
    meter.finish()
}

/// The reading of a Converse answer with this usage, the same plain and streamed.
#[track_caller]
fn converse(model: &str, usage: &str) -> Reading {
    let plain = format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"Hi"}}]}}}},"stopReason":"end_turn","metrics":{{"latencyMs":812}},"usage":{usage},"serviceTier":{{"type":"default"}}}}"#
    );
    let plain = read(
        Operation::Converse,
        Shape::Plain,
        model,
        &[],
        plain.as_bytes(),
    );
    let frames = [
        event("messageStart", r#"{"role":"assistant"}"#),
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"text":"Hi"}}"#,
        ),
        event("messageStop", r#"{"stopReason":"end_turn"}"#),
        event(
            "metadata",
            &format!(
                r#"{{"metrics":{{"latencyMs":1}},"usage":{usage},"serviceTier":{{"type":"default"}}}}"#
            ),
        ),
    ];
    let streamed = read(
        Operation::Converse,
        Shape::EventStream,
        model,
        &[],
        &frames.concat(),
    );
    assert_eq!(streamed, plain, "streamed: {usage}");
    plain
}

#[track_caller]
fn check(shape: &str, model: &str, usage: &str, expected: &str) {
    let reading = converse(model, usage);
    assert_eq!(described(&reading), expected, "{shape}");
    assert!(reading.ended && !reading.error, "{shape}");
}

#[test]
fn converse_counts_do_not_overlap() {
    check(
        "5.2: cache counts are outside of the input, writes by TTL",
        CLAUDE,
        r#"{"inputTokens":120,"outputTokens":300,"totalTokens":6016,"cacheReadInputTokens":4096,"cacheWriteInputTokens":1500,
            "cacheDetails":[{"ttl":"1h","inputTokens":1000},{"ttl":"5m","inputTokens":500}]}"#,
        "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000 total=6016",
    );
    check(
        "three counts only",
        CLAUDE,
        r#"{"inputTokens":9,"outputTokens":2,"totalTokens":11}"#,
        "input=9 output=2 total=11",
    );
    check(
        "writes without a split",
        CLAUDE,
        r#"{"inputTokens":120,"outputTokens":300,"totalTokens":1920,"cacheReadInputTokens":0,"cacheWriteInputTokens":1500}"#,
        "input=120 output=300 cached_input=0 cache_write_unknown=1500 total=1920",
    );
    check(
        "no writes, and no split of them",
        CLAUDE,
        r#"{"inputTokens":120,"outputTokens":300,"totalTokens":420,"cacheReadInputTokens":0,"cacheWriteInputTokens":0,"cacheDetails":[]}"#,
        "input=120 output=300 cached_input=0 cache_write_unknown=0 total=420",
    );
    check(
        "a split that does not cover everything",
        CLAUDE,
        r#"{"inputTokens":10,"outputTokens":5,"totalTokens":1515,"cacheWriteInputTokens":1500,"cacheDetails":[{"ttl":"5m","inputTokens":900},{"ttl":"2d","inputTokens":500}]}"#,
        "input=10 output=5 cache_write_5m=900 cache_write_unknown=600 total=1515",
    );
    check(
        "a split that is more than the whole",
        CLAUDE,
        r#"{"inputTokens":10,"outputTokens":5,"cacheWriteInputTokens":100,"cacheDetails":[{"ttl":"5m","inputTokens":500}]}"#,
        "input=10 output=5 cache_write_5m=500 MISMATCH",
    );
    check(
        "a total that nothing adds up to",
        CLAUDE,
        r#"{"inputTokens":10,"outputTokens":5,"totalTokens":99}"#,
        "input=10 output=5 total=99 MISMATCH",
    );
    check(
        "odd members do not hide the counts beside them",
        CLAUDE,
        r#"{"inputTokens":10.0,"outputTokens":null,"totalTokens":"15","cacheDetails":[7,{"ttl":1}]}"#,
        "input=10",
    );
}

#[test]
fn openai_models_count_the_cache_inside_of_their_input() {
    let seen = r#"{"inputTokens":4995,"outputTokens":12,"totalTokens":5007,"cacheReadInputTokens":0,"cacheWriteInputTokens":4993}"#;
    let fixed = "input=2 output=12 cached_input=0 cache_write_30m=4993 total=5007";
    for model in [
        GPT,
        "us.openai.gpt-5.6-sol",
        "global.openai.gpt-6-luna",
        "arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.openai.gpt-5.6-sol",
    ] {
        check("5.2: the known fault", model, seen, fixed);
    }
    for model in [
        CLAUDE,
        "amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
        "notopenai.gpt",
    ] {
        check(
            "anybody else's input has no cache in it",
            model,
            seen,
            "input=4995 output=12 cached_input=0 cache_write_unknown=4993 total=5007 MISMATCH",
        );
    }
    check(
        "an input that is too small to hold the cache is left as it is",
        GPT,
        r#"{"inputTokens":120,"outputTokens":300,"totalTokens":6016,"cacheReadInputTokens":4096,"cacheWriteInputTokens":1500}"#,
        "input=120 output=300 cached_input=4096 cache_write_30m=1500 total=6016",
    );
    check(
        "reads and writes, both inside",
        GPT,
        r#"{"inputTokens":5000,"outputTokens":10,"totalTokens":5010,"cacheReadInputTokens":4000,"cacheWriteInputTokens":900}"#,
        "input=100 output=10 cached_input=4000 cache_write_30m=900 total=5010",
    );
    check(
        "the times of OpenAI's caches",
        GPT,
        r#"{"inputTokens":10,"outputTokens":1,"totalTokens":911,"cacheWriteInputTokens":900,"cacheDetails":[{"ttl":"12h","inputTokens":500},{"ttl":"30m","inputTokens":300}]}"#,
        "input=10 output=1 cache_write_30m=400 cache_write_12h=500 total=911",
    );
}

#[test]
fn converse_tells_its_tier() {
    let of = |word: &str, headers: &[(&str, &'static str)]| {
        let body = format!(
            r#"{{"output":{{"message":{{"content":[]}}}},"serviceTier":{{"type":"{word}"}}}}"#
        );
        let reading = read(
            Operation::Converse,
            Shape::Plain,
            CLAUDE,
            headers,
            body.as_bytes(),
        );
        (reading.service_tier.unwrap_or_default(), reading.tier)
    };
    for (word, tier) in [
        ("default", None),
        ("reserved", None),
        ("priority", Some(ServiceTier::Priority)),
        ("flex", Some(ServiceTier::Flex)),
    ] {
        assert_eq!(of(word, &[]), (word.to_owned(), tier));
    }
    assert_eq!(
        of("default", &[("x-amzn-bedrock-service-tier", "flex")]),
        ("flex".to_owned(), Some(ServiceTier::Flex))
    );
}

#[test]
fn exceptions_end_a_stream() {
    let delta = event(
        "contentBlockDelta",
        r#"{"contentBlockIndex":0,"delta":{"text":"Hi"}}"#,
    );
    let names = [
        "internalServerException",
        "modelStreamErrorException",
        "validationException",
        "throttlingException",
        "serviceUnavailableException",
        "modelTimeoutException",
    ];
    let exceptions = names.map(|name| frame("exception", ":exception-type", name, b"{}"));
    let errors = [frame("error", ":error-code", "InternalFailure", b"")];
    for last in exceptions.into_iter().chain(errors) {
        for operation in [Operation::Converse, Operation::Invoke] {
            let mut meter = Meter::new(&Metered {
                operation,
                provider_type: BEDROCK,
                shape: Shape::EventStream,
                model: None,
            });
            assert!(!meter.push(&delta).settled);
            assert!(meter.push(&last).settled);
            let reading = meter.finish();
            assert!(reading.error && !reading.ended && !reading.usage.is_reported());
        }
    }
}

#[test]
fn a_broken_frame_marks_the_reading_and_nothing_more() {
    let usage = r#"{"usage":{"inputTokens":9,"outputTokens":2,"totalTokens":11}}"#;
    let good = [
        event(
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"text":"Hi"}}"#,
        ),
        event("metadata", usage),
    ];
    let read = |bytes: &[u8]| read(Operation::Converse, Shape::EventStream, CLAUDE, &[], bytes);
    let whole = read(&good.concat());
    assert_eq!(described(&whole), "input=9 output=2 total=11");
    // A wrong byte in the payload: that frame is passed over.
    let mut broken = good.concat();
    let at = broken.len() - 10;
    broken[at] ^= 1;
    let reading = read(&broken);
    assert!(reading.error && reading.delivered_text && !reading.usage.is_reported());
    // A wrong length: nothing behind it can be read.
    let mut lost = good.concat();
    lost[3] ^= 1;
    let reading = read(&lost);
    assert!(reading.error && !reading.delivered_text && !reading.usage.is_reported());
    // Bytes of another kind.
    for foreign in ["<html></html>", "data: {}\n\n", "{\"message\":\"x\"}", "{}"] {
        let reading = read(foreign.as_bytes());
        assert!(reading.error && !reading.ended, "{foreign}");
    }
}

proptest! {
    /// Nothing that Converse tells is in two buckets; plain and streamed are the same.
    #[test]
    fn any_counts_are_split_without_overlap(
        counts in prop::collection::vec(prop::option::of(prop_oneof![any::<u64>(), 0..100_u64]), 7),
        openai in any::<bool>(),
    ) {
        let usage = json!({
            "inputTokens": counts[0], "outputTokens": counts[1], "totalTokens": counts[2],
            "cacheReadInputTokens": counts[3], "cacheWriteInputTokens": counts[4],
            "cacheDetails": [{"ttl": "5m", "inputTokens": counts[5]}, {"ttl": "1h", "inputTokens": counts[6]}],
        });
        let reading = converse(if openai { GPT } else { CLAUDE }, &usage.to_string());
        let usage = reading.usage;
        prop_assert_eq!((usage.tokens.output, usage.tokens.cached_input), (counts[1], counts[3]));
        prop_assert_eq!((usage.tokens.cache_write_5m, usage.tokens.cache_write_1h), (counts[5], counts[6]));
        prop_assert!(usage.tokens.input <= counts[0]);
        prop_assert!(openai || usage.tokens.input == counts[0]);
        prop_assert!(reading.mismatch || counts[2].is_none_or(|total| total == usage.total_tokens()));
    }
}
