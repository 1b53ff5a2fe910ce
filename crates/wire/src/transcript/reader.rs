//! Answers in any framing: whole, or in pieces of a stream.
//!
//! A reader adds up what it is given. A plain answer is what all pieces of a stream make together, so that
//! both go through the same hands and read the same.

use super::{
    Said, error,
    json::{self, Json},
};
use crate::{
    event_stream::{self, MessageType},
    json as bytes, json_array,
    meter::Shape,
    sse,
};

/// Reads answers of one API.
pub(super) trait Reader {
    /// Takes in a whole answer.
    fn whole(&mut self, answer: &Json<'_>);

    /// Takes in a piece of a stream; `name` is what the framing calls it, or empty.
    fn piece(&mut self, name: &str, piece: &Json<'_>);

    /// Whether a piece told that nothing follows.
    fn ended(&self) -> bool;

    /// What was said.
    fn said(self: Box<Self>) -> Said;
}

/// What an answer says. `None`: it is nothing of the reader's API, nor an error.
pub(super) fn read(reader: Option<Box<dyn Reader>>, shape: Shape, body: &[u8]) -> Option<Said> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let first = body.trim_ascii_start().first()?;
    // What an answer is shows in its first byte: errors come as JSON where a stream was asked for.
    match (shape, first) {
        (Shape::EventStream, _) if *first != b'{' => stream(reader, |each| frames(body, each)),
        (_, b'{') => plain(reader, body),
        (_, b'[') => stream(reader, |each| elements(body, each)),
        (_, b'"' | b'<') => None,
        _ => stream(reader, |each| events(body, each)),
    }
}

fn plain(reader: Option<Box<dyn Reader>>, body: &[u8]) -> Option<Said> {
    let text = bytes::text(without_open_character(body));
    let (answer, cut) = json::read(&text)?;
    let mut said = reader.map_or_else(Said::default, |mut reader| {
        reader.whole(&answer);
        reader.said()
    });
    said.error = said.error.or_else(|| error::told(&answer));
    if said.messages.is_empty() && said.error.is_none() {
        said.error = error::alone(&answer);
    }
    said.cut = cut;
    // Of a body that is cut early, what it is may stand behind its end.
    (cut || !says_nothing(&said)).then_some(said)
}

/// How a stream ended.
#[derive(Default)]
struct End {
    /// With what ends it in this framing.
    ended: bool,
    /// There was something that is none of this framing's.
    foreign: bool,
    error: Option<String>,
}

/// A place for the pieces of a stream, by their names.
type Each<'e> = &'e mut dyn FnMut(&str, &Json<'_>);

fn stream(reader: Option<Box<dyn Reader>>, pieces: impl FnOnce(Each<'_>) -> End) -> Option<Said> {
    let mut reader = reader;
    let mut error = None;
    let mut begun = false;
    let end = pieces(&mut |name, piece| {
        begun = true;
        if error.is_none() {
            error = error::told(piece);
        }
        if let Some(reader) = &mut reader {
            reader.piece(name, piece);
        }
    });
    let ended = end.ended || reader.as_ref().is_some_and(|reader| reader.ended());
    let mut said = reader.map_or_else(Said::default, |reader| reader.said());
    said.error = said.error.or(error).or(end.error);
    if says_nothing(&said) && (begun || ended || end.foreign) {
        return None;
    }
    said.cut = !ended && said.error.is_none();
    Some(said)
}

const fn says_nothing(said: &Said) -> bool {
    said.messages.is_empty()
        && said.response_id.is_none()
        && said.stopped_by.is_none()
        && said.error.is_none()
}

/// The pieces of server-sent events. One that is not whole tells nothing: what stands behind its end may
/// be what says what it is.
fn events(body: &[u8], each: Each<'_>) -> End {
    let mut end = End::default();
    let mut one = |event: sse::Event<'_>| {
        if event.data.trim_ascii() == b"[DONE]" {
            end.ended = true;
            return;
        }
        let text = bytes::text(event.data);
        if let Some((piece, false)) = json::read(&text) {
            each(&bytes::text(event.name), &piece);
        }
    };
    let mut scanner = sse::Scanner::with_limit(body.len());
    scanner.push(body, &mut one);
    scanner.finish(&mut one);
    end.foreign = scanner.saw_foreign_line();
    end
}

/// The elements of a JSON array.
fn elements(body: &[u8], each: Each<'_>) -> End {
    let mut scanner = json_array::Scanner::with_limit(body.len());
    scanner.push(body, |element| {
        let text = bytes::text(element.json);
        if let Some((piece, false)) = json::read(&text) {
            each("", &piece);
        }
    });
    End {
        ended: scanner.is_closed(),
        foreign: scanner.saw_foreign(),
        error: None,
    }
}

/// The frames of an AWS event stream.
fn frames(body: &[u8], each: Each<'_>) -> End {
    let mut error = None;
    let mut scanner = event_stream::Scanner::new();
    scanner.push(body, |frame| {
        let text = bytes::text(frame.payload);
        let piece = json::read(&text)
            .map(|(piece, _)| piece)
            .unwrap_or_default();
        match frame.message_type {
            MessageType::Event => each(frame.name, &piece),
            MessageType::Exception | MessageType::Error => {
                let message = error::alone(&piece).unwrap_or_else(|| frame.name.to_owned());
                error.get_or_insert(message);
            }
        }
    });
    End {
        ended: false,
        foreign: scanner.is_broken(),
        error,
    }
}

/// The bytes without a character at their end that is not all there.
pub(super) fn without_open_character(bytes: &[u8]) -> &[u8] {
    let tail = bytes.len().saturating_sub(3);
    let begins = (tail..bytes.len()).rev().find(|at| {
        bytes
            .get(*at)
            .is_some_and(|byte| byte & 0b1100_0000 != 0b1000_0000)
    });
    let open = begins
        .and_then(|at| bytes.split_at_checked(at))
        .filter(|(_, last)| str::from_utf8(last).is_err_and(|error| error.error_len().is_none()));
    open.map_or(bytes, |(whole, _)| whole)
}
