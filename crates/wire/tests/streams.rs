//! Streams as raw bytes: what each one tells, and that it tells the same however it is cut.
#![expect(
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use domain::{call::Operation, pricing::ServiceTier};
use support::{
    ANTHROPIC, COMPATIBLE, OPENAI,
    cases::{self, Case},
    described, fixture, stream, stream_fixtures, stream_in,
};
use weir_wire::meter::{Meter, Metered, Shape};

#[test]
fn every_fixture_is_a_case() {
    let mut names: Vec<String> = cases::all().map(Case::file).collect();
    names.sort();
    assert_eq!(names, stream_fixtures());
}

#[test]
fn a_json_array_reads_like_the_events_of_the_same_answer() {
    let (array, events) = (cases::case("google_array"), cases::case("google_text"));
    assert_eq!(array.whole(), events.whole());
    // An array has a last byte; events that say why the answer ended have ended too.
    let cut = &array.bytes()[..array.bytes().len() - "\n]\n".len()];
    let cut = array.in_pieces([cut]);
    assert!(!cut.ended && !cut.error);
}

#[test]
fn an_answer_that_does_not_say_what_it_is_is_read_by_how_it_begins() {
    let unsaid = |case: &Case, pieces: &[&[u8]]| {
        let mut meter = Meter::new(&Metered {
            operation: case.operation,
            provider_type: case.provider_type,
            shape: Shape::Unsaid,
            model: case.asked,
        });
        for piece in pieces {
            let _ = meter.push(piece);
        }
        meter.finish()
    };
    for case in cases::all().filter(|case| case.shape == Shape::Stream) {
        let bytes = case.bytes();
        let (first, rest) = bytes.split_at(1);
        assert_eq!(unsaid(case, &[&bytes]), case.whole(), "{}", case.name);
        assert_eq!(
            unsaid(case, &[b"", first, rest]),
            case.whole(),
            "{}",
            case.name
        );
    }
    let chat = cases::case("openai_chat");
    let body = br#"  {"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let plain = unsaid(chat, &[b" ", body]);
    assert_eq!(described(&plain), "input=1 output=2");
    assert!(unsaid(chat, &[b" \n"]).error);
    // Blanks before all else say nothing, in a piece of their own or not.
    let blanks: [&[&[u8]]; 2] = [&[b"  : a comment"], &[b"  ", b": a comment"]];
    assert_eq!(unsaid(chat, blanks[0]), unsaid(chat, blanks[1]));
    let marked = [b"\xef\xbb\xbf".as_slice(), body].concat();
    assert_eq!(
        described(&support::plain(chat.operation, chat.provider_type, &marked)),
        "input=1 output=2"
    );
}

#[test]
fn each_stream_tells_what_it_should() {
    for case in cases::all() {
        let reading = case.whole();
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        assert_eq!(described(&reading), case.counts, "{}", case.name);
        assert_eq!(told(&reading.replied_model), case.model, "{}", case.name);
        assert_eq!(told(&reading.response_id), case.id, "{}", case.name);
        assert_eq!(reading.text.kept(), case.text, "{}", case.name);
        assert_eq!(
            reading.delivered_text,
            !case.text.is_empty(),
            "{}",
            case.name
        );
        assert_eq!(
            (reading.ended, reading.error),
            (case.ended, case.error),
            "{}",
            case.name
        );
        assert!(!reading.unfinished, "{}", case.name);
    }
}

#[test]
fn streams_tell_tier_and_geography() {
    let of = |name: &str| {
        let case = cases::case(name);
        let reading = case.whole();
        (
            reading.service_tier.unwrap_or_default(),
            reading.tier,
            reading.geography,
            reading.pinned_geography,
        )
    };
    assert_eq!(of("openai_chat"), ("default".to_owned(), None, None, false));
    assert_eq!(
        of("openai_chat_tools"),
        (
            "priority".to_owned(),
            Some(ServiceTier::Priority),
            None,
            false
        )
    );
    // The first events say what was asked for, the last one what was used.
    assert_eq!(
        of("openai_responses"),
        ("flex".to_owned(), Some(ServiceTier::Flex), None, false)
    );
    assert_eq!(
        of("anthropic_text"),
        ("standard".to_owned(), None, Some("us".to_owned()), true)
    );
    assert_eq!(
        of("anthropic_cumulative"),
        ("fast".to_owned(), Some(ServiceTier::Fast), None, false)
    );
    assert_eq!(
        of("mistral_chat"),
        ("standard".to_owned(), None, None, false)
    );
    assert_eq!(
        of("google_text"),
        ("ON_DEMAND".to_owned(), None, None, false)
    );
    assert_eq!(
        of("bedrock_converse"),
        (
            "priority".to_owned(),
            Some(ServiceTier::Priority),
            None,
            false
        )
    );
}

#[test]
fn a_stream_reads_the_same_at_every_cut() {
    for case in cases::all() {
        let (bytes, whole) = (case.bytes(), case.whole());
        for cut in 0..=bytes.len() {
            let (first, second) = bytes.split_at(cut);
            assert_eq!(
                case.in_pieces([first, second]),
                whole,
                "{} cut at {cut}",
                case.name
            );
        }
        assert_eq!(
            case.in_pieces(bytes.chunks(1)),
            whole,
            "{} in single bytes",
            case.name
        );
    }
}

#[test]
fn a_stream_reads_the_same_with_every_line_end_and_with_a_byte_order_mark() {
    for case in cases::events() {
        let (text, whole) = (String::from_utf8(case.bytes()).unwrap(), case.whole());
        let variants = [
            text.replace('\n', "\r\n"),
            text.replace('\n', "\r"),
            format!("\u{feff}{text}"),
        ];
        for variant in variants {
            assert_eq!(case.in_pieces([variant.as_bytes()]), whole, "{}", case.name);
            for size in [1, 2, 3, 7, 64] {
                assert_eq!(
                    case.in_pieces(variant.as_bytes().chunks(size)),
                    whole,
                    "{} by {size}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn a_stream_reads_the_same_without_its_last_line_ends() {
    for case in cases::events() {
        let bytes = case.bytes();
        let whole = case.whole();
        for ends in 1..=2 {
            assert_eq!(
                case.in_pieces([&bytes[..bytes.len() - ends]]),
                whole,
                "{} without {ends}",
                case.name
            );
        }
    }
}

#[test]
fn event_names_may_be_missing() {
    for case in cases::events() {
        let text = String::from_utf8(case.bytes()).unwrap();
        let unnamed: String = text
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("event:"))
            .collect();
        assert_eq!(
            case.in_pieces([unnamed.as_bytes()]),
            case.whole(),
            "{}",
            case.name
        );
        assert_eq!(
            case.in_pieces(unnamed.as_bytes().chunks(1)),
            case.whole(),
            "{}",
            case.name
        );
    }
}

#[test]
fn a_stream_and_its_plain_answer_read_the_same() {
    for case in cases::all().filter(|case| case.has_plain) {
        let (mut plain, mut streamed) = (case.plain(), case.whole());
        // The same text may be escaped in other ways, and the name of a function comes with the plain answer only.
        let (text, other) = (
            std::mem::take(&mut plain.text),
            std::mem::take(&mut streamed.text),
        );
        if case.name != "openai_responses" {
            assert_eq!(text.kept(), other.kept(), "{}", case.name);
        }
        assert_eq!(plain, streamed, "{}", case.name);
    }
}

/// Where in the stream's bytes the last event is recognised, when they come one by one.
fn settled_at(case: &Case, bytes: &[u8]) -> Option<usize> {
    let mut meter = case.meter();
    (0..bytes.len())
        .find(|at| meter.push(&bytes[*at..=*at]).settled)
        .map(|at| at + 1)
}

#[test]
fn a_stream_is_settled_before_its_last_event_is_whole_and_knows_its_usage_then() {
    for case in cases::all() {
        let (bytes, whole) = (case.bytes(), case.whole());
        let text = String::from_utf8_lossy(&bytes);
        let last = match case.name {
            "perplexity_chat" => None,
            // Google's events just end; frames have to be whole.
            _ if case.operation == Operation::Generate && case.shape == Shape::Stream => None,
            _ if case.shape == Shape::EventStream => Some(bytes.len()),
            name if name.starts_with("anthropic_error") => Some(text.trim_end().len() + 2),
            name if name.starts_with("anthropic") => {
                Some(text.rfind("message_stop\n").unwrap() + "message_stop".len())
            }
            // What some of its servers send behind the last event tells nothing.
            "cohere_chat" => text.find("\n\ndata: [DONE]"),
            _ => Some(text.trim_end().len()),
        };
        assert_eq!(settled_at(case, &bytes), last, "{}", case.name);
        let Some(last) = last else { continue };
        // The row is written from this reading, before these bytes go on.
        assert_eq!(case.in_pieces([&bytes[..last]]), whole, "{}", case.name);
        assert_eq!(
            case.in_pieces(bytes[..last].chunks(1)),
            whole,
            "{}",
            case.name
        );
    }
}

#[test]
fn once_settled_a_stream_stays_settled() {
    for case in cases::all().filter(|case| settled_at(case, &case.bytes()).is_some()) {
        let mut meter = case.meter();
        assert!(meter.push(&case.bytes()).settled, "{}", case.name);
        assert!(meter.push(b": more\n\n").settled, "{}", case.name);
    }
}

#[test]
fn a_stream_that_breaks_off_tells_what_it_knew() {
    for case in cases::all().filter(|case| !case.error) {
        let bytes = case.bytes();
        let mut model_known = false;
        for cut in 0..bytes.len() {
            let reading = case.in_pieces([&bytes[..cut]]);
            assert!(!reading.error, "{} cut at {cut}", case.name);
            assert!(
                !model_known || reading.replied_model.is_some(),
                "{} cut at {cut}",
                case.name
            );
            model_known |= reading.replied_model.is_some();
            assert!(
                case.text
                    .starts_with(reading.text.kept().trim_end_matches('\u{fffd}')),
                "{} cut at {cut}",
                case.name
            );
        }
    }
}

#[test]
fn without_a_message_delta_the_output_is_not_known() {
    let bytes = fixture("streams/anthropic_text.sse");
    let text = str::from_utf8(&bytes).unwrap();
    let cut = text.find("event: message_delta").unwrap();
    let reading = stream(Operation::Messages, ANTHROPIC, &bytes[..cut]);
    assert_eq!(
        described(&reading),
        "input=120 cached_input=4096 cache_write_5m=500 cache_write_1h=1000"
    );
    assert!(reading.delivered_text && !reading.ended && !reading.error);
}

#[test]
fn a_background_stream_that_breaks_off_is_not_called_unfinished() {
    let bytes = fixture("streams/openai_responses.sse");
    let text = str::from_utf8(&bytes).unwrap();
    let cut = text.find("event: response.completed").unwrap();
    let reading = stream(Operation::Responses, OPENAI, &bytes[..cut]);
    assert!(!reading.unfinished && !reading.ended && reading.delivered_text);
    assert_eq!(described(&reading), "");
}

#[test]
fn an_event_above_the_limit_is_given_up_and_the_rest_is_read() {
    let long = "x".repeat(9 * 1024 * 1024);
    let body = format!(
        "data: {{\"id\":\"c\",\"model\":\"m\",\"choices\":[{{\"delta\":{{\"content\":\"{long}\"}}}}]}}\n\n\
         data: {{\"id\":\"c\",\"model\":\"m\",\"choices\":[],\"usage\":{{\"prompt_tokens\":3,\"completion_tokens\":1}}}}\n\n\
         data: [DONE]\n\n"
    );
    let whole = stream(Operation::Chat, COMPATIBLE, body.as_bytes());
    assert_eq!(described(&whole), "input=3 output=1");
    assert!(whole.ended && !whole.error);
    for size in [1000, 64 * 1024, 8 * 1024 * 1024] {
        assert_eq!(
            stream_in(Operation::Chat, COMPATIBLE, body.as_bytes().chunks(size)),
            whole,
            "in pieces of {size}"
        );
    }
}

#[test]
fn a_last_event_that_is_given_up_still_ends_the_stream() {
    let long = "x".repeat(33 * 1024 * 1024);
    let body =
        format!("event: response.completed\ndata: {{\"response\":{{\"output\":\"{long}\"}}}}\n\n");
    let mut meter = support::meter(Operation::Responses, OPENAI, Shape::Stream);
    let mut settled = false;
    for piece in body.as_bytes().chunks(1024 * 1024) {
        settled = meter.push(piece).settled;
        assert!(meter.held_bytes() <= 64 * 1024 * 1024);
    }
    assert!(settled);
    let reading = meter.finish();
    assert!(reading.ended && !reading.error && !reading.usage.is_reported());
}
