//! Content that comes as numbered blocks, each begun and then added to: Anthropic's and Converse's streams.

use std::collections::BTreeMap;

use super::{Part, json};

/// The blocks of a message.
#[derive(Debug, Default)]
pub(super) struct Blocks(BTreeMap<u64, Block>);

/// One block.
#[derive(Debug, Default)]
struct Block {
    /// What it began with, and what was added.
    parts: Vec<Part>,
    /// Arguments of a tool that came in pieces.
    arguments: String,
}

impl Blocks {
    /// A block begins, with these parts.
    pub(super) fn begin(&mut self, index: u64, parts: Vec<Part>) {
        self.0.entry(index).or_default().parts.extend(parts);
    }

    /// More of a block's text.
    pub(super) fn add_text(&mut self, index: u64, more: &str) {
        let parts = &mut self.0.entry(index).or_default().parts;
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(more),
            _ => parts.push(Part::Text(more.to_owned())),
        }
    }

    /// More of a block's thoughts. `None`: they are sealed.
    pub(super) fn add_reasoning(&mut self, index: u64, more: Option<&str>) {
        let parts = &mut self.0.entry(index).or_default().parts;
        match (parts.last_mut(), more) {
            (Some(Part::Reasoning(Some(text))), Some(more)) => text.push_str(more),
            (Some(Part::Reasoning(text)), Some(more)) => *text = Some(more.to_owned()),
            (Some(Part::Reasoning(_)), None) => {}
            (_, more) => parts.push(Part::Reasoning(more.map(str::to_owned))),
        }
    }

    /// More of the arguments that a block calls a tool with.
    pub(super) fn add_arguments(&mut self, index: u64, more: &str) {
        self.0.entry(index).or_default().arguments.push_str(more);
    }

    /// More of what the tool gave whose result a block is.
    pub(super) fn add_result(&mut self, index: u64, more: Vec<Part>) {
        let parts = &mut self.0.entry(index).or_default().parts;
        match parts.last_mut() {
            Some(Part::ToolResult { parts, .. }) => parts.extend(more),
            _ => parts.extend(more),
        }
    }

    /// All parts, in order.
    pub(super) fn into_parts(self) -> Vec<Part> {
        let mut parts = Vec::new();
        for mut block in self.0.into_values() {
            if !block.arguments.is_empty() {
                block.end_arguments();
            }
            parts.extend(block.parts);
        }
        parts.retain(|part| *part != Part::Text(String::new()));
        parts
    }
}

impl Block {
    fn end_arguments(&mut self) {
        // As they stand in a plain answer; what breaks off stays as it came.
        let whole = json::read(&self.arguments).filter(|(_, cut)| !cut);
        let told = whole.map_or_else(|| self.arguments.clone(), |(json, _)| json.compact());
        if let Some(Part::ToolCall { arguments, .. }) = self.parts.last_mut() {
            *arguments = told;
        } else {
            // Its beginning is not there.
            self.parts.push(Part::ToolCall {
                id: None,
                name: String::new(),
                arguments: told,
            });
        }
    }
}
