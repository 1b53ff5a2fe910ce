//! Every meter on every shape: the same reading whole and in pieces; once settled it stays settled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::{Input, event_stream};
use wire::meter::{Meter, Metered, Reading, Shape};

const MODELS: &[Option<&str>] = &[
    None,
    Some("openai.gpt-5"),
    Some("anthropic.claude-sonnet-4"),
    Some("amazon.nova-pro-v1:0"),
    Some("gemini-2.5-pro"),
];

fn read(metered: &Metered<'_>, pieces: &[&[u8]]) -> Reading {
    let mut meter = Meter::new(metered);
    let mut settled = false;
    for piece in pieces {
        let now = meter.push(piece).settled;
        assert!(now || !settled, "once settled a stream stays settled");
        settled = now;
    }
    meter.finish()
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let metered = Metered {
        operation: input.operation(),
        provider_type: input.provider_type(),
        shape: input.shape(),
        model: input.one_of(MODELS),
    };
    let stream = match metered.shape {
        Shape::EventStream => event_stream(bytes),
        Shape::Stream | Shape::Plain | Shape::JsonArray | Shape::Unsaid => bytes.to_vec(),
    };
    let cut = input.pieces(&stream);
    let whole = read(&metered, &[&stream]);
    assert_eq!(read(&metered, &cut), whole, "{metered:?}");
    let output = whole.usage.tokens.output;
    assert!(
        output.is_none() || whole.usage.reasoning <= output,
        "{whole:?}"
    );
});
