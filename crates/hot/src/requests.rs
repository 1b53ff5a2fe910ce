//! What a request asks for: by its path, and by its body.

use std::hint::black_box;

use domain::{call::Operation, provider::ProviderType};
use wire::{request, route::route};

use crate::{Function, figure};

/// What one turn of a conversation says: letters beyond ASCII, quotes and line ends, as prompts have them.
const TURN: &str = r#"{"role":"user","content":"Grüße aus der Kundschaft:\n\"Where is the order that I placed on Monday, and why did nobody answer?\"\nPlease sum up what was said before, in three sentences, and name what is still open. "}"#;

pub(crate) fn functions() -> Vec<Function> {
    let asks_usage = body(50_000);
    vec![
        Function::new("path of a request", || {
            let path = black_box("/v1/chat/completions");
            route(ProviderType::OpenAi, "POST", path).map_or(0, |route| {
                figure(route.url("https://api.openai.com/v1").len())
            })
        }),
        reading("request of 1 KB", 1_000),
        reading("request of 50 KB", 50_000),
        reading("request of 1 MB", 1_000_000),
        Function::new("usage asked for in a request of 50 KB", move || {
            let changed = request::with_stream_usage(black_box(&asks_usage));
            changed.map_or(0, |body| figure(body.map_or(0, |body| body.len())))
        }),
    ]
}

fn reading(name: &'static str, bytes: usize) -> Function {
    let body = body(bytes);
    Function::new(name, move || {
        request::read(Operation::Chat, ProviderType::OpenAi, black_box(&body)).map_or(0, |asked| {
            figure(asked.model.map_or(0, |model| model.len()))
        })
    })
}

/// A chat request of about this size, in the order of members that the SDKs write.
fn body(bytes: usize) -> Vec<u8> {
    let turns = vec![TURN; (bytes / TURN.len()).max(1)].join(",");
    format!(
        r#"{{"messages":[{turns}],"model":"gpt-5.6","max_completion_tokens":1024,"stream":true}}"#
    )
    .into_bytes()
}
