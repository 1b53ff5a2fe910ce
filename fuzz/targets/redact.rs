//! Blanking a credential in an error: afterwards it is nowhere, plain or in JSON's escapes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::error::redact;

const SECRET: &str = "sk-Q7/+x\"y\u{e9}z";

fn holds(body: &[u8]) -> bool {
    body.windows(SECRET.len())
        .any(|part| part == SECRET.as_bytes())
}

fuzz_target!(|bytes: &[u8]| {
    // `@` stands for the secret and `~` for one of its ways of being written, so that mutations find it.
    let mut body = vec![];
    for byte in bytes {
        match byte {
            b'@' => body.extend_from_slice(SECRET.as_bytes()),
            b'~' => body.extend_from_slice(br#"sk-Q7\/\u002bx\"y\u00e9z"#),
            byte => body.push(*byte),
        }
    }
    let blanked = redact(&body, SECRET);
    if let Some(blanked) = &blanked {
        assert!(
            redact(blanked, SECRET).is_none(),
            "something is left in {}",
            String::from_utf8_lossy(blanked)
        );
    }
    let left = blanked.as_deref().unwrap_or(&body);
    assert!(!holds(left), "{}", String::from_utf8_lossy(left));
    // Read as JSON it is in no text either.
    if serde_json::from_slice::<serde_json::Value>(&body).is_ok()
        && let Ok(read) = serde_json::from_slice::<serde_json::Value>(left)
    {
        fn texts(value: &serde_json::Value) -> bool {
            match value {
                serde_json::Value::String(text) => text.contains(SECRET),
                serde_json::Value::Array(list) => list.iter().any(texts),
                serde_json::Value::Object(map) => map
                    .iter()
                    .any(|(key, value)| key.contains(SECRET) || texts(value)),
                _ => false,
            }
        }
        assert!(!texts(&read), "{}", String::from_utf8_lossy(left));
    }
    if bytes.iter().all(|byte| !b"@~sS\\".contains(byte)) {
        assert!(blanked.is_none(), "nothing was there to blank");
    }
});
