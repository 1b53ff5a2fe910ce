//! Turns an answer into a response, bent and broken as the request wished. It knows nothing of the
//! operations.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Response};

use crate::answer_body::{AnswerBody, Ending, Manner};
use crate::compress::Coding;
use crate::event_stream;
use crate::frames::Frames;
use crate::provider_headers;
use crate::reply::{Content, Dialect, Framing, Reply};
use crate::wishes::{Cut, Hang, Wishes};

const COMMENT: &[u8] = b": keep-alive\n\n";
const EMPTY_LINES: &[u8] = b"\n\n";

/// Frames and how they end.
struct Body {
    frames: Frames,
    ending: Ending,
    /// All frames are there: nothing was left out at the end.
    whole: bool,
    /// The length to tell beforehand.
    length: Option<u64>,
}

/// `headers` are the provider's, `pace` is the usual time between two frames.
pub(crate) fn deliver(
    reply: Reply,
    wishes: &Wishes,
    request_headers: &HeaderMap,
    mut headers: HeaderMap,
    pace: Duration,
) -> Response<AnswerBody> {
    if let Some(media_type) = reply.content.media_type() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    for (name, value) in &reply.headers {
        provider_headers::insert(&mut headers, HeaderName::from_static(name), value);
    }
    let coding = wishes
        .compress
        .then(|| Coding::choose(request_headers))
        .flatten();
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    let mut body = match reply.content {
        Content::Nothing => plain(Vec::new(), wishes, None),
        Content::Json(text) | Content::Html(text) | Content::Xml(text) | Content::Text(text) => {
            plain(text, wishes, coding)
        }
        Content::Events(dialect, frames) => stream(dialect, frames, wishes, coding),
    };
    match wishes.cut {
        Some(Cut::At(place)) => body.frames.cut_at(std::iter::once(place)),
        Some(Cut::Every) => body.frames.cut_at(1..body.frames.bytes()),
        None => {}
    }
    let manner = Manner {
        pace: wishes.pace.unwrap_or(pace),
        ending: body.ending,
        length: body.length,
        write_each: matches!(wishes.cut, Some(Cut::At(_))),
    };
    let mut response = Response::new(AnswerBody::new(body.frames, manner));
    *response.status_mut() = reply.status;
    *response.headers_mut() = headers;
    response
}

/// A body that is one text. Its faults count bytes.
fn plain(mut text: Vec<u8>, wishes: &Wishes, coding: Option<Coding>) -> Body {
    if wishes.comments && !text.is_empty() {
        text.splice(0..0, EMPTY_LINES.iter().copied());
    }
    let frames = compressed(Frames::whole(text), coding, true);
    let length = u64::try_from(frames.bytes()).ok();
    let mut body = Body {
        frames,
        ending: Ending::Clean,
        whole: true,
        length,
    };
    if let Some(bytes) = wishes.end_after {
        body.frames.keep_bytes(bytes);
        body.length = None;
    }
    if let Some(bytes) = wishes.break_after {
        body.frames.keep_bytes(bytes);
        body.ending = Ending::Broken;
    }
    if wishes.hang == Some(Hang::Body) {
        body.frames.keep_bytes(body.frames.bytes() / 2);
        body.ending = Ending::Hanging;
    }
    let told = wishes.content_length.unwrap_or(wishes.cut.is_none());
    if !told {
        body.length = None;
    }
    body
}

/// A body of events. Its faults count frames.
fn stream(dialect: Dialect, frames: Frames, wishes: &Wishes, coding: Option<Coding>) -> Body {
    let all_but_last = frames.len().saturating_sub(1);
    let mut body = Body {
        frames,
        ending: Ending::Clean,
        whole: true,
        length: None,
    };
    if let Some(count) = wishes.error_after {
        let count = count.min(all_but_last);
        body.frames.keep_first(count);
        body.frames.push(&dialect.error_event(count, wishes));
    }
    if let Some(count) = wishes.end_after {
        body.frames.keep_first(count.min(all_but_last));
    }
    if let Some(count) = wishes.break_after {
        body.frames.keep_first(count);
        body.ending = Ending::Broken;
        body.whole = false;
    }
    if wishes.hang == Some(Hang::Body) {
        body.frames.keep_first(1);
        body.ending = Ending::Hanging;
        body.whole = false;
    }
    match dialect.framing() {
        Framing::Lines => {
            if wishes.comments {
                body.frames = with_comments(&body.frames, COMMENT);
            }
            if let Some(line_end) = wishes.line_end.or(dialect.usual_line_end()) {
                body.frames = with_line_end(&body.frames, line_end);
            }
        }
        Framing::Array => {
            if wishes.comments {
                body.frames = with_comments(&body.frames, EMPTY_LINES);
            }
        }
        Framing::Binary => {
            if let Some(spoilt) = wishes.spoil_frame {
                body.frames = with_spoilt(&body.frames, spoilt);
            }
        }
    }
    body.frames = compressed(body.frames, coding, body.whole);
    body
}

fn compressed(frames: Frames, coding: Option<Coding>, finish: bool) -> Frames {
    match coding.map(|coding| coding.compress(&frames, finish)) {
        Some(Ok(compressed)) => compressed,
        // Compressing into memory does not fail.
        Some(Err(_)) => Frames::default(),
        None => frames,
    }
}

fn with_spoilt(frames: &Frames, spoilt: usize) -> Frames {
    let mut changed = Frames::with_room(frames.bytes(), frames.len());
    for (number, frame) in frames.iter().enumerate() {
        if number == spoilt {
            changed.push(&event_stream::spoilt(frame));
        } else {
            changed.push(frame);
        }
    }
    changed
}

fn with_comments(frames: &Frames, comment: &[u8]) -> Frames {
    let mut commented = Frames::default();
    for frame in frames.iter() {
        commented.push(comment);
        commented.push(frame);
    }
    commented
}

/// Line ends within JSON are escaped, so every one in the frames ends a line of the stream.
fn with_line_end(frames: &Frames, line_end: &[u8]) -> Frames {
    let mut changed = Frames::with_room(frames.bytes() + frames.len() * 4, frames.len());
    for frame in frames.iter() {
        for line in frame.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    changed.next().extend_from_slice(text);
                    changed.next().extend_from_slice(line_end);
                }
                None => changed.next().extend_from_slice(line),
            }
        }
        changed.end();
    }
    changed
}
