//! What clients call their conversation in a request's headers, beside the header that is Weir's own.
//!
//! | header | of whom |
//! |---|---|
//! | `x-claude-code-session-id` | Claude Code |
//! | `x-session-id` | several agents and clients |
//! | `baggage`: `gen_ai.conversation.id`, `session.id` | OpenTelemetry |
//! | `baggage`: `langsmith.thread_id`, `thread_id`; `langsmith-metadata` with `thread_id`, `session_id`, `conversation_id` | LangChain's LangSmith |

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Headers that are a name as a whole.
const WHOLE: [&str; 2] = ["x-claude-code-session-id", "x-session-id"];
/// Entries of `baggage` that are a name.
const IN_BAGGAGE: [&str; 4] = [
    "gen_ai.conversation.id",
    "langsmith.thread_id",
    "thread_id",
    "session.id",
];
/// The entry of `baggage` that is JSON, with names in it.
const METADATA: &str = "langsmith-metadata";
/// Its members that are a name.
const IN_METADATA: [&str; 3] = ["thread_id", "session_id", "conversation_id"];
/// The longest name that is one, in bytes.
const LONGEST: usize = 512;
/// The longest baggage that is read: what its standard allows.
const LONGEST_BAGGAGE: usize = 8_192;

/// The names, the strongest first.
pub(super) fn of(headers: &HeaderMap) -> Vec<String> {
    let value = |name: &str| headers.get(name)?.to_str().ok();
    let mut names: Vec<String> = WHOLE
        .into_iter()
        .filter_map(|name| value(name).and_then(name_of))
        .collect();
    let baggage: Vec<(String, String)> = headers
        .get_all("baggage")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter(|value| value.len() <= LONGEST_BAGGAGE)
        .flat_map(|value| value.split(','))
        .filter_map(entry)
        .collect();
    let in_baggage = |name: &str| {
        let found = baggage.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    names.extend(
        IN_BAGGAGE
            .into_iter()
            .filter_map(|name| in_baggage(name).and_then(name_of)),
    );
    if let Some(Ok(metadata)) = in_baggage(METADATA).map(serde_json::from_str::<Map<_, _>>) {
        let member = |name| metadata.get(name).and_then(Value::as_str);
        names.extend(
            IN_METADATA
                .into_iter()
                .filter_map(|name| member(name).and_then(name_of)),
        );
    }
    names
}

/// An entry of baggage, `key=value;properties`, decoded.
fn entry(entry: &str) -> Option<(String, String)> {
    let (key, value) = entry.split(';').next()?.split_once('=')?;
    let decoded = |text: &str| {
        let text = percent_decode_str(text.trim()).decode_utf8();
        text.map(std::borrow::Cow::into_owned).ok()
    };
    Some((decoded(key)?, decoded(value)?))
}

fn name_of(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], names: &[&str]) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        assert_eq!(of(&map), names, "{headers:?}");
    }

    #[test]
    fn names_are_found_in_the_headers_that_known_clients_send() {
        check(&[("x-session-id", " s-1 ")], &["s-1"]);
        check(
            &[("x-session-id", "s-1"), ("x-claude-code-session-id", "c-1")],
            &["c-1", "s-1"],
        );
        check(
            &[(
                "baggage",
                "user=a, session.id=s%20x ;p=1,gen_ai.conversation.id=g",
            )],
            &["g", "s x"],
        );
        check(&[("baggage", "a=b"), ("baggage", "thread_id=t")], &["t"]);
        check(
            &[(
                "baggage",
                "langsmith-metadata=%7B%22thread_id%22%3A%22t-9%22%2C%22x%22%3A1%7D,langsmith-project=p",
            )],
            &["t-9"],
        );
    }

    #[test]
    fn what_is_empty_too_long_or_no_text_is_no_name() {
        check(&[("x-session-id", ""), ("baggage", "session.id=")], &[]);
        check(&[("x-session-id", &"x".repeat(513))], &[]);
        check(
            &[("baggage", "langsmith-metadata=%7B, =, ;, session.id")],
            &[],
        );
        check(
            &[("baggage", "langsmith-metadata=%5B1%5D,session.id=%ff")],
            &[],
        );
    }
}
