//! Google's `generateContent`, streamed and plain, and what is embedded or counted.
//!
//! Names come as Google's servers write them, `functionCall`, and as some of its SDKs do, `function_call`.
//! A stream may cut a text anywhere between two parts, so that text of one message is joined.

use std::collections::BTreeMap;

use super::{
    File, Message, Part, Role, Said, Talk, files,
    json::Json,
    parts::{add_text, arguments, join, messages, other, role},
    reader::Reader,
};

/// The name under which code that Google runs, and what it gave, stand as a tool.
const CODE: &str = "code_execution";

/// Reads a request to generate.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let contents = body.get("contents");
    if contents.is_null() {
        return None;
    }
    let mut talk = Talk::default();
    let system = content(body.first(&["systemInstruction", "system_instruction"]));
    if !system.is_empty() {
        talk.messages.push(Message {
            role: Role::System,
            parts: system,
        });
    }
    for one in contents.one_or_many() {
        let (role, parts) = (role(one.get("role")), content(one));
        // Google's SDKs send a streamed answer back in the pieces that it came in.
        let goes_on = talk.messages.last_mut();
        match goes_on.filter(|last| role == Role::Assistant && last.role == role) {
            Some(last) => parts
                .into_iter()
                .for_each(|part| join(&mut last.parts, part)),
            None => talk.messages.extend(messages(role, parts)),
        }
    }
    for tool in body.get("tools").list() {
        let declared = tool.first(&["functionDeclarations", "function_declarations"]);
        if declared.is_null() {
            // One that Google runs: its name is that of its only member.
            let name = tool.members().first();
            talk.tools.extend(name.map(|(name, _)| name.to_string()));
        }
        let names = declared.list().iter();
        talk.tools
            .extend(names.filter_map(|function| function.get("name").string()));
    }
    Some(talk)
}

/// The parts of one text that is to be embedded, or of a content that stands alone.
pub(super) fn content(content: &Json<'_>) -> Vec<Part> {
    let inner = content.get("parts");
    // Instructions may be parts themselves, or one.
    let is_part = inner.is_null() && content.get("role").is_null();
    let list = if is_part { content } else { inner };
    let mut parts = Vec::new();
    for part in list.one_or_many() {
        add(&mut parts, part);
    }
    parts
}

fn add(parts: &mut Vec<Part>, part: &Json<'_>) {
    if let Some(text) = part.text() {
        return add_text(parts, Some(text));
    }
    if let Some(text) = part.get("text").text() {
        if part.get("thought").is_true() {
            parts.push(Part::Reasoning(Some(text.to_owned())));
        } else {
            add_text(parts, Some(text));
        }
        return;
    }
    let call = part.first(&["functionCall", "function_call"]);
    let response = part.first(&["functionResponse", "function_response"]);
    let inline = part.first(&["inlineData", "inline_data"]);
    let file = part.first(&["fileData", "file_data"]);
    let code = part.first(&["executableCode", "executable_code"]);
    let outcome = part.first(&["codeExecutionResult", "code_execution_result"]);
    if call.is_object() {
        parts.push(Part::ToolCall {
            id: call.get("id").string(),
            name: call.get("name").string().unwrap_or_default(),
            arguments: arguments(call.get("args")),
        });
    } else if response.is_object() {
        parts.push(result(response));
    } else if inline.is_object() {
        let media_type = media_type(inline);
        parts.push(Part::File(files::of_base64(
            files::kind_of(media_type.as_deref()),
            media_type,
            inline.get("data"),
        )));
    } else if file.is_object() {
        let media_type = media_type(file);
        let name = file.first(&["fileUri", "file_uri"]).string();
        parts.push(Part::File(File {
            media_type: media_type.clone(),
            ..files::named(files::kind_of(media_type.as_deref()), name)
        }));
    } else if code.is_object() {
        parts.push(Part::ToolCall {
            id: code.get("id").string(),
            name: CODE.to_owned(),
            arguments: arguments(code.get("code")),
        });
    } else if outcome.is_object() {
        let mut given = Vec::new();
        add_text(&mut given, outcome.get("output").text());
        parts.push(Part::ToolResult {
            id: outcome.get("id").string(),
            name: Some(CODE.to_owned()),
            parts: given,
            failed: !outcome.get("outcome").is("OUTCOME_OK"),
        });
    } else if let Some((kind, _)) = part.members().first()
        && !is_signature(kind)
    {
        parts.push(other(kind, part));
    }
}

/// What a function gave: its only text, or all of it as JSON, and files beside it.
fn result(response: &Json<'_>) -> Part {
    let given = response.get("response");
    let failure = given.get("error");
    let only = match given.members() {
        [(name, Json::Text(text))] if matches!(&**name, "result" | "output" | "error") => {
            Some(text)
        }
        _ => None,
    };
    let mut parts = Vec::new();
    match only {
        Some(text) => add_text(&mut parts, Some(text)),
        None => add_text(&mut parts, Some(&arguments(given))),
    }
    parts.extend(response.get("parts").list().iter().flat_map(content));
    Part::ToolResult {
        id: response.get("id").string(),
        name: response.get("name").string(),
        parts,
        failed: !failure.is_null(),
    }
}

fn media_type(data: &Json<'_>) -> Option<String> {
    data.first(&["mimeType", "mime_type"]).string()
}

/// What a part carries of the thoughts before it, sealed; and whether it is one.
fn is_signature(name: &str) -> bool {
    matches!(name, "thoughtSignature" | "thought_signature" | "thought")
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    candidates: BTreeMap<u64, Candidate>,
    id: Option<String>,
    blocked: Option<String>,
}

#[derive(Debug, Default)]
struct Candidate {
    parts: Vec<Part>,
    stopped_by: Option<String>,
}

impl Reader for Answer {
    fn whole(&mut self, answer: &Json<'_>) {
        self.piece("", answer);
    }

    fn piece(&mut self, _name: &str, piece: &Json<'_>) {
        self.id = self.id.take().or_else(|| piece.get("responseId").string());
        let feedback = piece.get("promptFeedback");
        self.blocked = self
            .blocked
            .take()
            .or_else(|| feedback.get("blockReason").string());
        let mut next = 0;
        for json in piece.get("candidates").list() {
            let index = json.get("index").number().unwrap_or(next);
            next = index.saturating_add(1);
            let candidate = self.candidates.entry(index).or_default();
            for part in content(json.get("content").get("parts")) {
                join(&mut candidate.parts, part);
            }
            let reason = json.get("finishReason").string();
            candidate.stopped_by = reason.or(candidate.stopped_by.take());
        }
    }

    fn ended(&self) -> bool {
        let mut candidates = self.candidates.values();
        let finished = candidates.all(|candidate| candidate.stopped_by.is_some());
        self.blocked.is_some() || (finished && !self.candidates.is_empty())
    }

    fn said(self: Box<Self>) -> Said {
        let mut candidates = self.candidates;
        let stopped_by = candidates
            .values_mut()
            .find_map(|candidate| candidate.stopped_by.take());
        Said {
            messages: candidates
                .into_values()
                .map(|candidate| Message {
                    role: Role::Assistant,
                    parts: candidate.parts,
                })
                .collect(),
            response_id: self.id,
            stopped_by: stopped_by.or(self.blocked),
            ..Said::default()
        }
    }
}
