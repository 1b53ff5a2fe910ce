//! Messages written so that a person can check them, and the checks.

use domain::{call::Operation, provider::ProviderType};
use weir_wire::{
    meter::Shape,
    transcript::{Api, Message, Part, Role, Said, Talk, answer, request},
};

use crate::support::{ANTHROPIC, BEDROCK, COHERE, COMPATIBLE, GOOGLE, OPENAI};

/// The API of an operation, at the type of provider that has it.
pub(crate) fn api(operation: Operation) -> Api<'static> {
    let provider_type = match operation {
        Operation::Responses | Operation::Embeddings | Operation::StoredResponse => OPENAI,
        Operation::Messages | Operation::CountTokens => ANTHROPIC,
        Operation::Generate => GOOGLE,
        Operation::Converse | Operation::Invoke => BEDROCK,
        Operation::CohereChat | Operation::Rerank => COHERE,
        Operation::Chat | Operation::Completions | Operation::Models | Operation::Other => {
            COMPATIBLE
        }
    };
    at(provider_type, operation)
}

pub(crate) fn at(provider_type: ProviderType, operation: Operation) -> Api<'static> {
    Api {
        operation,
        provider_type,
        model: None,
    }
}

/// What a request says.
pub(crate) fn asked(operation: Operation, body: &str) -> Talk {
    request(api(operation), body.as_bytes())
        .unwrap_or_else(|| panic!("nothing of {operation:?}: {body}"))
}

/// Checks the messages of a request, one on a line.
pub(crate) fn check_request(operation: Operation, body: &str, expected: &[&str]) {
    let talk = asked(operation, body);
    assert_eq!(lines(&talk.messages), expected, "{body}");
    assert!(!talk.cut, "{body}");
}

/// What an answer says.
pub(crate) fn said(operation: Operation, shape: Shape, body: &[u8]) -> Said {
    answer(api(operation), shape, body).unwrap_or_else(|| {
        panic!(
            "nothing of {operation:?}: {}",
            String::from_utf8_lossy(body)
        )
    })
}

/// Checks a plain answer, one message on a line, and why it ended.
pub(crate) fn check_plain(operation: Operation, body: &str, expected: &[&str], stopped_by: &str) {
    let said = said(operation, Shape::Plain, body.as_bytes());
    assert_eq!(lines(&said.messages), expected, "{body}");
    assert_eq!(said.stopped_by.unwrap_or_default(), stopped_by, "{body}");
    assert_eq!((said.error, said.cut), (None, false), "{body}");
}

/// Server-sent events with these data.
pub(crate) fn events(data: &[&str]) -> Vec<u8> {
    let events = data.iter().map(|data| format!("data: {data}\n\n"));
    events.collect::<String>().into_bytes()
}

/// Checks that an answer says the same as events and plain.
pub(crate) fn check_both(operation: Operation, data: &[&str], plain: &str, expected: &[&str]) {
    let streamed = said(operation, Shape::Stream, &events(data));
    let plain = said(operation, Shape::Plain, plain.as_bytes());
    assert_eq!(lines(&plain.messages), expected);
    assert_eq!(streamed, plain);
}

/// One line for each message.
pub(crate) fn lines(messages: &[Message]) -> Vec<String> {
    messages.iter().map(line).collect()
}

fn line(message: &Message) -> String {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    format!("{role}: {}", parts(&message.parts))
}

fn parts(all: &[Part]) -> String {
    let all: Vec<String> = all.iter().map(part).collect();
    all.join(" | ")
}

fn part(part: &Part) -> String {
    let id = |id: &Option<String>| id.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
    match part {
        Part::Text(text) => text.clone(),
        Part::Reasoning(Some(text)) => format!("<thinks {text}>"),
        Part::Reasoning(None) => "<thinks>".to_owned(),
        Part::Refusal(text) => format!("<refuses {text}>"),
        Part::ToolCall {
            id: of,
            name,
            arguments,
        } => format!("{name}{}({arguments})", id(of)),
        Part::ToolResult {
            id: of,
            name,
            parts: given,
            failed,
        } => format!(
            "{}{}{} [{}]",
            name.as_deref().unwrap_or_default(),
            id(of),
            if *failed { " failed" } else { " gave" },
            parts(given)
        ),
        Part::File(file) => {
            let bytes = file.bytes.map(|bytes| bytes.to_string());
            let told = [file.media_type.clone(), bytes, file.name.clone()];
            let told: Vec<String> = told.into_iter().flatten().collect();
            format!("<{} {}>", file.kind.word(), told.join(" "))
        }
        Part::Other { kind, json } => format!("<{kind} {json}>"),
    }
}
