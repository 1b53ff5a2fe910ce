//! The items of a response while they grow. The last event repeats them whole, so that this counts only
//! where it did not come, or came without them.

use std::collections::BTreeMap;

use super::{PARAGRAPH, item_parts};
use crate::transcript::{Part, json::Json};

/// Items by where in the output they are.
#[derive(Debug, Default)]
pub(super) struct Drafts(BTreeMap<u64, Draft>);

/// An item.
#[derive(Debug, Default)]
struct Draft {
    /// What it began as; or all of it, when it is done.
    item: Vec<Part>,
    done: bool,
    /// What came since, by what it is and where in the item.
    texts: BTreeMap<(Kind, u64), String>,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Thoughts,
    Summary,
    Text,
    Refusal,
    Arguments,
}

impl Drafts {
    /// Takes in an event. Whether it is about an item.
    pub(super) fn event(&mut self, name: &str, event: &Json<'_>) -> bool {
        let index = event.get("output_index").number().unwrap_or(0);
        let kind = match name {
            "response.output_item.added" | "response.output_item.done" => {
                let draft = self.0.entry(index).or_default();
                draft.item = item_parts(event.get("item"));
                draft.done = name == "response.output_item.done";
                return true;
            }
            "response.reasoning_text.delta" => Kind::Thoughts,
            "response.reasoning_summary_text.delta" => Kind::Summary,
            "response.output_text.delta" | "response.audio.transcript.delta" => Kind::Text,
            "response.refusal.delta" => Kind::Refusal,
            "response.function_call_arguments.delta"
            | "response.custom_tool_call_input.delta"
            | "response.mcp_call_arguments.delta"
            | "response.code_interpreter_call_code.delta" => Kind::Arguments,
            _ => return false,
        };
        let place = event.first(&["content_index", "summary_index"]).number();
        let draft = self.0.entry(index).or_default();
        let text = draft.texts.entry((kind, place.unwrap_or(0))).or_default();
        text.push_str(event.get("delta").text().unwrap_or_default());
        true
    }

    /// All parts, in order.
    pub(super) fn into_parts(self) -> Vec<Part> {
        self.0.into_values().flat_map(Draft::into_parts).collect()
    }
}

impl Draft {
    fn into_parts(mut self) -> Vec<Part> {
        if self.done || self.texts.is_empty() {
            return self.item;
        }
        let mut parts = Vec::new();
        let thoughts = [self.take(Kind::Thoughts), self.take(Kind::Summary)];
        if let Some(thoughts) = thoughts.into_iter().find(|texts| !texts.is_empty()) {
            parts.push(Part::Reasoning(Some(thoughts.join(PARAGRAPH))));
        }
        parts.extend(self.take(Kind::Text).into_iter().map(Part::Text));
        parts.extend(self.take(Kind::Refusal).into_iter().map(Part::Refusal));
        let told = self.take(Kind::Arguments).concat();
        if !told.is_empty() {
            let begun = self.item.into_iter().next();
            parts.push(match begun {
                Some(Part::ToolCall { id, name, .. }) => Part::ToolCall {
                    id,
                    name,
                    arguments: told,
                },
                _ => Part::ToolCall {
                    id: None,
                    name: String::new(),
                    arguments: told,
                },
            });
        }
        parts
    }

    fn take(&mut self, kind: Kind) -> Vec<String> {
        let of_kind = self.texts.range((kind, 0)..=(kind, u64::MAX));
        of_kind.map(|(_, text)| text.clone()).collect()
    }
}
