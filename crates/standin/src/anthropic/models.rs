//! Anthropic's list of models, in pages. It knows nothing of the other operations: any model may
//! be called, whether it is listed or not.

use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::Object;
use crate::reply::Reply;
use crate::route::Api;

const USUAL_PAGE: usize = 20;

/// Ids, names, and when they were made; the newest first.
const MODELS: &[(&str, &str, &str)] = &[
    ("claude-opus-5", "Claude Opus 5", "2026-06-16T00:00:00Z"),
    ("claude-sonnet-5", "Claude Sonnet 5", "2026-03-24T00:00:00Z"),
    (
        "claude-haiku-4-5-20251001",
        "Claude Haiku 4.5",
        "2025-10-15T00:00:00Z",
    ),
    (
        "claude-sonnet-4-5-20250929",
        "Claude Sonnet 4.5",
        "2025-09-29T00:00:00Z",
    ),
    (
        "claude-opus-4-1-20250805",
        "Claude Opus 4.1",
        "2025-08-05T00:00:00Z",
    ),
];

/// GET /models, with `limit`, `after_id` and `before_id`.
pub(super) fn list(ask: &Ask<'_>) -> Reply {
    let limit = ask
        .parameter("limit")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(USUAL_PAGE)
        .max(1);
    let place = |id: &str| MODELS.iter().position(|(listed, _, _)| *listed == id);
    let (page, has_more) = if let Some(end) = ask.parameter("before_id").and_then(place) {
        let start = end.saturating_sub(limit);
        (MODELS.get(start..end), start > 0)
    } else {
        let start = ask
            .parameter("after_id")
            .and_then(place)
            .map_or(0, |last| last + 1);
        let end = start.saturating_add(limit).min(MODELS.len());
        (MODELS.get(start..end), end < MODELS.len())
    };
    let page = page.unwrap_or_default();
    Reply::object(|body| {
        body.array("data", |data| {
            for (id, name, created) in page {
                data.object(|model| write(model, id, name, created));
            }
        })
        .flag("has_more", has_more)
        .text_or_null("first_id", page.first().map(|(id, _, _)| *id))
        .text_or_null("last_id", page.last().map(|(id, _, _)| *id));
    })
}

/// GET /models/{id}.
pub(super) fn one(id: &str) -> Result<Reply, Failure> {
    if id.contains("missing") {
        return Err(Failure::unknown_model(Api::Anthropic, id));
    }
    let listed = MODELS.iter().find(|(listed, _, _)| *listed == id);
    let (_, name, created) = listed.copied().unwrap_or((id, id, "2026-01-01T00:00:00Z"));
    Ok(Reply::object(|model| write(model, id, name, created)))
}

fn write(model: &mut Object<'_>, id: &str, name: &str, created: &str) {
    model
        .text("type", "model")
        .text("id", id)
        .text("display_name", name)
        .text("created_at", created)
        .text("lifecycle", "active")
        .null("deprecated_at")
        .number("max_input_tokens", 1_000_000)
        .number("max_tokens", 64_000)
        .null("capabilities");
}
