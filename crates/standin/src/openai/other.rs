//! Paths beyond text: just enough of files and images to have something that answers. It knows
//! nothing of the other operations.

use http::StatusCode;
use serde::Deserialize;

use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::reply::{Content, Reply};
use crate::seed::Seed;

/// One transparent pixel.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

#[derive(Deserialize)]
struct ImageRequest<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    #[serde(borrow)]
    prompt: Option<Label<'a>>,
}

/// GET /files.
pub(super) fn files(ask: &Ask<'_>) -> Reply {
    let seed = Seed::of(ask.path.as_bytes());
    let id = ask.id(seed, "file-");
    Reply::object(|body| {
        body.text("object", "list")
            .array("data", |data| {
                data.object(|file| {
                    file.text("id", &id)
                        .text("object", "file")
                        .number("bytes", 120_000)
                        .number("created_at", seed.created())
                        .text("filename", "gauge-readings.jsonl")
                        .text("purpose", "fine-tune")
                        .text("status", "processed");
                });
            })
            .text("first_id", &id)
            .text("last_id", &id)
            .flag("has_more", false);
    })
}

/// GET /ping, /health and /version.
pub(super) fn alive() -> Reply {
    Reply::of(StatusCode::OK, Content::Text(b"3.18.0\n".to_vec()))
}

/// POST /images/generations.
pub(super) fn images(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: ImageRequest<'_> = ask.read()?;
    if request.model.is_some() {
        ask.known_model(request.model.as_ref())?;
    }
    let prompt = request
        .prompt
        .ok_or_else(|| Failure::lacks(ask.api, "prompt"))?;
    let seed = Seed::of(ask.body);
    let text = crate::json::count(prompt.as_str().len().div_ceil(4));
    let usage = ask.wishes.usage_or(|| {
        format!(
            "{{\"total_tokens\":{},\"input_tokens\":{text},\"output_tokens\":1056,\
             \"input_tokens_details\":{{\"text_tokens\":{text},\"image_tokens\":0}}}}",
            text + 1056
        )
    });
    Ok(Reply::object(|body| {
        body.number("created", seed.created())
            .array("data", |data| {
                data.object(|image| {
                    image.text("b64_json", PICTURE);
                });
            })
            .raw_if_any("usage", usage.as_deref());
    }))
}
