//! The body of an answer, taken out of its framing as it arrives.

use super::HttpError;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

/// A body on its way in.
#[derive(Debug)]
pub(super) struct Body {
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// So many bytes follow, and that is all.
    Length(usize),
    /// Within the line that tells the size of a chunk: the size so far, and whether extensions have
    /// begun.
    Size(usize, bool),
    /// So many bytes of a chunk follow.
    Chunk(usize),
    /// The line end after a chunk.
    AfterChunk,
    /// Trailers: whether their present line has anything in it.
    Trailer(bool),
    UntilClose,
    Over,
}

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(0) => State::Over,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size(0, false),
            Framing::UntilClose => State::UntilClose,
        };
        Self { state }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether the connection's end is this body's end.
    pub(super) fn may_end_now(&self) -> bool {
        matches!(self.state, State::Over | State::UntilClose)
    }

    /// Takes as much of `bytes` as belongs to the body and hands its content out; tells how much that
    /// was.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        mut content: impl FnMut(&[u8]),
    ) -> Result<usize, HttpError> {
        let mut rest = bytes;
        while let Some((first, behind)) = rest.split_first() {
            match self.state {
                State::Over => break,
                State::UntilClose => {
                    content(rest);
                    rest = &[];
                }
                State::Length(left) | State::Chunk(left) => {
                    let (piece, behind) = rest.split_at(left.min(rest.len()));
                    content(piece);
                    rest = behind;
                    self.state = match (self.state, left - piece.len()) {
                        (State::Length(_), 0) => State::Over,
                        (State::Length(_), left) => State::Length(left),
                        (_, 0) => State::AfterChunk,
                        (_, left) => State::Chunk(left),
                    };
                }
                State::Size(size, extensions) => {
                    rest = behind;
                    self.state = next_of_size(size, extensions, *first)?;
                }
                State::AfterChunk => {
                    rest = behind;
                    if *first == b'\n' {
                        self.state = State::Size(0, false);
                    }
                }
                State::Trailer(filled) => {
                    rest = behind;
                    self.state = match first {
                        b'\n' if !filled => State::Over,
                        b'\n' => State::Trailer(false),
                        b'\r' => State::Trailer(filled),
                        _ => State::Trailer(true),
                    };
                }
            }
        }
        Ok(bytes.len() - rest.len())
    }
}

fn next_of_size(size: usize, extensions: bool, byte: u8) -> Result<State, HttpError> {
    let digit = char::from(byte).to_digit(16);
    Ok(match (byte, digit) {
        (b'\n', _) if size == 0 => State::Trailer(false),
        (b'\n', _) => State::Chunk(size),
        (b'\r', _) => State::Size(size, extensions),
        (b';' | b' ', _) => State::Size(size, true),
        _ if extensions => State::Size(size, true),
        (_, Some(digit)) => {
            let digit = usize::try_from(digit).map_err(|_| HttpError::Chunk)?;
            let size = size.checked_mul(16).ok_or(HttpError::Chunk)?;
            State::Size(size.saturating_add(digit), false)
        }
        (_, None) => return Err(HttpError::Chunk),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(framing: Framing, bytes: &[u8], content: &str, left: usize) {
        for size in 1..=bytes.len() {
            let mut body = Body::new(framing);
            let mut got = Vec::new();
            let mut taken = 0;
            for piece in bytes.chunks(size) {
                taken += body
                    .take(piece, |bytes| got.extend_from_slice(bytes))
                    .unwrap();
            }
            assert_eq!(String::from_utf8(got).unwrap(), content, "{size}");
            assert_eq!(bytes.len() - taken, left, "{size}");
            assert!(body.may_end_now());
        }
    }

    #[test]
    fn a_body_is_the_same_however_it_is_cut() {
        check(Framing::Length(5), b"hello", "hello", 0);
        check(Framing::UntilClose, b"hello", "hello", 0);
        check(
            Framing::Chunked,
            b"5\r\nhello\r\n1;x=\"9\"\r\n \r\n00A\r\nwide world\r\n0\r\n\r\n",
            "hello wide world",
            0,
        );
        check(
            Framing::Chunked,
            b"2\r\nhi\r\n0\r\nx-trailer: 1\r\n\r\n",
            "hi",
            0,
        );
    }

    #[test]
    fn what_follows_a_body_is_left() {
        let mut body = Body::new(Framing::Length(2));
        assert_eq!(body.take(b"hiHTTP/1.1", |_| {}).unwrap(), 2);
        assert!(body.is_over());
    }

    #[test]
    fn a_size_must_be_a_number() {
        let mut body = Body::new(Framing::Chunked);
        assert!(body.take(b"hello\r\n", |_| {}).is_err());
    }
}
