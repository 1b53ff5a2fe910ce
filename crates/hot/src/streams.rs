//! Metering a stream of 52 events, and taking the usage chunk out of one: the way of most calls.
//!
//! In one piece, as a quick upstream or a proxy sends it, and in a piece for each event.

use std::hint::black_box;

use bytes::Bytes;
use domain::{call::Operation, provider::ProviderType};
use wire::{
    meter::{Meter, Metered, Shape},
    strip::UsageChunkFilter,
};

use crate::{Function, figure};

#[expect(
    dead_code,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the wire's tests use more of it, and it is theirs"
)]
#[path = "../../wire/tests/support/frames.rs"]
mod frames;

const EVENTS: usize = 52;

pub(crate) fn functions() -> Vec<Function> {
    let chat = stretched(
        include_str!("../../wire/fixtures/streams/openai_chat.sse"),
        1,
    );
    let streams = [
        Stream {
            name: "stream of chat",
            operation: Operation::Chat,
            provider_type: ProviderType::OpenAi,
            shape: Shape::Stream,
            events: chat.clone(),
        },
        Stream {
            name: "stream of chat with running usage",
            operation: Operation::Chat,
            provider_type: ProviderType::OpenAiCompatible,
            shape: Shape::Stream,
            events: stretched(
                include_str!("../../wire/fixtures/streams/vllm_continuous.sse"),
                1,
            ),
        },
        Stream {
            name: "stream of responses",
            operation: Operation::Responses,
            provider_type: ProviderType::OpenAi,
            shape: Shape::Stream,
            events: stretched(
                include_str!("../../wire/fixtures/streams/openai_responses.sse"),
                5,
            ),
        },
        Stream {
            name: "stream of messages",
            operation: Operation::Messages,
            provider_type: ProviderType::Anthropic,
            shape: Shape::Stream,
            events: stretched(
                include_str!("../../wire/fixtures/streams/anthropic_text.sse"),
                7,
            ),
        },
        Stream {
            name: "stream of generate",
            operation: Operation::Generate,
            provider_type: ProviderType::GoogleAi,
            shape: Shape::Stream,
            events: stretched(
                include_str!("../../wire/fixtures/streams/google_text.sse"),
                1,
            ),
        },
        Stream {
            name: "stream of converse",
            operation: Operation::Converse,
            provider_type: ProviderType::Bedrock,
            shape: Shape::EventStream,
            events: frames_of(
                include_str!("../../wire/fixtures/streams/bedrock_converse.frames"),
                5,
            ),
        },
    ];
    stripping(chat)
        .into_iter()
        .chain(streams.into_iter().flat_map(Stream::functions))
        .collect()
}

/// A stream of one API.
struct Stream {
    name: &'static str,
    operation: Operation,
    provider_type: ProviderType,
    shape: Shape,
    events: Vec<Bytes>,
}

impl Stream {
    /// Metering it.
    fn functions(self) -> [Function; 2] {
        let (operation, provider_type, shape) = (self.operation, self.provider_type, self.shape);
        cut(self.name, self.events).map(|(name, pieces)| {
            Function::new(name, move || {
                let mut meter = Meter::new(&Metered {
                    operation,
                    provider_type,
                    shape,
                    model: None,
                });
                for piece in black_box(&pieces) {
                    black_box(meter.push(piece));
                }
                meter.finish().usage.total_tokens()
            })
        })
    }
}

/// Taking the usage chunk out of a stream.
fn stripping(events: Vec<Bytes>) -> [Function; 2] {
    cut("usage chunk filter", events).map(|(name, pieces)| {
        Function::new(name, move || {
            let mut filter = UsageChunkFilter::new();
            let kept: usize = black_box(&pieces)
                .iter()
                .map(|piece| filter.push(piece).len())
                .sum();
            figure(kept + filter.finish().len())
        })
    })
}

/// The two ways in which a stream comes, each with its name.
fn cut(name: &str, events: Vec<Bytes>) -> [(String, Vec<Bytes>); 2] {
    let whole = vec![Bytes::from(events.concat())];
    [
        (format!("{name}, in one piece"), whole),
        (format!("{name}, in 52 pieces"), events),
    ]
}

/// A recorded stream of server-sent events, with the event at `again` so often that there are 52.
fn stretched(recorded: &str, again: usize) -> Vec<Bytes> {
    let events = recorded
        .split_inclusive("\n\n")
        .map(|event| event.to_owned().into());
    repeated(events.collect(), again)
}

/// The same of a recorded event stream of AWS, whose frames stand in lines.
fn frames_of(recorded: &str, again: usize) -> Vec<Bytes> {
    let frames = recorded.lines().map(|line| frames::encode(line).into());
    repeated(frames.collect(), again)
}

fn repeated(mut events: Vec<Bytes>, again: usize) -> Vec<Bytes> {
    let event = events
        .get(again)
        .expect("the recording has this event")
        .clone();
    let missing = EVENTS
        .checked_sub(events.len())
        .expect("a recording is shorter");
    events.splice(again..again, vec![event; missing]);
    events
}
