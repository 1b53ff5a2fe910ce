//! Taking the usage chunk out: the same whole and in pieces, and nothing else goes or changes.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use weir_fuzz::Input;
use wire::{sse::Scanner, strip::UsageChunkFilter};

fn filtered(pieces: &[&[u8]]) -> Vec<u8> {
    let (mut filter, mut out) = (UsageChunkFilter::new(), vec![]);
    for piece in pieces {
        out.extend_from_slice(&filter.push(&Bytes::copy_from_slice(piece)));
    }
    out.extend_from_slice(&filter.finish());
    out
}

fn events(bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut scanner, mut found) = (Scanner::default(), vec![]);
    let mut note =
        |event: wire::sse::Event<'_>| found.push((event.name.to_vec(), event.data.to_vec()));
    scanner.push(bytes, &mut note);
    scanner.finish(&mut note);
    found
}

/// Whether an event is what the filter may take out.
fn is_usage_chunk(data: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(data).is_ok_and(|chunk| {
        chunk["choices"].as_array().is_some_and(Vec::is_empty) && chunk["usage"].is_object()
    })
}

fuzz_target!(|bytes: &[u8]| {
    let cut = Input::new(bytes).pieces(bytes);
    let out = filtered(&[bytes]);
    assert_eq!(filtered(&cut), out);
    let (before, after) = (events(bytes), events(&out));
    if before.len() == after.len() {
        return assert!(
            out == bytes || before == after,
            "no event went, but bytes did"
        );
    }
    let mut left = after.iter().peekable();
    for event in &before {
        if left.next_if_eq(&event).is_none() {
            // Half a surrogate pair, or bytes that are no text, are read leniently; JSON parsers do not.
            let json = serde_json::from_slice::<serde_json::Value>(&event.1).is_ok();
            assert!(
                !json || is_usage_chunk(&event.1),
                "{:?}",
                String::from_utf8_lossy(&event.1)
            );
        }
    }
    assert!(left.next().is_none(), "something was made up");
});
