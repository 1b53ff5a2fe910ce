//! Embeddings by the type of their numbers, with the texts repeated. It knows nothing of the other operations.

use serde::Deserialize;
use serde_json::Value;

use super::usage;
use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::json;
use crate::reply::Reply;
use crate::seed::Seed;
use crate::vector;

const MOST_AT_ONCE: usize = 96;
/// Tokens of an image.
const IMAGE: u64 = 1_000;
/// The lengths that the newer models can give.
const LENGTHS: [usize; 5] = [256, 512, 1024, 1536, 2048];

#[derive(Deserialize)]
struct EmbedRequest<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    texts: Option<Vec<String>>,
    images: Option<Vec<String>>,
    inputs: Option<Vec<Value>>,
    #[serde(borrow)]
    input_type: Option<Label<'a>>,
    #[serde(borrow)]
    embedding_types: Option<Vec<Label<'a>>>,
    output_dimension: Option<usize>,
}

/// POST /v2/embed.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: EmbedRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    if request.input_type.is_none() {
        return Err(Failure::lacks(ask.api, "input_type"));
    }
    let texts = request.texts.unwrap_or_default();
    let images = request.images.unwrap_or_default();
    let inputs = request.inputs.unwrap_or_default();
    let things: Vec<String> = texts
        .iter()
        .chain(&images)
        .cloned()
        .chain(inputs.iter().map(ToString::to_string))
        .collect();
    if things.is_empty() || things.len() > MOST_AT_ONCE {
        return Err(Failure::invalid(
            "invalid request: between 1 and 96 texts, images or inputs are required",
        ));
    }
    let length = request.output_dimension.unwrap_or(usual(model));
    if !LENGTHS.contains(&length) && length != usual(model) {
        return Err(Failure::invalid(
            "invalid request: invalid output_dimension",
        ));
    }
    let kind = request
        .embedding_types
        .as_ref()
        .and_then(|kinds| kinds.first())
        .map_or("float", Label::as_str);
    let read = |thing: &String| vector::tokens(thing);
    let in_texts: u64 = texts.iter().map(read).sum();
    let in_inputs: u64 = inputs.iter().map(|input| read(&input.to_string())).sum();
    let of_images = IMAGE * json::count(images.len());
    let meta = ask.wishes.usage_or(|| {
        usage::meta(&[
            ("input_tokens", in_texts + in_inputs),
            ("image_tokens", of_images),
        ])
    });
    Ok(Reply::object(|body| {
        body.text("id", &Seed::of(ask.body).uuid())
            .text("response_type", "embeddings_by_type")
            .object("embeddings", |by_type| {
                by_type.array(kind, |vectors| {
                    for thing in &things {
                        let vector = vector::vector(Seed::of(thing.as_bytes()), length);
                        vectors.array(|numbers| {
                            if kind == "float" {
                                vector::write(numbers, &vector);
                            } else {
                                for number in &vector {
                                    numbers.raw(&format!("{:.0}", number * 127.0));
                                }
                            }
                        });
                    }
                });
            })
            .array("texts", |list| {
                for text in &texts {
                    list.text(text);
                }
            })
            .raw_if_any("meta", meta.as_deref());
    }))
}

/// The length of a vector where none is asked for. One model has another than its provider says.
fn usual(model: &str) -> usize {
    if model.contains("light") {
        384
    } else if model.contains("v3") || model.contains("fast") {
        1024
    } else if model.contains("v5") {
        2048
    } else {
        1536
    }
}
