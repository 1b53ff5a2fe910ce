//! Parts of messages as OpenAI writes them, in chats and in responses, and those who imitate it.

use super::{
    Part, files,
    json::Json,
    parts::{add_text, other, texts},
};

/// Adds what a message's content says: a string, or a list of parts.
pub(super) fn add_content(parts: &mut Vec<Part>, content: &Json<'_>) {
    for part in content.one_or_many() {
        add_part(parts, part);
    }
}

fn add_part(parts: &mut Vec<Part>, part: &Json<'_>) {
    let kind = part.get("type").text().unwrap_or_default();
    match kind {
        "text" | "input_text" | "output_text" | "summary_text" => {
            add_text(parts, part.get("text").text());
        }
        "" if !part.get("text").is_null() => add_text(parts, part.get("text").text()),
        "refusal" => parts.push(Part::Refusal(
            part.get("refusal").string().unwrap_or_default(),
        )),
        "thinking" | "reasoning" | "redacted_thinking" => parts.push(reasoning(part, "")),
        _ => {
            if let Some(file) = files::of_openai(kind, part) {
                add_text(parts, files::of_openai_transcript(part));
                parts.push(file);
            } else if let Json::Text(text) = part {
                add_text(parts, Some(text));
            } else if part.is_object() {
                parts.push(other(kind, part));
            }
        }
    }
}

/// What was thought: in full, else a summary of it, else only that it was. `between` stands between its
/// pieces.
pub(super) fn reasoning(item: &Json<'_>, between: &str) -> Part {
    let told = ["content", "thinking", "summary", "text"].map(|name| texts(item.get(name)));
    let told = told.into_iter().find(|texts| !texts.is_empty());
    Part::Reasoning(told.map(|texts| texts.join(between)))
}

/// The names of the tools that a request offers; those that the provider runs go by their type.
pub(super) fn tools(body: &Json<'_>) -> Vec<String> {
    let lists = [body.get("tools"), body.get("functions")];
    let tools = lists.into_iter().flat_map(|list| list.list());
    tools
        .filter_map(|tool| {
            let inner = tool.first(&["function", "custom"]);
            let name = inner.get("name").string();
            name.or_else(|| tool.first(&["name", "type"]).string())
        })
        .collect()
}
