//! The usage chunk is taken out, and nothing else.
#![expect(
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use bytes::Bytes;
use domain::call::Operation;
use proptest::prelude::*;
use support::{COMPATIBLE, fixture, stream_fixtures};
use weir_wire::{meter::Shape, strip::UsageChunkFilter};

fn filter<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut filter = UsageChunkFilter::new();
    let mut out = vec![];
    for piece in pieces {
        out.extend_from_slice(&filter.push(&Bytes::copy_from_slice(piece)));
    }
    out.extend_from_slice(&filter.finish());
    out
}

/// A stream of events without the one that is the usage chunk, found by other means than the filter's.
fn without_usage_chunk(stream: &str) -> String {
    let is_usage_chunk = |event: &str| {
        let data: Vec<&str> = event
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .collect();
        serde_json::from_str::<serde_json::Value>(&data.concat()).is_ok_and(|chunk| {
            chunk["choices"] == serde_json::json!([]) && chunk["usage"].is_object()
        })
    };
    stream
        .split_inclusive("\n\n")
        .filter(|event| !is_usage_chunk(event))
        .collect()
}

#[test]
fn of_every_stream_the_usage_chunk_is_taken_out_at_every_cut() {
    let mut taken_out = 0;
    let events = stream_fixtures()
        .into_iter()
        .filter(|name| name.ends_with(".sse"));
    for name in events {
        let stream = String::from_utf8(fixture(&format!("streams/{name}"))).unwrap();
        let expected = without_usage_chunk(&stream);
        taken_out += usize::from(expected != stream);
        for (ends, expected) in [
            ("\n", expected.clone()),
            ("\r\n", expected.replace('\n', "\r\n")),
            ("\r", expected.replace('\n', "\r")),
        ] {
            let stream = stream.replace('\n', ends);
            assert_eq!(filter([stream.as_bytes()]), expected.as_bytes(), "{name}");
            for cut in (0..=stream.len()).step_by(if ends == "\r\n" { 1 } else { 3 }) {
                let (first, second) = stream.as_bytes().split_at(cut);
                assert_eq!(
                    filter([first, second]),
                    expected.as_bytes(),
                    "{name} cut at {cut}"
                );
            }
            assert_eq!(
                filter(stream.as_bytes().chunks(1)),
                expected.as_bytes(),
                "{name} in single bytes"
            );
        }
    }
    assert_eq!(taken_out, 9, "streams with a usage chunk");
}

const USAGE: &str =
    r#"data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;

#[test]
fn what_is_no_usage_chunk_stays() {
    let events = [
        r#"data: {"choices":[],"prompt_filter_results":[{}]}"#,
        r#"data: {"choices":[],"prompt_filter_results":[{}],"usage":null}"#,
        r#"data: {"choices":[],"moderation":{"flagged":false},"usage":null}"#,
        r#"data: {"choices":[],"moderation":{"flagged":false},"usage":{"prompt_tokens":1}}"#,
        r#"data: {"choices":[],"error":{"message":"x"},"usage":{"prompt_tokens":1}}"#,
        r#"data: {"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":1}}"#,
        r#"data: {"choices":[{"index":0,"delta":{"content":"\"choices\":[],\"usage\":{}"}}],"usage":null}"#,
        r#"data: {"choices":[ {"index":0}],"usage":{}}"#,
        r#"data: {"usage":{"prompt_tokens":1}}"#,
        r#"data: {"choices":null,"usage":{"prompt_tokens":1}}"#,
        r#"data: {"choices":[],"usage":[1]}"#,
        r#"data: {"choices":[],"usage":{"prompt_tokens":1}"#,
        r#": {"choices":[],"usage":{"prompt_tokens":1}}"#,
        "data: [DONE]",
        "data: <html>",
        ": keep-alive",
    ];
    for event in events {
        let stream = format!("{event}\n\n");
        assert_eq!(filter([stream.as_bytes()]), stream.as_bytes(), "{event}");
        assert_eq!(
            filter(stream.as_bytes().chunks(1)),
            stream.as_bytes(),
            "{event}"
        );
    }
}

#[test]
fn a_usage_chunk_in_any_writing_is_taken_out() {
    let events = [
        USAGE.to_owned(),
        "data:{\"usage\" : {\"prompt_tokens\":1} , \"choices\" : [ ] }".to_owned(),
        "event: x\nid: 1\ndata: {\"choices\":[],\ndata: \"usage\":{}}".to_owned(),
        "data: {\"ch\\u006fices\":[],\"usage\":{\"prompt_tokens\":1}}".to_owned(),
        "\u{feff}data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}".to_owned(),
    ];
    for event in events {
        for end in ["\n\n", "\n", ""] {
            let stream = format!("{event}{end}");
            assert_eq!(filter([stream.as_bytes()]), b"", "{stream:?}");
            assert_eq!(filter(stream.as_bytes().chunks(1)), b"", "{stream:?}");
        }
    }
}

#[test]
fn after_done_everything_passes() {
    let stream = format!("data: [DONE]\n\n{USAGE}\n\n: bye");
    for size in 1..stream.len() {
        assert_eq!(
            filter(stream.as_bytes().chunks(size)),
            stream.as_bytes(),
            "in pieces of {size}"
        );
    }
}

#[test]
fn whole_events_go_on_at_once_and_uncopied() {
    let mut filter = UsageChunkFilter::new();
    let whole = Bytes::from_static(b"data: {\"choices\":[{}]}\n\n: ping\n\n");
    let out = filter.push(&whole);
    assert_eq!((out.as_ptr(), out.len()), (whole.as_ptr(), whole.len()));

    let (ended, begun) = (b"data: {\"choices\":[{}]}\n\n", b"data: {\"cho");
    let both = Bytes::from([ended.as_slice(), begun].concat());
    let out = filter.push(&both);
    assert_eq!(
        (out.as_ptr(), out.as_ref()),
        (both.as_ptr(), ended.as_slice())
    );
    let rest = filter.push(&Bytes::from_static(b"ices\":[{}]}\n\n"));
    assert_eq!(rest.as_ref(), b"data: {\"choices\":[{}]}\n\n");
    assert_eq!(filter.push(&Bytes::new()).as_ref(), b"");
    assert_eq!(filter.finish().as_ref(), b"");
}

#[test]
fn a_line_end_that_comes_late_shares_the_fate_of_its_event() {
    let mut filter = UsageChunkFilter::new();
    let mut push = |bytes: &'static str| filter.push(&Bytes::from_static(bytes.as_bytes()));
    assert_eq!(
        push("data: {\"choices\":[],\"usage\":{}}\r\n\r").as_ref(),
        b""
    );
    assert_eq!(push("\n: kept\r\n\r").as_ref(), b": kept\r\n\r");
    assert_eq!(push("\n").as_ref(), b"\n");
    assert_eq!(push("\n").as_ref(), b"\n");
    assert_eq!(push("data: x\r").as_ref(), b"");
    assert_eq!(
        push("\ndata: y\r\n\r\n").as_ref(),
        b"data: x\r\ndata: y\r\n\r\n"
    );
}

#[test]
fn an_event_too_long_to_be_the_usage_chunk_is_not_held_back() {
    let mut filter = UsageChunkFilter::new();
    let piece = Bytes::from(
        "data: {\"choices\":[],\"usage\":{},\"x\":\"".to_owned() + &"y".repeat(200_000),
    );
    assert_eq!(filter.push(&piece).len(), 0);
    assert_eq!(filter.push(&piece).len(), 2 * piece.len());
    assert_eq!(filter.push(&piece).len(), piece.len());
    assert_eq!(filter.push(&Bytes::from_static(b"\"}\n\n")).len(), 4);
    assert_eq!(filter.push(&Bytes::from(format!("{USAGE}\n\n"))).len(), 0);
}

#[test]
fn the_meter_reads_the_usage_that_the_filter_takes_out() {
    let stream = fixture("streams/openai_chat.sse");
    let read = |bytes: &[u8]| {
        let mut meter = support::meter(Operation::Chat, COMPATIBLE, Shape::Stream);
        let _ = meter.push(bytes);
        meter.finish().usage.is_reported()
    };
    assert!(read(&stream) && !read(&filter([stream.as_slice()])));
}

proptest! {
    #[test]
    fn any_stream_in_any_cut_comes_out_as_it_does_whole(
        events in prop::collection::vec(prop::sample::select(vec![
            USAGE, "data: {\"choices\":[{}]}", "data: {\"choices\":[]}", "data: [DONE]", ": c", "", "event: e\ndata: x", "\r", "data",
        ]), 0..12),
        ends in prop::collection::vec(prop::sample::select(vec!["\n\n", "\r\n\r\n", "\r\r", "\n", "\r\n", "\n\r"]), 12),
        cuts in prop::collection::vec(0_usize..400, 0..8),
    ) {
        let stream: String = events.iter().zip(&ends).flat_map(|(event, end)| [*event, *end]).collect();
        let bytes = stream.as_bytes();
        let whole = filter([bytes]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        prop_assert_eq!(&filter(cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]])), &whole);
        prop_assert_eq!(filter(bytes.chunks(1)), whole);
    }

    #[test]
    fn random_bytes_pass_as_they_are(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..20) {
        prop_assert_eq!(filter(bytes.chunks(size)), bytes);
    }
}
