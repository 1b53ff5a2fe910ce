//! A conversation's page from turns that are made here: whatever they say, it is text, and it has an end.

use admin::transcripts::{
    Asked, AskedMessage, BodyInfo, ConversationDetail, ConversationView, File, FileKind, Message,
    Part, RawBody, Role, Said, Turn,
};
use domain::{
    CallId, ConversationId, NanoUsd, ProviderId, Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
    provider::ProviderType,
};
use leptos::{prelude::*, reactive::owner::Owner};
use uuid::Uuid;

use super::{Shown, view};
use crate::{
    http::fields::Fields,
    pages::{calls::table::Names, transcripts::raw::Raw},
};

/// What no page may hold that shows what others wrote.
const NEVER: [&str; 9] = [
    "<script>alert",
    "<img",
    "<svg onload",
    "<iframe",
    "<b onmouseover",
    "href=\"javascript",
    "href=\"data:",
    "\u{202e}",
    "\u{1b}",
];

fn id(number: u128) -> CallId {
    CallId(Uuid::from_u128(
        0x0193_2c07_0000_7000_8000_0000_0000_0000 + number,
    ))
}

fn message(role: Role, text: &str) -> Message {
    let parts = vec![Part::Text(text.to_owned())];
    Message { role, parts }
}

fn asked(messages: Vec<Message>, known: usize) -> Option<Asked> {
    let messages = messages.into_iter().enumerate();
    Some(Asked {
        messages: messages
            .map(|(place, message)| AskedMessage {
                message,
                is_new: place >= known,
            })
            .collect(),
        tools: vec![],
        cut: false,
    })
}

fn said(messages: Vec<Message>) -> Option<Said> {
    Some(Said {
        messages,
        ..Said::default()
    })
}

fn turn(number: u128, asked: Option<Asked>, answer: Option<Said>) -> Turn {
    let info = BodyInfo {
        content_type: Some("application/json".to_owned()),
        bytes: 100,
        kept_bytes: 100,
    };
    Turn {
        call_id: id(number),
        conversation: ConversationId(Uuid::nil()),
        started_at: "2026-11-19T15:12:08Z".parse().unwrap(),
        provider: ProviderId::new("main").unwrap(),
        provider_type: ProviderType::OpenAi,
        model: Some("gpt-5".to_owned()),
        operation: Operation::Chat,
        streamed: false,
        outcome: Outcome::Ok,
        status: 200,
        latency_us: 2_310_000,
        tokens: Some(1_234),
        cost: Some(NanoUsd(26_188_000)),
        price_state: PriceState::Priced,
        row: None,
        request: Some(info.clone()),
        response: Some(info),
        asked,
        answer,
    }
}

fn page_with(turns: Vec<Turn>, query: &[(&str, &str)], raw: Option<Raw>) -> String {
    let at: Timestamp = "2026-11-19T15:12:08Z".parse().unwrap();
    let conversation = ConversationView {
        id: ConversationId(Uuid::nil()),
        started_at: at,
        last_at: at,
        title: Some("Cracked \u{202e}panel <b>".to_owned()),
        agent: Some("support".to_owned()),
        user: None,
        token: None,
        provider: ProviderId::new("main").unwrap(),
        model: Some("gpt-5".to_owned()),
        outcome: Outcome::Ok,
        turns: 3,
        tokens: 3_000,
        cost_usd: NanoUsd(1),
        unpriced_turns: 1,
        snippet: None,
    };
    let mut fields = Fields::default();
    for (name, value) in query {
        fields.push(*name, *value);
    }
    let shown = Shown {
        detail: ConversationDetail {
            conversation,
            turns,
            next_cursor: None,
        },
        names: Names::default(),
        raw,
        query: fields,
    };
    let owner = Owner::new();
    let html = owner.with(|| view(shown).to_html());
    owner.cleanup();
    for never in NEVER {
        assert!(!html.contains(never), "{never:?} is in the page");
    }
    html
}

fn page(turns: Vec<Turn>, query: &[(&str, &str)]) -> String {
    page_with(turns, query, None)
}

#[test]
fn only_what_is_new_is_shown_and_the_rest_on_demand() {
    let first = message(Role::User, "The first question");
    let answer = message(Role::Assistant, "The first answer");
    let again = asked(
        vec![
            first.clone(),
            answer.clone(),
            message(Role::User, "The second question"),
        ],
        2,
    );
    let turns = vec![
        turn(1, asked(vec![first], 0), said(vec![answer])),
        turn(
            2,
            again,
            said(vec![message(Role::Assistant, "The second answer")]),
        ),
    ];
    let times = |html: &str, words: &str| html.matches(&format!("<p>{words}</p>")).count();
    let html = page(turns.clone(), &[]);
    for words in [
        "The first question",
        "The first answer",
        "The second question",
        "The second answer",
    ] {
        assert_eq!(times(&html, words), 1, "{words}");
    }
    assert!(html.contains("2 earlier messages came along"));
    let second = id(2).to_string();
    let html = page(turns, &[("earlier", &second)]);
    assert_eq!(times(&html, "The first question"), 2);
    assert_eq!(times(&html, "The second question"), 1);
    assert!(html.contains("Hide them") && html.contains("speech user before"));
}

#[test]
fn tools_thoughts_and_files_are_told() {
    let call = Message {
        role: Role::Assistant,
        parts: vec![
            Part::Reasoning(Some("Let me *think*".to_owned())),
            Part::Reasoning(None),
            Part::ToolCall {
                id: Some("c1".to_owned()),
                name: "orders.lookup".to_owned(),
                arguments: r#"{"order":"88"}"#.to_owned(),
            },
        ],
    };
    let result = Message {
        role: Role::Tool,
        parts: vec![Part::ToolResult {
            id: Some("c1".to_owned()),
            name: None,
            parts: vec![Part::Text("[1,2]".to_owned())],
            failed: true,
        }],
    };
    let question = Message {
        role: Role::User,
        parts: vec![Part::File(File {
            kind: FileKind::Image,
            media_type: Some("image/png".to_owned()),
            bytes: Some(421_888),
            name: Some("https://evil.example/<img>.png".to_owned()),
        })],
    };
    let mut asks = asked(
        vec![
            message(Role::System, "You sort mail.\nNever promise."),
            question,
        ],
        0,
    );
    if let Some(asks) = &mut asks {
        asks.tools = vec!["orders.lookup".to_owned()];
    }
    let turns = vec![
        turn(1, asks, said(vec![call])),
        turn(
            2,
            asked(vec![result], 0),
            said(vec![message(Role::Assistant, "Done")]),
        ),
    ];
    let html = page(turns, &[]);
    for words in [
        "1 tool offered",
        "<bdi>You sort mail.</bdi>",
        "You sort mail.\nNever promise.",
        "Picture, image/png, 412 KiB",
        "https://evil.example/&lt;img&gt;.png",
        "<em>think</em>",
        "which the provider keeps sealed",
        "{\n  &quot;order&quot;: &quot;88&quot;\n}",
        "result · failed",
        "[\n  1,\n  2\n]",
    ] {
        assert!(html.contains(words), "{words} is not in\n{html}");
    }
    // The tool that was called is named at its result, too.
    assert_eq!(html.matches("<code><bdi>orders.lookup</bdi>").count(), 2);
}

#[test]
fn whatever_is_said_is_text_and_the_page_ends() {
    let hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> <svg onload=alert(1)> <iframe src=//e.example> <b onmouseover=x>\n\n\
        [x](javascript:alert(1)) [y](data:text/html,x) ![p](https://evil.example/p.png)\n\u{202e}txt\u{1b}[31m\u{9b}2J\u{0}\u{feff}";
    let long = "x".repeat(5_000_000);
    let deep = "[".repeat(100_000);
    let lines = "&\u{202e}<\n".repeat(200_000);
    let mut parts = vec![];
    for text in [hostile, &long, &deep, &lines] {
        parts.push(Part::Text(text.to_owned()));
        parts.push(Part::Reasoning(Some(text.to_owned())));
        parts.push(Part::Refusal(text.to_owned()));
        parts.push(Part::ToolCall {
            id: Some(text.to_owned()),
            name: text.to_owned(),
            arguments: text.to_owned(),
        });
        parts.push(Part::Other {
            kind: text.to_owned(),
            json: text.to_owned(),
        });
        let file = File {
            kind: FileKind::Document,
            media_type: Some(hostile.to_owned()),
            bytes: None,
            name: Some(text.to_owned()),
        };
        parts.push(Part::File(file));
        let inside = vec![Part::Text(text.to_owned())];
        parts.push(Part::ToolResult {
            id: None,
            name: Some(text.to_owned()),
            parts: inside,
            failed: false,
        });
    }
    let all = [Role::System, Role::User, Role::Assistant, Role::Tool].map(|role| Message {
        role,
        parts: parts.clone(),
    });
    let many = (0..20_000)
        .map(|number| message(Role::User, &format!("message {number}")))
        .collect();
    let mut answer = said(all.to_vec());
    if let Some(answer) = &mut answer {
        answer.error = Some(hostile.to_owned());
        answer.stopped_by = Some(hostile.to_owned());
    }
    let mut of_model = turn(2, asked(many, 0), answer.clone());
    of_model.model = Some(hostile.to_owned());
    let turns = vec![turn(1, asked(all.to_vec(), 0), answer), of_model];
    let first = id(1).to_string();
    for query in [vec![], vec![("whole", first.as_str())]] {
        let html = page(turns.clone(), &query);
        assert!(html.len() < 1_000_000, "{}", html.len());
        assert!(html.contains("There is more than one page can show"));
    }
    let info = BodyInfo {
        content_type: Some(hostile.to_owned()),
        bytes: 9_000_000,
        kept_bytes: 5_000_000,
    };
    let body = RawBody {
        info,
        bytes: [hostile.as_bytes(), b"\xff\xfe", lines.as_bytes()].concat(),
    };
    let raw = Raw {
        request: Some(body.clone()),
        response: Some(body),
    };
    let html = page_with(turns, &[("raw", &first)], Some(raw));
    assert!(html.len() < 1_000_000, "{}", html.len());
    assert!(
        html.contains("Only the first 48.0 KiB are shown")
            && html.contains("of which 4.76 MiB are kept")
    );
}

#[test]
fn what_was_not_recorded_or_cannot_be_read_is_said() {
    let mut nothing = turn(1, None, None);
    (nothing.request, nothing.response) = (None, None);
    let html = page(vec![nothing, turn(2, None, None)], &[]);
    for words in [
        "The request was not recorded.",
        "No answer was recorded.",
        "The request’s body cannot be read",
        "The answer’s body cannot be read",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let mut cut = turn(1, asked(vec![message(Role::User, "Half")], 0), None);
    cut.request = Some(BodyInfo {
        content_type: None,
        bytes: 5_000_000,
        kept_bytes: 1_048_576,
    });
    if let Some(asked) = &mut cut.asked {
        asked.cut = true;
    }
    assert!(page(vec![cut], &[]).contains("Of its 4.76 MiB the first 1.00 MiB were kept"));
}
