//! Metering a plain answer.

use std::hint::black_box;

use domain::{call::Operation, provider::ProviderType};
use wire::meter::{Meter, Metered, Shape};

use crate::Function;

const RECORDED: &str = include_str!("../../wire/fixtures/plain/openai_chat.json");
/// What the recorded answer begins to say.
const SAID: &str = "Grüße, ";

pub(crate) fn functions() -> Vec<Function> {
    vec![
        metering("plain answer of 1 KB", 1_000),
        metering("plain answer of 50 KB", 50_000),
    ]
}

fn metering(name: &'static str, bytes: usize) -> Function {
    let answer = answer(bytes).into_bytes();
    Function::new(name, move || {
        let mut meter = Meter::new(&Metered {
            operation: Operation::Chat,
            provider_type: ProviderType::OpenAi,
            shape: Shape::Plain,
            model: Some("gpt-5.6"),
        });
        let _never_settled = meter.push(black_box(&answer));
        meter.finish().usage.total_tokens()
    })
}

/// The recorded answer, saying as much as makes it this long.
fn answer(bytes: usize) -> String {
    let missing = bytes.saturating_sub(RECORDED.len()) / SAID.len();
    RECORDED.replacen(SAID, &SAID.repeat(missing + 1), 1)
}
