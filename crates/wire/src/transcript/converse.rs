//! Bedrock's Converse, and the API of Nova, which is nearly the same.

use super::{
    File, FileKind, Message, Part, Role, Said, Talk,
    blocks::Blocks,
    files,
    json::Json,
    parts::{add_text, arguments, messages, other, role},
    reader::Reader,
};

/// Reads a request.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let list = body.get("messages");
    if !list.is_list() {
        return None;
    }
    let mut talk = Talk::default();
    let system = content(body.get("system"));
    if !system.is_empty() {
        talk.messages.push(Message {
            role: Role::System,
            parts: system,
        });
    }
    for message in list.list() {
        let said = content(message.get("content"));
        talk.messages
            .extend(messages(role(message.get("role")), said));
    }
    let tools = body.get("toolConfig").get("tools").list().iter();
    talk.tools = tools
        .filter_map(|tool| {
            let tool = tool.first(&["toolSpec", "systemTool"]);
            tool.get("name").string()
        })
        .collect();
    Some(talk)
}

/// The parts of content: a list of objects whose one member says what they are.
fn content(content: &Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in content.one_or_many() {
        if let Some(text) = block.text() {
            add_text(&mut parts, Some(text));
        }
        for (kind, value) in block.members() {
            add(&mut parts, kind, value);
        }
    }
    parts
}

fn add(parts: &mut Vec<Part>, kind: &str, value: &Json<'_>) {
    match kind {
        "text" => add_text(parts, value.text().or_else(|| value.get("text").text())),
        "json" => parts.push(Part::Text(value.compact())),
        "image" => parts.push(file(FileKind::Image, value)),
        "document" => {
            parts.push(file(FileKind::Document, value));
            parts.extend(content(value.get("source").get("content")));
        }
        "video" => parts.push(file(FileKind::Video, value)),
        "audio" => parts.push(file(FileKind::Audio, value)),
        "reasoningContent" => parts.push(Part::Reasoning(thought(value).map(str::to_owned))),
        "toolUse" => parts.push(Part::ToolCall {
            id: value.get("toolUseId").string(),
            name: value.get("name").string().unwrap_or_default(),
            arguments: arguments(value.get("input")),
        }),
        "toolResult" => parts.push(Part::ToolResult {
            id: value.get("toolUseId").string(),
            name: None,
            parts: content(value.get("content")),
            failed: value.get("status").is("error"),
        }),
        "guardContent" => parts.extend(content(value)),
        "citationsContent" => parts.extend(content(value.get("content"))),
        "searchResult" => {
            let name = value.first(&["title", "source"]).string();
            parts.push(Part::File(files::named(FileKind::Document, name)));
            parts.extend(content(value.get("content")));
        }
        // What is to be cached is not said to anybody, and the type beside a part is its own name.
        "cachePoint" | "type" | "cacheControl" => {}
        _ => parts.push(other(kind, value)),
    }
}

fn thought<'a>(reasoning: &'a Json<'_>) -> Option<&'a str> {
    let inner = reasoning.get("reasoningText").get("text");
    let text = inner.text().or_else(|| reasoning.get("text").text());
    text.filter(|text| !text.is_empty())
}

fn file(kind: FileKind, value: &Json<'_>) -> Part {
    let source = value.get("source");
    let place = source.get("s3Location").get("uri").string();
    let data = source.get("bytes");
    let format = value.get("format").text();
    let bytes = match source.get("text").text() {
        Some(text) => Some(files::length(text.len())),
        None => data.text().map(files::bytes),
    };
    Part::File(File {
        kind,
        media_type: format.map(|format| match kind {
            FileKind::Document => format.to_owned(),
            kind => format!("{}/{format}", kind.word()),
        }),
        bytes,
        name: value.get("name").string().or(place),
    })
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    begun: bool,
    ended: bool,
    blocks: Blocks,
    stopped_by: Option<String>,
}

impl Reader for Answer {
    fn whole(&mut self, answer: &Json<'_>) {
        let message = answer.get("output").get("message");
        self.begun |= message.is_object();
        self.stopped(answer);
        for (index, block) in (0..).zip(message.get("content").list()) {
            self.blocks.begin(index, content(block));
        }
    }

    fn piece(&mut self, name: &str, piece: &Json<'_>) {
        let index = piece.get("contentBlockIndex").number().unwrap_or(0);
        match name {
            "messageStart" => self.begun = true,
            "contentBlockStart" => {
                self.begun = true;
                self.blocks.begin(index, content(piece.get("start")));
            }
            "contentBlockDelta" => {
                self.begun = true;
                for (kind, delta) in piece.get("delta").members() {
                    self.delta(index, kind, delta);
                }
            }
            "messageStop" => self.stopped(piece),
            "metadata" => self.ended = true,
            _ => {}
        }
    }

    fn ended(&self) -> bool {
        self.ended || self.stopped_by.is_some()
    }

    fn said(self: Box<Self>) -> Said {
        let message = Message {
            role: Role::Assistant,
            parts: self.blocks.into_parts(),
        };
        Said {
            messages: if self.begun {
                vec![message]
            } else {
                Vec::new()
            },
            stopped_by: self.stopped_by,
            ..Said::default()
        }
    }
}

impl Answer {
    fn stopped(&mut self, told: &Json<'_>) {
        self.stopped_by = told.get("stopReason").string().or(self.stopped_by.take());
    }

    fn delta(&mut self, index: u64, kind: &str, delta: &Json<'_>) {
        match kind {
            "text" => self
                .blocks
                .add_text(index, delta.text().unwrap_or_default()),
            "toolUse" => {
                let input = delta.get("input");
                self.blocks
                    .add_arguments(index, input.text().unwrap_or_default());
            }
            "reasoningContent" => self.blocks.add_reasoning(index, thought(delta)),
            // What came back of a tool that the provider ran.
            "toolResult" => self.blocks.add_result(index, content(delta)),
            "image" => self.blocks.begin(index, vec![file(FileKind::Image, delta)]),
            _ => {}
        }
    }
}
