//! Multipart forms: the first line is the content type, the rest the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::request::multipart_model;

fuzz_target!(|bytes: &[u8]| {
    let at = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (first, body) = bytes.split_at(at);
    let Ok(content_type) = str::from_utf8(first) else {
        return;
    };
    if let Ok(Some(model)) = multipart_model(content_type, body.get(1..).unwrap_or_default()) {
        assert!(!model.is_empty() && model.len() <= 1024);
        assert!(
            body.windows(model.len())
                .any(|part| part == model.as_bytes()),
            "a model from nowhere"
        );
    }
});
