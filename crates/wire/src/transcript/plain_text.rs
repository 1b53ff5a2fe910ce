//! The text of a message, for searching in it.

use super::{Message, Part};

/// What a message says as text: text, reasoning, names and arguments of tools, and what they gave, each on
/// a line of its own; of files their names. It has `max_bytes` at most, the first ones.
#[must_use]
pub fn plain_text(message: &Message, max_bytes: usize) -> String {
    let mut lines = Lines {
        text: String::new(),
        max_bytes,
    };
    lines.parts(&message.parts);
    lines.text
}

struct Lines {
    text: String,
    max_bytes: usize,
}

impl Lines {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Text(text) | Part::Refusal(text) | Part::Reasoning(Some(text)) => {
                    self.line(text);
                }
                Part::Reasoning(None) => {}
                Part::ToolCall {
                    name, arguments, ..
                } => {
                    self.line(name);
                    self.line(arguments);
                }
                Part::ToolResult { name, parts, .. } => {
                    self.line(name.as_deref().unwrap_or_default());
                    self.parts(parts);
                }
                Part::File(file) => self.line(file.name.as_deref().unwrap_or_default()),
                Part::Other { json, .. } => self.line(json),
            }
        }
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        let break_before = usize::from(!self.text.is_empty());
        let room = self
            .max_bytes
            .saturating_sub(self.text.len().saturating_add(break_before));
        let kept = line.get(..line.floor_char_boundary(room)).unwrap_or(line);
        if !kept.is_empty() {
            self.text
                .push_str(if break_before == 1 { "\n" } else { "" });
            self.text.push_str(kept);
        }
    }
}
