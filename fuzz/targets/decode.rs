//! Content codings: bounded, and the same whole and in pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::Input;
use wire::decode::{DecodeError, Decoder};

const LIMIT: usize = 1 << 20;

fn decoded(coding: &str, pieces: &[&[u8]]) -> (Vec<u8>, Option<DecodeError>) {
    let mut decoder = Decoder::for_encoding(coding)
        .expect("a known coding")
        .with_limit(LIMIT);
    let mut out = vec![];
    for piece in pieces {
        match decoder.push(piece) {
            Ok(bytes) => out.extend_from_slice(&bytes),
            Err(error) => return (out, Some(error)),
        }
        assert!(out.len() <= LIMIT, "more than the limit");
    }
    (out, None)
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let coding = match bytes {
        [0x1F, 0x8B, ..] => "gzip",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "zstd",
        _ => input.one_of(&["br", "gzip", "zstd", "identity"]),
    };
    let cut = input.pieces(bytes);
    let (whole, in_pieces) = (decoded(coding, &[bytes]), decoded(coding, &cut));
    if whole.1.is_none() {
        assert_eq!(whole, in_pieces, "{coding}");
    } else {
        assert!(in_pieces.1.is_some(), "{coding}: whole it is {:?}", whole.1);
    }
});
