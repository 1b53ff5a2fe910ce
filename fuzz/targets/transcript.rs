//! Transcripts of every API: read, put into one form, exported; never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::{Input, event_stream};
use wire::{
    meter::Shape,
    transcript::{Api, OpenAiExport, answer, canonical, named, plain_text, request},
};

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let api = Api {
        operation: input.operation(),
        provider_type: input.provider_type(),
        model: input.one_of(&[
            None,
            Some("openai.gpt-5"),
            Some("anthropic.claude-sonnet-4"),
        ]),
    };
    let _ = named(api.operation, bytes);
    let mut messages = request(api, bytes).map_or_else(Vec::new, |talk| talk.messages);
    let shape = input.shape();
    let body = match shape {
        Shape::EventStream => event_stream(bytes),
        Shape::Stream | Shape::Plain | Shape::JsonArray | Shape::Unsaid => bytes.to_vec(),
    };
    messages.extend(answer(api, shape, &body).map_or_else(Vec::new, |said| said.messages));
    for message in &messages {
        assert_eq!(canonical(message), canonical(&message.clone()));
        assert!(plain_text(message, 200).len() <= 200);
    }
    let exported = OpenAiExport::default().add(&messages);
    serde_json::to_string(&exported).expect("JSON");
});
