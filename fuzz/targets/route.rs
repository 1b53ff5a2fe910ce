//! Paths of callers: whatever is let through stays below the base URL of the provider.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use weir_fuzz::Input;
use wire::route::{dialect, route};

const BASES: &[&str] = &[
    "https://upstream.example",
    "https://upstream.example/v1",
    "https://upstream.example:8443/deep/er/v1beta",
];

/// A path as a lenient server may read it: escapes off twice, dots and backslashes resolved.
fn leniently(path: &str) -> String {
    let mut text = path.to_owned();
    for _ in 0..2 {
        let bytes = text.as_bytes();
        let (mut decoded, mut at) = (vec![], 0);
        while let Some(byte) = bytes.get(at) {
            let hex = bytes
                .get(at + 1..at + 3)
                .and_then(|hex| str::from_utf8(hex).ok());
            let escape = hex
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                .filter(|_| *byte == b'%');
            decoded.push(escape.unwrap_or(*byte));
            at += if escape.is_some() { 3 } else { 1 };
        }
        text = String::from_utf8_lossy(&decoded).replace('\\', "/");
    }
    text
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (provider_type, base) = (input.provider_type(), input.one_of(BASES));
    let method = input.one_of(&["GET", "POST", "DELETE"]);
    let Ok(path) = str::from_utf8(bytes) else {
        return;
    };
    let _ = dialect(provider_type, path);
    let Ok(route) = route(provider_type, method, path) else {
        return;
    };
    let url = route.url(base);
    let (to, from) = (Url::parse(&url).expect(&url), Url::parse(base).expect(base));
    assert_eq!(
        (to.scheme(), to.host_str(), to.port()),
        (from.scheme(), from.host_str(), from.port()),
        "{url}"
    );
    assert!(
        to.username().is_empty() && to.password().is_none() && to.fragment().is_none(),
        "{url}"
    );
    assert!(to.query().is_none(), "{url}");
    let below = to.path().strip_prefix(from.path().trim_end_matches('/'));
    assert!(
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        "{url}"
    );
    let plain = leniently(to.path());
    assert!(
        !plain.split('/').any(|name| name == ".." || name == "."),
        "{url} may be read as {plain}"
    );
    assert!(
        !url.contains(|letter: char| letter.is_ascii_control() || letter == '\\'),
        "{url:?}"
    );
});
