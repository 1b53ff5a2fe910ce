//! Feeds mutated streams to a parser until the time is up, and says how many.
//!
//! `cargo run -p weir-wire --example fuzz -- sse|event-stream|json-array SECONDS SEED`
//!
//! Each input goes to the parser and to every meter that uses it, whole and in pieces: both must give the
//! same. Whole it is read as a transcript, too. A panic names the number of the input; with the same seed it comes again.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    reason = "it reports to a person, and stops at the first surprise"
)]

#[path = "../tests/support/frames.rs"]
mod frames;
#[path = "../tests/support/fuzz.rs"]
mod fuzz;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use domain::{call::Operation, provider::ProviderType};
use fuzz::{Random, mutate, pieces, repair};
use weir_wire::{
    event_stream, json_array,
    meter::{Meter, Metered, Reading, Shape},
    sse,
    transcript::{Api, answer, canonical, request},
};

/// A parser, the fixtures that it begins with, and the answers that come through it.
struct Parser {
    extension: &'static str,
    shape: Shape,
    operations: &'static [Operation],
    /// What the parser alone finds.
    scan: fn(&[&[u8]]) -> Vec<Vec<u8>>,
}

fn parser(name: &str) -> Parser {
    match name {
        "sse" => Parser {
            extension: "sse",
            shape: Shape::Stream,
            operations: &[
                Operation::Chat,
                Operation::Responses,
                Operation::Messages,
                Operation::Generate,
            ],
            scan: events,
        },
        "event-stream" => Parser {
            extension: "frames",
            shape: Shape::EventStream,
            operations: &[Operation::Converse, Operation::Invoke],
            scan: frames_of,
        },
        "json-array" => Parser {
            extension: "json",
            shape: Shape::JsonArray,
            operations: &[Operation::Generate],
            scan: elements,
        },
        _ => panic!("sse, event-stream or json-array"),
    }
}

fn events(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let (mut scanner, mut found) = (sse::Scanner::with_limit(2000), vec![]);
    let mut note = |event: sse::Event<'_>| found.push([event.name, b"|", event.data].concat());
    for piece in pieces {
        scanner.push(piece, &mut note);
        let _ = scanner.pending();
    }
    scanner.finish(&mut note);
    found.push(vec![u8::from(scanner.saw_foreign_line())]);
    found
}

fn frames_of(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let (mut scanner, mut found) = (event_stream::Scanner::new(), vec![]);
    for piece in pieces {
        scanner.push(piece, |frame| {
            found.push([frame.name.as_bytes(), b"|", frame.payload].concat());
        });
    }
    found.push(vec![u8::from(scanner.is_broken())]);
    found
}

fn elements(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let (mut scanner, mut found) = (json_array::Scanner::with_limit(500), vec![]);
    for piece in pieces {
        scanner.push(piece, |element| found.push(element.json.to_vec()));
    }
    found.push(vec![
        u8::from(scanner.is_closed()),
        u8::from(scanner.saw_foreign()),
    ]);
    found
}

/// The streams to begin with.
fn corpus(parser: &Parser) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/streams");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == parser.extension)
        })
        .collect();
    files.sort();
    let read = |path| std::fs::read(path).unwrap();
    files
        .iter()
        .map(|path| match parser.shape {
            Shape::EventStream => frames::encode(&String::from_utf8(read(path)).unwrap()),
            Shape::Stream | Shape::JsonArray | Shape::Plain | Shape::Unsaid => read(path),
        })
        .collect()
}

const fn provider_type(operation: Operation) -> ProviderType {
    match operation {
        Operation::Generate => ProviderType::GoogleAi,
        Operation::Messages => ProviderType::Anthropic,
        Operation::Converse | Operation::Invoke => ProviderType::Bedrock,
        Operation::Chat
        | Operation::Responses
        | Operation::Completions
        | Operation::Embeddings
        | Operation::CountTokens
        | Operation::Models
        | Operation::StoredResponse
        | Operation::Other => ProviderType::OpenAiCompatible,
    }
}

fn transcript(parser: &Parser, operation: Operation, bytes: &[u8]) {
    let api = Api {
        operation,
        provider_type: provider_type(operation),
        model: None,
    };
    let _ = request(api, bytes);
    if let Some(said) = answer(api, parser.shape, bytes) {
        let _: Vec<String> = said.messages.iter().map(canonical).collect();
    }
}

fn reading(parser: &Parser, operation: Operation, model: &str, pieces: &[&[u8]]) -> Reading {
    let mut meter = Meter::new(&Metered {
        operation,
        provider_type: provider_type(operation),
        shape: parser.shape,
        model: Some(model),
    });
    for piece in pieces {
        let _ = meter.push(piece);
    }
    meter.finish()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let parser = parser(&arguments.next().unwrap_or_default());
    let mut number = || arguments.next().map_or(1, |text| text.parse().unwrap());
    let (seconds, seed) = (number(), number());
    let corpus = corpus(&parser);
    let mut random = Random::new(seed);
    let (start, mut inputs) = (Instant::now(), 0_u64);
    while start.elapsed() < Duration::from_secs(seconds) {
        let mut bytes = corpus[random.below(corpus.len())].clone();
        if random.below(4) == 0 {
            bytes.extend_from_slice(&corpus[random.below(corpus.len())]);
        }
        mutate(&mut bytes, &mut random);
        if parser.shape == Shape::EventStream && random.below(4) > 0 {
            repair(&mut bytes);
        }
        let cut = pieces(&bytes, &mut random);
        let whole: &[&[u8]] = &[&bytes];
        assert_eq!((parser.scan)(&cut), (parser.scan)(whole), "input {inputs}");
        for operation in parser.operations {
            let model = ["openai.gpt-5", "gemini-2.5-pro"][random.below(2)];
            assert_eq!(
                reading(&parser, *operation, model, &cut),
                reading(&parser, *operation, model, whole),
                "input {inputs} as {operation:?}"
            );
            transcript(&parser, *operation, &bytes);
        }
        inputs += 1;
    }
    println!(
        "{inputs} inputs in {seconds} s with seed {seed}: no crash, and the same whole and in pieces"
    );
}
