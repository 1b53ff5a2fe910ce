//! Weir's own tokens where none belongs: in a header or a member of the query that would go up, or in what is
//! recorded.

use domain::token::{API_TOKEN_PREFIX, TOKEN_PREFIX};
use memchr::memmem;

/// Characters behind the prefix from which on a text is taken for a token; a token has 43.
const TOKEN_LENGTH_MIN: usize = 40;

/// Whether a gateway token, or an API token of an admin, stands anywhere in a text.
pub(crate) fn holds_token(text: &[u8]) -> bool {
    tokens(text).next().is_some()
}

/// The tokens that stand in a text.
pub(crate) fn tokens(text: &[u8]) -> impl Iterator<Item = &str> {
    [TOKEN_PREFIX, API_TOKEN_PREFIX]
        .into_iter()
        .flat_map(move |prefix| tokens_with(text, prefix))
}

fn tokens_with<'t>(text: &'t [u8], prefix: &'static str) -> impl Iterator<Item = &'t str> {
    memmem::find_iter(text, prefix).filter_map(move |at| {
        let rest = text.get(at..)?;
        let of_a_token = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let token = rest.iter().take_while(of_a_token).count();
        let is_token = token >= prefix.len().saturating_add(TOKEN_LENGTH_MIN);
        let token = rest.get(..token).filter(|_| is_token)?;
        std::str::from_utf8(token).ok()
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
        let text = format!("Bearer {token}; x");
        assert_eq!(tokens(text.as_bytes()).collect::<Vec<_>>(), [token]);
        assert!(!holds_token(b"wr_short"));
        assert!(!holds_token(b"wra_short"));
        assert!(!holds_token(
            b"swr_ and wr_ and more wr_words in a sentence that is rather long"
        ));
    }
}
