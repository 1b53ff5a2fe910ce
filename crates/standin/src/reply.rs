//! What an operation answers, before it is known how it is sent. It knows nothing of connections.

use http::StatusCode;

use crate::event_stream;
use crate::frames::Frames;
use crate::json::{self, Object};
use crate::wishes::Wishes;

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content: Content,
    /// Headers of this answer alone, besides the provider's usual ones.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// The body of an answer.
pub(crate) enum Content {
    /// No body and no type.
    Nothing,
    /// One JSON text.
    Json(Vec<u8>),
    /// A page.
    Html(Vec<u8>),
    Xml(Vec<u8>),
    /// Text without any form.
    Text(Vec<u8>),
    /// A stream: its events, one for each frame.
    Events(Dialect, Frames),
}

/// How a stream is framed, and how it tells of an error.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    /// OpenAI's chat and completions: events without names, `[DONE]` at the end.
    Chunks,
    /// OpenAI's responses: named and numbered events.
    Responses,
    /// Anthropic's messages: named events.
    Messages,
    /// Google's events without names; nothing tells the end.
    Parts,
    /// Google's JSON array: each frame begins with the `[` or `,` before its element; the last
    /// frame is the `]`.
    Array,
    /// The binary frames of AWS.
    Binary,
    /// Cohere's chats: named events, and `[DONE]` behind the last one.
    Cohere,
}

/// What a stream is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Lines,
    Array,
    Binary,
}

impl Reply {
    /// 200 with JSON.
    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self::of(StatusCode::OK, Content::Json(body))
    }

    /// 200 with one JSON object.
    pub(crate) fn object(fill: impl FnOnce(&mut Object<'_>)) -> Self {
        Self::json(json::object_text(fill))
    }

    /// 200 with a stream.
    pub(crate) fn events(dialect: Dialect, frames: Frames) -> Self {
        Self::of(StatusCode::OK, Content::Events(dialect, frames))
    }

    /// Without headers of its own.
    pub(crate) fn of(status: StatusCode, content: Content) -> Self {
        Self {
            status,
            content,
            headers: Vec::new(),
        }
    }

    /// With one more header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Content {
    /// For `content-type`.
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Json(_) => Some("application/json"),
            Self::Html(_) => Some("text/html; charset=UTF-8"),
            Self::Xml(_) => Some("text/xml"),
            Self::Text(_) => Some("text/plain"),
            Self::Events(dialect, _) => Some(match dialect.framing() {
                Framing::Lines => "text/event-stream; charset=utf-8",
                Framing::Array => "application/json; charset=UTF-8",
                Framing::Binary => "application/vnd.amazon.eventstream",
            }),
        }
    }
}

impl Dialect {
    /// What the stream is made of.
    pub(crate) fn framing(self) -> Framing {
        match self {
            Self::Chunks | Self::Responses | Self::Messages | Self::Parts | Self::Cohere => {
                Framing::Lines
            }
            Self::Array => Framing::Array,
            Self::Binary => Framing::Binary,
        }
    }

    /// How the lines of its events end, if not with LF alone.
    pub(crate) fn usual_line_end(self) -> Option<&'static [u8]> {
        match self {
            Self::Parts => Some(b"\r\n"),
            Self::Chunks
            | Self::Responses
            | Self::Messages
            | Self::Array
            | Self::Binary
            | Self::Cohere => None,
        }
    }

    /// The frame of an error after `frames` others.
    pub(crate) fn error_event(self, frames: usize, wishes: &Wishes) -> Vec<u8> {
        const MESSAGE: &str = "The server had an error while processing your request. Sorry!";
        let mut event = Vec::new();
        match self {
            Self::Chunks => {
                event.extend_from_slice(b"data: ");
                json::object(&mut event, |body| {
                    body.object("error", |error| {
                        error
                            .text("message", MESSAGE)
                            .text("type", "server_error")
                            .null("param")
                            .null("code");
                    });
                });
            }
            Self::Responses => {
                event.extend_from_slice(b"event: error\ndata: ");
                json::object(&mut event, |body| {
                    body.text("type", "error")
                        .text("code", "server_error")
                        .text("message", MESSAGE)
                        .null("param")
                        .number("sequence_number", json::count(frames));
                });
            }
            Self::Messages => {
                event.extend_from_slice(b"event: error\ndata: ");
                json::object(&mut event, |body| {
                    body.text("type", "error").object("error", |error| {
                        error
                            .text("type", "overloaded_error")
                            .text("message", "Overloaded");
                    });
                });
            }
            Self::Cohere => {
                event.extend_from_slice(b"event: message-end\ndata: ");
                json::object(&mut event, |body| {
                    body.text("type", "message-end").object("delta", |delta| {
                        delta.text("error", MESSAGE).text("finish_reason", "ERROR");
                    });
                });
            }
            Self::Parts => {
                event.extend_from_slice(b"data: ");
                json::object(&mut event, googles_error);
            }
            Self::Array => {
                event.extend_from_slice(if frames == 0 { b"[" } else { b",\r\n" });
                json::object(&mut event, googles_error);
                event.extend_from_slice(b"\n]");
            }
            Self::Binary => {
                let exception = wishes.exception.as_deref();
                event_stream::exception(
                    &mut event,
                    exception.unwrap_or("internalServerException"),
                    MESSAGE,
                );
            }
        }
        if self.framing() == Framing::Lines {
            event.extend_from_slice(b"\n\n");
        }
        event
    }
}

fn googles_error(body: &mut Object<'_>) {
    body.object("error", |error| {
        error
            .number("code", 503)
            .text(
                "message",
                "The model is overloaded. Please try again later.",
            )
            .text("status", "UNAVAILABLE");
    });
}
