//! What the tests of this crate share: fixtures, and readings written so that a person can check them.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

pub(crate) mod at_home;
pub(crate) mod cases;
pub(crate) mod frames;
pub(crate) mod fuzz;

use std::path::Path;

use domain::{call::Operation, provider::ProviderType, usage::Usage};
use weir_wire::meter::{Meter, Metered, Reading, Shape};

pub(crate) const OPENAI: ProviderType = ProviderType::OpenAi;
pub(crate) const ANTHROPIC: ProviderType = ProviderType::Anthropic;
pub(crate) const GOOGLE: ProviderType = ProviderType::GoogleAi;
pub(crate) const BEDROCK: ProviderType = ProviderType::Bedrock;
pub(crate) const VERTEX: ProviderType = ProviderType::VertexAi;
pub(crate) const AZURE: ProviderType = ProviderType::AzureOpenAi;
pub(crate) const COHERE: ProviderType = ProviderType::Cohere;
pub(crate) const COMPATIBLE: ProviderType = ProviderType::OpenAiCompatible;

/// A file of `fixtures/`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the stream fixtures that are there.
pub(crate) fn stream_fixtures() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/streams");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// `input=104 cached_input=4096 … reasoning=192 searches=1 total=5500`; what was not reported is left out.
pub(crate) fn counts(usage: &Usage) -> String {
    let mut parts: Vec<String> = usage
        .tokens
        .iter()
        .filter_map(|(bucket, count)| count.map(|count| format!("{bucket}={count}")))
        .collect();
    for (name, count) in [
        ("reasoning", usage.reasoning),
        ("searches", usage.searches),
        ("total", usage.provider_total),
    ] {
        parts.extend(count.map(|count| format!("{name}={count}")));
    }
    parts.join(" ")
}

/// The counts, and `MISMATCH` where they do not fit together.
pub(crate) fn described(reading: &Reading) -> String {
    let counts = counts(&reading.usage);
    if reading.mismatch {
        format!("{counts} MISMATCH")
    } else {
        counts
    }
}

/// A meter for an answer to a model that nothing is known of.
pub(crate) fn meter(operation: Operation, provider_type: ProviderType, shape: Shape) -> Meter {
    Meter::new(&Metered {
        operation,
        provider_type,
        shape,
        model: None,
    })
}

/// The reading of a stream of server-sent events that came in these pieces.
pub(crate) fn stream_in<'a>(
    operation: Operation,
    provider_type: ProviderType,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Reading {
    let mut meter = meter(operation, provider_type, Shape::Stream);
    for piece in pieces {
        let _ = meter.push(piece);
    }
    meter.finish()
}

/// The reading of a stream that came whole.
pub(crate) fn stream(operation: Operation, provider_type: ProviderType, body: &[u8]) -> Reading {
    stream_in(operation, provider_type, [body])
}

/// The reading of a plain answer.
pub(crate) fn plain(operation: Operation, provider_type: ProviderType, body: &[u8]) -> Reading {
    let mut meter = meter(operation, provider_type, Shape::Plain);
    assert!(
        !meter.push(body).settled,
        "a plain body is not settled before it ends"
    );
    meter.finish()
}
