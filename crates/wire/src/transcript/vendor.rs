//! Bodies that only Bedrock's `InvokeModel` has: of models whose makers have no API of their own, or an old
//! one.
//!
//! | model | request | answer |
//! |---|---|---|
//! | Llama | `prompt` | `generation` |
//! | Titan | `inputText` | `results[].outputText`, streamed `outputText` |
//! | Cohere | `preamble`, `chat_history`, `message`; `prompt`; `texts` | `text`, `generations[].text` |
//! | Mistral, older | `prompt` | `outputs[].text` |
//! | Claude, older | `prompt` | `completion` |
//! | AI21, older | `prompt` | `completions[].data.text` |

use std::collections::BTreeMap;

use super::{
    FileKind, Message, Part, Role, Said, Talk, embeddings, files,
    json::Json,
    parts::{arguments, join, role, texts},
    reader::Reader,
};

/// Reads a request.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let mut talk = Talk::default();
    let mut say = |role, parts: Vec<Part>| {
        if !parts.is_empty() {
            talk.messages.push(Message { role, parts });
        }
    };
    let one = |json: &Json<'_>| texts(json).into_iter().map(Part::Text).collect();
    say(Role::System, one(body.get("preamble")));
    for turn in body.get("chat_history").list() {
        say(role(turn.get("role")), one(turn.get("message")));
    }
    let results = body.get("tool_results").list().iter();
    say(Role::Tool, results.map(result).collect());
    let mut asked = Vec::new();
    for name in ["message", "prompt", "inputText", "texts", "input_text"] {
        asked.extend(texts(body.get(name)).into_iter().map(Part::Text));
    }
    for name in ["images", "inputImage"] {
        let images = body.get(name).one_or_many().iter();
        asked
            .extend(images.map(|image| Part::File(files::of_base64(FileKind::Image, None, image))));
    }
    say(Role::User, asked);
    talk.tools = body
        .get("tools")
        .list()
        .iter()
        .filter_map(|tool| tool.get("name").string())
        .collect();
    (!talk.messages.is_empty()).then_some(talk)
}

/// What a tool gave, as Cohere's older API has it: with the call that it answers.
fn result(result: &Json<'_>) -> Part {
    Part::ToolResult {
        id: None,
        name: result.get("call").get("name").string(),
        parts: vec![Part::Text(arguments(result.get("outputs")))],
        failed: false,
    }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    choices: BTreeMap<u64, Vec<Part>>,
    stopped_by: Option<String>,
}

impl Reader for Answer {
    fn whole(&mut self, answer: &Json<'_>) {
        self.piece("", answer);
    }

    fn piece(&mut self, _name: &str, piece: &Json<'_>) {
        let direct = ["generation", "outputText", "text", "completion"];
        self.text(0, piece.first(&direct));
        let lists = ["results", "generations", "outputs", "completions"];
        for (index, one) in (0..).zip(piece.first(&lists).list()) {
            let data = one.get("data");
            let place = if data.is_object() { data } else { one };
            self.text(index, place.first(&["text", "outputText"]));
            self.stopped(one);
        }
        self.stopped(piece);
        let calls = piece.get("tool_calls").list();
        self.add(calls.iter().map(|call| Part::ToolCall {
            id: None,
            name: call.get("name").string().unwrap_or_default(),
            arguments: arguments(call.get("parameters")),
        }));
        let images = piece.first(&["images", "artifacts"]).list().iter();
        self.add(images.map(|image| {
            let data = image.get("base64");
            let data = if data.is_null() { image } else { data };
            Part::File(files::of_base64(FileKind::Image, None, data))
        }));
        self.add(embeddings::vectors(piece).into_iter());
    }

    fn ended(&self) -> bool {
        self.stopped_by.is_some()
    }

    fn said(self: Box<Self>) -> Said {
        let messages = self.choices.into_values().map(|parts| Message {
            role: Role::Assistant,
            parts,
        });
        Said {
            messages: messages.collect(),
            stopped_by: self.stopped_by,
            ..Said::default()
        }
    }
}

impl Answer {
    fn text(&mut self, index: u64, text: &Json<'_>) {
        if let Some(text) = text.text() {
            let parts = self.choices.entry(index).or_default();
            join(parts, Part::Text(text.to_owned()));
        }
    }

    fn add(&mut self, parts: impl Iterator<Item = Part>) {
        for part in parts {
            self.choices.entry(0).or_default().push(part);
        }
    }

    fn stopped(&mut self, place: &Json<'_>) {
        let reason = place.first(&["stop_reason", "completionReason", "finish_reason"]);
        // Old Jamba writes it as an object.
        let reason = reason.string().or_else(|| {
            let inner = place.first(&["finishReason"]).get("reason");
            inner.string()
        });
        self.stopped_by = self.stopped_by.take().or(reason);
    }
}
