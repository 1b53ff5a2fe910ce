//! Vectors of embeddings: the same text has the same one, of length one. It knows nothing of the
//! APIs.

use crate::json::{self, Array};
use crate::seed::Seed;

/// About how many tokens a text is.
pub(crate) fn tokens(text: &str) -> u64 {
    json::count(text.len().div_ceil(4)).max(1)
}

/// The vector that belongs to the seed.
pub(crate) fn vector(seed: Seed, dimensions: usize) -> Vec<f32> {
    let raw: Vec<f32> = (1..=json::count(dimensions))
        .map(|place| {
            let [low, high, ..] = seed.number(place).to_le_bytes();
            f32::from(i16::from_le_bytes([low, high])) / 32_768.0
        })
        .collect();
    let length = raw.iter().map(|number| number * number).sum::<f32>().sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    raw.into_iter().map(|number| number * scale).collect()
}

/// Its numbers as elements of an array.
pub(crate) fn write(numbers: &mut Array<'_>, vector: &[f32]) {
    for number in vector {
        numbers.raw(&number.to_string());
    }
}
