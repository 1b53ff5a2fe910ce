//! Every shape of usage that `wire-formats` knows, and the buckets that it means.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use domain::{call::Operation, provider::ProviderType};
use support::{ANTHROPIC, COMPATIBLE, OPENAI, described, plain};

/// A plain answer with this `usage` in it.
fn answer(operation: Operation, usage: &str) -> String {
    match operation {
        Operation::Chat => format!(
            r#"{{"id":"c","object":"chat.completion","model":"m","choices":[],"usage":{usage}}}"#
        ),
        Operation::Completions => {
            format!(r#"{{"id":"c","object":"text_completion","choices":[],"usage":{usage}}}"#)
        }
        Operation::Responses => format!(
            r#"{{"id":"r","object":"response","status":"completed","output":[],"usage":{usage}}}"#
        ),
        Operation::Embeddings => {
            format!(r#"{{"object":"list","data":[],"model":"m","usage":{usage}}}"#)
        }
        Operation::Messages => {
            format!(r#"{{"id":"m","type":"message","content":[],"usage":{usage}}}"#)
        }
        Operation::Generate
        | Operation::Converse
        | Operation::Invoke
        | Operation::CohereChat
        | Operation::Rerank => {
            panic!("{operation:?} has a table of its own")
        }
        Operation::CountTokens
        | Operation::Models
        | Operation::StoredResponse
        | Operation::Other => {
            panic!("{operation:?} has no usage")
        }
    }
}

#[track_caller]
fn check(
    shape: &str,
    operation: Operation,
    provider_type: ProviderType,
    usage: &str,
    expected: &str,
) {
    let reading = plain(
        operation,
        provider_type,
        answer(operation, usage).as_bytes(),
    );
    assert_eq!(described(&reading), expected, "{shape}");
    assert!(!reading.error, "{shape}");
}

#[test]
fn openai_chat() {
    let check = |shape, usage, expected| check(shape, Operation::Chat, OPENAI, usage, expected);
    check(
        "2.2: cached and written tokens are parts of the prompt",
        r#"{"prompt_tokens":5200,"completion_tokens":300,"total_tokens":5500,
            "prompt_tokens_details":{"cached_tokens":4096,"cache_write_tokens":1000,"audio_tokens":0,"image_tokens":0,"text_tokens":5200},
            "completion_tokens_details":{"reasoning_tokens":192,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0,"text_tokens":108}}"#,
        "input=104 output=300 cached_input=4096 cache_write_30m=1000 reasoning=192 total=5500",
    );
    check(
        "2.3: the three counts only",
        r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}"#,
        "input=9 output=2 total=11",
    );
    check(
        "rejected predictions are inside the completion",
        r#"{"prompt_tokens":100,"completion_tokens":80,"total_tokens":180,"completion_tokens_details":{"accepted_prediction_tokens":20,"rejected_prediction_tokens":30,"reasoning_tokens":0}}"#,
        "input=100 output=80 reasoning=0 total=180",
    );
    check(
        "audio in and out have buckets of their own",
        r#"{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,"prompt_tokens_details":{"cached_tokens":128,"audio_tokens":600,"text_tokens":400},"completion_tokens_details":{"audio_tokens":450,"text_tokens":50}}"#,
        "input=272 output=50 cached_input=128 input_audio=600 output_audio=450 total=1500",
    );
    check(
        "images in the prompt",
        r#"{"prompt_tokens":1000,"completion_tokens":5,"total_tokens":1005,"prompt_tokens_details":{"image_tokens":900}}"#,
        "input=100 output=5 input_image=900 total=1005",
    );
    check(
        "more audio than uncached tokens: some of it came from the cache",
        r#"{"prompt_tokens":1000,"completion_tokens":5,"total_tokens":1005,"prompt_tokens_details":{"cached_tokens":700,"audio_tokens":600,"image_tokens":50}}"#,
        "input=0 output=5 cached_input=700 input_audio=300 total=1005",
    );
    check(
        "null and missing are not zero",
        r#"{"prompt_tokens":9,"completion_tokens":null,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}"#,
        "input=9",
    );
    check(
        "zero is zero",
        r#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0}}"#,
        "input=0 output=0 cached_input=0 cache_write_30m=0 total=0",
    );
    check(
        "floats, and a negative count",
        r#"{"prompt_tokens":10.0,"completion_tokens":2e0,"total_tokens":12.0,"prompt_tokens_details":{"cached_tokens":-4}}"#,
        "input=10 output=2 cached_input=0 total=12",
    );
    check(
        "odd members do not hide the counts beside them",
        r#"{"prompt_tokens":10,"completion_tokens":2,"total_tokens":"12","prompt_tokens_details":[1],"completion_tokens_details":"none","new":{"a":[{}]},"prompt_tokens":11}"#,
        "input=11 output=2",
    );
    check(
        "more cached than there was prompt: subtraction stops at zero, and it shows",
        r#"{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":50}}"#,
        "input=0 output=2 cached_input=50 total=12 MISMATCH",
    );
    check(
        "the same without a total",
        r#"{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":50}}"#,
        "input=0 output=2 cached_input=50 MISMATCH",
    );
    check(
        "a total that nothing adds up to",
        r#"{"prompt_tokens":10,"completion_tokens":2,"total_tokens":99}"#,
        "input=10 output=2 total=99 MISMATCH",
    );
    check(
        "counts at the end of what fits",
        r#"{"prompt_tokens":18446744073709551615,"completion_tokens":18446744073709551615,"total_tokens":18446744073709551615,"prompt_tokens_details":{"cached_tokens":18446744073709551615}}"#,
        "input=0 output=18446744073709551615 cached_input=18446744073709551615 total=18446744073709551615",
    );
}

#[test]
fn openai_completions_and_embeddings() {
    check(
        "2.3: legacy completions",
        Operation::Completions,
        OPENAI,
        r#"{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}"#,
        "input=5 output=7 total=12",
    );
    check(
        "2.5: embeddings",
        Operation::Embeddings,
        OPENAI,
        r#"{"prompt_tokens":8,"total_tokens":8}"#,
        "input=8 total=8",
    );
    check(
        "embeddings with a total only",
        Operation::Embeddings,
        COMPATIBLE,
        r#"{"total_tokens":8}"#,
        "input=8 total=8",
    );
    check(
        "embeddings that say that nothing was generated",
        Operation::Embeddings,
        COMPATIBLE,
        r#"{"prompt_tokens":8,"completion_tokens":0,"total_tokens":8,"prompt_tokens_details":null}"#,
        "input=8 output=0 total=8",
    );
}

#[test]
fn openai_responses() {
    let check =
        |shape, usage, expected| check(shape, Operation::Responses, OPENAI, usage, expected);
    check(
        "2.4: writes by TTL, 30 minutes",
        r#"{"input_tokens":5200,"output_tokens":300,"total_tokens":5500,
            "input_tokens_details":{"cached_tokens":4096,"cache_write_tokens":1000,"cache_write_tokens_details":{"ttl_30m_tokens":1000,"ttl_12h_tokens":0}},
            "output_tokens_details":{"reasoning_tokens":192}}"#,
        "input=104 output=300 cached_input=4096 cache_write_30m=1000 cache_write_12h=0 reasoning=192 total=5500",
    );
    check(
        "2.4: writes by both TTLs",
        r#"{"input_tokens":5200,"output_tokens":300,"total_tokens":5500,"input_tokens_details":{"cached_tokens":4096,"cache_write_tokens":1000,"cache_write_tokens_details":{"ttl_30m_tokens":600,"ttl_12h_tokens":400}}}"#,
        "input=104 output=300 cached_input=4096 cache_write_30m=600 cache_write_12h=400 total=5500",
    );
    check(
        "2.4: writes without a split are for 30 minutes",
        r#"{"input_tokens":5200,"output_tokens":300,"total_tokens":5500,"input_tokens_details":{"cached_tokens":4096,"cache_write_tokens":1000}}"#,
        "input=104 output=300 cached_input=4096 cache_write_30m=1000 total=5500",
    );
    check(
        "an empty split is no split",
        r#"{"input_tokens":1200,"output_tokens":3,"total_tokens":1203,"input_tokens_details":{"cache_write_tokens":1000,"cache_write_tokens_details":{}}}"#,
        "input=200 output=3 cache_write_30m=1000 total=1203",
    );
    check(
        "half a split: the rest is for the usual time",
        r#"{"input_tokens":1200,"output_tokens":3,"total_tokens":1203,"input_tokens_details":{"cache_write_tokens":1000,"cache_write_tokens_details":{"ttl_12h_tokens":400}}}"#,
        "input=200 output=3 cache_write_30m=600 cache_write_12h=400 total=1203",
    );
    check(
        "a split that does not cover everything",
        r#"{"input_tokens":1200,"output_tokens":3,"total_tokens":1203,"input_tokens_details":{"cache_write_tokens":1000,"cache_write_tokens_details":{"ttl_30m_tokens":100,"ttl_12h_tokens":400}}}"#,
        "input=200 output=3 cache_write_30m=100 cache_write_12h=400 cache_write_unknown=500 total=1203",
    );
    check(
        "a split without the sum",
        r#"{"input_tokens":1200,"output_tokens":3,"total_tokens":1203,"input_tokens_details":{"cache_write_tokens_details":{"ttl_30m_tokens":100,"ttl_12h_tokens":400}}}"#,
        "input=700 output=3 cache_write_30m=100 cache_write_12h=400 total=1203",
    );
}

#[test]
fn responses_count_searches_and_not_what_the_image_tool_used() {
    let body = r#"{"id":"r","object":"response","status":"completed","output":[],
        "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15},
        "tool_usage":{"web_search":{"num_requests":2},"image_gen":{"input_tokens":50,"output_tokens":4000,"total_tokens":4050}}}"#;
    let reading = plain(Operation::Responses, OPENAI, body.as_bytes());
    assert_eq!(described(&reading), "input=10 output=5 searches=2 total=15");
    assert!(reading.billed_beside, "images cost more than these tokens");
    let free = body.replace("4050", "0");
    let reading = plain(Operation::Responses, OPENAI, free.as_bytes());
    assert!(!reading.billed_beside);
}

#[test]
fn what_is_billed_beside_the_buckets_shows() {
    let beside = |operation, provider_type, usage: &str| {
        let body = match operation {
            Operation::Messages => format!(r#"{{"type":"message","content":[],"usage":{usage}}}"#),
            _ => format!(r#"{{"object":"chat.completion","choices":[],"usage":{usage}}}"#),
        };
        plain(operation, provider_type, body.as_bytes()).billed_beside
    };
    let advisor = r#"{"input_tokens":50,"output_tokens":30,"iterations":[{"type":"message","input_tokens":50,"output_tokens":30},{"type":"KIND","input_tokens":700,"output_tokens":90}]}"#;
    assert!(beside(
        Operation::Messages,
        ANTHROPIC,
        &advisor.replace("KIND", "advisor_message")
    ));
    assert!(!beside(
        Operation::Messages,
        ANTHROPIC,
        &advisor.replace("KIND", "compaction")
    ));
    let citations =
        r#"{"prompt_tokens":33,"completion_tokens":7,"total_tokens":40,"citation_tokens":COUNT}"#;
    assert!(beside(
        Operation::Chat,
        ProviderType::OpenAiCompatible,
        &citations.replace("COUNT", "19893")
    ));
    assert!(!beside(
        Operation::Chat,
        ProviderType::OpenAiCompatible,
        &citations.replace("COUNT", "0")
    ));
}

#[test]
fn anthropic_messages() {
    let check =
        |shape, usage, expected| check(shape, Operation::Messages, ANTHROPIC, usage, expected);
    check(
        "3.2: nothing overlaps",
        r#"{"input_tokens":120,"cache_read_input_tokens":4096,"cache_creation_input_tokens":1500,
            "cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":1000},
            "output_tokens":300,"output_tokens_details":{"thinking_tokens":192},
            "server_tool_use":{"web_search_requests":1,"web_fetch_requests":0},
            "service_tier":"standard","speed":"standard","inference_geo":"global"}"#,
        "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000 reasoning=192 searches=1",
    );
    check(
        "two counts only",
        r#"{"input_tokens":10,"output_tokens":5}"#,
        "input=10 output=5",
    );
    check(
        "writes without a split",
        r#"{"input_tokens":10,"cache_read_input_tokens":0,"cache_creation_input_tokens":1500,"output_tokens":5}"#,
        "input=10 output=5 cached_input=0 cache_write_unknown=1500",
    );
    check(
        "no writes, and no split of them",
        r#"{"input_tokens":10,"cache_read_input_tokens":0,"cache_creation_input_tokens":0,"cache_creation":null,"server_tool_use":null,"output_tokens":5}"#,
        "input=10 output=5 cached_input=0 cache_write_unknown=0",
    );
    check(
        "a split that does not cover everything",
        r#"{"input_tokens":10,"cache_creation_input_tokens":1500,"cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":900},"output_tokens":5}"#,
        "input=10 output=5 cache_write_5m=500 cache_write_1h=900 cache_write_unknown=100",
    );
    check(
        "a split that is more than the whole",
        r#"{"input_tokens":10,"cache_creation_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":0},"output_tokens":5}"#,
        "input=10 output=5 cache_write_5m=500 cache_write_1h=0 MISMATCH",
    );
    check(
        "3.2: compaction is beside the counts at the top",
        r#"{"input_tokens":50,"cache_read_input_tokens":10,"cache_creation_input_tokens":0,"output_tokens":30,"iterations":[
            {"type":"compaction","input_tokens":9000,"cache_read_input_tokens":100,"cache_creation_input_tokens":200,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":0},"output_tokens":400},
            {"type":"compaction","input_tokens":1000,"output_tokens":100},
            {"type":"message","input_tokens":50,"output_tokens":30}]}"#,
        "input=10050 output=530 cached_input=110 cache_write_5m=200 cache_write_1h=0 cache_write_unknown=0",
    );
    check(
        "3.2: an advisor is another model: left out, and it shows",
        r#"{"input_tokens":50,"output_tokens":30,"iterations":[{"type":"message","input_tokens":50,"output_tokens":30},{"type":"advisor_message","model":"claude-opus-5","input_tokens":700,"output_tokens":90}]}"#,
        "input=50 output=30 MISMATCH",
    );
    check(
        "a fallback is inside the counts at the top",
        r#"{"input_tokens":50,"output_tokens":30,"iterations":[{"type":"fallback_message","model":"claude-haiku-5-5","input_tokens":50,"output_tokens":30}]}"#,
        "input=50 output=30",
    );
    check(
        "more thinking than output",
        r#"{"input_tokens":50,"output_tokens":30,"output_tokens_details":{"thinking_tokens":31}}"#,
        "input=50 output=30 reasoning=30 MISMATCH",
    );
}

#[test]
fn compatible_providers() {
    let check = |shape, usage, expected| check(shape, Operation::Chat, COMPATIBLE, usage, expected);
    check(
        "6.1: Mistral",
        r#"{"prompt_tokens":200,"completion_tokens":30,"total_tokens":230,"prompt_audio_seconds":null,"service_tier":"standard","prompt_tokens_details":{"cached_tokens":128},"completion_tokens_details":{"reasoning_tokens":9}}"#,
        "input=72 output=30 cached_input=128 reasoning=9 total=230",
    );
    check(
        "6.2: Groq",
        r#"{"queue_time":0.01,"prompt_tokens":500,"prompt_time":0.001,"completion_tokens":40,"completion_time":0.04,"total_tokens":540,"total_time":0.05,"prompt_tokens_details":{"cached_tokens":256},"completion_tokens_details":{"reasoning_tokens":12}}"#,
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
    );
    check(
        "6.3: Cerebras",
        r#"{"prompt_tokens":500,"completion_tokens":40,"total_tokens":540,"prompt_tokens_details":{"cached_tokens":256},"completion_tokens_details":{"reasoning_tokens":12},"image_tokens":7}"#,
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
    );
    check(
        "6.4: Together, cached at the top",
        r#"{"prompt_tokens":500,"completion_tokens":40,"total_tokens":540,"cached_tokens":256}"#,
        "input=244 output=40 cached_input=256 total=540",
    );
    check(
        "6.5: Fireworks",
        r#"{"prompt_tokens":500,"completion_tokens":40,"total_tokens":540,"prompt_tokens_details":{"cached_tokens":256}}"#,
        "input=244 output=40 cached_input=256 total=540",
    );
    check(
        "6.6: SambaNova",
        r#"{"is_last_response":true,"prompt_tokens":500,"completion_tokens":40,"total_tokens":540,"time_to_first_token":0.1,"total_latency":0.4,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}"#,
        "input=500 output=40 cached_input=0 reasoning=0 total=540",
    );
    check(
        "6.6: DeepSeek, hit and miss",
        r#"{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"completion_tokens_details":{"reasoning_tokens":20},"prompt_cache_hit_tokens":640,"prompt_cache_miss_tokens":360}"#,
        "input=360 output=50 cached_input=640 reasoning=20 total=1050",
    );
    check(
        "6.6: DeepSeek tells the hits twice; they count once",
        r#"{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":640},"prompt_cache_hit_tokens":640,"prompt_cache_miss_tokens":360}"#,
        "input=360 output=50 cached_input=640 total=1050",
    );
    check(
        "where two places disagree the larger count holds",
        r#"{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":0},"prompt_cache_hit_tokens":640,"reasoning_tokens":20,"completion_tokens_details":{"reasoning_tokens":0}}"#,
        "input=360 output=50 cached_input=640 reasoning=20 total=1050",
    );
    check(
        "6.6: xAI, reasoning beside the completion",
        r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"prompt_tokens_details":{"text_tokens":32,"cached_tokens":6},"completion_tokens_details":{"reasoning_tokens":94}}"#,
        "input=26 output=103 cached_input=6 reasoning=94 total=135",
    );
    check(
        "6.6: xAI, reasoning inside the completion",
        r#"{"prompt_tokens":32,"completion_tokens":103,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}"#,
        "input=32 output=103 reasoning=94 total=135",
    );
    check(
        "reasoning that cannot be inside, without a total",
        r#"{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":94}}"#,
        "input=32 output=103 reasoning=94",
    );
    check(
        "6.6: Perplexity bills citations and reasoning that no bucket has",
        r#"{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,"citation_tokens":19893,"num_search_queries":21,"reasoning_tokens":73995,"search_context_size":"low","cost":{"total_cost":0.5}}"#,
        "input=33 output=7163 reasoning=7163 searches=21 total=7196 MISMATCH",
    );
    check(
        "6.6: Perplexity, an ordinary model",
        r#"{"prompt_tokens":33,"completion_tokens":70,"total_tokens":103,"search_context_size":"low"}"#,
        "input=33 output=70 total=103",
    );
    check(
        "6.7: Databricks, cache counts inside the prompt",
        r#"{"prompt_tokens":5716,"completion_tokens":300,"total_tokens":6016,"cache_read_input_tokens":4096,"cache_creation_input_tokens":1500,"reasoning_tokens":192}"#,
        "input=120 output=300 cached_input=4096 cache_write_unknown=1500 reasoning=192 total=6016",
    );
    check(
        "6.7: Databricks, cache counts beside the prompt: the total says so",
        r#"{"prompt_tokens":120,"completion_tokens":300,"total_tokens":6016,"cache_read_input_tokens":4096,"cache_creation_input_tokens":1500}"#,
        "input=120 output=300 cached_input=4096 cache_write_unknown=1500 total=6016",
    );
    check(
        "6.7: the same without a total: they would not fit inside",
        r#"{"prompt_tokens":120,"completion_tokens":300,"cache_read_input_tokens":4096}"#,
        "input=120 output=300 cached_input=4096",
    );
    check(
        "cache and reasoning both outside",
        r#"{"prompt_tokens":120,"completion_tokens":300,"total_tokens":4616,"cache_read_input_tokens":4096,"reasoning_tokens":100}"#,
        "input=120 output=400 cached_input=4096 reasoning=100 total=4616",
    );
    check(
        "6.8: vLLM",
        r#"{"prompt_tokens":40,"total_tokens":43,"completion_tokens":3,"prompt_tokens_details":null}"#,
        "input=40 output=3 total=43",
    );
    check(
        "6.8: vLLM with prompt details",
        r#"{"prompt_tokens":40,"total_tokens":43,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":32}}"#,
        "input=8 output=3 cached_input=32 total=43",
    );
    check(
        "6.9: MLflow, everything optional",
        r#"{"prompt_tokens":null,"completion_tokens":3}"#,
        "output=3",
    );
}

#[test]
fn databricks_responses_use_the_responses_form() {
    check(
        "6.7: Responses form",
        Operation::Responses,
        COMPATIBLE,
        r#"{"input_tokens":500,"input_tokens_details":{"cached_tokens":256},"output_tokens":40,"output_tokens_details":{"reasoning_tokens":12},"total_tokens":540}"#,
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
    );
}

#[test]
fn usage_that_reports_nothing_is_no_usage() {
    for usage in [
        "{}",
        "null",
        "[]",
        "\"none\"",
        "7",
        r#"{"prompt_tokens":null}"#,
    ] {
        let reading = plain(
            Operation::Chat,
            COMPATIBLE,
            answer(Operation::Chat, usage).as_bytes(),
        );
        assert!(!reading.usage.is_reported(), "{usage}");
        assert!(!reading.mismatch, "{usage}");
    }
}
