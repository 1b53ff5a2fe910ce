//! AWS event streams: binary frames in bytes cut anywhere.
//!
//! ```text
//! total length u32 | headers length u32 | CRC-32 of these eight bytes u32 | headers | payload | CRC-32 of all before u32
//! header: name length u8, name, value type u8, value (strings and bytes: length u16, then themselves)
//! ```
//!
//! Integers are big-endian. A frame that lies whole in one chunk is not copied.
//!
//! Reads a copy, so that it never fails: a frame whose checksum or headers are wrong is passed over, and
//! where even its length cannot be trusted nothing more is read. Either way the stream is
//! [broken](Scanner::is_broken). Memory is bounded by the longest frame that AWS allows, and grows with
//! the bytes that came, not with the length that a frame claims.

/// Longest payload that AWS allows.
pub const MAX_PAYLOAD_BYTES: usize = 24 * 1024 * 1024;

/// Longest headers that AWS allows.
pub const MAX_HEADER_BYTES: usize = 128 * 1024;

/// Both lengths and their checksum.
const PRELUDE: usize = 12;

/// What a frame has beside headers and payload.
const OVERHEAD: usize = PRELUDE + 4;

/// Buffers that grew beyond this are given back after the frame that needed them.
const KEPT_CAPACITY: usize = 64 * 1024;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageType {
    /// A part of the answer.
    Event,
    /// An error that the operation knows; it ends the stream.
    Exception,
    /// Any other error; it ends the stream.
    Error,
}

/// One frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub message_type: MessageType,
    /// Its event type, exception type or error code; empty where it has none.
    pub name: &'a str,
    /// Its payload.
    pub payload: &'a [u8],
}

/// Finds the frames in a stream of bytes.
#[derive(Debug, Default)]
pub struct Scanner {
    /// The beginning of the frame that is not whole yet.
    held: Vec<u8>,
    broken: bool,
    /// A length could not be trusted: where the next frame begins is not known.
    lost: bool,
}

/// The bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

impl Scanner {
    /// A scanner at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and reports each frame that they complete.
    pub fn push(&mut self, chunk: &[u8], mut each: impl FnMut(Frame<'_>)) {
        let mut rest = chunk;
        while !rest.is_empty() && !self.lost {
            let begun = if self.held.is_empty() {
                rest
            } else {
                &self.held
            };
            let needed = match frame_length(begun) {
                Ok(Some(length)) => length,
                // Of a frame whose length is not known yet only the prelude is held.
                Ok(None) => PRELUDE,
                Err(Broken) => return self.lose(),
            };
            let missing = needed.saturating_sub(self.held.len());
            let (taken, after) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            let is_whole = taken.len() == missing && needed > PRELUDE;
            rest = after;
            if is_whole && self.held.is_empty() {
                self.broken |= report(taken, &mut each).is_err();
                continue;
            }
            self.held.extend_from_slice(taken);
            if is_whole {
                let mut held = std::mem::take(&mut self.held);
                self.broken |= report(&held, &mut each).is_err();
                if held.capacity() <= KEPT_CAPACITY {
                    held.clear();
                    self.held = held;
                }
            } else if frame_length(&self.held).is_err() {
                self.lose();
            }
        }
    }

    /// Whether a frame could not be read: the copy is broken, or the bytes are of another kind.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Bytes that are held since their frame is not whole yet.
    #[must_use]
    pub const fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    fn lose(&mut self) {
        self.held = Vec::new();
        self.broken = true;
        self.lost = true;
    }
}

/// The bytes of a frame, with what is known of its headers. Empty: it is longer than a frame can be.
#[must_use]
pub fn encode(frame: &Frame<'_>) -> Vec<u8> {
    encoded(frame).unwrap_or_default()
}

fn encoded(frame: &Frame<'_>) -> Option<Vec<u8>> {
    /// The type of a value that is a string.
    const STRING: u8 = 7;
    let (message_type, name_of) = match frame.message_type {
        MessageType::Event => ("event", ":event-type"),
        MessageType::Exception => ("exception", ":exception-type"),
        MessageType::Error => ("error", ":error-code"),
    };
    let mut headers = Vec::new();
    for (name, value) in [
        (name_of, frame.name),
        (":content-type", "application/json"),
        (":message-type", message_type),
    ] {
        headers.push(u8::try_from(name.len()).ok()?);
        headers.extend_from_slice(name.as_bytes());
        headers.push(STRING);
        headers.extend_from_slice(&u16::try_from(value.len()).ok()?.to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let total = OVERHEAD
        .checked_add(headers.len())?
        .checked_add(frame.payload.len())?;
    let mut bytes = Vec::with_capacity(total);
    bytes.extend_from_slice(&u32::try_from(total).ok()?.to_be_bytes());
    bytes.extend_from_slice(&u32::try_from(headers.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend_from_slice(&headers);
    bytes.extend_from_slice(frame.payload);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    Some(bytes)
}

/// The length of the frame that begins like this. `None`: too little of it is there.
fn frame_length(begun: &[u8]) -> Result<Option<usize>, Broken> {
    let longest = OVERHEAD + MAX_HEADER_BYTES + MAX_PAYLOAD_BYTES;
    let Some(total) = integer(begun, 0) else {
        // Text, and whatever else is no frame, shows in the first byte: none is so long.
        let too_long = begun.first().is_some_and(|byte| *byte > 1);
        return if too_long { Err(Broken) } else { Ok(None) };
    };
    if !(OVERHEAD..=longest).contains(&total) {
        return Err(Broken);
    }
    let Some((prelude, _)) = begun.split_at_checked(PRELUDE) else {
        return Ok(None);
    };
    let headers = integer(prelude, 4).ok_or(Broken)?;
    let checksum = integer(prelude, 8).ok_or(Broken)?;
    let payload = total
        .checked_sub(OVERHEAD)
        .and_then(|rest| rest.checked_sub(headers));
    let in_bounds =
        headers <= MAX_HEADER_BYTES && payload.is_some_and(|payload| payload <= MAX_PAYLOAD_BYTES);
    let lengths = prelude.get(..8).unwrap_or_default();
    if in_bounds && checksum_of(lengths) == Some(checksum) {
        Ok(Some(total))
    } else {
        Err(Broken)
    }
}

/// Reads a whole frame, whose prelude has been checked, and reports it.
fn report(frame: &[u8], each: &mut impl FnMut(Frame<'_>)) -> Result<(), Broken> {
    let (content, checksum) = frame.split_last_chunk::<4>().ok_or(Broken)?;
    if crc32fast::hash(content) != u32::from_be_bytes(*checksum) {
        return Err(Broken);
    }
    let headers_length = integer(content, 4).ok_or(Broken)?;
    let (headers, payload) = content
        .get(PRELUDE..)
        .and_then(|rest| rest.split_at_checked(headers_length))
        .ok_or(Broken)?;
    let headers = Headers::read(headers)?;
    let (message_type, name) = match headers.message_type {
        "event" | "" => (MessageType::Event, headers.event_type),
        "exception" => (MessageType::Exception, headers.exception_type),
        "error" => (MessageType::Error, headers.error_code),
        _ => return Err(Broken),
    };
    each(Frame {
        message_type,
        name,
        payload,
    });
    Ok(())
}

/// The headers that matter; empty where a frame does not have them.
#[derive(Default)]
struct Headers<'a> {
    message_type: &'a str,
    event_type: &'a str,
    exception_type: &'a str,
    error_code: &'a str,
}

impl<'a> Headers<'a> {
    fn read(mut bytes: &'a [u8]) -> Result<Self, Broken> {
        let mut headers = Self::default();
        while !bytes.is_empty() {
            let (name, after) = sized(bytes, 1)?;
            let (kind, after) = after.split_first().ok_or(Broken)?;
            let (value, after) = match kind {
                // Yes and no, which are their own value.
                0 | 1 => (&[][..], after),
                2 => after.split_at_checked(1).ok_or(Broken)?,
                3 => after.split_at_checked(2).ok_or(Broken)?,
                4 => after.split_at_checked(4).ok_or(Broken)?,
                5 | 8 => after.split_at_checked(8).ok_or(Broken)?,
                6 | 7 => sized(after, 2)?,
                9 => after.split_at_checked(16).ok_or(Broken)?,
                _ => return Err(Broken),
            };
            bytes = after;
            let place = match name {
                b":message-type" => &mut headers.message_type,
                b":event-type" => &mut headers.event_type,
                b":exception-type" => &mut headers.exception_type,
                b":error-code" => &mut headers.error_code,
                _ => continue,
            };
            *place = str::from_utf8(value).map_err(|_| Broken)?;
        }
        Ok(headers)
    }
}

/// Bytes whose length stands before them, as an integer of `width` bytes; and what follows.
fn sized(bytes: &[u8], width: usize) -> Result<(&[u8], &[u8]), Broken> {
    let (length, after) = bytes.split_at_checked(width).ok_or(Broken)?;
    let length = length
        .iter()
        .fold(0, |length, byte| length * 256 + usize::from(*byte));
    after.split_at_checked(length).ok_or(Broken)
}

/// The integer of four bytes that stands at `at`.
fn integer(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

fn checksum_of(bytes: &[u8]) -> Option<usize> {
    usize::try_from(crc32fast::hash(bytes)).ok()
}
