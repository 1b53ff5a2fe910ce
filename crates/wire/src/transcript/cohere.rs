//! Cohere's chat (v2) and rerank.
//!
//! A message of an answer is the same as all its pieces, so that both are added up by the same code; and a
//! message that a client sends back is read as it came. What the model plans before it calls tools is taken
//! for thoughts. Documents that come beside the messages are the application's, as instructions are.

use super::{
    Message, Part, Role, Said, Talk,
    blocks::Blocks,
    json::Json,
    numbered::{MOST, Numbered},
    openai,
    parts::{add_text, arguments, other, role},
    reader::Reader,
};

/// What citations are called: what an answer rests on. Not all clients send them back.
pub(super) const CITATIONS: &str = "citations";

/// Reads a request.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let list = body.get("messages");
    if !list.is_list() {
        return None;
    }
    let mut talk = Talk {
        tools: openai::tools(body),
        ..Talk::default()
    };
    let mut documents = Vec::new();
    for document in body.get("documents").list() {
        add_document(&mut documents, document);
    }
    if !documents.is_empty() {
        talk.messages.push(Message {
            role: Role::System,
            parts: documents,
        });
    }
    talk.messages.extend(list.list().iter().map(message));
    Some(talk)
}

fn message(json: &Json<'_>) -> Message {
    let role = role(json.get("role"));
    let parts = match role {
        Role::System | Role::User => content(json.get("content")),
        Role::Assistant => {
            let mut spoken = Spoken::default();
            spoken.add(0, json);
            spoken.into_parts()
        }
        Role::Tool => vec![Part::ToolResult {
            id: json.get("tool_call_id").string(),
            name: None,
            parts: content(json.get("content")),
            failed: false,
        }],
    };
    Message { role, parts }
}

/// The parts of content: a string, or a list of texts, images and documents.
fn content(content: &Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    for part in content.one_or_many() {
        if part.get("type").is("document") {
            add_document(&mut parts, part.get("document"));
        } else {
            openai::add_content(&mut parts, part);
        }
    }
    parts
}

/// A document: a string, or what it says in `data`, as a string or by the names of its parts.
fn add_document(parts: &mut Vec<Part>, document: &Json<'_>) {
    let data = document.get("data");
    match document.text().or_else(|| data.text()) {
        Some(text) => add_text(parts, Some(text)),
        None if document.is_object() => parts.push(other("document", document)),
        None => {}
    }
}

/// Reads a request to rank documents.
pub(super) fn ranking(body: &Json<'_>) -> Option<Talk> {
    let mut parts = Vec::new();
    add_text(&mut parts, body.get("query").text());
    for document in body.get("documents").list() {
        let text = document.text().or_else(|| document.get("text").text());
        match text {
            Some(text) => add_text(&mut parts, Some(text)),
            None => parts.push(other("document", document)),
        }
    }
    (!parts.is_empty()).then(|| Talk {
        messages: vec![Message {
            role: Role::User,
            parts,
        }],
        ..Talk::default()
    })
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    begun: bool,
    ended: bool,
    spoken: Spoken,
    id: Option<String>,
    stopped_by: Option<String>,
    error: Option<String>,
}

/// A message, as far as it has come.
#[derive(Debug, Default)]
struct Spoken {
    plan: String,
    content: Blocks,
    calls: Numbered<Call>,
    citations: Vec<String>,
    /// There are more citations than are read.
    cut: bool,
}

#[derive(Debug, Default)]
struct Call {
    id: Option<String>,
    name: String,
    arguments: String,
}

impl Reader for Answer {
    fn whole(&mut self, answer: &Json<'_>) {
        let message = answer.get("message");
        self.begun |= message.is_object();
        self.id = answer.get("id").string();
        self.ends(answer);
        self.spoken.add(0, message);
    }

    fn piece(&mut self, name: &str, piece: &Json<'_>) {
        let delta = piece.get("delta");
        match piece.get("type").text().unwrap_or(name) {
            "message-start" => {
                self.begun = true;
                self.id = piece.get("id").string().or(self.id.take());
            }
            "message-end" => {
                self.ends(delta);
                self.ended = true;
            }
            _ => {
                let index = piece.get("index").number().unwrap_or(0);
                self.spoken.add(index, delta.get("message"));
            }
        }
    }

    fn ended(&self) -> bool {
        self.ended
    }

    fn said(self: Box<Self>) -> Said {
        let cut = self.spoken.is_cut();
        let parts = self.spoken.into_parts();
        let message = Message {
            role: Role::Assistant,
            parts,
        };
        Said {
            messages: if self.begun || !message.parts.is_empty() {
                vec![message]
            } else {
                Vec::new()
            },
            response_id: self.id,
            stopped_by: self.stopped_by,
            error: self.error,
            cut,
        }
    }
}

impl Answer {
    fn ends(&mut self, place: &Json<'_>) {
        self.stopped_by = place
            .get("finish_reason")
            .string()
            .or(self.stopped_by.take());
        self.error = place.get("error").string().or(self.error.take());
    }
}

impl Spoken {
    /// Takes in a message, or a piece of one that has this number.
    fn add(&mut self, index: u64, message: &Json<'_>) {
        let plan = message.get("tool_plan").text().unwrap_or_default();
        self.plan.push_str(plan);
        for (index, part) in (index..).zip(message.get("content").one_or_many()) {
            self.part(index, part);
        }
        for (index, call) in (index..).zip(message.get("tool_calls").one_or_many()) {
            self.call(index, call);
        }
        for citation in message.get("citations").one_or_many() {
            if self.citations.len() < MOST {
                self.citations.push(citation.shortened());
            } else {
                self.cut = true;
            }
        }
    }

    fn part(&mut self, index: u64, part: &Json<'_>) {
        if let Some(text) = part.text().or_else(|| part.get("text").text()) {
            self.content.add_text(index, text);
        } else if let Some(thought) = part.get("thinking").text() {
            let thought = Some(thought).filter(|thought| !thought.is_empty());
            self.content.add_reasoning(index, thought);
        } else if !part.is_null() {
            self.content.begin(index, content(part));
        }
    }

    fn call(&mut self, index: u64, piece: &Json<'_>) {
        let Some(call) = self.calls.at(index) else {
            return;
        };
        let function = piece.get("function");
        call.id = call.id.take().or_else(|| piece.get("id").string());
        if call.name.is_empty() {
            call.name = function.get("name").string().unwrap_or_default();
        }
        call.arguments
            .push_str(&arguments(function.get("arguments")));
    }

    const fn is_cut(&self) -> bool {
        self.cut || self.content.is_cut() || self.calls.is_cut()
    }

    fn into_parts(self) -> Vec<Part> {
        let mut parts = Vec::new();
        if !self.plan.is_empty() {
            parts.push(Part::Reasoning(Some(self.plan)));
        }
        parts.extend(self.content.into_parts());
        parts.extend(self.calls.into_values().map(|call| Part::ToolCall {
            id: call.id,
            name: call.name,
            arguments: call.arguments,
        }));
        if !self.citations.is_empty() {
            parts.push(Part::Other {
                kind: CITATIONS.to_owned(),
                json: format!("[{}]", self.citations.join(",")),
            });
        }
        parts
    }
}

/// What has been read of the answer to a rerank.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    part: Option<Part>,
    id: Option<String>,
}

impl Reader for Ranking {
    fn whole(&mut self, answer: &Json<'_>) {
        let results = answer.get("results");
        self.part = results.is_list().then(|| other("ranking", results));
        self.id = answer.get("id").string().filter(|_| self.part.is_some());
    }

    fn piece(&mut self, _name: &str, _piece: &Json<'_>) {
        // Nobody streams a ranking.
    }

    fn ended(&self) -> bool {
        true
    }

    fn said(self: Box<Self>) -> Said {
        let messages = self.part.into_iter().map(|part| Message {
            role: Role::Assistant,
            parts: vec![part],
        });
        Said {
            messages: messages.collect(),
            response_id: self.id,
            ..Said::default()
        }
    }
}
