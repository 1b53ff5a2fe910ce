//! Streams: each framing with each API's reader.
//!
//! Every framing comes down to named pieces of data, so that a reader does not know whether its piece was
//! a server-sent event, a frame or an element.

use crate::{
    event_stream::{self, Frame, MessageType},
    json_array,
    meter::{
        Context, Reading, chat::Chat, cohere::Cohere, converse::Converse, google::Google,
        invoke::Invoke, messages::Messages, plain::Answer, responses::Responses,
    },
    sse::{self, Event, MAX_EVENT_BYTES},
};

/// Of APIs whose last event holds everything that was generated, or whose pieces hold images.
const MAX_LONG_EVENT_BYTES: usize = 4 * MAX_EVENT_BYTES;

/// A stream that is being read.
#[derive(Debug)]
pub(super) struct Stream {
    framing: Framing,
    reader: Reader,
    settled: bool,
}

#[derive(Debug)]
enum Framing {
    Events(sse::Scanner),
    Frames {
        scanner: event_stream::Scanner,
        /// A frame told of an error, and with it of the end.
        failed: bool,
    },
    Elements(json_array::Scanner),
}

#[derive(Debug)]
enum Reader {
    Chat(Box<Chat>),
    Responses(Box<Responses>),
    Messages(Box<Messages>),
    Google(Box<Google>),
    Converse(Box<Converse>),
    Invoke(Box<Invoke>),
    Cohere(Box<Cohere>),
}

impl Stream {
    /// A stream of server-sent events.
    pub(super) fn of_events(context: &Context, answer: Answer) -> Self {
        let reader = Reader::new(context, answer);
        let scanner = sse::Scanner::with_limit(reader.longest_event());
        Self::new(Framing::Events(scanner), reader)
    }

    /// An AWS event stream.
    pub(super) fn of_frames(context: &Context, answer: Answer) -> Self {
        let framing = Framing::Frames {
            scanner: event_stream::Scanner::new(),
            failed: false,
        };
        Self::new(framing, Reader::new(context, answer))
    }

    /// A JSON array.
    pub(super) fn of_elements(context: &Context, answer: Answer) -> Self {
        let reader = Reader::new(context, answer);
        let scanner = json_array::Scanner::with_limit(reader.longest_event());
        Self::new(Framing::Elements(scanner), reader)
    }

    const fn new(framing: Framing, reader: Reader) -> Self {
        Self {
            framing,
            reader,
            settled: false,
        }
    }

    /// Takes the next bytes. Whether the stream is settled.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        let reader = &mut self.reader;
        self.settled |= match &mut self.framing {
            Framing::Events(scanner) => {
                scanner.push(bytes, |event| reader.event(&event));
                reader.is_done() || reader.is_last(&scanner.pending())
            }
            Framing::Frames { scanner, failed } => {
                scanner.push(bytes, |frame| *failed |= frame_into(reader, &frame));
                reader.is_done() || *failed
            }
            Framing::Elements(scanner) => {
                scanner.push(bytes, |element| {
                    reader.event(&Event {
                        name: &[],
                        data: element.json,
                        given_up: element.given_up,
                    });
                });
                scanner.is_closed()
            }
        };
        self.settled
    }

    pub(super) fn held_bytes(&self) -> usize {
        match &self.framing {
            Framing::Events(scanner) => scanner.held_bytes(),
            Framing::Frames { scanner, .. } => scanner.held_bytes(),
            Framing::Elements(scanner) => scanner.held_bytes(),
        }
    }

    /// What the stream told.
    pub(super) fn finish(mut self) -> Reading {
        match &mut self.framing {
            Framing::Events(scanner) => {
                scanner.finish(|event| self.reader.event(&event));
                self.reader.finish(scanner.saw_foreign_line())
            }
            Framing::Frames { scanner, failed } => {
                let mut reading = self.reader.finish(scanner.is_broken());
                reading.error |= *failed || scanner.is_broken();
                reading
            }
            Framing::Elements(scanner) => {
                let mut reading = self.reader.finish(scanner.saw_foreign());
                reading.ended = scanner.is_closed();
                reading
            }
        }
    }
}

/// Gives a frame to its reader. Whether it tells of an error.
fn frame_into(reader: &mut Reader, frame: &Frame<'_>) -> bool {
    match frame.message_type {
        MessageType::Event => {
            reader.event(&Event {
                name: frame.name.as_bytes(),
                data: frame.payload,
                given_up: false,
            });
            false
        }
        MessageType::Exception | MessageType::Error => true,
    }
}

impl Reader {
    fn new(context: &Context, answer: Answer) -> Self {
        match answer {
            // Nobody streams embeddings, or ranks; if somebody did, it would be in the chunks that they know.
            Answer::Chat | Answer::Embeddings | Answer::Rerank => {
                Self::Chat(Box::new(Chat::new(context.provider_type)))
            }
            Answer::Responses | Answer::StoredResponse => {
                Self::Responses(Box::new(Responses::new(context.provider_type)))
            }
            Answer::Messages => Self::Messages(Box::default()),
            Answer::Generate => Self::Google(Box::new(Google::new(context.model.as_deref()))),
            Answer::Converse => Self::Converse(Box::new(Converse::new(context.maker))),
            Answer::Invoke => Self::Invoke(Box::new(Invoke::new(context.maker))),
            Answer::Cohere => Self::Cohere(Box::default()),
        }
    }

    /// Longest event that is read; a longer one is given up.
    const fn longest_event(&self) -> usize {
        match self {
            Self::Responses(_) | Self::Google(_) => MAX_LONG_EVENT_BYTES,
            Self::Chat(_)
            | Self::Messages(_)
            | Self::Converse(_)
            | Self::Invoke(_)
            | Self::Cohere(_) => MAX_EVENT_BYTES,
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        match self {
            Self::Chat(chat) => chat.event(event),
            Self::Responses(responses) => responses.event(event),
            Self::Messages(messages) => messages.event(event),
            Self::Google(google) => google.event(event),
            Self::Converse(converse) => converse.event(event),
            Self::Invoke(invoke) => invoke.event(event),
            Self::Cohere(cohere) => cohere.event(event),
        }
    }

    const fn is_done(&self) -> bool {
        match self {
            Self::Chat(chat) => chat.is_done(),
            Self::Responses(responses) => responses.is_done(),
            Self::Messages(messages) => messages.is_done(),
            Self::Google(_) => false,
            Self::Converse(converse) => converse.is_done(),
            Self::Invoke(invoke) => invoke.is_done(),
            Self::Cohere(cohere) => cohere.is_done(),
        }
    }

    /// Whether a server-sent event that may not have come to its end is the stream's last.
    fn is_last(&self, pending: &Event<'_>) -> bool {
        match self {
            Self::Chat(_) => Chat::is_last(pending),
            Self::Responses(_) => Responses::is_last(pending),
            Self::Messages(_) => Messages::is_last(pending),
            Self::Cohere(_) => Cohere::is_last(pending),
            // The one just ends, and the others come as frames.
            Self::Google(_) | Self::Converse(_) | Self::Invoke(_) => false,
        }
    }

    fn finish(self, foreign: bool) -> Reading {
        match self {
            Self::Chat(chat) => chat.finish(foreign),
            Self::Responses(responses) => responses.finish(foreign),
            Self::Messages(messages) => messages.finish(foreign),
            Self::Google(google) => google.finish(foreign),
            Self::Converse(converse) => converse.finish(foreign),
            Self::Invoke(invoke) => invoke.finish(foreign),
            Self::Cohere(cohere) => cohere.finish(foreign),
        }
    }
}
