//! Cohere's list of models, in pages, and its tokenizer. It knows nothing of the other operations: any model may
//! be called, whether it is listed or not.

use serde::Deserialize;

use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::json::{self, Object};
use crate::reply::Reply;
use crate::vector;

/// More than fit on one page, however many are asked for.
const MOST_ON_A_PAGE: usize = 4;
const MODELS: &[(&str, &str)] = &[
    ("command-a-03-2025", "chat"),
    ("command-r-08-2024", "chat"),
    ("command-r7b-12-2024", "chat"),
    ("embed-english-v3.0", "embed"),
    ("embed-v4.0", "embed"),
    ("rerank-v3.5", "rerank"),
];

#[derive(Deserialize)]
struct TokenizeRequest<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    text: Option<String>,
}

/// GET /v1/models, with `page_size` and `page_token`.
pub(super) fn list(ask: &Ask<'_>) -> Reply {
    let number = |name: &str| -> Option<usize> { ask.parameter(name)?.parse().ok() };
    let size = number("page_size").unwrap_or(20).clamp(1, MOST_ON_A_PAGE);
    let start = number("page_token").unwrap_or(0).min(MODELS.len());
    let end = start.saturating_add(size).min(MODELS.len());
    let page = MODELS.get(start..end).unwrap_or_default();
    Reply::object(|body| {
        body.array("models", |list| {
            for (id, endpoint) in page {
                list.object(|model| write(model, id, endpoint));
            }
        });
        if end < MODELS.len() {
            body.text("next_page_token", &end.to_string());
        }
    })
}

/// GET /v1/models/{id}.
pub(super) fn one(ask: &Ask<'_>, id: &str) -> Result<Reply, Failure> {
    ask.existing(id)?;
    let listed = MODELS.iter().find(|(listed, _)| *listed == id);
    let endpoint = listed.map_or("chat", |(_, endpoint)| *endpoint);
    Ok(Reply::object(|model| write(model, id, endpoint)))
}

/// POST /v1/tokenize.
pub(super) fn tokenize(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: TokenizeRequest<'_> = ask.read()?;
    ask.known_model(request.model.as_ref())?;
    let text = request
        .text
        .ok_or_else(|| Failure::lacks(ask.api, "text"))?;
    Ok(Reply::object(|body| {
        body.array("tokens", |tokens| {
            for token in 0..vector::tokens(&text) {
                tokens.raw(&(1000 + token).to_string());
            }
        })
        .array("token_strings", |strings| strings.text(&text));
    }))
}

fn write(model: &mut Object<'_>, id: &str, endpoint: &str) {
    model
        .text("name", id)
        .flag("is_deprecated", false)
        .array("endpoints", |endpoints| endpoints.text(endpoint))
        .flag("finetuned", false)
        .number("context_length", json::count(128_000))
        .null("features");
}
