//! A reader of the binary frames of AWS, which checks both checksums.

use serde_json::Value;

/// A frame: its headers by name, and its payload.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.payload).unwrap()
    }

    /// The event that a chunk of InvokeModel holds.
    pub(crate) fn chunk(&self) -> Value {
        use base64::Engine;
        assert_eq!(self.header(":event-type"), "chunk");
        let bytes = self.json()["bytes"].as_str().unwrap().to_owned();
        let bytes = base64::engine::general_purpose::STANDARD.decode(bytes);
        serde_json::from_slice(&bytes.unwrap()).unwrap()
    }
}

/// All frames of a stream, which must be whole. Fails with the number of a frame whose checksum is
/// wrong.
pub(crate) fn frames(mut bytes: &[u8]) -> Result<Vec<Frame>, usize> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let length = number(bytes, 0);
        let (frame, rest) = bytes.split_at(length);
        let prelude = u32::try_from(number(frame, 8)).unwrap();
        let whole = u32::try_from(number(frame, length - 4)).unwrap();
        if crc32fast::hash(&frame[..8]) != prelude || crc32fast::hash(&frame[..length - 4]) != whole
        {
            return Err(frames.len());
        }
        let end = 12 + number(frame, 4);
        frames.push(Frame {
            headers: headers(&frame[12..end]),
            payload: frame[end..length - 4].to_vec(),
        });
        bytes = rest;
    }
    Ok(frames)
}

fn headers(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name = usize::from(bytes[0]) + 1;
        assert_eq!(bytes[name], 7, "a text");
        let length = usize::from(u16::from_be_bytes([bytes[name + 1], bytes[name + 2]]));
        let value = &bytes[name + 3..name + 3 + length];
        headers.push((text(&bytes[1..name]), text(value)));
        bytes = &bytes[name + 3 + length..];
    }
    headers
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn number(bytes: &[u8], place: usize) -> usize {
    let bytes = bytes[place..place + 4].try_into().unwrap();
    usize::try_from(u32::from_be_bytes(bytes)).unwrap()
}
