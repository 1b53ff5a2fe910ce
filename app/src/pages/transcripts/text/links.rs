//! Which addresses in a text may be followed.

use url::Url;

/// An address that may be followed, written out so that nothing in it looks like something else: names in
/// other scripts stand as what they are sent as.
pub(super) fn followed(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_open = match url.scheme() {
        "http" | "https" => url.has_host() && url.username().is_empty() && url.password().is_none(),
        "mailto" => true,
        _ => false,
    };
    is_open.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::followed;

    #[test]
    fn only_pages_and_mail() {
        assert_eq!(
            followed("https://example.com/a?b=c#d").as_deref(),
            Some("https://example.com/a?b=c#d")
        );
        assert_eq!(
            followed("HTTP://EXAMPLE.com").as_deref(),
            Some("http://example.com/")
        );
        assert_eq!(
            followed("mailto:a@example.com").as_deref(),
            Some("mailto:a@example.com")
        );
        assert_eq!(
            followed("https://ex\u{430}mple.com/").as_deref(),
            Some("https://xn--exmple-4nf.com/")
        );
        for no in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "/settings",
            "//example.com",
            "settings",
            "",
            "ftp://example.com",
            "blob:https://x/y",
            "https://paypal.com@example.com/",
            "view-source:https://example.com",
            "\u{1}javascript:alert(1)",
        ] {
            assert_eq!(followed(no), None, "{no:?}");
        }
    }
}
