//! Taking content codings off, in any cut and within limits.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use weir_wire::decode::{DecodeError, Decoder};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(vec![], 4096, 5, 22);
    encoder.write_all(bytes).unwrap();
    encoder.into_inner()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn encoded(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" | "x-gzip" => gzip(bytes),
        "br" => brotli(bytes),
        "zstd" => zstd(bytes),
        _ => bytes.to_vec(),
    }
}

fn decode<'a>(
    decoder: &mut Decoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, DecodeError> {
    let mut out = vec![];
    for piece in pieces {
        out.extend(decoder.push(piece)?);
    }
    Ok(out)
}

const ENCODINGS: [&str; 5] = ["gzip", "x-gzip", "br", "zstd", "identity"];

#[test]
fn every_coding_is_taken_off_in_every_cut() {
    let body = "Grüße, 日本, and some more text to pack. ".repeat(40);
    for encoding in ENCODINGS {
        let packed = encoded(encoding, body.as_bytes());
        for size in [1, 2, 7, 100, packed.len()] {
            let mut decoder = Decoder::for_encoding(encoding).unwrap();
            let out = decode(&mut decoder, packed.chunks(size)).unwrap();
            assert_eq!(out, body.as_bytes(), "{encoding} in pieces of {size}");
        }
    }
}

#[test]
fn names_are_read_as_headers_write_them() {
    for known in ["GZIP", " gzip ", "", "Identity", "BR", "Zstd"] {
        assert!(Decoder::for_encoding(known).is_some(), "{known:?}");
    }
    for unknown in ["deflate", "gzip, br", "compress", "aws-chunked"] {
        assert!(Decoder::for_encoding(unknown).is_none(), "{unknown:?}");
    }
}

#[test]
fn several_members_are_one_body() {
    for encoding in ["gzip", "zstd"] {
        let packed = [encoded(encoding, b"one "), encoded(encoding, b"two")].concat();
        for size in [1, 5, packed.len()] {
            let mut decoder = Decoder::for_encoding(encoding).unwrap();
            assert_eq!(
                decode(&mut decoder, packed.chunks(size)).unwrap(),
                b"one two",
                "{encoding}"
            );
        }
    }
}

const EVENTS: [&str; 3] = ["data: one\n\n", "data: two\n\n", "data: [DONE]\n\n"];

/// What a decoder gives for each frame that an encoder flushes.
fn flushed<E: Write>(
    encoding: &str,
    mut encoder: E,
    written: impl Fn(&E) -> &Vec<u8>,
) -> Vec<String> {
    let mut decoder = Decoder::for_encoding(encoding).unwrap();
    let mut sent = 0;
    let mut frame = |event: &str| {
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.flush().unwrap();
        let frame: Vec<u8> = written(&encoder).iter().skip(sent).copied().collect();
        sent += frame.len();
        String::from_utf8(decoder.push(&frame).unwrap()).unwrap()
    };
    EVENTS.iter().map(|event| frame(event)).collect()
}

#[test]
fn each_flushed_frame_of_a_stream_comes_out_at_once() {
    let gzip = GzEncoder::new(vec![], Compression::default());
    assert_eq!(flushed("gzip", gzip, GzEncoder::get_ref), EVENTS);
    let brotli = brotli::CompressorWriter::new(vec![], 4096, 5, 22);
    assert_eq!(
        flushed("br", brotli, brotli::CompressorWriter::get_ref),
        EVENTS
    );
    let zstd = zstd::stream::write::Encoder::new(vec![], 3).unwrap();
    assert_eq!(
        flushed("zstd", zstd, zstd::stream::write::Encoder::get_ref),
        EVENTS
    );
}

#[test]
fn a_body_that_breaks_off_gives_what_it_held() {
    let body: Vec<u8> = (0..20_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    for encoding in ["gzip", "br", "zstd"] {
        let packed = encoded(encoding, &body);
        let mut decoder = Decoder::for_encoding(encoding).unwrap();
        let out = decoder.push(&packed[..packed.len() / 2]).unwrap();
        assert!(body.starts_with(&out), "{encoding}");
    }
}

#[test]
fn bytes_of_another_kind_are_an_error_that_stays() {
    for encoding in ["gzip", "br", "zstd"] {
        let mut decoder = Decoder::for_encoding(encoding).unwrap();
        let broken = decode(
            &mut decoder,
            b"<html>not packed at all, no, not at all</html>".chunks(5),
        );
        assert_eq!(broken, Err(DecodeError::Broken), "{encoding}");
        assert_eq!(decoder.push(b""), Err(DecodeError::Broken), "{encoding}");
    }
}

#[test]
fn a_body_that_unpacks_to_too_much_is_stopped() {
    let bomb = vec![0_u8; 20 * 1024 * 1024];
    for encoding in ENCODINGS {
        let packed = encoded(encoding, &bomb);
        for size in [packed.len(), 1024] {
            let mut decoder = Decoder::for_encoding(encoding)
                .unwrap()
                .with_limit(1024 * 1024);
            let out = decode(&mut decoder, packed.chunks(size));
            assert_eq!(
                out,
                Err(DecodeError::TooLong),
                "{encoding} in pieces of {size}"
            );
        }
        let mut decoder = Decoder::for_encoding(encoding)
            .unwrap()
            .with_limit(bomb.len());
        assert_eq!(
            decode(&mut decoder, [packed.as_slice()]).unwrap().len(),
            bomb.len(),
            "{encoding}"
        );
    }
}
