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
//! | embeddings, and everything plain | `usage` of the body | the end of the body |
//!
//! Usage comes out in buckets that do not overlap; how each provider's counts are split is told in
//! `openai_usage` and `anthropic_usage`. What the provider did not report is `None`, never 0.
//!
//! Reading is lenient: odd or missing members never hide the counts beside them.
//!
//! Knows nothing of prices, and nothing of whether an answer is sent on.

mod anthropic_usage;
mod chat;
mod embeddings;
mod messages;
mod openai_usage;
mod pattern;
mod plain;
mod reading;
mod responses;
mod text;

use domain::{call::Operation, provider::ProviderType};

use crate::{
    meter::{
        chat::Chat,
        messages::Messages,
        plain::{Answer, Plain},
        responses::Responses,
    },
    sse::{Event, MAX_EVENT_BYTES, Scanner},
};

pub use reading::Reading;
pub use text::TextSeen;

/// Longest plain body that is read, unless the meter is given another limit. Embeddings may be longer,
/// since their vectors do not count.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// The last event of a response holds everything that was generated, images included.
const MAX_RESPONSE_EVENT_BYTES: usize = 4 * MAX_EVENT_BYTES;

/// How an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As server-sent events.
    Stream,
    /// As one JSON body.
    Plain,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Whether the bytes so far hold the last event of the stream, or enough of it that nothing billable
    /// can follow: what [`Meter::finish`] tells now is final. Never for a plain body, which ends with its
    /// last byte.
    pub settled: bool,
}

/// Reads one answer.
#[derive(Debug)]
pub struct Meter(Body);

#[derive(Debug)]
enum Body {
    Stream {
        scanner: Scanner,
        answer: Box<Stream>,
        progress: Progress,
    },
    Plain(Plain),
    /// An operation that tells no usage.
    Unmetered,
}

#[derive(Debug)]
enum Stream {
    Chat(Box<Chat>),
    Responses(Box<Responses>),
    Messages(Box<Messages>),
}

impl Meter {
    /// A meter for the answer to an operation.
    #[must_use]
    pub fn new(operation: Operation, provider_type: ProviderType, shape: Shape) -> Self {
        let answer = match operation {
            Operation::Chat | Operation::Completions => Answer::Chat,
            Operation::Responses => Answer::Responses,
            Operation::StoredResponse => Answer::StoredResponse,
            Operation::Embeddings => Answer::Embeddings,
            Operation::Messages => Answer::Messages,
            Operation::CountTokens | Operation::Models | Operation::Other => {
                return Self(Body::Unmetered);
            }
        };
        let stream = match (shape, answer) {
            (Shape::Plain, _) => {
                return Self(Body::Plain(Plain::new(
                    provider_type,
                    answer,
                    MAX_BODY_BYTES,
                )));
            }
            // Nobody streams embeddings; if somebody did, it would be in the chunks that they know.
            (Shape::Stream, Answer::Chat | Answer::Embeddings) => {
                Stream::Chat(Box::new(Chat::new(provider_type)))
            }
            (Shape::Stream, Answer::Responses | Answer::StoredResponse) => {
                Stream::Responses(Box::new(Responses::new(provider_type)))
            }
            (Shape::Stream, Answer::Messages) => Stream::Messages(Box::default()),
        };
        let limit = match stream {
            Stream::Responses(_) => MAX_RESPONSE_EVENT_BYTES,
            Stream::Chat(_) | Stream::Messages(_) => MAX_EVENT_BYTES,
        };
        let scanner = Scanner::with_limit(limit);
        Self(Body::Stream {
            scanner,
            answer: Box::new(stream),
            progress: Progress::default(),
        })
    }

    /// The same meter with another limit for a plain body, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, limit: usize) -> Self {
        if let Body::Plain(plain) = &mut self.0 {
            plain.set_limit(limit);
        }
        self
    }

    /// Takes the next bytes of the answer.
    pub fn push(&mut self, bytes: &[u8]) -> Progress {
        match &mut self.0 {
            Body::Stream {
                scanner,
                answer,
                progress,
            } => {
                scanner.push(bytes, |event| answer.event(&event));
                progress.settled |= answer.is_done() || answer.is_last(&scanner.pending());
                *progress
            }
            Body::Plain(plain) => {
                plain.push(bytes);
                Progress::default()
            }
            Body::Unmetered => Progress::default(),
        }
    }

    /// Bytes that the meter holds.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &self.0 {
            Body::Stream { scanner, .. } => scanner.held_bytes(),
            Body::Plain(plain) => plain.held_bytes(),
            Body::Unmetered => 0,
        }
    }

    /// What the answer told. Of one that has not come to its end: what it told until now.
    #[must_use]
    pub fn finish(self) -> Reading {
        match self.0 {
            Body::Stream {
                mut scanner,
                mut answer,
                ..
            } => {
                scanner.finish(|event| answer.event(&event));
                answer.finish(scanner.saw_foreign_line())
            }
            Body::Plain(plain) => plain.finish(),
            Body::Unmetered => Reading {
                ended: true,
                ..Reading::default()
            },
        }
    }
}

impl Stream {
    fn event(&mut self, event: &Event<'_>) {
        match self {
            Self::Chat(chat) => chat.event(event),
            Self::Responses(responses) => responses.event(event),
            Self::Messages(messages) => messages.event(event),
        }
    }

    const fn is_done(&self) -> bool {
        match self {
            Self::Chat(chat) => chat.is_done(),
            Self::Responses(responses) => responses.is_done(),
            Self::Messages(messages) => messages.is_done(),
        }
    }

    fn is_last(&self, pending: &Event<'_>) -> bool {
        match self {
            Self::Chat(_) => Chat::is_last(pending),
            Self::Responses(_) => Responses::is_last(pending),
            Self::Messages(_) => Messages::is_last(pending),
        }
    }

    fn finish(self, foreign: bool) -> Reading {
        match self {
            Self::Chat(chat) => chat.finish(foreign),
            Self::Responses(responses) => responses.finish(foreign),
            Self::Messages(messages) => messages.finish(foreign),
        }
    }
}
