//! One form for messages that say the same, for finding which call goes on from which.

use std::fmt::Write;

use super::{File, Message, Part, cohere, json, json::Json};

/// What a message says, in a form that does not depend on how its client wrote it: text as one string or
/// as a list of parts, arguments with or without white space, an answer as it came or as it is sent back.
///
/// Reasoning is left out, since it is mostly not sent back, and so is text with nothing in it; ids of tool
/// calls stay. The role is not in it. It is for comparing and hashing only.
#[must_use]
pub fn canonical(message: &Message) -> String {
    let mut form = Form::default();
    form.parts(&message.parts);
    form.end_text();
    form.written
}

/// The form, as it is written. Every piece tells its length, so that no text can look like something else.
#[derive(Default)]
struct Form {
    written: String,
    text: String,
}

impl Form {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Text(text) | Part::Refusal(text) => self.text.push_str(text),
                Part::Reasoning(_) => {}
                // Not all clients send back what an answer rests on.
                Part::Other { kind, .. } if kind == cohere::CITATIONS => {}
                Part::ToolCall {
                    id,
                    name,
                    arguments,
                } => {
                    let arguments = same_json(arguments);
                    let id = id.as_deref().unwrap_or_default();
                    self.piece("call", &[id, name, &arguments]);
                }
                Part::ToolResult {
                    id,
                    name,
                    parts,
                    failed,
                } => {
                    // With an id the name tells nothing more, and only some clients write it.
                    let by = id.as_deref().or(name.as_deref()).unwrap_or_default();
                    self.piece(if *failed { "failure" } else { "result" }, &[by]);
                    self.parts(parts);
                    self.piece("end", &[]);
                }
                Part::File(file) => self.file(file),
                Part::Other { kind, json } => self.piece("other", &[kind, &same_json(json)]),
            }
        }
    }

    fn file(&mut self, file: &File) {
        let bytes = file.bytes.map(|bytes| bytes.to_string());
        self.piece(
            file.kind.word(),
            &[
                file.media_type.as_deref().unwrap_or_default(),
                bytes.as_deref().unwrap_or_default(),
                file.name.as_deref().unwrap_or_default(),
            ],
        );
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.write("text", &[text.trim()]);
        }
    }

    fn piece(&mut self, kind: &str, texts: &[&str]) {
        self.end_text();
        self.write(kind, texts);
    }

    fn write(&mut self, kind: &str, texts: &[&str]) {
        self.written.push_str(kind);
        for text in texts {
            // Writing into a string does not fail.
            let _ = write!(self.written, " {}:{text}", text.len());
        }
        self.written.push('\n');
    }
}

/// JSON with its members in order of their names and numbers in one way of writing, without what servers
/// add and clients leave out. Other text stays as it is.
fn same_json(text: &str) -> String {
    // A call without arguments is written as nothing, or as none.
    let text = if text.trim().is_empty() { "{}" } else { text };
    match json::read(text) {
        Some((value, false)) => {
            let mut same = String::new();
            write_same(&value, &mut same);
            same
        }
        Some((_, true)) | None => text.to_owned(),
    }
}

fn write_same(value: &Json<'_>, same: &mut String) {
    match value {
        Json::Null => same.push_str("null"),
        Json::Word(word) => same.push_str(same_number(word)),
        Json::Text(text) => same.push_str(&json::quoted(text)),
        Json::Numbers(written) | Json::Deep(written) => {
            same.extend(
                written
                    .chars()
                    .filter(|character| !character.is_whitespace()),
            );
        }
        Json::List(entries) => {
            same.push('[');
            for entry in entries {
                write_same(entry, same);
                same.push(',');
            }
            same.push(']');
        }
        Json::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .filter(|(name, value)| !value.is_null() && !is_bookkeeping(name))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            same.push('{');
            for (name, value) in members {
                same.push_str(&json::quoted(name));
                same.push(':');
                write_same(value, same);
                same.push(',');
            }
            same.push('}');
        }
    }
}

/// `1.0` and `1` are the same to languages that have one kind of number.
fn same_number(word: &str) -> &str {
    match word.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => word,
    }
}

/// Members that say nothing: how far an item has come, and what may be cached.
fn is_bookkeeping(name: &str) -> bool {
    matches!(name, "status" | "cache_control")
}
