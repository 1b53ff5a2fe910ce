//! Streams as raw bytes: what each one tells, and that it tells the same however it is cut.
#![expect(
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use domain::{call::Operation, pricing::ServiceTier, provider::ProviderType};
use support::{
    ANTHROPIC, COMPATIBLE, OPENAI, described, fixture, plain, stream, stream_fixtures, stream_in,
};
use weir_wire::meter::{Meter, Reading, Shape};

/// One stream fixture and what it tells.
struct Case {
    name: &'static str,
    operation: Operation,
    provider_type: ProviderType,
    counts: &'static str,
    model: &'static str,
    id: &'static str,
    text: &'static str,
    ended: bool,
    error: bool,
    /// The plain answer to the same call, where there is a fixture of it.
    has_plain: bool,
}

const fn chat(
    name: &'static str,
    counts: &'static str,
    model: &'static str,
    id: &'static str,
    text: &'static str,
) -> Case {
    Case {
        name,
        operation: Operation::Chat,
        provider_type: COMPATIBLE,
        counts,
        model,
        id,
        text,
        ended: true,
        error: false,
        has_plain: false,
    }
}

const CASES: &[Case] = &[
    Case {
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_chat",
            "input=104 output=300 cached_input=4096 cache_write_30m=1000 reasoning=192 total=5500",
            "gpt-5.6-2026-08-07",
            "chatcmpl-1",
            "Grüße, \"Welt\" 😀\n日本 {\"usage\":{\"prompt_tokens\":1}}",
        )
    },
    Case {
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_chat_tools",
            "input=84 output=17 cached_input=0 reasoning=0 total=101",
            "gpt-4o-2024-08-06",
            "chatcmpl-2",
            "get_weather{\"city\":\"Köln\"}",
        )
    },
    Case {
        provider_type: OPENAI,
        ..chat(
            "openai_chat_no_usage",
            "",
            "gpt-4o",
            "chatcmpl-3",
            "Hi there",
        )
    },
    Case {
        provider_type: OPENAI,
        error: true,
        ..chat("openai_chat_error", "", "gpt-4o", "chatcmpl-4", "Hi")
    },
    Case {
        provider_type: OPENAI,
        ..chat(
            "openai_chat_moderation",
            "input=9 output=2 total=11",
            "gpt-5",
            "chatcmpl-5",
            "Hi",
        )
    },
    Case {
        operation: Operation::Completions,
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_completions",
            "input=5 output=2 total=7",
            "gpt-3.5-turbo-instruct",
            "cmpl-1",
            "Once upon",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_responses",
            "input=104 output=300 cached_input=4096 cache_write_30m=600 cache_write_12h=400 reasoning=192 searches=3 total=5500",
            "gpt-5.6-2026-08-07",
            "resp_1",
            "ThinkingHallo Welt — ok{\"a\":1}",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_responses_incomplete",
            "input=10 output=16 cached_input=0 reasoning=0 total=26",
            "gpt-5",
            "resp_2",
            "cut",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        error: true,
        ..chat(
            "openai_responses_failed",
            "input=10 output=0 total=10",
            "gpt-5",
            "resp_3",
            "",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        error: true,
        ..chat("openai_responses_error", "", "gpt-5", "resp_4", "")
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        has_plain: true,
        ..chat(
            "anthropic_text",
            "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000 reasoning=192 searches=1",
            "claude-sonnet-5",
            "msg_1",
            "Let me seeGrüße, \"Welt\" event: message_stop\n\nlook{\"q\":\"a\\nb\"}",
        )
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        ..chat(
            "anthropic_cumulative",
            "input=2100 output=90 cached_input=700 cache_write_5m=1500 cache_write_1h=0 cache_write_unknown=300",
            "claude-opus-5",
            "msg_2",
            "Hi",
        )
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        ended: false,
        error: true,
        ..chat(
            "anthropic_error",
            "input=25 cached_input=0 cache_write_unknown=0",
            "claude-sonnet-5",
            "msg_3",
            "Hel",
        )
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        has_plain: true,
        ..chat(
            "anthropic_compaction",
            "input=9050 output=430 cached_input=110 cache_write_5m=200 cache_write_1h=0 cache_write_unknown=0",
            "claude-opus-5",
            "msg_4",
            "Short.",
        )
    },
    chat(
        "azure_chat",
        "input=9 output=2 cached_input=0 reasoning=0 total=11",
        "gpt-4o-2024-11-20",
        "chatcmpl-6",
        "Hi",
    ),
    chat(
        "groq_chat",
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
        "openai/gpt-oss-20b",
        "chatcmpl-7",
        "HmHi",
    ),
    chat(
        "groq_chat_x_groq_only",
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
        "openai/gpt-oss-20b",
        "chatcmpl-8",
        "Hi",
    ),
    chat(
        "mistral_chat",
        "input=72 output=30 cached_input=128 reasoning=9 total=230",
        "magistral-medium-latest",
        "m1",
        "HmSalut",
    ),
    chat(
        "deepseek_chat",
        "input=360 output=50 cached_input=640 reasoning=20 total=1050",
        "deepseek-chat",
        "d1",
        "Hm你好",
    ),
    chat(
        "xai_chat",
        "input=26 output=103 cached_input=6 reasoning=94 total=135",
        "grok-4",
        "x1",
        "HmHi",
    ),
    chat(
        "vllm_continuous",
        "input=40 output=3 total=43",
        "qwen",
        "v1",
        "One two",
    ),
    chat(
        "databricks_chat",
        "input=120 output=300 cached_input=4096 cache_write_unknown=1500 reasoning=192 total=6016",
        "us.anthropic.claude-sonnet-4-5",
        "b1",
        "HmHi",
    ),
    // No `[DONE]`: finish reason and usage make an end.
    chat(
        "perplexity_chat",
        "input=33 output=7163 reasoning=7163 searches=21 total=7196 MISMATCH",
        "sonar-deep-research",
        "p1",
        "Long report",
    ),
];

impl Case {
    fn bytes(&self) -> Vec<u8> {
        fixture(&format!("streams/{}.sse", self.name))
    }

    fn whole(&self) -> Reading {
        stream(self.operation, self.provider_type, &self.bytes())
    }

    fn in_pieces<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Reading {
        stream_in(self.operation, self.provider_type, pieces)
    }
}

#[test]
fn every_fixture_is_a_case() {
    let mut names: Vec<String> = CASES
        .iter()
        .map(|case| format!("{}.sse", case.name))
        .collect();
    names.sort();
    assert_eq!(names, stream_fixtures());
}

#[test]
fn each_stream_tells_what_it_should() {
    for case in CASES {
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
        let case = CASES.iter().find(|case| case.name == name).unwrap();
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
}

#[test]
fn a_stream_reads_the_same_at_every_cut() {
    for case in CASES {
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
    for case in CASES {
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
    for case in CASES {
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
    for case in CASES {
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
    for case in CASES.iter().filter(|case| case.has_plain) {
        let body = fixture(&format!("plain/{}.json", case.name));
        let (mut plain, mut streamed) = (
            plain(case.operation, case.provider_type, &body),
            case.whole(),
        );
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
    let mut meter = Meter::new(case.operation, case.provider_type, Shape::Stream);
    (0..bytes.len())
        .find(|at| meter.push(&bytes[*at..=*at]).settled)
        .map(|at| at + 1)
}

#[test]
fn a_stream_is_settled_before_its_last_event_is_whole_and_knows_its_usage_then() {
    for case in CASES {
        let (bytes, whole) = (case.bytes(), case.whole());
        let text = str::from_utf8(&bytes).unwrap();
        let last = match case.name {
            "perplexity_chat" => None,
            name if name.starts_with("anthropic_error") => Some(text.trim_end().len() + 2),
            name if name.starts_with("anthropic") => {
                Some(text.rfind("message_stop\n").unwrap() + "message_stop".len())
            }
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
    let case = &CASES[0];
    let mut meter = Meter::new(case.operation, case.provider_type, Shape::Stream);
    assert!(meter.push(&case.bytes()).settled);
    assert!(meter.push(b": more\n\n").settled);
}

#[test]
fn a_stream_that_breaks_off_tells_what_it_knew() {
    for case in CASES.iter().filter(|case| !case.error) {
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
    let mut meter = Meter::new(Operation::Responses, OPENAI, Shape::Stream);
    let mut settled = false;
    for piece in body.as_bytes().chunks(1024 * 1024) {
        settled = meter.push(piece).settled;
        assert!(meter.held_bytes() <= 64 * 1024 * 1024);
    }
    assert!(settled);
    let reading = meter.finish();
    assert!(reading.ended && !reading.error && !reading.usage.is_reported());
}
