//! What an operation answers, before it is known how it is sent. It knows nothing of connections.

use http::StatusCode;

use crate::frames::Frames;
use crate::json::{self, Object};

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content: Content,
}

/// The body of an answer.
pub(crate) enum Content {
    /// No body and no type.
    Nothing,
    /// One JSON text.
    Json(Vec<u8>),
    /// A page.
    Html(Vec<u8>),
    /// Server-sent events, one for each frame.
    Events(Dialect, Frames),
}

/// How a stream tells of an error.
#[derive(Clone, Copy)]
pub(crate) enum Dialect {
    /// OpenAI's chat and completions: events without names, `[DONE]` at the end.
    Chunks,
    /// OpenAI's responses: named and numbered events.
    Responses,
    /// Anthropic's messages: named events.
    Messages,
}

impl Reply {
    /// 200 with JSON.
    pub(crate) fn json(body: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            content: Content::Json(body),
        }
    }

    /// 200 with one JSON object.
    pub(crate) fn object(fill: impl FnOnce(&mut Object<'_>)) -> Self {
        Self::json(json::object_text(fill))
    }

    /// 200 with a stream.
    pub(crate) fn events(dialect: Dialect, frames: Frames) -> Self {
        Self {
            status: StatusCode::OK,
            content: Content::Events(dialect, frames),
        }
    }
}

impl Content {
    /// For `content-type`.
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Json(_) => Some("application/json"),
            Self::Html(_) => Some("text/html; charset=UTF-8"),
            Self::Events(..) => Some("text/event-stream; charset=utf-8"),
        }
    }
}

impl Dialect {
    /// The event of an error after `frames` others.
    pub(crate) fn error_event(self, frames: usize) -> Vec<u8> {
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
        }
        event.extend_from_slice(b"\n\n");
        event
    }
}
