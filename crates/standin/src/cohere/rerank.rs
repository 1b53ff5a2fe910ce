//! Documents put in an order, which bills searches and no tokens. It knows nothing of the other operations.

use serde::Deserialize;
use serde_json::Value;

use super::usage;
use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::json;
use crate::reply::Reply;
use crate::seed::Seed;

/// Documents that make one search unit.
const UNIT: usize = 100;

#[derive(Deserialize)]
struct RerankRequest<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    query: Option<String>,
    documents: Option<Vec<Value>>,
    top_n: Option<usize>,
    return_documents: Option<bool>,
}

/// POST /v2/rerank.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: RerankRequest<'_> = ask.read()?;
    ask.known_model(request.model.as_ref())?;
    if request.query.is_none() {
        return Err(Failure::lacks(ask.api, "query"));
    }
    let documents = request
        .documents
        .filter(|documents| !documents.is_empty())
        .ok_or_else(|| Failure::lacks(ask.api, "documents"))?;
    let units = json::count(documents.len().div_ceil(UNIT));
    let meta = ask
        .wishes
        .usage_or(|| usage::meta(&[("search_units", units)]));
    let most = request.top_n.unwrap_or(documents.len());
    Ok(Reply::object(|body| {
        body.text("id", &Seed::of(ask.body).uuid())
            .array("results", |results| {
                let last_first = documents.iter().enumerate().rev().take(most);
                for (place, (index, document)) in last_first.enumerate() {
                    results.object(|result| {
                        result.number("index", json::count(index)).raw(
                            "relevance_score",
                            &format!("{:.4}", 0.99 / (1.0 + place_of(place))),
                        );
                        if request.return_documents == Some(true) {
                            result.raw("document", &document.to_string());
                        }
                    });
                }
            })
            .raw_if_any("meta", meta.as_deref());
    }))
}

fn place_of(place: usize) -> f64 {
    u32::try_from(place).map_or(f64::MAX, f64::from)
}
