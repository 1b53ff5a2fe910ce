//! Writes the binary frames in which AWS sends streams, checksums included. It knows nothing of
//! what the frames hold.
//!
//! A frame is: its length, the length of its headers, the checksum of these eight bytes, headers,
//! payload, the checksum of all before. Numbers are big-endian, checksums are CRC-32.

use crate::frames::Frames;
use crate::json::object_text;

/// The type of a header that is a text.
const TEXT: u8 = 7;
/// All of a frame but headers and payload.
const AROUND: usize = 16;
const JSON: &str = "application/json";

/// Adds the frame of an event.
pub(crate) fn event(frames: &mut Frames, kind: &str, payload: &[u8]) {
    let headers = [
        (":event-type", kind),
        (":content-type", JSON),
        (":message-type", "event"),
    ];
    write(frames.next(), &headers, payload);
    frames.end();
}

/// Appends the frame of an exception; of an error that no model names where `kind` is `error`.
pub(crate) fn exception(out: &mut Vec<u8>, kind: &str, message: &str) {
    if kind == "error" {
        let headers = [
            (":error-code", "InternalFailure"),
            (":error-message", message),
            (":message-type", "error"),
        ];
        write(out, &headers, b"");
        return;
    }
    let headers = [
        (":exception-type", kind),
        (":content-type", JSON),
        (":message-type", "exception"),
    ];
    let payload = object_text(|body| {
        body.text("message", message);
    });
    write(out, &headers, &payload);
}

/// The same frame with a checksum that is wrong.
pub(crate) fn spoilt(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    if let Some(last) = frame.last_mut() {
        *last ^= 0xff;
    }
    frame
}

fn write(out: &mut Vec<u8>, headers: &[(&str, &str)], payload: &[u8]) {
    let mut head = Vec::with_capacity(96);
    for (name, value) in headers {
        // Names and values are our own, or errors of a sentence: none is near these lengths.
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name.as_bytes());
        head.push(TEXT);
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        head.extend_from_slice(&length.to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let start = out.len();
    out.extend_from_slice(&length_of(AROUND + head.len() + payload.len()));
    out.extend_from_slice(&length_of(head.len()));
    end_with_checksum(out, start);
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
    end_with_checksum(out, start);
}

fn length_of(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

fn end_with_checksum(out: &mut Vec<u8>, start: usize) {
    let checksum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_bytes_that_aws_sends() {
        const KNOWN: &str = "0000007d00000056e6680fd60b3a6576656e742d74797065070010636f6e74656e74\
             426c6f636b53746f700d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e\
             0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e64657822\
             3a307db32e4d34";
        let mut frames = Frames::default();
        event(
            &mut frames,
            "contentBlockStop",
            b"{\"contentBlockIndex\":0}",
        );
        let (bytes, ends) = frames.into_parts();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, KNOWN);
        assert_eq!(ends, [125]);
        assert_ne!(spoilt(&bytes), bytes);
    }
}
