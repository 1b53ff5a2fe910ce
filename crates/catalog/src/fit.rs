//! How well texts fit what somebody searches for.

/// How well a text fits a query; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the text.
    Exact,
    /// The text begins with it.
    Prefix,
    /// A word of the text begins with it.
    WordStart,
    /// It is somewhere in the text.
    Substring,
    /// Each of its words is somewhere in one of the texts.
    EachWord,
}

/// How well the best of some texts fits a query. Texts and query are in lower case; an empty query fits
/// everything. `None`: not at all.
#[must_use]
pub fn fit(texts: &[impl AsRef<str>], query: &str) -> Option<Fit> {
    let texts = || texts.iter().map(AsRef::as_ref);
    let whole = texts().filter_map(|text| fit_of(text, query)).min();
    whole.or_else(|| {
        let each = query
            .split_whitespace()
            .all(|word| texts().any(|text| text.contains(word)));
        each.then_some(Fit::EachWord)
    })
}

fn fit_of(text: &str, query: &str) -> Option<Fit> {
    if text == query {
        return Some(Fit::Exact);
    }
    let mut places = text.match_indices(query).map(|(at, _)| at).peekable();
    let first = *places.peek()?;
    if first == 0 {
        return Some(Fit::Prefix);
    }
    let starts_word = |at: usize| {
        text.get(..at)
            .and_then(|head| head.chars().next_back())
            .is_none_or(|c| !c.is_alphanumeric())
    };
    if places.any(starts_word) {
        Some(Fit::WordStart)
    } else {
        Some(Fit::Substring)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fit, fit};

    #[test]
    fn the_closer_a_text_is_the_better_it_fits() {
        let check = |texts: &[&str], query: &str, expected: Option<Fit>| {
            assert_eq!(fit(texts, query), expected, "{query} in {texts:?}");
        };
        check(&["gpt-5"], "gpt-5", Some(Fit::Exact));
        check(&["gpt-5-mini"], "gpt-5", Some(Fit::Prefix));
        check(&["openai/gpt-5"], "gpt", Some(Fit::WordStart));
        check(&["chatgpt"], "gpt", Some(Fit::Substring));
        check(&["chatgpt", "gpt"], "gpt", Some(Fit::Exact));
        check(
            &["openai main", "models"],
            "models openai",
            Some(Fit::EachWord),
        );
        check(&["openai main"], "openai tokens", None);
        check(&["anything"], "", Some(Fit::Prefix));
    }
}
