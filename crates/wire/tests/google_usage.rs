//! Every shape of usage that `wire-formats` knows of Google's `generateContent` (section 4), and the buckets
//! that it means.

mod support;

use domain::call::Operation;
use proptest::prelude::*;
use serde_json::json;
use support::{GOOGLE, described, meter};
use weir_wire::meter::{Reading, Shape};

fn read(shape: Shape, body: &str) -> Reading {
    let mut meter = meter(Operation::Generate, GOOGLE, shape);
    let _ = meter.push(body.as_bytes());
    meter.finish()
}

/// The reading of an answer with this text and usage, the same plain, as events and as an array.
#[track_caller]
fn answered(text: &str, usage: &str) -> Reading {
    let part = if text.is_empty() {
        String::new()
    } else {
        format!(r#"{{"text":"{text}"}}"#)
    };
    let answer = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{part}]}},"finishReason":"STOP"}}],"usageMetadata":{usage},"modelVersion":"gemini-2.5-pro","responseId":"g"}}"#
    );
    // What is one event stands in one line.
    let answer = answer.replace('\n', "");
    // A running value that the last one replaces.
    let first = r#"{"candidates":[{"content":{"parts":[]}}],"usageMetadata":{"promptTokenCount":999999,"thoughtsTokenCount":7,"cachedContentTokenCount":1,"totalTokenCount":1}}"#;
    let reading = read(Shape::Plain, &answer);
    let events = format!("data: {first}\r\n\r\ndata: {answer}\r\n\r\n");
    assert_eq!(read(Shape::Stream, &events), reading, "as events: {usage}");
    let array = format!("[{first},\r\n{answer}]");
    assert_eq!(
        read(Shape::JsonArray, &array),
        reading,
        "as an array: {usage}"
    );
    reading
}

#[track_caller]
fn check(shape: &str, usage: &str, expected: &str) {
    let reading = answered("Hi", usage);
    assert_eq!(described(&reading), expected, "{shape}");
    assert!(reading.ended && !reading.error, "{shape}");
}

#[test]
fn the_parts_of_a_prompt_and_of_an_answer() {
    check(
        "4.2: everything at once",
        r#"{"promptTokenCount":5000,"cachedContentTokenCount":4000,"candidatesTokenCount":200,"thoughtsTokenCount":100,
            "toolUsePromptTokenCount":50,"totalTokenCount":5350,
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":5000}],
            "cacheTokensDetails":[{"modality":"TEXT","tokenCount":4000}],"candidatesTokensDetails":[{"modality":"TEXT","tokenCount":200}]}"#,
        "input=1050 output=300 cached_input=4000 reasoning=100 total=5350",
    );
    check(
        "three counts only",
        r#"{"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":11}"#,
        "input=9 output=2 total=11",
    );
    check(
        "4.4: thoughts beside the candidates",
        r#"{"promptTokenCount":20,"candidatesTokenCount":198,"thoughtsTokenCount":405,"totalTokenCount":623}"#,
        "input=20 output=603 reasoning=405 total=623",
    );
    check(
        "4.4: thoughts inside the candidates: the total says so",
        r#"{"promptTokenCount":20,"candidatesTokenCount":603,"thoughtsTokenCount":405,"totalTokenCount":623}"#,
        "input=20 output=603 reasoning=405 total=623",
    );
    check(
        "thoughts that are not counted are what the total has beyond the rest",
        r#"{"promptTokenCount":20,"candidatesTokenCount":198,"totalTokenCount":623}"#,
        "input=20 output=603 total=623",
    );
    check(
        "nothing but thoughts: the zero is left out",
        r#"{"promptTokenCount":21,"thoughtsTokenCount":60,"totalTokenCount":81}"#,
        "input=21 output=60 reasoning=60 total=81",
    );
    check(
        "an answer that is not counted, beside thoughts that are",
        r#"{"promptTokenCount":21,"thoughtsTokenCount":60,"totalTokenCount":101}"#,
        "input=21 output=80 reasoning=60 total=101",
    );
    check(
        "no total: thoughts are beside",
        r#"{"promptTokenCount":20,"candidatesTokenCount":198,"thoughtsTokenCount":405}"#,
        "input=20 output=603 reasoning=405",
    );
    check(
        "the results of tools are billed as input",
        r#"{"promptTokenCount":40,"toolUsePromptTokenCount":300,"candidatesTokenCount":12,"totalTokenCount":352}"#,
        "input=340 output=12 total=352",
    );
    check(
        "tools and thoughts inside",
        r#"{"promptTokenCount":40,"toolUsePromptTokenCount":300,"candidatesTokenCount":12,"thoughtsTokenCount":5,"totalTokenCount":352}"#,
        "input=340 output=12 reasoning=5 total=352",
    );
}

#[test]
fn counts_that_do_not_fit_show() {
    check(
        "a total that nothing adds up to",
        r#"{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":99}"#,
        "input=10 output=5 reasoning=3 total=99 MISMATCH",
    );
    check(
        "a total below its parts",
        r#"{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":3}"#,
        "input=10 output=2 total=3 MISMATCH",
    );
    check(
        "more cached than there was prompt: subtraction stops at zero",
        r#"{"promptTokenCount":10,"cachedContentTokenCount":50,"candidatesTokenCount":2,"totalTokenCount":12}"#,
        "input=0 output=2 cached_input=50 total=12 MISMATCH",
    );
    check(
        "more thoughts than candidates cannot be inside",
        r#"{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":30,"totalTokenCount":12}"#,
        "input=10 output=32 reasoning=30 total=12 MISMATCH",
    );
    check(
        "odd members do not hide the counts beside them",
        r#"{"promptTokenCount":"9","candidatesTokenCount":2.0,"promptTokensDetails":{"a":1},"candidatesTokensDetails":[1,"x",{"modality":7}],"new":[]}"#,
        "output=2",
    );
}

#[test]
fn modalities_have_buckets_of_their_own() {
    check(
        "audio in the prompt, nothing cached",
        r#"{"promptTokenCount":1000,"candidatesTokenCount":5,"totalTokenCount":1005,"promptTokensDetails":[{"modality":"TEXT","tokenCount":400},{"modality":"AUDIO","tokenCount":600}]}"#,
        "input=400 output=5 input_audio=600 total=1005",
    );
    check(
        "audio, some of which came from the cache",
        r#"{"promptTokenCount":1000,"cachedContentTokenCount":500,"candidatesTokenCount":5,"totalTokenCount":1005,
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":400},{"modality":"AUDIO","tokenCount":600}],
            "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":450},{"modality":"TEXT","tokenCount":50}]}"#,
        "input=350 output=5 cached_input=50 input_audio=150 cached_input_audio=450 total=1005",
    );
    check(
        "cached, and not told what: audio is taken out of the uncached part",
        r#"{"promptTokenCount":1000,"cachedContentTokenCount":700,"candidatesTokenCount":5,"totalTokenCount":1005,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":600}]}"#,
        "input=0 output=5 cached_input=700 input_audio=300 total=1005",
    );
    check(
        "images, cached ones with the cached text",
        r#"{"promptTokenCount":1000,"cachedContentTokenCount":300,"candidatesTokenCount":5,"totalTokenCount":1005,
            "promptTokensDetails":[{"modality":"IMAGE","tokenCount":800},{"modality":"TEXT","tokenCount":200}],
            "cacheTokensDetails":[{"modality":"IMAGE","tokenCount":258},{"modality":"TEXT","tokenCount":42}]}"#,
        "input=158 output=5 cached_input=300 input_image=542 total=1005",
    );
    check(
        "video and documents are text",
        r#"{"promptTokenCount":1000,"candidatesTokenCount":5,"totalTokenCount":1005,"promptTokensDetails":[{"modality":"VIDEO","tokenCount":600},{"modality":"DOCUMENT","tokenCount":258},{"modality":"MODALITY_UNSPECIFIED","tokenCount":1}]}"#,
        "input=1000 output=5 total=1005",
    );
    check(
        "a modality in two entries, and in the results of tools",
        r#"{"promptTokenCount":100,"toolUsePromptTokenCount":50,"candidatesTokenCount":5,"totalTokenCount":155,
            "promptTokensDetails":[{"modality":"AUDIO","tokenCount":10},{"modality":"AUDIO","tokenCount":20}],
            "toolUsePromptTokensDetails":[{"modality":"IMAGE","tokenCount":40},{"modality":"TEXT","tokenCount":10}]}"#,
        "input=80 output=5 input_audio=30 input_image=40 total=155",
    );
    check(
        "a generated image beside text and thoughts",
        r#"{"promptTokenCount":10,"candidatesTokenCount":1300,"thoughtsTokenCount":90,"totalTokenCount":1400,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290},{"modality":"TEXT","tokenCount":10}]}"#,
        "input=10 output=100 output_image=1290 reasoning=90 total=1400",
    );
    check(
        "speech",
        r#"{"promptTokenCount":10,"candidatesTokenCount":200,"totalTokenCount":210,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":200}]}"#,
        "input=10 output=0 output_audio=200 total=210",
    );
    check(
        "more audio than there was prompt",
        r#"{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":99}]}"#,
        "input=0 output=2 input_audio=10 total=12",
    );
}

#[test]
fn an_output_that_is_not_counted_is_none_only_where_nothing_was_generated() {
    let usage = r#"{"promptTokenCount":9,"totalTokenCount":9}"#;
    assert_eq!(described(&answered("", usage)), "input=9 output=0 total=9");
    assert_eq!(described(&answered("Hi", usage)), "input=9 total=9");
    let without_total = r#"{"promptTokenCount":9}"#;
    assert_eq!(described(&answered("", without_total)), "input=9 output=0");
    assert_eq!(described(&answered("Hi", without_total)), "input=9");
    for nothing in ["{}", "null", "[]", r#"{"trafficType":"ON_DEMAND"}"#] {
        let reading = read(
            Shape::Plain,
            &format!(r#"{{"candidates":[],"usageMetadata":{nothing}}}"#),
        );
        assert!(
            !reading.usage.is_reported() && !reading.mismatch,
            "{nothing}"
        );
    }
}

#[test]
fn a_blocked_prompt_is_billed_and_is_an_end() {
    let body = r#"{"promptFeedback":{"blockReason":"SAFETY","safetyRatings":[]},"usageMetadata":{"promptTokenCount":31,"totalTokenCount":31},"modelVersion":"m"}"#;
    let plain = read(Shape::Plain, body);
    assert_eq!(described(&plain), "input=31 output=0 total=31");
    assert!(plain.ended && !plain.error && !plain.delivered_text);
    assert_eq!(read(Shape::Stream, &format!("data: {body}\n\n")), plain);
    assert_eq!(read(Shape::JsonArray, &format!("[{body}]")), plain);
}

#[test]
fn an_error_chunk_keeps_what_was_told_before() {
    let error = r#"{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}"#;
    let first = r#"{"candidates":[{"content":{"parts":[{"text":"Hel"}]}}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":10}}"#;
    for (shape, body) in [
        (Shape::Stream, format!("data: {first}\n\ndata: {error}\n\n")),
        (Shape::JsonArray, format!("[{first}\n,\n{error}]")),
    ] {
        let reading = read(shape, &body);
        assert_eq!(described(&reading), "input=9 output=1 total=10");
        assert!(reading.error && reading.delivered_text, "{shape:?}");
    }
    for (shape, body) in [
        (Shape::Stream, format!("data: {error}\n\n")),
        (Shape::JsonArray, format!("[{error}]")),
        (Shape::Plain, error.to_owned()),
    ] {
        let reading = read(shape, &body);
        assert!(reading.error && !reading.usage.is_reported(), "{shape:?}");
    }
}

#[test]
fn what_is_no_array_is_an_error() {
    for body in [
        "<html>[1]</html>",
        r#"{"candidates":[]}"#,
        "null",
        "]",
        "[1,2]",
        "[{}]",
    ] {
        let reading = read(Shape::JsonArray, body);
        assert!(reading.error && !reading.usage.is_reported(), "{body}");
    }
    let empty = read(Shape::JsonArray, "[]");
    assert!(empty.ended && !empty.error && !empty.delivered_text);
    let nothing = read(Shape::JsonArray, "");
    assert!(!nothing.ended && !nothing.error);
}

const COUNT: std::ops::Range<u64> = 0..1_000_000;

proptest! {
    /// Whatever stands inside or beside, the buckets sum to the total, and both writings read the same.
    #[test]
    fn thoughts_inside_and_beside_read_the_same(
        prompt in COUNT, tool_use in COUNT, text in 1..1_000_000_u64, thoughts in 1..1_000_000_u64,
    ) {
        let usage = |candidates: u64| json!({
            "promptTokenCount": prompt, "toolUsePromptTokenCount": tool_use, "candidatesTokenCount": candidates,
            "thoughtsTokenCount": thoughts, "totalTokenCount": prompt + tool_use + text + thoughts,
        }).to_string();
        let beside = answered("Hi", &usage(text));
        let inside = answered("Hi", &usage(text + thoughts));
        prop_assert!(!beside.mismatch);
        prop_assert_eq!(beside.usage.tokens.output, Some(text + thoughts));
        prop_assert_eq!(beside.usage.total_tokens(), prompt + tool_use + text + thoughts);
        prop_assert_eq!(inside, beside);
    }

    /// Whatever is told, nothing overflows, parts are not larger than wholes, and what does not fit shows.
    #[test]
    fn any_counts_are_split_without_overlap(
        mut counts in prop::collection::vec(prop::option::of(prop_oneof![any::<u64>(), 0..100_u64]), 12),
        prompt in prop_oneof![any::<u64>(), 0..100_u64],
    ) {
        counts[0] = Some(prompt);
        let detail = |at: usize| json!([{"modality": "AUDIO", "tokenCount": counts[at]}, {"modality": "IMAGE", "tokenCount": counts[at + 1]}]);
        let usage = json!({
            "promptTokenCount": counts[0], "cachedContentTokenCount": counts[1], "candidatesTokenCount": counts[2],
            "thoughtsTokenCount": counts[3], "toolUsePromptTokenCount": counts[4], "totalTokenCount": counts[5],
            "promptTokensDetails": detail(6), "cacheTokensDetails": detail(8), "candidatesTokensDetails": detail(10),
        });
        let reading = answered("Hi", &usage.to_string());
        let usage = reading.usage;
        prop_assert_eq!(usage.provider_total, counts[5]);
        prop_assert!(usage.reasoning <= usage.tokens.output);
        prop_assert!(reading.mismatch || counts[5].is_none_or(|total| total == usage.total_tokens()));
        let cached = counts[1].unwrap_or(0);
        let whole = prompt.saturating_sub(cached).saturating_add(counts[4].unwrap_or(0)).saturating_add(cached);
        prop_assert_eq!(usage.prompt_tokens(), whole);
        prop_assert!(cached <= prompt || reading.mismatch);
    }
}
