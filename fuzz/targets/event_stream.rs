//! AWS event streams: the same frames whole and in pieces, broken at the same place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::{Input, event_stream};
use wire::event_stream::Scanner;

fn frames(pieces: &[&[u8]]) -> (Vec<String>, bool) {
    let (mut scanner, mut found) = (Scanner::new(), vec![]);
    for piece in pieces {
        scanner.push(piece, |frame| found.push(format!("{frame:?}")));
    }
    (found, scanner.is_broken())
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    for stream in [bytes.to_vec(), event_stream(bytes)] {
        let cut = input.pieces(&stream);
        assert_eq!(frames(&cut), frames(&[&stream]));
    }
});
