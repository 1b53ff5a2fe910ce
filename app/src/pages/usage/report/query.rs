//! The state of the page, as it stands in its address, and what admin is asked for it.
//!
//! | in the address | what it is |
//! |---|---|
//! | `range`, or `customStart` and `customEnd` | the stretch of time |
//! | `bucket` | how much of it a line is of: `hour`, `day`, `month`, `total` |
//! | `by` | what makes a line of its own, each by its name; `none` by itself for nothing |
//! | a filter's name, `name.not` | as on Cost & Usage; an empty value: nobody said |
//!
//! An address of Cost & Usage is one of this page: where `by` is missing its `group_by` stands for it.

use admin::{
    AdminError,
    usage::{ReportBy, read_report_query},
};
use domain::Timestamp;

use crate::{
    format::zone::Zone,
    http::fields::Fields,
    pages::usage::{
        query::{filters, led_on},
        range::Range,
    },
    provider_form::notes::sentence,
};

/// What is asked for.
pub(super) struct Asked {
    /// The range, where it can be read.
    pub(super) range: Option<Range>,
    /// What admin is asked. `None`: it cannot be answered.
    pub(super) query: Option<String>,
    /// What makes a line of its own.
    pub(super) by: Vec<ReportBy>,
    /// What is wrong with the address, for people to read.
    pub(super) wrong: Vec<String>,
}

impl Asked {
    /// Reads an address, as [`plain`] leaves it.
    pub(super) fn read(query: &Fields, zone: &Zone, now: Timestamp) -> Self {
        let by = by(query);
        let range = match Range::read(query, zone, now) {
            Ok(range) => range,
            Err(no_range) => {
                return Self {
                    range: None,
                    query: None,
                    by,
                    wrong: vec![no_range.0.to_owned()],
                };
            }
        };
        let mut asked: Fields = filters(query)
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        asked.push("from", range.from.to_string());
        asked.push("to", range.asked_until().to_string());
        asked.push("tz", zone.name());
        asked.push("bucket", query.text("bucket"));
        asked.push("by", "none");
        for by in &by {
            asked.push("by", by.key());
        }
        let text = asked.address("").trim_start_matches('?').to_owned();
        let wrong = match read_report_query(&text, now) {
            Ok(_) => vec![],
            Err(AdminError::BadQuery(errors)) => errors
                .iter()
                .map(|error| format!("{}{}", about(&error.field), sentence(&error.message)))
                .collect(),
            Err(error) => vec![error.problem().detail],
        };
        Self {
            range: Some(range),
            query: wrong.is_empty().then_some(text),
            by,
            wrong,
        }
    }
}

/// What is said before a message, so that one knows what it is about.
fn about(field: &str) -> String {
    match field {
        // Its message says it.
        "by" => String::new(),
        "bucket" => "A line cannot be of this much time. ".to_owned(),
        "from" | "to" => "The range cannot be used. ".to_owned(),
        filter => format!(
            "The filter {} cannot be used: ",
            filter.replace(['_', '.'], " ")
        ),
    }
}

/// What makes a line of its own. Where nobody says: what Cost & Usage was grouped by, else provider and model.
fn by(query: &Fields) -> Vec<ReportBy> {
    if query.ticked("by") {
        let named = |by: &ReportBy| query.has("by", by.key());
        return ReportBy::ALL.iter().copied().filter(named).collect();
    }
    match query.text("group_by").parse() {
        Ok(by) => vec![by],
        Err(_) => vec![ReportBy::Provider, ReportBy::Model],
    }
}

/// An address without what forms send besides: a value that is empty on purpose they send as `name.none`, since
/// scripts leave out what is empty.
pub(super) fn plain(query: &Fields) -> Fields {
    led_on(query).unwrap_or_else(|| query.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;

    use super::{Asked, plain};
    use crate::{format::zone::Zone, http::fields::Fields};

    fn read(query: &str) -> Asked {
        let zone = Zone::of(Arc::new(ReportZone::new("Europe/Berlin").unwrap()));
        let now = "2026-11-19T15:31:07Z".parse().unwrap();
        Asked::read(&plain(&Fields::parse(query.as_bytes())), &zone, now)
    }

    const RANGE: &str = "from=2026-11-05T23:00:00Z&to=2026-11-19T15:45:00Z&tz=Europe/Berlin";

    #[test]
    fn an_address_of_cost_and_usage_is_one_of_this_page() {
        let asked = |query: &str| read(query).query.unwrap();
        assert_eq!(
            asked("group_by=agent&range=14d&provider=a&model.not=b&agent=&compare=previous"),
            format!("provider=a&model.not=b&agent=&{RANGE}&bucket=&by=none&by=agent")
        );
        assert_eq!(
            asked("group_by=token_type"),
            format!("{RANGE}&bucket=&by=none&by=provider&by=model")
        );
    }

    #[test]
    fn a_form_says_all_that_is_ticked_and_nothing_where_nothing_is() {
        let asked = |query: &str| read(query).query.unwrap();
        assert_eq!(
            asked("by=none&bucket=total&user.none=on&provider="),
            format!("user=&{RANGE}&bucket=total&by=none")
        );
        assert_eq!(
            asked("by=none&by=user&by=provider&bucket=hour&group_by=model"),
            format!("{RANGE}&bucket=hour&by=none&by=provider&by=user")
        );
    }

    #[test]
    fn what_cannot_be_answered_is_told() {
        let wrong = |query: &str, words: &str| {
            let asked = read(query);
            assert!(asked.query.is_none());
            assert!(asked.wrong[0].contains(words), "{:?}", asked.wrong);
        };
        wrong("by=outcome&by=agent", "together with provider and model");
        wrong("range=8d", "no such range");
        wrong("bucket=week", "of this much time");
        wrong("cost_type=money", "The filter cost type");
    }
}
