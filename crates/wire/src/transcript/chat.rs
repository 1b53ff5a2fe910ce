//! OpenAI's chat completions and legacy completions, and all servers that imitate them.
//!
//! A message of an answer is the same as all its deltas, so that both are added up by the same code; and a
//! message that a client sends back is read as it came.

use std::collections::BTreeMap;

use super::{
    File, FileKind, Message, Part, Role, Said, Talk, files,
    json::Json,
    openai,
    parts::{add_text, arguments, join, other, role},
    reader::Reader,
};

/// Reads a request: `messages`; the `prompt` of completions; the `inputs` of other models that are served
/// on the same paths.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let messages = body.get("messages");
    let mut talk = Talk {
        tools: openai::tools(body),
        ..Talk::default()
    };
    if messages.is_list() {
        talk.messages = messages.list().iter().map(message).collect();
        return Some(talk);
    }
    let mut parts = Vec::new();
    let prompt = body.get("prompt");
    openai::add_content(&mut parts, prompt);
    if let Json::Numbers(_) = prompt {
        parts.push(other("tokens", prompt));
    }
    add_text(&mut parts, body.get("suffix").text());
    for name in [
        "inputs",
        "instances",
        "dataframe_split",
        "dataframe_records",
    ] {
        let inputs = body.get(name);
        if !inputs.is_null() {
            parts.push(other(name, inputs));
        }
    }
    let told = !parts.is_empty() || !prompt.is_null();
    talk.messages.push(Message {
        role: Role::User,
        parts,
    });
    told.then_some(talk)
}

fn message(json: &Json<'_>) -> Message {
    let role = role(json.get("role"));
    let mut parts = Vec::new();
    match role {
        Role::System | Role::User => openai::add_content(&mut parts, json.get("content")),
        Role::Assistant => {
            let mut choice = Choice::default();
            choice.add(json);
            parts = choice.into_parts();
        }
        Role::Tool => {
            let mut given = Vec::new();
            openai::add_content(&mut given, json.get("content"));
            parts.push(Part::ToolResult {
                id: json.get("tool_call_id").string(),
                name: json.get("name").string(),
                parts: given,
                failed: false,
            });
        }
    }
    Message { role, parts }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Chat {
    choices: BTreeMap<u64, Choice>,
    id: Option<String>,
}

/// One of the messages that an answer gives to choose from.
#[derive(Debug, Default)]
struct Choice {
    reasoning: Option<String>,
    content: Vec<Part>,
    refusal: String,
    sound: Option<Sound>,
    calls: Vec<Call>,
    /// Where in `calls` the call of an index is.
    places: BTreeMap<u64, usize>,
    stopped_by: Option<String>,
}

/// What is spoken rather than written.
#[derive(Debug, Default)]
struct Sound {
    id: Option<String>,
    bytes: u64,
    transcript: String,
}

#[derive(Debug, Default)]
struct Call {
    id: Option<String>,
    name: String,
    arguments: String,
}

/// The place of the legacy `function_call`, of which there is one.
const FUNCTION_CALL: u64 = u64::MAX;

impl Reader for Chat {
    fn whole(&mut self, answer: &Json<'_>) {
        self.piece("", answer);
    }

    fn piece(&mut self, _name: &str, piece: &Json<'_>) {
        if self.id.is_none() {
            self.id = piece.get("id").string();
        }
        let mut next = 0;
        for json in piece.get("choices").list() {
            let index = json.get("index").number().unwrap_or(next);
            next = index.saturating_add(1);
            let choice = self.choices.entry(index).or_default();
            if let Some(text) = json.get("text").text() {
                join(&mut choice.content, Part::Text(text.to_owned()));
            }
            for name in ["message", "delta"] {
                choice.add(json.get(name));
            }
            choice.stopped_by = json
                .get("finish_reason")
                .string()
                .or(choice.stopped_by.take());
        }
        // What a model that is no chat answers behind MLflow's `/invocations`.
        let predictions = piece.get("predictions");
        if !predictions.is_null() {
            let choice = self.choices.entry(0).or_default();
            choice.content.push(other("predictions", predictions));
        }
    }

    fn ended(&self) -> bool {
        !self.choices.is_empty()
            && self
                .choices
                .values()
                .all(|choice| choice.stopped_by.is_some())
    }

    fn said(self: Box<Self>) -> Said {
        let mut choices = self.choices;
        Said {
            stopped_by: choices
                .values_mut()
                .find_map(|choice| choice.stopped_by.take()),
            messages: choices
                .into_values()
                .map(|choice| Message {
                    role: Role::Assistant,
                    parts: choice.into_parts(),
                })
                .collect(),
            response_id: self.id,
            ..Said::default()
        }
    }
}

impl Choice {
    /// Takes in a message, or a piece of one.
    fn add(&mut self, message: &Json<'_>) {
        // Some hosts write the same thoughts under both names.
        if let Some(text) = message.first(&["reasoning_content", "reasoning"]).text() {
            self.think(Some(text));
        }
        let mut parts = Vec::new();
        openai::add_content(&mut parts, message.get("content"));
        openai::add_content(&mut parts, message.get("images"));
        for part in parts {
            match part {
                Part::Reasoning(text) => self.think(text.as_deref()),
                part => join(&mut self.content, part),
            }
        }
        self.refusal
            .push_str(message.get("refusal").text().unwrap_or_default());
        let audio = message.get("audio");
        if audio.is_object() {
            self.sound.get_or_insert_default().add(audio);
        }
        let mut next = 0;
        for call in message.get("tool_calls").list() {
            let index = call.get("index").number().unwrap_or(next);
            next = index.saturating_add(1);
            self.call(index, call.get("id"), call.first(&["function", "custom"]));
        }
        let legacy = message.get("function_call");
        if legacy.is_object() {
            self.call(FUNCTION_CALL, &Json::Null, legacy);
        }
    }

    fn think(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            if self.reasoning.is_none() {
                self.reasoning = Some(String::new());
            }
            return;
        };
        if !text.is_empty() {
            self.reasoning.get_or_insert_default().push_str(text);
        }
    }

    /// Takes in a tool call, or a piece of one.
    fn call(&mut self, index: u64, id: &Json<'_>, function: &Json<'_>) {
        let id = id.string();
        let known = self.places.get(&index).copied();
        let place = known.filter(|place| {
            // Some servers give every call the same index, and each comes whole.
            let known = self.calls.get(*place).and_then(|call| call.id.as_ref());
            id.is_none() || known.is_none() || known == id.as_ref()
        });
        let place = place.unwrap_or_else(|| {
            self.calls.push(Call::default());
            self.places.insert(index, self.calls.len() - 1);
            self.calls.len() - 1
        });
        let Some(call) = self.calls.get_mut(place) else {
            return;
        };
        call.id = call.id.take().or(id);
        if call.name.is_empty() {
            call.name = function.get("name").string().unwrap_or_default();
        }
        let told = function.first(&["arguments", "input"]);
        call.arguments.push_str(&arguments(told));
    }

    fn into_parts(self) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Some(text) = self.reasoning {
            parts.push(Part::Reasoning(Some(text).filter(|text| !text.is_empty())));
        }
        parts.extend(self.content);
        if let Some(sound) = self.sound {
            add_text(&mut parts, Some(&sound.transcript));
            parts.push(Part::File(File {
                bytes: Some(sound.bytes).filter(|bytes| *bytes > 0),
                ..files::named(FileKind::Audio, sound.id)
            }));
        }
        if !self.refusal.is_empty() {
            parts.push(Part::Refusal(self.refusal));
        }
        parts.extend(self.calls.into_iter().map(|call| Part::ToolCall {
            id: call.id,
            name: call.name,
            arguments: call.arguments,
        }));
        parts
    }
}

impl Sound {
    fn add(&mut self, audio: &Json<'_>) {
        self.id = self.id.take().or_else(|| audio.get("id").string());
        let data = audio.get("data").text().unwrap_or_default();
        self.bytes = self.bytes.saturating_add(files::bytes(data));
        self.transcript
            .push_str(audio.get("transcript").text().unwrap_or_default());
    }
}
