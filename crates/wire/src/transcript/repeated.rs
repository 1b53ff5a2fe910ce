//! Answers that repeat what was asked: without it, for whoever records answers and not requests.
//!
//! | answer | what it repeats |
//! |---|---|
//! | Cohere's embeddings, its own and at Bedrock | `texts` |
//! | Cohere's older answers at Bedrock | `prompt`, `chat_history` |
//! | a ranking | `document` of each result |
//! | Cohere's chat | `document` and `tool_output` of the sources that it cites |
//!
//! Works on the bytes as they came, of a body that breaks off, and of a stream too: the values of these members
//! become `null`, everything else stays.

use domain::call::Operation;
use memchr::memmem;

use crate::json::unescape;

/// Where a member stands that repeats something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the outermost object.
    Top,
    /// In any object.
    Anywhere,
}

/// The members of an operation's answers that repeat what was asked.
const fn members(operation: Operation) -> (Place, &'static [&'static str]) {
    match operation {
        Operation::Embeddings => (Place::Top, &["texts"]),
        Operation::Invoke => (Place::Top, &["texts", "prompt", "chat_history"]),
        Operation::Rerank => (Place::Anywhere, &["document"]),
        Operation::CohereChat => (Place::Anywhere, &["document", "tool_output"]),
        Operation::Chat
        | Operation::Responses
        | Operation::Completions
        | Operation::Messages
        | Operation::Generate
        | Operation::Converse
        | Operation::CountTokens
        | Operation::Models
        | Operation::StoredResponse
        | Operation::Other => (Place::Top, &[]),
    }
}

/// The answer to an operation without what it repeats of the request. `None`: it repeats nothing.
#[must_use]
pub fn without_input(operation: Operation, answer: &[u8]) -> Option<Vec<u8>> {
    let (place, names) = members(operation);
    // Most answers have none of these names, nor a backslash that one could be written with.
    let may_have = |name: &str| memmem::find(answer, name.as_bytes()).is_some();
    let may_be_escaped = || !names.is_empty() && answer.contains(&b'\\');
    if !names.iter().any(|name| may_have(name)) && !may_be_escaped() {
        return None;
    }
    let mut kept: Option<Vec<u8>> = None;
    let (mut at, mut copied, mut depth) = (0, 0, 0_usize);
    while let Some(byte) = answer.get(at) {
        match byte {
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = string_end(answer, at);
                let inside = answer.get(at.saturating_add(1)..end.saturating_sub(1));
                at = end;
                let colon = past_blanks(answer, end);
                let deep_enough = place == Place::Anywhere || depth == 1;
                if answer.get(colon) == Some(&b':') && deep_enough && is_one_of(names, inside) {
                    let value = past_blanks(answer, colon.saturating_add(1));
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
    }
}
