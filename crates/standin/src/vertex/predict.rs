//! Embeddings by `:predict`, which tell the tokens of each text. It knows nothing of the other operations.

use serde::Deserialize;

use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::Object;
use crate::reply::Reply;
use crate::seed::Seed;
use crate::vector;
use crate::wishes::Usage;

const USUAL: usize = 768;
const MOST: usize = 3072;

#[derive(Deserialize)]
struct Request {
    instances: Option<Vec<Instance>>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Instance {
    content: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "outputDimensionality")]
    dimensions: Option<usize>,
}

/// POST …/models/{model}:predict of what embeds.
pub(super) fn answer(ask: &Ask<'_>, model: &str) -> Result<Reply, Failure> {
    ask.existing(model)?;
    let request: Request = ask.read()?;
    let instances = request.instances.filter(|all| !all.is_empty());
    let instances = instances.ok_or_else(|| Failure::lacks(ask.api, "instances"))?;
    let dimensions = request.parameters.and_then(|given| given.dimensions);
    let dimensions = dimensions.unwrap_or(USUAL);
    if !(1..=MOST).contains(&dimensions) {
        return Err(Failure::invalid(
            "outputDimensionality must be between 1 and 3072",
        ));
    }
    let mut texts = Vec::with_capacity(instances.len());
    for instance in instances {
        let text = instance.content.or(instance.text);
        texts.push(text.ok_or_else(|| Failure::lacks(ask.api, "content"))?);
    }
    let multimodal = model.starts_with("multimodal");
    let letters: usize = texts.iter().map(|text| text.chars().count()).sum();
    Ok(Reply::object(|body| {
        body.array("predictions", |list| {
            for text in &texts {
                list.object(|prediction| write(ask, prediction, text, dimensions, multimodal));
            }
        });
        if !multimodal {
            body.object("metadata", |metadata| {
                metadata.number("billableCharacterCount", crate::json::count(letters));
            });
        }
    }))
}

fn write(
    ask: &Ask<'_>,
    prediction: &mut Object<'_>,
    text: &str,
    dimensions: usize,
    multimodal: bool,
) {
    let vector = vector::vector(Seed::of(text.as_bytes()), dimensions);
    if multimodal {
        prediction.array("textEmbedding", |values| vector::write(values, &vector));
        return;
    }
    prediction.object("embeddings", |embeddings| {
        embeddings.array("values", |values| vector::write(values, &vector));
        if !matches!(ask.wishes.usage, Some(Usage::Absent)) {
            embeddings.object("statistics", |statistics| {
                statistics
                    .number("token_count", vector::tokens(text))
                    .flag("truncated", false);
            });
        }
    });
}
