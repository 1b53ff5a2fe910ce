//! Embeddings of one content or of several. It knows nothing of the other operations.

use serde::Deserialize;
use serde_json::Value;

use super::contents::Modalities;
use super::usage;
use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::json::{Object, object_string};
use crate::reply::Reply;
use crate::seed::Seed;
use crate::vector;
use crate::vertex;

const USUAL: usize = 768;
const MOST: usize = 3072;
const MOST_AT_ONCE: usize = 100;
/// Models that do not tell how many tokens they read.
const SILENT: [&str; 2] = ["text-embedding-004", "embedding-001"];

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    requests: Option<Vec<One<'a>>>,
}

#[derive(Deserialize)]
struct One<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    content: Option<Value>,
    #[serde(rename = "outputDimensionality", alias = "output_dimensionality")]
    dimensions: Option<usize>,
}

/// POST /models/{model}:embedContent.
pub(super) fn one(ask: &Ask<'_>, model: &str) -> Result<Reply, Failure> {
    ask.existing(model)?;
    let request: One<'_> = ask.read()?;
    let text = request.text(ask, model)?;
    let vector = request.vector(&text)?;
    let usage = usage(ask, model, vector::tokens(&text));
    Ok(Reply::object(|body| {
        body.object("embedding", |embedding| write(embedding, &vector))
            .raw_if_any("usageMetadata", usage.as_deref());
    }))
}

/// POST /models/{model}:batchEmbedContents.
pub(super) fn several(ask: &Ask<'_>, model: &str) -> Result<Reply, Failure> {
    ask.existing(model)?;
    let batch: Batch<'_> = ask.read()?;
    let requests = batch
        .requests
        .ok_or_else(|| Failure::lacks(ask.api, "requests"))?;
    if requests.len() > MOST_AT_ONCE {
        return Err(Failure::invalid(
            "BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch",
        ));
    }
    let mut vectors = Vec::with_capacity(requests.len());
    let mut tokens = 0;
    for request in &requests {
        let text = request.text(ask, model)?;
        vectors.push(request.vector(&text)?);
        tokens += vector::tokens(&text);
    }
    let usage = usage(ask, model, tokens);
    Ok(Reply::object(|body| {
        body.array("embeddings", |list| {
            for vector in &vectors {
                list.object(|embedding| write(embedding, vector));
            }
        })
        .raw_if_any("usageMetadata", usage.as_deref());
    }))
}

impl One<'_> {
    /// All text of the content. Fails with 400 if there is none, or if the body names another
    /// model than the path.
    fn text(&self, ask: &Ask<'_>, model: &str) -> Result<String, Failure> {
        if let Some(named) = self.model.as_ref().map(Label::as_str)
            && named.strip_prefix("models/").unwrap_or(named) != model
        {
            return Err(Failure::invalid(format!(
                "The model in the body is {named}, but the path names models/{model}"
            )));
        }
        let content = self.content.as_ref();
        let content = content.ok_or_else(|| Failure::lacks(ask.api, "content"))?;
        let parts = content.get("parts").and_then(Value::as_array);
        let texts = parts.into_iter().flatten().filter_map(|part| {
            let text = part.get("text")?;
            text.as_str()
        });
        Ok(texts.collect::<Vec<_>>().join("\n"))
    }

    fn vector(&self, text: &str) -> Result<Vec<f32>, Failure> {
        let dimensions = self.dimensions.unwrap_or(USUAL);
        if !(1..=MOST).contains(&dimensions) {
            return Err(Failure::invalid(
                "outputDimensionality must be between 1 and 3072",
            ));
        }
        Ok(vector::vector(Seed::of(text.as_bytes()), dimensions))
    }
}

fn write(embedding: &mut Object<'_>, vector: &[f32]) {
    embedding.array("values", |values| vector::write(values, vector));
}

fn usage(ask: &Ask<'_>, model: &str, tokens: u64) -> Option<String> {
    let silent = SILENT.iter().any(|name| model.contains(name));
    if silent && ask.wishes.usage.is_none() {
        return None;
    }
    let prompt = Modalities {
        text: tokens,
        ..Modalities::default()
    };
    ask.wishes.usage_or(|| {
        object_string(|usage| {
            usage::known(usage, "promptTokenCount", tokens);
            usage::write_traffic(usage, ask.traffic(vertex::TRAFFIC));
            usage::details(usage, "promptTokensDetails", &prompt.named());
        })
    })
}
