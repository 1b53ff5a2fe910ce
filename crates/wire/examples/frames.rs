//! Measures what reading one frame of a stream costs. Run with `cargo run --release -p weir-wire --example frames`.
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::{hint::black_box, time::Instant};

use bytes::Bytes;
use domain::{call::Operation, provider::ProviderType};
use weir_wire::{
    meter::{Meter, Metered, Shape},
    request,
    strip::UsageChunkFilter,
};

const STREAMS: u32 = 20_000;
const FRAMES: u32 = 52;

fn chat() -> Vec<Bytes> {
    let chunk = |choices: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-CdE5fGh6iJk7LmN8oPq9RsT0uVwXy\",\"object\":\"chat.completion.chunk\",\"created\":1763638800,\"model\":\"gpt-5.6-2026-08-07\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n"
        )
    };
    let delta = chunk(
        r#"{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}"#,
        "null",
    );
    let mut frames = vec![Bytes::from(delta); 49];
    frames.push(
        chunk(
            r#"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}"#,
            "null",
        )
        .into(),
    );
    frames.push(chunk("", r#"{"prompt_tokens":5200,"completion_tokens":300,"total_tokens":5500,"prompt_tokens_details":{"cached_tokens":4096,"cache_write_tokens":1000,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":192,"audio_tokens":0}}"#).into());
    frames.push(Bytes::from_static(b"data: [DONE]\n\n"));
    frames
}

/// As vLLM sends it with running usage: no frame can be read by the pattern of another.
fn continuous() -> Vec<Bytes> {
    let chunk = |n: u32| {
        format!(
            "data: {{\"id\":\"chatcmpl-0123456789abcdef0123456789abcdef\",\"object\":\"chat.completion.chunk\",\"created\":1763638800,\"model\":\"Qwen/Qwen3-32B\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" token\"}},\"logprobs\":null,\"finish_reason\":null}}],\"usage\":{{\"prompt_tokens\":40,\"total_tokens\":{},\"completion_tokens\":{n}}}}}\n\n",
            40 + n
        )
    };
    (0..FRAMES).map(|n| Bytes::from(chunk(n))).collect()
}

fn messages() -> Vec<Bytes> {
    let delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" token\"}}\n\n";
    let mut frames = vec![Bytes::from_static(b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-5\",\"content\":[],\"usage\":{\"input_tokens\":120,\"cache_read_input_tokens\":4096,\"cache_creation_input_tokens\":0,\"output_tokens\":1}}}\n\n")];
    frames.extend(vec![Bytes::from(delta); 49]);
    frames.push(Bytes::from_static(b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":300}}\n\n"));
    frames.push(Bytes::from_static(
        b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ));
    frames
}

fn responses() -> Vec<Bytes> {
    let delta = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":7,\"item_id\":\"msg_0123456789abcdef0123456789abcdef\",\"output_index\":0,\"content_index\":0,\"delta\":\" token\",\"logprobs\":[],\"obfuscation\":\"aBcDeFgH\"}\n\n";
    let mut frames = vec![Bytes::from(delta); 51];
    frames.push(Bytes::from_static(b"event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":52,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"error\":null,\"model\":\"gpt-5.6\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"x\"}]}],\"usage\":{\"input_tokens\":10,\"output_tokens\":50,\"total_tokens\":60}}}\n\n"));
    frames
}

/// Nanoseconds that this thread has been running; under load that is less than the time that passes.
fn cpu_ns() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok()
}

/// Nanoseconds per frame, the best of five runs.
fn measure(name: &str, mut run: impl FnMut()) {
    let best = (0..5)
        .map(|_| {
            let (start, cpu) = (Instant::now(), cpu_ns());
            for _ in 0..STREAMS {
                run();
            }
            let passed = start.elapsed().as_secs_f64() * 1e9;
            cpu_ns().zip(cpu).map_or(passed, |(end, start)| end - start)
        })
        .fold(f64::INFINITY, f64::min);
    println!(
        "{name:<32} {:>8.0} ns per frame, {:>6.1} µs per stream",
        best / f64::from(STREAMS * FRAMES),
        best / 1e3 / f64::from(STREAMS)
    );
}

fn main() {
    let cases = [
        ("chat", Operation::Chat, ProviderType::OpenAi, chat()),
        (
            "chat with running usage",
            Operation::Chat,
            ProviderType::OpenAiCompatible,
            continuous(),
        ),
        (
            "messages",
            Operation::Messages,
            ProviderType::Anthropic,
            messages(),
        ),
        (
            "responses",
            Operation::Responses,
            ProviderType::OpenAi,
            responses(),
        ),
    ];
    for (name, operation, provider_type, frames) in &cases {
        let meter = || {
            Meter::new(&Metered {
                operation: *operation,
                provider_type: *provider_type,
                shape: Shape::Stream,
                model: None,
            })
        };
        measure(&format!("{name}, frame by frame"), || {
            let mut meter = meter();
            for frame in frames {
                black_box(meter.push(frame));
            }
            black_box(meter.finish());
        });
        let whole = frames.concat();
        measure(&format!("{name}, all at once"), || {
            let mut meter = meter();
            black_box(meter.push(&whole));
            black_box(meter.finish());
        });
        measure(&format!("{name}, cut in pieces of 100"), || {
            let mut meter = meter();
            for piece in whole.chunks(100) {
                black_box(meter.push(piece));
            }
            black_box(meter.finish());
        });
    }
    let frames = chat();
    measure("usage chunk filter", || {
        let mut filter = UsageChunkFilter::new();
        for frame in &frames {
            black_box(filter.push(frame));
        }
        black_box(filter.finish());
    });
    let body = format!(
        r#"{{"model":"gpt-5","stream":true,"messages":[{{"role":"user","content":"{}"}}]}}"#,
        "word ".repeat(400)
    );
    measure("request of 2 kB (per 52)", || {
        black_box(
            request::read(
                Operation::Chat,
                ProviderType::OpenAi,
                black_box(body.as_bytes()),
            )
            .is_ok(),
        );
    });
    measure("stream_options put in (per 52)", || {
        black_box(request::with_stream_usage(black_box(body.as_bytes())).is_ok());
    });
}
