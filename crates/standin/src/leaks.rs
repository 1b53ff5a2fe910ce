//! What no call may carry to a provider: what belongs to a gateway or to a browser. It knows
//! nothing of the APIs.

use http::HeaderMap;

/// What the tokens of the gateway begin with.
const TOKEN: &[u8] = b"wr_";
const OWN_HEADER: &str = "x-weir-";

/// A sentence about the first thing that is found, without repeating it.
pub(crate) fn found(headers: &HeaderMap) -> Option<String> {
    headers.iter().find_map(|(name, value)| {
        let held = value.as_bytes();
        let has_token = |bytes: &[u8]| bytes.windows(TOKEN.len()).any(|piece| piece == TOKEN);
        let what = if has_token(held) || has_token(name.as_str().as_bytes()) {
            "a token of the gateway"
        } else if name == "cookie" {
            "a cookie"
        } else if name.as_str().starts_with(OWN_HEADER) {
            "the gateway's own header"
        } else {
            return None;
        };
        Some(format!(
            "The stand-in refuses a call with {what}, which came in the header {name}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn what_must_not_arrive_is_found() {
        for (name, value, leaks) in [
            ("authorization", "Bearer wr_abc", true),
            ("x-goog-api-key", "wr_abc", true),
            ("cookie", "a=b", true),
            ("x-weir-agent", "me", true),
            ("x-standin-model", "gpt-5", false),
            ("authorization", "Bearer sk-1", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
            assert_eq!(found(&headers).is_some(), leaks, "{name}");
        }
    }
}
