//! What an answer tells beside its counts: model, tier, geography, id, its end, errors, its text.

mod support;

use domain::{
    call::Operation,
    pricing::{ServiceTier, is_pinned},
    provider::ProviderType,
};
use support::{ANTHROPIC, BEDROCK, COMPATIBLE, OPENAI, described, plain, stream};
use weir_wire::meter::{Reading, Shape};

fn chat(body: &str) -> Reading {
    plain(Operation::Chat, OPENAI, body.as_bytes())
}

#[test]
fn the_answers_tier_is_the_one_that_was_used() {
    let of = |provider_type: ProviderType, body: String| {
        let operation = if provider_type == ANTHROPIC {
            Operation::Messages
        } else {
            Operation::Chat
        };
        let reading = plain(operation, provider_type, body.as_bytes());
        (reading.service_tier, reading.tier)
    };
    let openai = |word: &str| {
        of(
            OPENAI,
            format!(r#"{{"choices":[],"service_tier":"{word}"}}"#),
        )
    };
    let cases = [
        ("default", None),
        ("auto", None),
        ("scale", None),
        ("priority", Some(ServiceTier::Priority)),
        ("fast", Some(ServiceTier::Priority)),
        ("flex", Some(ServiceTier::Flex)),
        ("batch", Some(ServiceTier::Batch)),
        ("ultrafast", Some(ServiceTier::Ultrafast)),
    ];
    for (word, tier) in cases {
        assert_eq!(openai(word), (Some(word.to_owned()), tier));
    }
    let anthropic = |usage: &str| {
        of(
            ANTHROPIC,
            format!(r#"{{"type":"message","content":[],"usage":{{{usage}}}}}"#),
        )
    };
    let cases = [
        (r#""service_tier":"standard""#, Some("standard"), None),
        (
            r#""service_tier":"batch""#,
            Some("batch"),
            Some(ServiceTier::Batch),
        ),
        (
            r#""service_tier":"priority""#,
            Some("priority"),
            Some(ServiceTier::Priority),
        ),
        (
            r#""service_tier":"standard","speed":"fast""#,
            Some("fast"),
            Some(ServiceTier::Fast),
        ),
        (
            r#""service_tier":"standard","speed":"standard""#,
            Some("standard"),
            None,
        ),
        (r#""input_tokens":1"#, None, None),
    ];
    for (usage, word, tier) in cases {
        assert_eq!(anthropic(usage), (word.map(str::to_owned), tier), "{usage}");
    }
    let mistral = of(
        COMPATIBLE,
        r#"{"choices":[],"usage":{"prompt_tokens":1,"service_tier":"flex"}}"#.to_owned(),
    );
    assert_eq!(mistral.1, Some(ServiceTier::Flex));
}

#[test]
fn only_us_is_a_geography_that_costs_more() {
    for (word, pinned) in [
        ("us", true),
        ("global", false),
        ("eu", false),
        ("not_available", false),
    ] {
        let body = format!(
            r#"{{"type":"message","content":[],"usage":{{"input_tokens":1,"inference_geo":"{word}"}}}}"#
        );
        let reading = plain(Operation::Messages, ANTHROPIC, body.as_bytes());
        assert_eq!(
            (reading.geography.as_deref(), reading.pinned_geography),
            (Some(word), pinned)
        );
    }
}

/// A row keeps the words and the provider's type: who prices it again reads the words by that type.
#[test]
fn what_a_row_keeps_of_tier_and_geography_reads_back_as_the_answer_read() {
    let words = [
        "us",
        "eu",
        "global",
        "standard",
        "priority",
        "fast",
        "flex",
        "batch",
        "ultrafast",
        "offpeak",
    ];
    for word in words {
        let claude = format!(
            r#"{{"type":"message","content":[],"usage":{{"input_tokens":1,"service_tier":"{word}","inference_geo":"{word}"}}}}"#
        );
        let speed = format!(
            r#"{{"type":"message","content":[],"usage":{{"input_tokens":1,"speed":"{word}"}}}}"#
        );
        let chat = format!(r#"{{"choices":[],"service_tier":"{word}"}}"#);
        let converse = format!(
            r#"{{"output":{{}},"usage":{{"inputTokens":1}},"serviceTier":{{"type":"{word}"}}}}"#
        );
        let google = format!(r#"{{"candidates":[],"usageMetadata":{{"serviceTier":"{word}"}}}}"#);
        for (operation, provider_type, body) in [
            (Operation::Messages, ANTHROPIC, &claude),
            (Operation::Messages, ANTHROPIC, &speed),
            (Operation::Invoke, BEDROCK, &claude),
            (Operation::Invoke, BEDROCK, &speed),
            (Operation::Invoke, BEDROCK, &chat),
            (Operation::Converse, BEDROCK, &converse),
            (Operation::Chat, OPENAI, &chat),
            (Operation::Chat, COMPATIBLE, &chat),
            (Operation::Generate, ProviderType::GoogleAi, &google),
        ] {
            let reading = plain(operation, provider_type, body.as_bytes());
            let tier = reading.service_tier.as_deref();
            let geography = reading.geography.as_deref();
            assert_eq!(
                (
                    tier.and_then(|word| ServiceTier::named(provider_type, word)),
                    geography.is_some_and(|word| is_pinned(provider_type, word)),
                ),
                (reading.tier, reading.pinned_geography),
                "{operation:?} of {provider_type:?}: {body}"
            );
        }
    }
}

#[test]
fn a_200_that_is_not_of_the_apis_shape_is_an_error() {
    let bodies = [
        "<!doctype html><html><body>Log in</body></html>",
        "upstream connect error",
        "",
        "   \n",
        "null",
        "[]",
        "{}",
        r#"{"detail":"Unauthorized"}"#,
        r#"{"error":{"message":"no","type":"server_error","param":null,"code":null}}"#,
        r#"[{"error":{"code":400}}]"#,
    ];
    for operation in [
        Operation::Chat,
        Operation::Completions,
        Operation::Responses,
        Operation::Embeddings,
        Operation::Messages,
        Operation::Generate,
        Operation::Converse,
        Operation::CohereChat,
        Operation::Rerank,
    ] {
        for body in bodies {
            let reading = plain(operation, OPENAI, body.as_bytes());
            assert!(reading.error, "{operation:?}: {body}");
            assert!(
                !reading.usage.is_reported() && !reading.delivered_text,
                "{operation:?}: {body}"
            );
        }
    }
    for operation in [
        Operation::Chat,
        Operation::Responses,
        Operation::Messages,
        Operation::Generate,
        Operation::CohereChat,
    ] {
        for body in bodies.iter().filter(|body| !body.trim().is_empty()) {
            let reading = stream(operation, OPENAI, body.as_bytes());
            assert!(reading.error && !reading.ended, "{operation:?}: {body}");
            let reading = stream(operation, OPENAI, format!("data: {body}\n\n").as_bytes());
            assert!(reading.error, "as an event, {operation:?}: {body}");
        }
    }
}

#[test]
fn an_empty_stream_is_broken_off_and_no_error() {
    for body in ["", "\n\n", ": keep-alive\n\n"] {
        let reading = stream(Operation::Chat, COMPATIBLE, body.as_bytes());
        assert!(
            !reading.ended && !reading.error && !reading.delivered_text,
            "{body:?}"
        );
    }
}

#[test]
fn a_response_that_failed_keeps_its_usage() {
    let body = r#"{"id":"r","object":"response","status":"failed","error":{"code":"server_error","message":"x"},"model":"gpt-5","output":[],"usage":{"input_tokens":10,"output_tokens":0,"total_tokens":10}}"#;
    let reading = plain(Operation::Responses, OPENAI, body.as_bytes());
    assert!(reading.error && reading.ended);
    assert_eq!(described(&reading), "input=10 output=0 total=10");
}

#[test]
fn a_background_response_is_unfinished_until_a_poll_shows_its_usage() {
    let queued = r#"{"id":"resp_9","object":"response","status":"queued","background":true,"model":"gpt-5","output":[],"usage":null}"#;
    let first = plain(Operation::Responses, OPENAI, queued.as_bytes());
    assert!(first.unfinished && first.ended && !first.error && !first.usage.is_reported());
    let done = r#"{"id":"resp_9","object":"response","status":"completed","background":true,"model":"gpt-5","output":[],"usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}"#;
    let poll = plain(Operation::StoredResponse, OPENAI, done.as_bytes());
    assert!(!poll.unfinished && poll.ended && !poll.error);
    assert_eq!(poll.response_id, first.response_id);
    assert_eq!(described(&poll), "input=10 output=5 total=15");
}

#[test]
fn lists_and_confirmations_about_stored_responses_are_no_errors() {
    for body in [
        r#"{"object":"list","data":[],"has_more":false}"#,
        r#"{"id":"resp_1","object":"response","deleted":true}"#,
    ] {
        let reading = plain(Operation::StoredResponse, OPENAI, body.as_bytes());
        assert!(
            reading.ended && !reading.error && !reading.usage.is_reported(),
            "{body}"
        );
    }
    let compact = r#"{"id":"resp_1","object":"response.compaction","output":[],"usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}"#;
    assert_eq!(
        described(&plain(Operation::Responses, OPENAI, compact.as_bytes())),
        "input=10 output=5 total=15"
    );
}

#[test]
fn operations_without_usage_are_read_as_nothing() {
    for operation in [Operation::CountTokens, Operation::Models, Operation::Other] {
        let reading = plain(
            operation,
            ANTHROPIC,
            br#"{"input_tokens":2095,"usage":{"prompt_tokens":5}}"#,
        );
        assert_eq!(
            reading,
            Reading {
                ended: true,
                ..Reading::default()
            }
        );
    }
}

#[test]
fn white_space_before_a_plain_answer_is_skipped() {
    let reading = plain(
        Operation::Chat,
        COMPATIBLE,
        b"\n\n\n{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}",
    );
    assert_eq!(described(&reading), "input=3 output=1");
}

#[test]
fn broken_text_does_not_hide_the_usage() {
    let half_a_pair = chat(
        r#"{"choices":[{"message":{"content":"a\ud83d"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#,
    );
    assert_eq!(described(&half_a_pair), "input=3 output=1");
    assert_eq!(half_a_pair.text.kept(), "a\u{fffd}");
    let no_utf8 = plain(Operation::Chat, OPENAI, b"{\"choices\":[{\"message\":{\"content\":\"a\xff\"}}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}");
    assert_eq!(described(&no_utf8), "input=3 output=1");
}

#[test]
fn a_plain_answer_that_breaks_off_was_delivered_in_part() {
    let whole = br#"{"id":"c","model":"gpt-5","choices":[{"message":{"content":"Hello"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    for cut in 1..whole.len() {
        let reading = plain(Operation::Chat, OPENAI, &whole[..cut]);
        assert!(
            !reading.ended && !reading.error && reading.delivered_text,
            "cut at {cut}"
        );
        assert!(!reading.usage.is_reported(), "cut at {cut}");
    }
}

#[test]
fn a_body_above_the_limit_is_only_measured() {
    let body = format!(
        r#"{{"choices":[{{"message":{{"content":"{}"}}}}],"usage":{{"prompt_tokens":3}}}}"#,
        "x".repeat(5000)
    );
    for piece in [1, 700, 100_000] {
        let mut meter = support::meter(Operation::Chat, OPENAI, Shape::Plain).with_body_limit(1000);
        for piece in body.as_bytes().chunks(piece) {
            assert!(!meter.push(piece).settled);
            assert!(meter.held_bytes() <= 2048);
        }
        let reading = meter.finish();
        assert!(
            reading.delivered_text
                && reading.ended
                && !reading.error
                && !reading.usage.is_reported()
        );
        assert_eq!(
            reading.text.beyond_bytes(),
            u64::try_from(body.len()).unwrap()
        );
    }
}

#[test]
fn the_vectors_of_embeddings_are_not_held() {
    let vector = "0.0123456789,".repeat(100_000);
    let body = format!(
        r#"{{"object":"list","data":[{{"object":"embedding","index":0,"embedding":[{vector}0]}}],"model":"text-embedding-3-small","usage":{{"prompt_tokens":8,"total_tokens":8}}}}"#
    );
    let mut meter =
        support::meter(Operation::Embeddings, OPENAI, Shape::Plain).with_body_limit(1000);
    for piece in body.as_bytes().chunks(16 * 1024) {
        assert!(!meter.push(piece).settled);
        assert!(meter.held_bytes() <= 1000);
    }
    let reading = meter.finish();
    assert_eq!(described(&reading), "input=8 total=8");
    assert_eq!(
        reading.replied_model.as_deref(),
        Some("text-embedding-3-small")
    );
    assert!(reading.delivered_text && reading.ended && !reading.error);
}

#[test]
fn text_beyond_the_first_64_kib_is_counted_and_not_kept() {
    let mut meter = support::meter(Operation::Chat, OPENAI, Shape::Stream);
    for _ in 0..100 {
        let event = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
            "ä".repeat(1000)
        );
        assert!(!meter.push(event.as_bytes()).settled);
    }
    let text = meter.finish().text;
    assert_eq!(text.kept_bytes() + text.beyond_bytes(), 200_000);
    assert!(text.kept_bytes() <= 64 * 1024 && text.kept_bytes() > 63 * 1024);
    assert!(text.kept().chars().all(|character| character == 'ä'));
}

#[test]
fn without_done_a_stream_has_ended_when_its_last_choice_has() {
    let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":1}"#;
    let delta = |index: u8| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"x\"}},\"finish_reason\":null}}],{usage}}}\n\n"
        )
    };
    let finish = |index: u8| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{}},\"finish_reason\":\"stop\"}}],{usage}}}\n\n"
        )
    };
    let ended =
        |events: &[String]| stream(Operation::Chat, COMPATIBLE, events.concat().as_bytes()).ended;
    let usage_chunk = format!("data: {{\"choices\":[],{usage}}}\n\n");
    assert!(ended(&[delta(0), finish(0)]));
    assert!(ended(&[delta(0), finish(0), usage_chunk]));
    assert!(!ended(&[delta(0), finish(0), delta(1)]));
    assert!(ended(&[delta(0), finish(0), delta(1), finish(1)]));
    assert!(!ended(&[delta(0)]));
    let no_usage = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned();
    assert!(!ended(std::slice::from_ref(&no_usage)));
    assert!(ended(&[no_usage, "data: [DONE]\n\n".to_owned()]));
    // Frames that follow a pattern go on after a finish too.
    let plain = |text: &str| {
        format!("data: {{\"choices\":[{{\"index\":1,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    };
    assert!(!ended(&[plain("a"), finish(0), plain("b")]));
}

#[test]
fn frames_that_repeat_each_other_are_read_as_if_they_did_not() {
    let read = |events: &[String]| stream(Operation::Chat, COMPATIBLE, events.concat().as_bytes());
    // Two texts in a frame, of which one stays the same.
    let two = |text: &str| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"a\"}}}},{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"
        )
    };
    assert_eq!(read(&[two("x"), two("y"), two("z")]).text.kept(), "axayaz");
    // Running usage that goes back to what it was, however often it has changed before.
    let usage = |count: usize| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"x\"}}}}],\"usage\":{{\"completion_tokens\":{count}}}}}\n\n"
        )
    };
    let mut events: Vec<String> = (0..20).map(usage).collect();
    for count in 0..20 {
        events.push(usage(count));
        assert_eq!(described(&read(&events)), format!("output={count}"));
        events.pop();
    }
}

#[test]
fn errors_within_a_stream_are_seen_in_every_form() {
    let delta = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    let errors = [
        "data: {\"error\":{\"message\":\"no\"}}\n\n",
        "data: {\"object\":\"error\",\"message\":\"no\",\"code\":400}\n\n",
        "event: error\ndata: {\"message\":\"no\"}\n\n",
        "event: error\ndata: no\n\n",
    ];
    for error in errors {
        for body in [
            error.to_owned(),
            format!("{delta}{error}"),
            format!("{delta}{error}{delta}data: [DONE]\n\n"),
        ] {
            assert!(
                stream(Operation::Chat, COMPATIBLE, body.as_bytes()).error,
                "{body}"
            );
        }
    }
    let whole = format!("{delta}{delta}data: [DONE]\n\n");
    assert!(!stream(Operation::Chat, COMPATIBLE, whole.as_bytes()).error);
}

#[test]
fn an_early_stop_that_groq_or_mistral_tell_is_an_error() {
    let groq = "data: {\"choices\":[{\"delta\":{}}],\"x_groq\":{\"id\":\"r\",\"error\":\"over capacity\"}}\n\ndata: [DONE]\n\n";
    assert!(stream(Operation::Chat, COMPATIBLE, groq.as_bytes()).error);
    let mistral = chat(
        r#"{"choices":[{"message":{"content":"x"},"finish_reason":"error"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#,
    );
    assert!(mistral.error);
    assert_eq!(described(&mistral), "input=3 output=1");
}
