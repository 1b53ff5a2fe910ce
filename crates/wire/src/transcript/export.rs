//! Messages as OpenAI's chat API writes them: the form in which a conversation is given away.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::{File, Message, Part, Role};

/// The messages as a list of OpenAI's chat messages.
///
/// Files are told of in a text, as `[image: image/png, 1234 bytes]`; what has no place in the API stands as
/// its JSON in a text; thoughts are `reasoning_content`, as many compatible servers have them. A call
/// without an id, as Google's are, is given one, and so is its result.
#[must_use]
pub fn to_openai(messages: &[Message]) -> Value {
    Value::Array(OpenAiExport::default().add(messages))
}

/// The same of a conversation that comes a few messages at a time: calls and results keep their ids over all
/// of it.
#[derive(Debug, Default)]
pub struct OpenAiExport {
    messages: Vec<Value>,
    /// Ids that were given, by the tool, and await its result.
    given: BTreeMap<String, VecDeque<String>>,
    calls: usize,
}

/// A message that is being put together.
#[derive(Default)]
struct Draft {
    texts: Vec<String>,
    reasoning: Vec<String>,
    refusals: Vec<String>,
    calls: Vec<Value>,
}

impl OpenAiExport {
    /// What further messages become.
    pub fn add<'a>(&mut self, messages: impl IntoIterator<Item = &'a Message>) -> Vec<Value> {
        for message in messages {
            self.message(message);
        }
        std::mem::take(&mut self.messages)
    }

    fn message(&mut self, message: &Message) {
        let role = match message.role {
            Role::System => "system",
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let before = self.messages.len();
        let mut draft = Draft::default();
        for part in &message.parts {
            match part {
                Part::Text(text) => draft.texts.push(text.clone()),
                Part::Reasoning(text) => draft.reasoning.extend(text.clone()),
                Part::Refusal(text) => draft.refusals.push(text.clone()),
                Part::ToolCall {
                    id,
                    name,
                    arguments,
                } => {
                    let id = self.id_of_call(id.as_deref(), name);
                    draft.calls.push(json!({
                        "id": id,
                        "type": "function",
                        "function": {"name": name, "arguments": arguments},
                    }));
                }
                // A message of its own, behind what was said before it.
                Part::ToolResult {
                    id, name, parts, ..
                } => {
                    self.end(role, std::mem::take(&mut draft));
                    let id = self.id_of_result(id.as_deref(), name.as_deref());
                    let texts: Vec<String> = parts.iter().filter_map(text).collect();
                    self.messages.push(json!({
                        "role": "tool",
                        "tool_call_id": id,
                        "content": texts.join("\n"),
                    }));
                }
                Part::File(_) | Part::Other { .. } => draft.texts.extend(text(part)),
            }
        }
        // A message with nothing in it is one, too.
        if draft.has_anything() || self.messages.len() == before {
            self.messages.push(draft.into_value(role));
        }
    }

    fn end(&mut self, role: &str, draft: Draft) {
        if draft.has_anything() {
            self.messages.push(draft.into_value(role));
        }
    }

    fn id_of_call(&mut self, id: Option<&str>, name: &str) -> String {
        self.calls += 1;
        match id {
            Some(id) => id.to_owned(),
            None => {
                let id = format!("call_{}", self.calls);
                let given = self.given.entry(name.to_owned()).or_default();
                given.push_back(id.clone());
                id
            }
        }
    }

    fn id_of_result(&mut self, id: Option<&str>, name: Option<&str>) -> String {
        if let Some(id) = id {
            return id.to_owned();
        }
        let given = self.given.get_mut(name.unwrap_or_default());
        given.and_then(VecDeque::pop_front).unwrap_or_default()
    }
}

impl Draft {
    fn has_anything(&self) -> bool {
        let lists = [&self.texts, &self.reasoning, &self.refusals];
        lists.iter().any(|list| !list.is_empty()) || !self.calls.is_empty()
    }

    fn into_value(self, role: &str) -> Value {
        let mut message = Map::new();
        message.insert("role".to_owned(), role.into());
        let content = match <[String; 1]>::try_from(self.texts) {
            Ok([text]) => Value::String(text),
            Err(texts) if texts.is_empty() && role == "assistant" => Value::Null,
            Err(texts) if texts.is_empty() => "".into(),
            Err(texts) => texts
                .into_iter()
                .map(|text| json!({"type": "text", "text": text}))
                .collect(),
        };
        message.insert("content".to_owned(), content);
        let texts = [
            ("reasoning_content", self.reasoning),
            ("refusal", self.refusals),
        ];
        for (name, texts) in texts.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            message.insert(name.to_owned(), texts.join("\n").into());
        }
        if !self.calls.is_empty() {
            message.insert("tool_calls".to_owned(), self.calls.into());
        }
        Value::Object(message)
    }
}

/// A part as text. `None`: it says nothing.
fn text(part: &Part) -> Option<String> {
    match part {
        Part::Text(text) | Part::Refusal(text) => Some(text.clone()),
        Part::Reasoning(text) => text.clone(),
        Part::File(file) => Some(placeholder(file)),
        Part::Other { json, .. } => Some(json.clone()),
        // Calls and results stand in no result.
        Part::ToolCall { .. } | Part::ToolResult { .. } => None,
    }
}

/// `[image: image/png, 1234 bytes, cat.png]`.
fn placeholder(file: &File) -> String {
    let bytes = file.bytes.map(|bytes| format!("{bytes} bytes"));
    let told = [file.media_type.clone(), bytes, file.name.clone()];
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() {
        format!("[{}]", file.kind.word())
    } else {
        format!("[{}: {}]", file.kind.word(), told.join(", "))
    }
}
