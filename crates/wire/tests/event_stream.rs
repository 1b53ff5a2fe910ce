//! AWS event streams: the vendor's own bytes, cuts, limits, and frames that are broken.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use proptest::prelude::*;
use support::frames::{event, frame, header, raw};
use weir_wire::event_stream::{MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, MessageType, Scanner};

/// The test vector of `wire-formats` 5.5.
const VECTOR: &str = "0000007d00000056e6680fd60b3a6576656e742d74797065070010636f6e74656e74426c6f636b53746f700d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e646578223a307db32e4d34";

fn vector() -> Vec<u8> {
    (0..VECTOR.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(VECTOR.get(at..at + 2).unwrap(), 16).unwrap())
        .collect()
}

/// The frames of a stream in pieces as `type|name|payload`, and `BROKEN` where it is.
fn scan<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut frames = vec![];
    let mut scanner = Scanner::new();
    for piece in pieces {
        scanner.push(piece, |frame| {
            let kind = match frame.message_type {
                MessageType::Event => "event",
                MessageType::Exception => "exception",
                MessageType::Error => "error",
            };
            let payload = String::from_utf8_lossy(frame.payload);
            frames.push(format!("{kind}|{}|{payload}", frame.name));
        });
    }
    if scanner.is_broken() {
        frames.push("BROKEN".to_owned());
    }
    frames
}

/// Checks what a stream holds, whole, at every cut, and byte by byte.
#[track_caller]
fn check(stream: &[u8], expected: &[&str]) {
    assert_eq!(scan([stream]), expected);
    for cut in 0..=stream.len() {
        let (first, second) = stream.split_at(cut);
        assert_eq!(scan([first, b"", second]), expected, "cut at {cut}");
    }
    for size in [1, 2, 3, 5, 7, 11, 13, 64] {
        assert_eq!(scan(stream.chunks(size)), expected, "in pieces of {size}");
    }
}

#[test]
fn the_vendors_own_frame_is_read_and_written() {
    let bytes = vector();
    assert_eq!(bytes.len(), 125);
    let payload = r#"{"contentBlockIndex":0}"#;
    check(&bytes, &[&format!("event|contentBlockStop|{payload}")]);
    // What the other tests write is what AWS writes.
    assert_eq!(event("contentBlockStop", payload), bytes);
}

#[test]
fn frames_follow_each_other() {
    let stream = [
        event("messageStart", "{}"),
        vector(),
        frame(
            "exception",
            ":exception-type",
            "throttlingException",
            b"{\"message\":\"x\"}",
        ),
        frame("error", ":error-code", "InternalFailure", b""),
        raw(&[], b"no headers"),
        raw(&[], b""),
    ];
    check(
        &stream.concat(),
        &[
            "event|messageStart|{}",
            r#"event|contentBlockStop|{"contentBlockIndex":0}"#,
            r#"exception|throttlingException|{"message":"x"}"#,
            "error|InternalFailure|",
            "event||no headers",
            "event||",
        ],
    );
    check(&[], &[]);
}

#[test]
fn headers_of_every_type_are_passed_over() {
    let other = |kind: u8, value: &[u8]| {
        let mut header = vec![1, b'x', kind];
        header.extend_from_slice(value);
        header
    };
    let headers = [
        other(0, b""),
        other(1, b""),
        other(2, b"1"),
        other(3, b"12"),
        other(4, b"1234"),
        other(5, b"12345678"),
        other(6, b"\x00\x03abc"),
        other(7, b"\x00\x00"),
        other(8, b"12345678"),
        other(9, b"1234567890123456"),
        header(":event-type", "chunk"),
        header(":message-type", "event"),
    ];
    check(&raw(&headers.concat(), b"p"), &["event|chunk|p"]);
}

#[test]
fn a_frame_with_a_wrong_byte_is_passed_over_or_the_last() {
    let (good, last) = (event("a", "{}"), event("b", "{}"));
    for at in 0..good.len() {
        for bit in [1, 0x80] {
            let mut stream = [good.clone(), good.clone(), last.clone()].concat();
            stream[good.len() + at] ^= bit;
            let expected: &[&str] = if at < 12 {
                // Where the next frame begins is not known any more.
                &["event|a|{}", "BROKEN"]
            } else {
                &["event|a|{}", "event|b|{}", "BROKEN"]
            };
            assert_eq!(
                scan([stream.as_slice()]),
                expected,
                "bit {bit} of byte {at}"
            );
            assert_eq!(scan(stream.chunks(1)), expected, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn headers_that_are_none_break_the_frame() {
    let odd = [
        vec![5],
        vec![1, b'x'],
        vec![1, b'x', 10],
        vec![1, b'x', 4, 0],
        vec![1, b'x', 7, 0],
        vec![1, b'x', 7, 0, 9, b'a'],
        vec![1, b'x', 7, 0xff, 0xff],
        header(":message-type", "message"),
        [&[11][..], b":event-type", &[7, 0, 1, 0xff]].concat(),
    ];
    for headers in odd {
        let stream = [raw(&headers, b"p"), event("a", "{}")].concat();
        check(&stream, &["event|a|{}", "BROKEN"]);
    }
}

/// A prelude with a right checksum.
fn prelude(total: u32, headers: u32) -> Vec<u8> {
    let mut prelude = total.to_be_bytes().to_vec();
    prelude.extend_from_slice(&headers.to_be_bytes());
    prelude.extend_from_slice(&crc32fast::hash(&prelude).to_be_bytes());
    prelude
}

#[test]
fn lengths_beyond_the_limits_break_the_stream_at_once() {
    let length = |length: usize| u32::try_from(length).unwrap();
    let longest = length(16 + MAX_HEADER_BYTES + MAX_PAYLOAD_BYTES);
    for (total, headers) in [
        (0, 0),
        (15, 0),
        (longest + 1, length(MAX_HEADER_BYTES)),
        (u32::MAX, 0),
        (u32::MAX, u32::MAX),
        (100, 85),
        (100, u32::MAX),
        (length(16 + MAX_PAYLOAD_BYTES + 1), 0),
        (length(1024 * 1024), length(MAX_HEADER_BYTES + 1)),
    ] {
        let stream = [prelude(total, headers), event("a", "{}")].concat();
        check(&stream, &["BROKEN"]);
    }
    for (total, headers) in [
        (16, 0),
        (100, 84),
        (longest, length(MAX_HEADER_BYTES)),
        (length(16 + MAX_PAYLOAD_BYTES), 0),
    ] {
        let mut scanner = Scanner::new();
        scanner.push(&prelude(total, headers), |_| panic!("no frame is whole"));
        assert!(!scanner.is_broken(), "{total} {headers}");
        // What is held is what came, not what was claimed.
        assert!(scanner.held_bytes() <= 64);
    }
}

#[test]
fn the_longest_frame_is_read_and_its_memory_given_back() {
    let payload = vec![b'x'; MAX_PAYLOAD_BYTES];
    let stream = raw(&header(":event-type", "long"), &payload);
    let mut scanner = Scanner::new();
    let mut seen = 0;
    for piece in stream.chunks(1024 * 1024) {
        scanner.push(piece, |frame| seen += frame.payload.len());
    }
    assert_eq!(seen, MAX_PAYLOAD_BYTES);
    assert!(!scanner.is_broken());
    assert!(scanner.held_bytes() <= 64 * 1024);
}

#[test]
fn text_is_known_by_its_first_byte() {
    for text in ["<html>", "{", "data: {}\n\n", " ", "\u{feff}", "event: x"] {
        check(text.as_bytes(), &["BROKEN"]);
    }
}

#[test]
fn a_frame_that_is_cut_off_is_not_reported() {
    let bytes = vector();
    for cut in 0..bytes.len() {
        assert_eq!(scan([&bytes[..cut]]), Vec::<String>::new(), "cut at {cut}");
    }
}

proptest! {
    /// Frames come out as they went in, however the stream is cut.
    #[test]
    fn frames_come_out_as_they_went_in(
        frames in prop::collection::vec(("[a-zA-Z]{0,12}", prop::collection::vec(any::<u8>(), 0..200)), 0..6),
        cuts in prop::collection::vec(1..60_usize, 1..40),
    ) {
        let stream: Vec<u8> = frames.iter().flat_map(|(name, payload)| frame("event", ":event-type", name, payload)).collect();
        let expected: Vec<String> = frames.iter().map(|(name, payload)| format!("event|{name}|{}", String::from_utf8_lossy(payload))).collect();
        let mut pieces = vec![];
        let (mut rest, mut cuts) = (stream.as_slice(), cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(scan(pieces), expected);
    }

    /// Whatever comes is read or marked, and reads the same whole and byte by byte.
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), first in 0..3_u8) {
        let mut bytes = bytes;
        if let Some(byte) = bytes.first_mut() {
            *byte = first;
        }
        prop_assert_eq!(scan([bytes.as_slice()]), scan(bytes.chunks(1)));
    }
}
