//! Chats. It knows nothing of how a stream is worded.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::events;
use super::usage::Counts;
use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::json::{self, Array, Object};
use crate::prose::Prose;
use crate::reply::Reply;
use crate::seed::Seed;
use crate::tools::{self, ToolCall};
use crate::vector;

/// What the model means to do before it calls a tool.
pub(super) const PLAN: &str = "I will use the tool that was offered.";

#[derive(Deserialize)]
struct ChatRequest<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    #[serde(borrow)]
    documents: Option<&'a RawValue>,
    stream: Option<bool>,
    max_tokens: Option<u64>,
    thinking: Option<Thinking>,
}

#[derive(Deserialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: String,
}

/// What is answered.
pub(super) struct Answer<'a> {
    pub(super) id: String,
    pub(super) thoughts: Option<Prose>,
    pub(super) prose: Prose,
    pub(super) call: Option<(String, ToolCall)>,
    /// The document that the answer rests on.
    pub(super) cited: Option<Value>,
    pub(super) finish: &'a str,
    pub(super) usage: Option<String>,
}

/// POST /v2/chat.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: ChatRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    let messages = request
        .messages
        .ok_or_else(|| Failure::lacks(ask.api, "messages"))?;
    let seed = Seed::of(ask.body);
    let thinks = request
        .thinking
        .is_some_and(|thinking| thinking.kind == "enabled");
    let length = ask.length(request.max_tokens, thinks);
    let prose = ask.prose(seed, length);
    let call = tools::wanted_call(request.tools, request.messages);
    let parts = [Some(messages), request.tools, request.documents];
    let texts = parts.iter().flatten().map(|part| part.get());
    let prompt: u64 = texts.map(vector::tokens).sum();
    let counts = Counts {
        prompt,
        output: prose.tokens() + json::count(length.hidden),
        cached: if model.contains("cached") {
            prompt / 2
        } else {
            0
        },
    };
    let documents: Vec<Value> = request
        .documents
        .and_then(|documents| serde_json::from_str(documents.get()).ok())
        .unwrap_or_default();
    let answer = Answer {
        id: ask.wishes.id.clone().unwrap_or_else(|| seed.uuid()),
        thoughts: (length.hidden > 0).then(|| Prose::new(seed, length.hidden, 0).number(2)),
        prose,
        finish: ask.finish(if call.is_some() {
            "TOOL_CALL"
        } else {
            "COMPLETE"
        }),
        call: call.map(|call| (seed.id("tool_"), call)),
        cited: documents.into_iter().next(),
        usage: ask.wishes.usage_or(|| counts.usage()),
    };
    if request.stream == Some(true) {
        return Ok(events::stream(&answer));
    }
    let mut body = Vec::with_capacity(1024 + answer.prose.bytes());
    json::object(&mut body, |body| answer.write(body));
    Ok(Reply::json(body))
}

impl Answer<'_> {
    fn write(&self, body: &mut Object<'_>) {
        body.text("id", &self.id)
            .text("finish_reason", self.finish)
            .object("message", |message| {
                message.text("role", "assistant");
                if let Some((id, call)) = &self.call {
                    message
                        .text("tool_plan", PLAN)
                        .array("tool_calls", |calls| {
                            calls
                                .object(|entry| write_call(entry, id, &call.name, &call.arguments));
                        });
                }
                message.array("content", |content| self.write_content(content));
                if let Some(document) = self.cited.as_ref().filter(|_| self.call.is_none()) {
                    message.array("citations", |citations| {
                        citations.object(|citation| write_citation(citation, document));
                    });
                }
            })
            .raw_if_any("usage", self.usage.as_deref());
    }

    fn write_content(&self, content: &mut Array<'_>) {
        if let Some(thoughts) = self.thoughts {
            content.object(|part| {
                part.text("type", "thinking")
                    .pieces("thinking", thoughts.pieces());
            });
        }
        if self.call.is_none() {
            content.object(|part| {
                part.text("type", "text")
                    .pieces("text", self.prose.pieces());
            });
        }
    }
}

/// A call, or how one begins.
pub(super) fn write_call(entry: &mut Object<'_>, id: &str, name: &str, arguments: &str) {
    entry
        .text("id", id)
        .text("type", "function")
        .object("function", |function| {
            function.text("name", name).text("arguments", arguments);
        });
}

/// The first words rest on this document.
pub(super) fn write_citation(citation: &mut Object<'_>, document: &Value) {
    let data = document.get("data").unwrap_or(document);
    citation
        .number("start", 0)
        .number("end", 5)
        .text("text", "The f")
        .array("sources", |sources| {
            sources.object(|source| {
                source
                    .text("type", "document")
                    .text("id", "doc:0")
                    .raw("document", &data.to_string());
            });
        })
        .text("type", "TEXT_CONTENT");
}
