//! OpenAI's Responses API: items in, items out.
//!
//! A message, thoughts and calls of tools are items beside each other. What the model says in one go is one
//! message here, in an answer as in what a client sends back of it.

use super::{
    FileKind, Message, Part, Role, Said, Talk, files,
    json::Json,
    openai,
    parts::{add_text, arguments, other, role},
    reader::Reader,
};

mod stream;

use stream::Drafts;

/// What stands between the pieces of a summary.
const PARAGRAPH: &str = "\n\n";

/// Reads a request: `instructions`, and `input` as a text or as items.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let input = body.get("input");
    let instructions = body.get("instructions");
    if input.is_null() && instructions.is_null() && body.get("previous_response_id").is_null() {
        return None;
    }
    let mut talk = Talk {
        tools: openai::tools(body),
        ..Talk::default()
    };
    let mut system = Vec::new();
    for instruction in instructions.one_or_many() {
        let content = instruction.get("content");
        openai::add_content(
            &mut system,
            if content.is_null() {
                instruction
            } else {
                content
            },
        );
    }
    if !system.is_empty() {
        talk.messages.push(Message {
            role: Role::System,
            parts: system,
        });
    }
    for item in input.one_or_many() {
        let (role, parts) = item_said(item);
        let goes_on = talk
            .messages
            .last_mut()
            .filter(|last| last.role == role && matches!(role, Role::Assistant | Role::Tool));
        match goes_on {
            Some(last) => last.parts.extend(parts),
            None => talk.messages.push(Message { role, parts }),
        }
    }
    Some(talk)
}

/// Who says an item, and what.
fn item_said(item: &Json<'_>) -> (Role, Vec<Part>) {
    let kind = kind(item);
    let parts = item_parts(item);
    let role = match kind {
        "message" if item.get("role").is_null() => Role::User,
        "message" => role(item.get("role")),
        _ if kind.ends_with("_output") => Role::Tool,
        _ => Role::Assistant,
    };
    (role, parts)
}

/// What kind of item it is. A message need not say so.
fn kind<'a>(item: &'a Json<'_>) -> &'a str {
    item.get("type").text().unwrap_or("message")
}

/// What an item says.
fn item_parts(item: &Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    let kind = kind(item);
    match kind {
        "message" => {
            let content = item.get("content");
            openai::add_content(&mut parts, if item.is_object() { content } else { item });
        }
        "reasoning" => parts.push(openai::reasoning(item, PARAGRAPH)),
        // What was said before, sealed.
        "compaction" => parts.push(Part::Reasoning(None)),
        "image_generation_call" => {
            let format = item.get("output_format").text();
            parts.push(Part::File(files::of_base64(
                FileKind::Image,
                format.map(|format| format!("image/{format}")),
                item.get("result"),
            )));
        }
        _ if kind.ends_with("_output") => parts.push(output(item)),
        _ if kind.ends_with("_call") => add_call(&mut parts, kind, item),
        _ => {
            // A part of a message that stands for one.
            openai::add_content(&mut parts, item);
            if parts.is_empty() {
                parts.push(other(kind, item));
            }
        }
    }
    parts
}

/// A call of a tool; one that the provider ran has its result with it.
fn add_call(parts: &mut Vec<Part>, kind: &str, item: &Json<'_>) {
    let id = item.first(&["call_id", "id"]).string();
    let name = item.get("name").string();
    let name = name.unwrap_or_else(|| match kind {
        // These have names of their own.
        "function_call" | "custom_tool_call" | "mcp_call" => String::new(),
        kind => kind.strip_suffix("_call").unwrap_or(kind).to_owned(),
    });
    let told = [
        "arguments",
        "input",
        "action",
        "operation",
        "code",
        "queries",
    ];
    parts.push(Part::ToolCall {
        id: id.clone(),
        name: name.clone(),
        arguments: arguments(item.first(&told)),
    });
    let failure = item.get("error");
    let given = item.first(&["error", "output", "outputs", "results"]);
    if !given.is_null() {
        parts.push(Part::ToolResult {
            id,
            name: Some(name),
            parts: given_parts(given),
            failed: !failure.is_null(),
        });
    }
}

/// What the client's tool gave.
fn output(item: &Json<'_>) -> Part {
    Part::ToolResult {
        id: item.get("call_id").string(),
        name: item.get("name").string(),
        parts: given_parts(item.get("output")),
        failed: false,
    }
}

fn given_parts(given: &Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for part in given.one_or_many() {
        let printed = ["logs", "stdout", "stderr"].map(|name| part.get(name).text());
        if printed.iter().all(Option::is_none) {
            openai::add_content(&mut parts, part);
        }
        for text in printed {
            add_text(&mut parts, text);
        }
    }
    parts
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Items as they grow.
    drafts: Drafts,
    /// Items of the whole response.
    parts: Vec<Part>,
    begun: bool,
    ended: bool,
    id: Option<String>,
    stopped_by: Option<String>,
}

impl Reader for Answer {
    fn whole(&mut self, response: &Json<'_>) {
        let output = response.get("output");
        let object = response.get("object").text().unwrap_or_default();
        // A list of items that is read back, or a response that was deleted, is no response.
        if !output.is_list() && !matches!(object, "response" | "response.compaction") {
            return;
        }
        self.begun |= !output.list().is_empty();
        self.id = response.get("id").string().or(self.id.take());
        let parts: Vec<Part> = output.list().iter().flat_map(item_parts).collect();
        if !parts.is_empty() {
            self.parts = parts;
        }
        let reason = response.get("incomplete_details").get("reason").string();
        let status = response.get("status").string();
        let status = status.filter(|status| !matches!(&**status, "queued" | "in_progress"));
        self.stopped_by = reason.or(status).or(self.stopped_by.take());
    }

    fn piece(&mut self, name: &str, piece: &Json<'_>) {
        let name = piece.get("type").text().unwrap_or(name);
        match name {
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.ended = true;
                self.whole(piece.get("response"));
            }
            "response.created" | "response.queued" | "response.in_progress" => {
                self.whole(piece.get("response"));
            }
            _ => self.begun |= self.drafts.event(name, piece),
        }
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn said(self: Box<Self>) -> Said {
        let parts = if self.parts.is_empty() {
            self.drafts.into_parts()
        } else {
            self.parts
        };
        let message = Message {
            role: Role::Assistant,
            parts,
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
