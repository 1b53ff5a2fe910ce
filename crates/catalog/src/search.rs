//! Finding models by a part of their name.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{CatalogModel, file, fit::fit};

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
        let texts = [names.id.to_lowercase(), names.display_name.to_lowercase()];
        if let Some(fit) = fit(&texts, &query) {
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
