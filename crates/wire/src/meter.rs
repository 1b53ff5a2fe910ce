//! The meter: reads a copy of an answer as it passes, and tells what it used.
//!
//! One meter per answer. [`Meter::push`] takes the bytes as they come, cut anywhere; [`Meter::finish`]
//! gives the [`Reading`]. The same answer reads the same however it is cut, and streamed as plain.
//!
//! | answer | usage | last event |
//! |---|---|---|
//! | chat, completions | last `usage` of any chunk | `data: [DONE]` |
//! | responses | `response.usage` of the last event | `response.completed`, `.incomplete`, `.failed`, `error` |
//! | messages | `message_start`, then replaced by each `message_delta` | `message_stop`, `error` |
//! | generate | last `usageMetadata` of any chunk | none: events just end; of an array its bracket |
//! | converse | `metadata` | `metadata`, an exception |
//! | cohere_chat | `delta.usage` of `message-end` | `message-end` |
//! | rerank | `meta` of the body | the end of the body |
//! | invoke | the maker's, then `amazon-bedrock-invocationMetrics` | the piece with these metrics, an exception |
//! | embeddings, and everything plain | `usage` of the body, then headers | the end of the body |
//!
//! Usage comes out in buckets that do not overlap; how each provider's counts are split is told in
//! `openai_usage`, `anthropic_usage`, `google_usage`, `bedrock_usage` and `cohere_usage`. What the provider
//! did not report is `None`, never 0.
//!
//! Reading is lenient: odd or missing members never hide the counts beside them.
//!
//! Knows nothing of prices, and nothing of whether an answer is sent on.

mod anthropic_usage;
mod bedrock_usage;
mod chat;
mod cohere;
mod cohere_usage;
mod converse;
mod embeddings;
mod google;
mod google_usage;
mod headers;
mod invoke;
mod messages;
mod openai_usage;
mod pattern;
mod plain;
mod reading;
mod responses;
mod stream;
mod text;
mod traffic;
mod vendor;

use domain::{call::Operation, provider::ProviderType};

use crate::meter::{
    bedrock_usage::Maker,
    headers::Headers,
    plain::{Answer, Plain},
    stream::Stream,
};

pub use reading::Reading;
pub use text::TextSeen;

/// Longest plain body that is read, unless the meter is given another limit. Embeddings may be longer,
/// since their vectors do not count.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// As server-sent events.
    Stream,
    /// As one JSON body.
    Plain,
    /// As one JSON array, element by element: Google's streams without `alt=sse`.
    JsonArray,
    /// As an AWS event stream.
    EventStream,
    /// A stream of server-sent events was asked for, and the answer does not say that it is one: its first
    /// bytes tell whether it is that or one JSON body.
    Unsaid,
}

impl Shape {
    /// Every shape.
    pub const ALL: &'static [Self] = &[
        Self::Stream,
        Self::Plain,
        Self::JsonArray,
        Self::EventStream,
        Self::Unsaid,
    ];

    /// How an answer comes, going by what was asked for, whether as a stream, and the answer's
    /// `content-type`.
    #[must_use]
    pub fn of(operation: Operation, streamed: bool, content_type: Option<&str>) -> Self {
        let kind = content_type.and_then(|value| value.split(';').next());
        let is = |name: &str| kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(name));
        if is("text/event-stream") {
            Self::Stream
        } else if is("application/vnd.amazon.eventstream") {
            Self::EventStream
        } else if operation == Operation::Generate && streamed {
            Self::JsonArray
        } else if streamed {
            Self::Unsaid
        } else {
            Self::Plain
        }
    }
}

/// Which answer is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metered<'a> {
    /// What was asked for.
    pub operation: Operation,
    /// Of whom.
    pub provider_type: ProviderType,
    /// How the answer comes.
    pub shape: Shape,
    /// The model that was asked for: Bedrock's own counts depend on who made it. Where its id tells
    /// nothing (the ARN of an application's profile), the model that it is priced as.
    pub model: Option<&'a str>,
}

/// What a reader has to know beside the bytes.
#[derive(Debug, Clone)]
struct Context {
    provider_type: ProviderType,
    maker: Maker,
    model: Option<String>,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Whether the bytes so far hold the last event of the stream, or enough of it that nothing billable
    /// can follow: what [`Meter::finish`] tells now is final. Never for a plain body, which ends with its
    /// last byte, nor for Google's events, which have no last one.
    pub settled: bool,
}

/// Reads one answer.
#[derive(Debug)]
pub struct Meter {
    body: Body,
    headers: Headers,
    provider_type: ProviderType,
    maker: Maker,
}

#[derive(Debug)]
enum Body {
    Stream(Stream),
    Plain(Plain),
    /// Nothing has come yet that tells the shape.
    Unsaid(Context, Answer),
    /// An operation that tells no usage.
    Unmetered,
}

impl Body {
    /// The body that begins with these bytes, of which the first is no blank.
    fn said(context: &Context, answer: Answer, bytes: &[u8]) -> Option<Self> {
        let first = bytes.first()?;
        Some(if matches!(first, b'{' | b'[') {
            Self::Plain(Plain::new(context.clone(), answer, MAX_BODY_BYTES))
        } else {
            Self::Stream(Stream::of_events(context, answer))
        })
    }
}

impl Meter {
    /// A meter for one answer.
    #[must_use]
    pub fn new(metered: &Metered<'_>) -> Self {
        let context = Context {
            provider_type: metered.provider_type,
            maker: Maker::of(metered.model),
            model: metered.model.map(str::to_owned),
        };
        let (provider_type, maker) = (context.provider_type, context.maker);
        let answer = match metered.operation {
            Operation::Chat | Operation::Completions => Some(Answer::Chat),
            Operation::Responses => Some(Answer::Responses),
            Operation::StoredResponse => Some(Answer::StoredResponse),
            Operation::Embeddings => Some(Answer::Embeddings),
            Operation::Messages => Some(Answer::Messages),
            Operation::Generate => Some(Answer::Generate),
            Operation::Converse => Some(Answer::Converse),
            Operation::Invoke => Some(Answer::Invoke),
            Operation::CohereChat => Some(Answer::Cohere),
            Operation::Rerank => Some(Answer::Rerank),
            Operation::CountTokens | Operation::Models | Operation::Other => None,
        };
        let body = match (answer, metered.shape) {
            (None, _) => Body::Unmetered,
            (Some(answer), Shape::Plain) => {
                Body::Plain(Plain::new(context, answer, MAX_BODY_BYTES))
            }
            (Some(answer), Shape::Stream) => Body::Stream(Stream::of_events(&context, answer)),
            (Some(answer), Shape::EventStream) => Body::Stream(Stream::of_frames(&context, answer)),
            (Some(answer), Shape::JsonArray) => Body::Stream(Stream::of_elements(&context, answer)),
            (Some(answer), Shape::Unsaid) => Body::Unsaid(context, answer),
        };
        Self {
            body,
            headers: Headers::default(),
            provider_type,
            maker,
        }
    }

    /// The same meter with another limit for a plain body, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, limit: usize) -> Self {
        if let Body::Plain(plain) = &mut self.body {
            plain.set_limit(limit);
        }
        self
    }

    /// Takes in what the answer's headers tell; `get` gives a header's value by its name in lower case.
    pub fn headers<'h>(&mut self, get: &dyn Fn(&str) -> Option<&'h str>) {
        self.headers = Headers::read(self.provider_type, get);
    }

    /// Takes the next bytes of the answer.
    pub fn push(&mut self, mut bytes: &[u8]) -> Progress {
        if let Body::Unsaid(context, answer) = &self.body {
            // Blanks before all else may have come, and gone, in pieces of their own.
            bytes = bytes.trim_ascii_start();
            if let Some(said) = Body::said(context, *answer, bytes) {
                self.body = said;
            }
        }
        match &mut self.body {
            Body::Stream(stream) => Progress {
                settled: stream.push(bytes),
            },
            Body::Plain(plain) => {
                plain.push(bytes);
                Progress::default()
            }
            Body::Unsaid(..) | Body::Unmetered => Progress::default(),
        }
    }

    /// Bytes that the meter holds.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &self.body {
            Body::Stream(stream) => stream.held_bytes(),
            Body::Plain(plain) => plain.held_bytes(),
            Body::Unsaid(..) | Body::Unmetered => 0,
        }
    }

    /// What the answer told. Of one that has not come to its end: what it told until now.
    #[must_use]
    pub fn finish(self) -> Reading {
        let mut reading = match self.body {
            Body::Stream(stream) => stream.finish(),
            Body::Plain(plain) => plain.finish(),
            // Nothing but white space came.
            Body::Unsaid(context, answer) => Plain::new(context, answer, 0).finish(),
            Body::Unmetered => {
                return Reading {
                    ended: true,
                    ..Reading::default()
                };
            }
        };
        self.headers
            .complete(self.provider_type, self.maker, &mut reading);
        reading
    }
}
