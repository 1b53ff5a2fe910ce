//! What the readers of all APIs share: who speaks, and how parts become messages.

use super::{Message, Part, Role, json::Json};

/// Who speaks, by any API's word for it.
pub(super) fn role(word: &Json<'_>) -> Role {
    let word = word.text().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    if is(&["system", "developer"]) {
        Role::System
    } else if is(&["assistant", "model", "chatbot"]) {
        Role::Assistant
    } else if is(&["tool", "function"]) {
        Role::Tool
    } else {
        Role::User
    }
}

/// Adds text, where there is any.
pub(super) fn add_text(parts: &mut Vec<Part>, text: Option<&str>) {
    parts.extend(
        text.filter(|text| !text.is_empty())
            .map(|text| Part::Text(text.to_owned())),
    );
}

/// Adds a part that may go on where the one before it stopped: text with text, thoughts with thoughts.
pub(super) fn join(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
        (Some(Part::Reasoning(Some(text))), Part::Reasoning(Some(more))) => text.push_str(&more),
        (_, Part::Text(text)) if text.is_empty() => {}
        (_, part) => parts.push(part),
    }
}

/// What a tool is called with: text as it is, everything else as JSON.
pub(super) fn arguments(json: &Json<'_>) -> String {
    match json {
        Json::Null => String::new(),
        Json::Text(text) => text.clone().into_owned(),
        json => json.compact(),
    }
}

/// The part that nobody knows, by what it calls itself.
pub(super) fn other(kind: &str, json: &Json<'_>) -> Part {
    Part::Other {
        kind: if kind.is_empty() { "unnamed" } else { kind }.to_owned(),
        json: json.shortened(),
    }
}

/// The messages of what stands as one in an API that has tools' results among what a user says: results
/// are messages of the tool.
pub(super) fn messages(role: Role, parts: Vec<Part>) -> Vec<Message> {
    if role == Role::Assistant {
        return vec![Message { role, parts }];
    }
    let mut messages: Vec<Message> = Vec::new();
    for part in parts {
        let speaks = match part {
            Part::ToolResult { .. } => Role::Tool,
            _ => role,
        };
        match messages.last_mut() {
            Some(message) if message.role == speaks => message.parts.push(part),
            _ => messages.push(Message {
                role: speaks,
                parts: vec![part],
            }),
        }
    }
    if messages.is_empty() {
        messages.push(Message {
            role,
            parts: Vec::new(),
        });
    }
    messages
}

/// Texts in a list of parts, whatever the parts are called; or the text itself.
pub(super) fn texts(json: &Json<'_>) -> Vec<String> {
    json.one_or_many()
        .iter()
        .filter_map(|part| part.text().or_else(|| part.get("text").text()))
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect()
}
