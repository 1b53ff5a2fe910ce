//! Embeddings: the same text has the same vector, of length one. It knows nothing of the other
//! operations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::usage::{Caching, Counts};
use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::json::{self, Object};
use crate::reply::Reply;
use crate::seed::Seed;
use crate::vector;

const LARGE: usize = 3072;
const USUAL: usize = 1536;
const MOST: usize = 16_384;

#[derive(Deserialize)]
struct EmbeddingRequest<'a> {
    #[serde(borrow)]
    model: Option<Label<'a>>,
    input: Option<Input>,
    dimensions: Option<usize>,
    #[serde(borrow)]
    encoding_format: Option<Label<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Texts(Vec<String>),
    Tokens(Vec<u64>),
    TokenLists(Vec<Vec<u64>>),
}

/// What one vector is made of.
struct Item {
    seed: Seed,
    tokens: u64,
}

/// POST /embeddings.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: EmbeddingRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    let input = request
        .input
        .ok_or_else(|| Failure::lacks(ask.api, "input"))?;
    let usual = if model.contains("large") {
        LARGE
    } else {
        USUAL
    };
    let dimensions = request.dimensions.unwrap_or(usual);
    if !(1..=MOST).contains(&dimensions) {
        return Err(Failure::bad(
            "dimensions",
            "Invalid value for 'dimensions'.",
        ));
    }
    let as_text = match request.encoding_format.as_ref().map(Label::as_str) {
        None | Some("float") => false,
        Some("base64") => true,
        Some(_) => {
            let refusal = "Invalid value for 'encoding_format': expected 'float' or 'base64'.";
            return Err(Failure::bad("encoding_format", refusal));
        }
    };
    let items = items(&input);
    let tokens = items.iter().map(|item| item.tokens).sum();
    let counts = Counts::new(tokens, Caching::None);
    let usage = ask.wishes.usage_or(|| counts.of_embeddings(ask));
    Ok(Reply::object(|body| {
        body.text("object", "list")
            .array("data", |data| {
                for (index, item) in items.iter().enumerate() {
                    data.object(|entry| {
                        entry
                            .text("object", "embedding")
                            .number("index", json::count(index));
                        write_vector(entry, &vector::vector(item.seed, dimensions), as_text);
                    });
                }
            })
            .text("model", ask.replied_model(model))
            .raw_if_any("usage", usage.as_deref());
    }))
}

fn write_vector(entry: &mut Object<'_>, vector: &[f32], as_text: bool) {
    if as_text {
        let bytes: Vec<u8> = vector
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        entry.text("embedding", &STANDARD.encode(bytes));
    } else {
        entry.array("embedding", |numbers| {
            vector::write(numbers, vector);
        });
    }
}

fn items(input: &Input) -> Vec<Item> {
    match input {
        Input::Text(text) => vec![text_item(text)],
        Input::Texts(texts) => texts.iter().map(|text| text_item(text)).collect(),
        Input::Tokens(tokens) => vec![token_item(tokens)],
        Input::TokenLists(lists) => lists.iter().map(|tokens| token_item(tokens)).collect(),
    }
}

fn text_item(text: &str) -> Item {
    Item {
        seed: Seed::of(text.as_bytes()),
        tokens: vector::tokens(text),
    }
}

fn token_item(tokens: &[u64]) -> Item {
    let bytes: Vec<u8> = tokens
        .iter()
        .flat_map(|token| token.to_le_bytes())
        .collect();
    Item {
        seed: Seed::of(&bytes),
        tokens: json::count(tokens.len()),
    }
}
