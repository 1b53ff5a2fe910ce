//! The keys that lead to the pages of the navigation: `g`, then a letter.

/// The keys of a page, by its address.
pub(crate) fn of(address: &str) -> Option<&'static str> {
    match address {
        "/providers" => Some("g p"),
        "/secrets" => Some("g s"),
        "/tokens" => Some("g t"),
        "/usage" => Some("g u"),
        "/transcripts" => Some("g r"),
        "/calls" => Some("g c"),
        "/audit" => Some("g a"),
        "/settings" => Some("g ,"),
        _ => None,
    }
}
