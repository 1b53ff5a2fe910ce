//! Broken streams: whatever comes is read without a panic, and reads the same whole and in pieces.
//!
//! Random, and the same at each run. `make fuzz` goes on for as long as it is told to.

mod support;

use domain::{call::Operation, provider::ProviderType};
use support::{
    cases, fixture,
    fuzz::{Random, mutate, pieces, repair},
    meter,
};
use weir_wire::meter::{Reading, Shape};

const ROUNDS: u64 = 400;

fn read<'a>(
    operation: Operation,
    provider_type: ProviderType,
    shape: Shape,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Reading {
    let mut meter = meter(operation, provider_type, shape);
    let mut settled = false;
    for piece in pieces {
        let now = meter.push(piece).settled;
        assert!(now || !settled, "once settled a stream stays settled");
        settled = now;
    }
    meter.finish()
}

#[test]
fn mutated_streams_read_the_same_whole_and_in_pieces() {
    let mut random = Random::new(1);
    for case in cases::all() {
        let original = case.bytes();
        for round in 0..ROUNDS {
            let mut bytes = original.clone();
            mutate(&mut bytes, &mut random);
            if case.shape == Shape::EventStream && round % 2 == 0 {
                repair(&mut bytes);
            }
            let whole = case.in_pieces([bytes.as_slice()]);
            let cut = case.in_pieces(pieces(&bytes, &mut random));
            assert_eq!(cut, whole, "{} in round {round}", case.name);
            let (reasoning, output) = (whole.usage.reasoning, whole.usage.tokens.output);
            assert!(output.is_none() || reasoning <= output, "{}", case.name);
        }
    }
}

#[test]
fn streams_of_one_kind_are_read_as_any_other() {
    let mut random = Random::new(2);
    for case in cases::all() {
        let bytes = case.bytes();
        for operation in Operation::ALL.iter().copied() {
            for shape in Shape::ALL.iter().copied() {
                let provider_type = ProviderType::ALL[random.below(ProviderType::ALL.len())];
                let whole = read(operation, provider_type, shape, [bytes.as_slice()]);
                let cut = read(operation, provider_type, shape, pieces(&bytes, &mut random));
                assert_eq!(cut, whole, "{} as {operation:?}, {shape:?}", case.name);
            }
        }
    }
}

#[test]
fn mutated_plain_answers_never_panic() {
    let mut random = Random::new(3);
    for case in cases::all().filter(|case| case.has_plain) {
        let original = fixture(&format!("plain/{}.json", case.name));
        for _ in 0..ROUNDS {
            let mut bytes = original.clone();
            mutate(&mut bytes, &mut random);
            let (operation, provider_type) = (case.operation, case.provider_type);
            let whole = read(operation, provider_type, Shape::Plain, [bytes.as_slice()]);
            let cut = pieces(&bytes, &mut random);
            assert_eq!(
                read(operation, provider_type, Shape::Plain, cut),
                whole,
                "{}",
                case.name
            );
        }
    }
}
