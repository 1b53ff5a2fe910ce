//! Google's list of models, in pages. It knows nothing of the other
//! operations: any model may be called, whether it is listed or not.

use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::Object;
use crate::reply::Reply;

const USUAL_PAGE: usize = 50;
const GENERATES: &[&str] = &["generateContent", "countTokens", "createCachedContent"];
const EMBEDS: &[&str] = &["embedContent", "countTextTokens"];

/// Ids and names.
const MODELS: &[(&str, &str)] = &[
    ("gemini-2.5-flash", "Gemini 2.5 Flash"),
    ("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite"),
    ("gemini-2.5-pro", "Gemini 2.5 Pro"),
    ("gemini-3-flash-preview", "Gemini 3 Flash Preview"),
    ("gemini-3-pro-preview", "Gemini 3 Pro Preview"),
    ("gemini-embedding-001", "Gemini Embedding 001"),
    ("gemini-embedding-2", "Gemini Embedding 2"),
];

/// GET /models, with `pageSize` and `pageToken`.
pub(super) fn list(ask: &Ask<'_>) -> Reply {
    let number = |name: &str| -> Option<usize> { ask.parameter(name)?.parse().ok() };
    let size = number("pageSize").unwrap_or(USUAL_PAGE).max(1);
    let start = number("pageToken").unwrap_or(0).min(MODELS.len());
    let end = start.saturating_add(size).min(MODELS.len());
    let page = MODELS.get(start..end).unwrap_or_default();
    Reply::object(|body| {
        body.array("models", |list| {
            for (id, name) in page {
                list.object(|model| write(model, id, name));
            }
        });
        if end < MODELS.len() {
            body.text("nextPageToken", &end.to_string());
        }
    })
}

/// GET /models/{id}.
pub(super) fn one(ask: &Ask<'_>, id: &str) -> Result<Reply, Failure> {
    ask.existing(id)?;
    let listed = MODELS.iter().find(|(listed, _)| *listed == id);
    let name = listed.map_or(id, |(_, name)| *name);
    Ok(Reply::object(|model| write(model, id, name)))
}

fn write(model: &mut Object<'_>, id: &str, name: &str) {
    let embeds = id.contains("embedding");
    let methods = if embeds { EMBEDS } else { GENERATES };
    model
        .text("name", &format!("models/{id}"))
        .text("version", "001")
        .text("displayName", name)
        .text("description", "A model of the stand-in")
        .number("inputTokenLimit", if embeds { 2048 } else { 1_048_576 })
        .number("outputTokenLimit", if embeds { 1 } else { 65_536 })
        .array("supportedGenerationMethods", |list| {
            for method in methods {
                list.text(method);
            }
        });
    if !embeds {
        model
            .raw("temperature", "1")
            .raw("topP", "0.95")
            .number("topK", 64)
            .flag("thinking", true);
    }
}
