//! Anthropic's Messages API.
//!
//! In a request the results of tools stand among what the user says; here they are messages of the tool.

use super::{
    File, FileKind, Message, Part, Role, Said, Talk,
    blocks::Blocks,
    files,
    json::Json,
    parts::{add_text, arguments, messages, other, role},
    reader::Reader,
};

/// Reads a request, also one to count its tokens.
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
    let tools = body.get("tools").list().iter();
    talk.tools = tools
        .filter_map(|tool| tool.first(&["name", "mcp_server_name", "type"]).string())
        .collect();
    Some(talk)
}

/// The parts of content: a string, or a list of blocks.
pub(super) fn content(content: &Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in content.one_or_many() {
        add_block(&mut parts, block);
    }
    parts
}

fn add_block(parts: &mut Vec<Part>, block: &Json<'_>) {
    let kind = block.get("type").text().unwrap_or_default();
    match kind {
        "text" => add_text(parts, block.get("text").text()),
        // A summary in the place of what was said before.
        "compaction" => add_text(parts, block.get("content").text()),
        "thinking" => parts.push(Part::Reasoning(block.get("thinking").string())),
        "redacted_thinking" => parts.push(Part::Reasoning(None)),
        "image" => parts.push(Part::File(file(FileKind::Image, block))),
        "document" => add_document(parts, block),
        "container_upload" => parts.push(Part::File(files::named(
            FileKind::Document,
            block.get("file_id").string(),
        ))),
        "search_result" => {
            let name = block.first(&["title", "source"]).string();
            parts.push(Part::File(files::named(FileKind::Document, name)));
            parts.extend(content(block.get("content")));
        }
        "web_search_result" => {
            let lines = [block.get("title"), block.get("url")];
            let lines: Vec<&str> = lines.iter().filter_map(|line| line.text()).collect();
            add_text(parts, Some(&lines.join("\n")));
        }
        "web_fetch_result" => {
            add_text(parts, block.get("url").text());
            parts.extend(content(block.get("content")));
        }
        _ if kind.ends_with("code_execution_result") => {
            add_text(parts, block.get("stdout").text());
            add_text(parts, block.get("stderr").text());
        }
        // The client's tools, the provider's own, and those of MCP servers.
        _ if kind.ends_with("tool_use") => parts.push(Part::ToolCall {
            id: block.get("id").string(),
            name: block.get("name").string().unwrap_or_default(),
            arguments: arguments(block.get("input")),
        }),
        _ if kind.ends_with("tool_result") => parts.push(result(kind, block)),
        _ => match block {
            Json::Text(text) => add_text(parts, Some(text)),
            block if block.is_object() => parts.push(other(kind, block)),
            _ => {}
        },
    }
}

fn result(kind: &str, block: &Json<'_>) -> Part {
    let given = block.get("content");
    let code = given.get("error_code").string();
    let parts = match &code {
        Some(code) => vec![Part::Text(code.clone())],
        None => content(given),
    };
    // The provider's own tools are named by the kind of their results.
    let name = kind.strip_suffix("_tool_result");
    Part::ToolResult {
        id: block.get("tool_use_id").string(),
        name: name.filter(|name| *name != "mcp").map(str::to_owned),
        parts,
        failed: block.get("is_error").is_true() || code.is_some(),
    }
}

/// A document: a file, or text and blocks that stand in the request.
fn add_document(parts: &mut Vec<Part>, block: &Json<'_>) {
    let source = block.get("source");
    let mut document = file(FileKind::Document, block);
    if source.get("type").is("text") {
        document.bytes = source
            .get("data")
            .text()
            .map(|text| files::length(text.len()));
    }
    parts.push(Part::File(document));
    parts.extend(content(source.get("content")));
}

/// The file that a block has as its source.
fn file(kind: FileKind, block: &Json<'_>) -> File {
    let source = block.get("source");
    let found = match source.get("url").text() {
        Some(url) => files::of_address(Some(kind), url),
        None if source.get("type").is("base64") => files::of_base64(kind, None, source.get("data")),
        None => files::named(kind, source.get("file_id").string()),
    };
    File {
        media_type: source.get("media_type").string().or(found.media_type),
        name: block.get("title").string().or(found.name),
        ..found
    }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    begun: bool,
    ended: bool,
    blocks: Blocks,
    id: Option<String>,
    stopped_by: Option<String>,
}

impl Reader for Answer {
    fn whole(&mut self, message: &Json<'_>) {
        let blocks = message.get("content");
        self.begun |= message.get("type").is("message") || blocks.is_list();
        self.id = message.get("id").string().or(self.id.take());
        self.stopped(message);
        for (index, block) in (0..).zip(blocks.list()) {
            self.blocks.begin(index, content(block));
        }
    }

    fn piece(&mut self, name: &str, piece: &Json<'_>) {
        let index = piece.get("index").number().unwrap_or(0);
        match piece.get("type").text().unwrap_or(name) {
            "message_start" => self.whole(piece.get("message")),
            "content_block_start" => {
                self.begun = true;
                self.blocks
                    .begin(index, content(piece.get("content_block")));
            }
            "content_block_delta" => {
                self.begun = true;
                self.delta(index, piece.get("delta"));
            }
            "message_delta" => self.stopped(piece.get("delta")),
            "message_stop" => self.ended = true,
            _ => {}
        }
    }

    fn ended(&self) -> bool {
        self.ended
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
            response_id: self.id,
            stopped_by: self.stopped_by,
            ..Said::default()
        }
    }
}

impl Answer {
    fn stopped(&mut self, delta: &Json<'_>) {
        self.stopped_by = delta.get("stop_reason").string().or(self.stopped_by.take());
    }

    fn delta(&mut self, index: u64, delta: &Json<'_>) {
        // The text of a summary is called content.
        if let Some(text) = delta.first(&["text", "content"]).text() {
            self.blocks.add_text(index, text);
        } else if let Some(text) = delta.get("thinking").text() {
            self.blocks
                .add_reasoning(index, Some(text).filter(|text| !text.is_empty()));
        } else if let Some(json) = delta.get("partial_json").text() {
            self.blocks.add_arguments(index, json);
        }
    }
}
