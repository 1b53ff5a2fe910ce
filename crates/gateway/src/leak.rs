//! Weir's own tokens where none belongs: in a header or a member of the query that would go up.

use domain::token::{API_TOKEN_PREFIX, TOKEN_PREFIX};
use memchr::memmem;

/// Characters behind the prefix from which on a text is taken for a token; a token has 43.
const TOKEN_LENGTH_MIN: usize = 40;

/// Whether a gateway token, or an API token of an admin, stands anywhere in a text.
pub(crate) fn holds_token(text: &[u8]) -> bool {
    [TOKEN_PREFIX, API_TOKEN_PREFIX]
        .into_iter()
        .any(|prefix| holds_token_with(text, prefix))
}

fn holds_token_with(text: &[u8], prefix: &str) -> bool {
    memmem::find_iter(text, prefix.as_bytes()).any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        let behind = rest.get(prefix.len()..).unwrap_or_default();
        let of_a_token = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        behind.iter().take_while(of_a_token).count() >= TOKEN_LENGTH_MIN
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_seen_and_what_only_begins_like_one_is_not() {
        let token = format!("wr_{}", "aB3-_".repeat(9));
        assert!(holds_token(token.as_bytes()));
        assert!(holds_token(format!("Bearer {token}; x").as_bytes()));
        assert!(holds_token(
            format!("https://a.example/?t={token}").as_bytes()
        ));
        assert!(holds_token(token.replace("wr_", "wra_").as_bytes()));
        assert!(!holds_token(b"wr_short"));
        assert!(!holds_token(b"wra_short"));
        assert!(!holds_token(
            b"swr_ and wr_ and more wr_words in a sentence that is rather long"
        ));
    }
}
