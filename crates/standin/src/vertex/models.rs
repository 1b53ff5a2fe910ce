//! The lists of publishers' models, in pages. It knows nothing of the other operations: any model may be called,
//! whether it is listed or not.

use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::Object;
use crate::reply::Reply;

const USUAL_PAGE: usize = 100;

/// Ids and versions of each publisher's.
const MODELS: &[(&str, &[(&str, &str)])] = &[
    (
        "google",
        &[
            ("gemini-2.5-flash", "default"),
            ("gemini-2.5-pro", "default"),
            ("gemini-3-pro-preview", "default"),
            ("gemini-embedding-001", "default"),
            ("text-embedding-005", "default"),
        ],
    ),
    (
        "anthropic",
        &[
            ("claude-opus-5", "default"),
            ("claude-haiku-4-5", "20251001"),
        ],
    ),
    (
        "mistralai",
        &[("mistral-medium-3", "001"), ("codestral-2", "001")],
    ),
    ("meta", &[("llama-3.3-70b-instruct-maas", "001")]),
];

/// GET /v1beta1/publishers/{publisher}/models, with `pageSize` and `pageToken`. Nobody's list is empty.
pub(super) fn list(ask: &Ask<'_>, publisher: &str) -> Reply {
    let models = MODELS.iter().find(|(name, _)| *name == publisher);
    let models = models.map_or(&[][..], |(_, models)| models);
    let number = |name: &str| -> Option<usize> { ask.parameter(name)?.parse().ok() };
    let size = number("pageSize").unwrap_or(USUAL_PAGE).clamp(1, 3);
    let start = number("pageToken").unwrap_or(0).min(models.len());
    let end = start.saturating_add(size).min(models.len());
    Reply::object(|body| {
        body.array("publisherModels", |list| {
            for (id, version) in models.get(start..end).unwrap_or_default() {
                list.object(|model| write(model, publisher, id, version));
            }
        });
        if end < models.len() {
            body.text("nextPageToken", &end.to_string());
        }
    })
}

/// GET /v1/publishers/{publisher}/models/{id}.
pub(super) fn one(ask: &Ask<'_>, publisher: &str, id: &str) -> Result<Reply, Failure> {
    ask.existing(id)?;
    Ok(Reply::object(|model| {
        write(model, publisher, id, "default")
    }))
}

fn write(model: &mut Object<'_>, publisher: &str, id: &str, version: &str) {
    model
        .text("name", &format!("publishers/{publisher}/models/{id}"))
        .text("versionId", version)
        .text("openSourceCategory", "PROPRIETARY")
        .text("launchStage", "GA");
}
