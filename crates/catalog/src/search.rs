//! Finding models by a part of their name.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{CatalogModel, file};

/// How well a text fits a query; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Prefix,
    WordStart,
    Substring,
    EachWord,
}

/// The part of a line that a search looks at.
#[derive(Deserialize)]
struct Names<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(borrow, default)]
    deprecation_date: Option<Cow<'a, str>>,
}

/// The best `limit` of the rows of one kind. `date`: a model that was shut down by then comes last.
pub(crate) fn best(rows: &str, query: &str, date: &str, limit: usize) -> Vec<CatalogModel> {
    let query = query.trim().to_lowercase();
    let mut last_id = "";
    let mut found = Vec::new();
    for line in file::lines(rows) {
        let Some(key) = file::key(line).filter(|key| key.id != last_id) else {
            continue;
        };
        last_id = key.id;
        let Ok(names) = serde_json::from_str::<Names<'_>>(line) else {
            continue;
        };
        if let Some(fit) = fit(&names, &query) {
            let retired = names.deprecation_date.is_some_and(|day| *day <= *date);
            found.push((retired, fit, line));
        }
    }
    // Stable: equals stay in the order of ids.
    found.sort_by_key(|(retired, fit, _)| (*retired, *fit));
    found
        .into_iter()
        .take(limit)
        .filter_map(|(_, _, line)| file::parse(line))
        .collect()
}

fn fit(names: &Names<'_>, query: &str) -> Option<Fit> {
    let id = names.id.to_lowercase();
    let name = names.display_name.to_lowercase();
    let whole = [fit_of(&id, query), fit_of(&name, query)]
        .into_iter()
        .flatten()
        .min();
    whole.or_else(|| {
        let each = query
            .split_whitespace()
            .all(|word| id.contains(word) || name.contains(word));
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
