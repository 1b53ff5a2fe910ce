//! Answers that repeat what was asked: without it, for whoever records answers and not requests.
//!
//! | answer | what it repeats |
//! |---|---|
//! | Cohere's embeddings, its own and at Bedrock | `texts` |
//! | Cohere's older answers at Bedrock | `prompt`, `chat_history`, `documents` |
//! | a ranking | `document` of each result |
//! | Cohere's chat | `document` and `tool_output` of the sources that it cites, `prompt` where it is debugged |
//! | OpenAI's responses, stored ones too | `instructions`, `prompt`, `tools`, `metadata`, the schema in `text`, a few servers' `input_messages` |
//!
//! Works on the bytes as they came, of a body that breaks off, and of a stream too: the values of these members
//! become `null`, everything else stays. Of a stream in AWS' frames, which hold events in base64, what is no
//! whole frame is left out.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::call::Operation;
use memchr::memmem;

use crate::{
    event_stream::{self, Scanner},
    json::{self, object, unescape},
};

object! {
    /// The payload of a frame that holds an event in base64.
    Chunk { bytes = "bytes" }
}

/// Where a member stands that repeats something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the outermost object.
    Top,
    /// In the outermost object, or in its `response`, where the last event of a stream has all of an answer.
    Response,
    /// In any object.
    Anywhere,
}

/// The members of an operation's answers that repeat what was asked.
const fn members(operation: Operation) -> (Place, &'static [&'static str]) {
    match operation {
        Operation::Embeddings => (Place::Top, &["texts"]),
        Operation::Invoke => (
            Place::Response,
            &["texts", "prompt", "chat_history", "documents"],
        ),
        Operation::Rerank => (Place::Anywhere, &["document"]),
        Operation::CohereChat => (Place::Anywhere, &["document", "tool_output", "prompt"]),
        Operation::Responses | Operation::StoredResponse => (
            Place::Response,
            &[
                "instructions",
                "prompt",
                "tools",
                "metadata",
                "text",
                "input_messages",
            ],
        ),
        Operation::Chat
        | Operation::Completions
        | Operation::Messages
        | Operation::Generate
        | Operation::Converse
        | Operation::CountTokens
        | Operation::Models
        // Nobody knows what these repeat: see `route::answers_input`.
        | Operation::Other => (Place::Top, &[]),
    }
}

/// The answer to an operation without what it repeats of the request. `None`: it repeats nothing.
#[must_use]
pub fn without_input(operation: Operation, answer: &[u8]) -> Option<Vec<u8>> {
    let (place, names) = members(operation);
    // Frames begin with their length, which no text does.
    let is_framed = answer.first().is_some_and(|byte| *byte <= 1);
    if is_framed && !names.is_empty() {
        return Some(frames_without(place, names, answer));
    }
    text_without(place, names, answer)
}

/// The frames of an AWS event stream, each without these members.
fn frames_without(place: Place, names: &[&str], stream: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    Scanner::new().push(stream, |frame| {
        let text = json::text(frame.payload);
        let chunk = serde_json::from_str::<Chunk<'_>>(&text).unwrap_or_default();
        let payload = match chunk.bytes.escaped() {
            None => text_without(place, names, frame.payload),
            Some(base64) => match STANDARD.decode(unescape(base64).as_bytes()) {
                Ok(event) => text_without(place, names, &event).map(|event| {
                    format!(r#"{{"bytes":"{}"}}"#, STANDARD.encode(event)).into_bytes()
                }),
                // Whatever it holds.
                Err(_) => return,
            },
        };
        let payload = payload.as_deref().unwrap_or(frame.payload);
        kept.extend(event_stream::encode(&event_stream::Frame {
            payload,
            ..frame
        }));
    });
    kept
}

/// A JSON text, or a stream of them, without these members. `None`: it has none.
fn text_without(place: Place, names: &[&str], answer: &[u8]) -> Option<Vec<u8>> {
    // Most answers have none of these names, nor a backslash that one could be written with.
    let may_have = |name: &str| memmem::find(answer, name.as_bytes()).is_some();
    let may_be_escaped = || !names.is_empty() && answer.contains(&b'\\');
    if !names.iter().any(|name| may_have(name)) && !may_be_escaped() {
        return None;
    }
    let mut kept: Option<Vec<u8>> = None;
    let (mut at, mut copied, mut depth) = (0, 0, 0_usize);
    let mut in_response = false;
    while let Some(byte) = answer.get(at) {
        match byte {
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                in_response &= depth > 1;
            }
            b'"' => {
                let end = string_end(answer, at);
                let inside = answer.get(at.saturating_add(1)..end.saturating_sub(1));
                at = end;
                let colon = past_blanks(answer, end);
                let is_name = answer.get(colon) == Some(&b':');
                if is_name && depth == 1 {
                    in_response = is_one_of(&["response"], inside);
                }
                let in_its_place = match place {
                    Place::Top => depth == 1,
                    Place::Response => depth == 1 || (depth == 2 && in_response),
                    Place::Anywhere => true,
                };
                let value = past_blanks(answer, colon.saturating_add(1));
                // What OpenAI's events say stands in a `text`, too.
                let is_said = answer.get(value) == Some(&b'"') && is_one_of(&["text"], inside);
                if is_name && in_its_place && !is_said && is_one_of(names, inside) {
                    let kept = kept.get_or_insert_default();
                    kept.extend_from_slice(answer.get(copied..value).unwrap_or_default());
                    kept.extend_from_slice(b"null");
                    at = value_end(answer, value);
                    copied = at;
                }
                continue;
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    if let Some(kept) = &mut kept {
        kept.extend_from_slice(answer.get(copied..).unwrap_or_default());
    }
    kept
}

fn is_one_of(names: &[&str], inside: Option<&[u8]>) -> bool {
    let name = inside.and_then(|inside| str::from_utf8(inside).ok());
    name.is_some_and(|name| names.contains(&unescape(name).as_ref()))
}

/// Where the string ends that begins here, behind its quote; the end of the text where it breaks off.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start.saturating_add(1);
    while let Some(byte) = text.get(at) {
        at = at.saturating_add(if *byte == b'\\' { 2 } else { 1 });
        if *byte == b'"' {
            return at;
        }
    }
    text.len()
}

fn past_blanks(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    start.saturating_add(blanks.count()).min(text.len())
}

/// Where the value ends that begins here.
fn value_end(text: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' if depth <= 1 => {
                // Its own end, or that of what it stands in.
                return if depth == 1 { at.saturating_add(1) } else { at };
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return at,
            _ => {}
        }
        at = at.saturating_add(1);
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(operation: Operation, answer: &str, kept: Option<&str>) {
        let found = without_input(operation, answer.as_bytes());
        let found = found.map(|found| String::from_utf8(found).unwrap());
        assert_eq!(found.as_deref(), kept, "{answer}");
    }

    #[test]
    fn what_was_asked_is_taken_out_and_nothing_else() {
        let embed = |answer: &str, kept| check(Operation::Embeddings, answer, kept);
        embed(
            r#"{"id":"e","embeddings":{"float":[[0.5,1]]},"texts" : ["a \"b\" ]}", "c"],"meta":{"texts":1}}"#,
            Some(
                r#"{"id":"e","embeddings":{"float":[[0.5,1]]},"texts" : null,"meta":{"texts":1}}"#,
            ),
        );
        embed(r#"{"texts":["a"#, Some(r#"{"texts":null"#));
        embed(r#"{"texts":"#, Some(r#"{"texts":null"#));
        embed(
            r#"{"\u0074exts":["a"],"x":1}"#,
            Some(r#"{"\u0074exts":null,"x":1}"#),
        );
        embed(r#"{"texts":12}"#, Some(r#"{"texts":null}"#));
        embed(r#"{"a":"texts","b":["texts"]}"#, None);
        embed(r#"{"embeddings":[[1]]}"#, None);
        embed("", None);
        check(Operation::Chat, r#"{"texts":["a"]}"#, None);
        check(
            Operation::Rerank,
            r#"{"results":[{"document":{"text":"a"},"index":0},{"index":1,"document":{"text":"b"}}]}"#,
            Some(r#"{"results":[{"document":null,"index":0},{"index":1,"document":null}]}"#),
        );
        let stream = |document: &str| {
            format!(
                "event: citation-start\ndata: {{\"type\":\"citation-start\",\"delta\":{{\"message\":{{\"citations\":{{\"text\":\"x\",\"sources\":[{{\"id\":\"1\",\"document\":{document}}}]}}}}}}}}\n\ndata: [DONE]\n\n"
            )
        };
        let document = r#"{"title":"t","snippet":"s"}"#;
        check(
            Operation::CohereChat,
            &stream(document),
            Some(&stream("null")),
        );
        check(
            Operation::CohereChat,
            "data: {\"type\":\"debug\",\"prompt\":\"<|USER|>a\"}\n\n",
            Some("data: {\"type\":\"debug\",\"prompt\":null}\n\n"),
        );
    }

    #[test]
    fn a_response_is_kept_without_what_it_was_to_do() {
        let response = |instructions: &str, tools: &str| {
            format!(
                r#"{{"id":"r","instructions":{instructions},"output":[{{"type":"mcp_list_tools","tools":[{{"name":"t"}}]}},{{"type":"message","content":[{{"text":"instructions"}}]}}],"tools":{tools}}}"#
            )
        };
        let event = |response: &str| {
            format!(
                "event: response.created\ndata: {{\"type\":\"response.created\",\"response\":{response},\"sequence_number\":0}}\n\nevent: response.output_text.done\ndata: {{\"type\":\"response.output_text.done\",\"text\":\"x\",\"item\":{{\"tools\":[1]}}}}\n\n"
            )
        };
        let all = response(r#""Be \"kind\"}.""#, r#"[{"type":"function"}]"#);
        let kept = response("null", "null");
        for operation in [Operation::Responses, Operation::StoredResponse] {
            check(operation, &all, Some(&kept));
            check(operation, &event(&all), Some(&event(&kept)));
        }
        check(
            Operation::Responses,
            r#"{"prompt":{"id":"p","variables":{"a":"b"}},"metadata":{"a":"b"},"text":{"format":{"schema":{"a":1}}}}"#,
            Some(r#"{"prompt":null,"metadata":null,"text":null}"#),
        );
        check(Operation::Chat, &all, None);
    }

    #[test]
    fn events_in_frames_are_kept_without_what_was_asked() {
        let frame = |payload: &[u8]| {
            event_stream::encode(&event_stream::Frame {
                message_type: event_stream::MessageType::Event,
                name: "chunk",
                payload,
            })
        };
        let chunk = |event: &str| {
            let payload = format!(r#"{{"bytes":"{}"}}"#, STANDARD.encode(event));
            frame(payload.as_bytes())
        };
        let said = chunk(r#"{"is_finished":false,"text":"prompt"}"#);
        let end = |history: &str, prompt: &str| {
            chunk(&format!(
                r#"{{"is_finished":true,"response":{{"text":"x","chat_history":{history}}},"prompt":{prompt}}}"#
            ))
        };
        let stream = |end: Vec<u8>| [said.clone(), end].concat();
        let (asked, kept) = (
            stream(end(r#"["a"]"#, r#""b""#)),
            stream(end("null", "null")),
        );
        let invoked = |stream: &[u8]| without_input(Operation::Invoke, stream);
        assert_eq!(invoked(&asked), Some(kept));
        assert_eq!(invoked(&said), Some(said.clone()));
        // What is no whole frame may hold anything, as may what is no base64.
        assert_eq!(invoked(&asked[..asked.len() - 1]), Some(said.clone()));
        let strange = [said.clone(), frame(br#"{"bytes":"=a"}"#)].concat();
        assert_eq!(invoked(&strange), Some(said));
        assert_eq!(without_input(Operation::Converse, &asked), None);
        check(
            Operation::Invoke,
            r#"{"content":[{"type":"tool_use","input":{"prompt":"x"}}],"prompt":"a"}"#,
            Some(r#"{"content":[{"type":"tool_use","input":{"prompt":"x"}}],"prompt":null}"#),
        );
    }
}
