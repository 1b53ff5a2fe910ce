//! Server-sent events: the same events whole and in pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::Input;
use wire::sse::{Event, Scanner};

fn events(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
    let (mut scanner, mut found) = (Scanner::with_limit(2000), vec![]);
    let mut note = |event: Event<'_>| {
        assert!(event.data.len() <= 2000, "an event above the limit");
        found.push([event.name, b"|", event.data, &[u8::from(event.given_up)]].concat());
    };
    for piece in pieces {
        scanner.push(piece, &mut note);
    }
    scanner.finish(&mut note);
    let foreign = scanner.saw_foreign_line();
    (found, foreign)
}

fuzz_target!(|bytes: &[u8]| {
    let cut = Input::new(bytes).pieces(bytes);
    assert_eq!(events(&cut), events(&[bytes]));
});
