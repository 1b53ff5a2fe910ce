//! AWS event streams for tests, written out of lines that a person can read.
//!
//! A line is `event NAME PAYLOAD`, `exception NAME PAYLOAD`, `error NAME PAYLOAD`, or `chunk chunk PAYLOAD`
//! for an event of type `chunk` around this payload.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The frames that these lines mean.
pub(crate) fn encode(lines: &str) -> Vec<u8> {
    lines.lines().flat_map(line).collect()
}

fn line(line: &str) -> Vec<u8> {
    let mut words = line.splitn(3, ' ');
    let [kind, name, payload] = std::array::from_fn(|_| words.next().unwrap_or_default());
    match kind {
        "chunk" => chunk(payload),
        "event" => frame("event", ":event-type", name, payload.as_bytes()),
        "exception" => frame("exception", ":exception-type", name, payload.as_bytes()),
        "error" => frame("error", ":error-code", name, payload.as_bytes()),
        _ => panic!("{kind}"),
    }
}

/// A frame of an invoke stream around one event of the model maker's API.
pub(crate) fn chunk(event: &str) -> Vec<u8> {
    let payload = format!(r#"{{"bytes":"{}","p":"abcdef"}}"#, STANDARD.encode(event));
    frame("event", ":event-type", "chunk", payload.as_bytes())
}

/// A frame of Converse.
pub(crate) fn event(name: &str, payload: &str) -> Vec<u8> {
    frame("event", ":event-type", name, payload.as_bytes())
}

/// A frame with the headers that AWS writes.
pub(crate) fn frame(message_type: &str, name_of: &str, name: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        (name_of, name),
        (":content-type", "application/json"),
        (":message-type", message_type),
    ];
    raw(
        &headers.map(|(name, value)| header(name, value)).concat(),
        payload,
    )
}

/// A header that is a string.
pub(crate) fn header(name: &str, value: &str) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    let mut header = vec![u8::try_from(name.len()).unwrap()];
    header.extend_from_slice(name.as_bytes());
    header.push(7);
    header.extend_from_slice(&length);
    header.extend_from_slice(value.as_bytes());
    header
}

/// A frame with these very headers.
pub(crate) fn raw(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = u32::try_from(16 + headers.len() + payload.len()).unwrap();
    let mut frame = total.to_be_bytes().to_vec();
    frame.extend_from_slice(&u32::try_from(headers.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.extend_from_slice(headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame
}
