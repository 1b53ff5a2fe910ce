//! Elements of a JSON array: the same whole and in pieces, and those that a JSON parser finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::Input;
use wire::json_array::Scanner;

const LIMIT: usize = 500;

fn elements(pieces: &[&[u8]]) -> (Vec<(Vec<u8>, bool)>, bool, bool) {
    let (mut scanner, mut found) = (Scanner::with_limit(LIMIT), vec![]);
    for piece in pieces {
        scanner.push(piece, |element| {
            assert!(element.json.len() <= LIMIT, "an element above the limit");
            found.push((element.json.to_vec(), element.given_up));
        });
    }
    (found, scanner.is_closed(), scanner.saw_foreign())
}

fuzz_target!(|bytes: &[u8]| {
    let cut = Input::new(bytes).pieces(bytes);
    let (found, closed, foreign) = elements(&[bytes]);
    assert_eq!(elements(&cut), (found.clone(), closed, foreign));
    // Where all of it is one array of objects, each of them is found.
    let Ok(list) = serde_json::from_slice::<Vec<serde_json::Map<String, serde_json::Value>>>(bytes)
    else {
        return;
    };
    assert!(closed && !foreign && found.len() == list.len(), "{found:?}");
    for ((json, given_up), object) in found.iter().zip(list) {
        assert!(
            *given_up || serde_json::from_slice::<serde_json::Map<_, _>>(json).ok() == Some(object)
        );
    }
});
