//! The state of the page, as it stands in its address, and what admin is asked for it.
//!
//! | in the address | what it is |
//! |---|---|
//! | `range`, or `customStart` and `customEnd` | the stretch of time |
//! | `group_by` | what makes a series of its own; by provider where it is not said |
//! | a filter's name, `name.not` | what is left, what is left out; an empty value: nobody said |
//! | `compare=previous` | the totals of the period before stand beside those of the range |
//!
//! Forms send a few names more, which lead on to an address without them: `name.how` says whether the ticked
//! values are left or left out, `name.add` adds a value that was typed, `name.none` is the empty value.

use admin::{
    AdminError,
    usage::{GroupBy, UsageQuery, read_query},
};
use domain::Timestamp;

use super::range::{self, Range};
use crate::{
    format::zone::Zone,
    http::{failure::Failure, fields::Fields},
    kit::filters::Choice,
    provider_form::notes::sentence,
};

/// What the page can be narrowed by: the name in the address, the label, and whether nobody may have said.
pub(super) const FILTERS: [(&str, &str, bool); 7] = [
    ("provider", "Provider", false),
    ("model", "Model", true),
    ("agent", "Agent", true),
    ("user", "User", true),
    ("token", "Gateway token", true),
    ("cost_type", "Cost type", false),
    ("token_type", "Token type", false),
];

/// Filters that the page of calls has too.
const OF_CALLS: [&str; 5] = ["provider", "model", "agent", "user", "token"];

/// What the page can be grouped by, and the label.
pub(super) const GROUPS: [(GroupBy, &str); 6] = [
    (GroupBy::Provider, "Provider"),
    (GroupBy::Model, "Model"),
    (GroupBy::TokenType, "Token type"),
    (GroupBy::Agent, "Agent"),
    (GroupBy::User, "User"),
    (GroupBy::None, "Nothing"),
];

/// What is asked for.
pub(super) struct Asked {
    /// The range, where it can be read.
    pub(super) range: Option<Range>,
    /// What admin is asked for. `None`: it cannot be answered.
    pub(super) usage: Option<UsageQuery>,
    /// What makes a series of its own.
    pub(super) group_by: GroupBy,
    /// Whether the totals of the period before are shown.
    pub(super) compares: bool,
    /// What is wrong with the address, for people to read.
    pub(super) wrong: Vec<String>,
}

impl Asked {
    /// Reads an address.
    ///
    /// # Errors
    /// What admin says, where it is not about the address.
    pub(super) fn read(query: &Fields, zone: &Zone, now: Timestamp) -> Result<Self, Failure> {
        let mut asked = Self {
            range: None,
            usage: None,
            group_by: grouping(query),
            compares: query.has("compare", "previous"),
            wrong: vec![],
        };
        let compare = query.text("compare");
        if !compare.is_empty() && !asked.compares {
            asked.wrong.push(
                "It can be compared only with the period before: compare=previous.".to_owned(),
            );
        }
        // Without a range the rest is read all the same, so that everything wrong is told at once.
        let range = match Range::read(query, zone, now) {
            Ok(range) => {
                asked.range = Some(range);
                range
            }
            Err(no_range) => {
                asked.wrong.push(no_range.0.to_owned());
                Range::read(&Fields::default(), zone, now)
                    .map_err(|_| Failure::from(AdminError::Internal))?
            }
        };
        match read_query(&for_admin(query, range, zone), now) {
            Ok(usage) => asked.usage = Some(usage),
            Err(AdminError::BadQuery(errors)) => {
                asked.wrong.extend(errors.iter().map(|error| {
                    let words = sentence(&error.message);
                    match error.field.as_str() {
                        "group_by" => format!("The calls cannot be grouped so: {words}"),
                        field => format!("The filter {} cannot be used: {words}", label(field)),
                    }
                }));
            }
            Err(error) => return Err(error.into()),
        }
        if !asked.wrong.is_empty() {
            asked.usage = None;
        }
        Ok(asked)
    }
}

/// The label of a filter, as a sentence has it.
fn label(field: &str) -> String {
    let base = field.strip_suffix(".not").unwrap_or(field);
    let known = FILTERS.iter().find(|(name, ..)| *name == base);
    let label = known.map_or(base, |(_, label, _)| label).to_lowercase();
    if base == field {
        label
    } else {
        format!("{label} (is not)")
    }
}

/// What makes a series of its own.
fn grouping(query: &Fields) -> GroupBy {
    query.text("group_by").parse().unwrap_or(GroupBy::Provider)
}

/// Every filter of an address: the name, and the value.
pub(super) fn filters(query: &Fields) -> impl Iterator<Item = (&str, &str)> {
    query.iter().filter(|(name, value)| {
        let base = name.strip_suffix(".not").unwrap_or(name);
        let filter = FILTERS.iter().find(|(name, ..)| *name == base);
        // What a form left empty is no filter, unless it says that nobody said.
        filter.is_some_and(|(.., nobody)| *nobody || !value.trim().is_empty())
    })
}

/// The same address without any filter.
pub(super) fn unfiltered(query: &Fields) -> Fields {
    FILTERS.iter().fold(query.clone(), |query, (name, ..)| {
        query.with(name, "").with(&format!("{name}.not"), "")
    })
}

/// What people read of a filter's value. One that is empty: nobody said.
pub(super) fn value_in_words(value: &str, label: &str, choices: &[Choice]) -> String {
    let known = choices.iter().find(|(key, _)| key == value);
    match known {
        Some((_, shown)) => shown.clone(),
        None if value.trim().is_empty() => format!("no {}", label.to_lowercase()),
        None => value.to_owned(),
    }
}

fn for_admin(query: &Fields, range: Range, zone: &Zone) -> String {
    let mut asked: Fields = filters(query)
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let group_by = match query.text("group_by") {
        "" => GroupBy::Provider.key(),
        named => named,
    };
    asked.push("group_by", group_by);
    asked.push("bucket", range.bucket.key());
    asked.push("from", range.from.to_string());
    asked.push("to", range.asked_until().to_string());
    asked.push("tz", zone.name());
    asked.address("").trim_start_matches('?').to_owned()
}

/// The same address without what forms send besides. `None`: there is none of it.
pub(super) fn led_on(query: &Fields) -> Option<Fields> {
    let is_besides = |name: &str| {
        [".how", ".add", ".none"]
            .iter()
            .any(|ending| name.ends_with(ending))
    };
    if !query.iter().any(|(name, _)| is_besides(name)) {
        return None;
    }
    let mut plain = Fields::default();
    for (name, value) in query.iter() {
        let how = query.text(&format!("{name}.how"));
        if let Some(name) = name.strip_suffix(".none") {
            let how = query.text(&format!("{name}.how"));
            plain.push(as_said(name, how), "");
        } else if let Some(name) = name.strip_suffix(".add") {
            if !value.trim().is_empty() {
                let how = query.text(&format!("{name}.how"));
                plain.push(as_said(name, how), value.trim());
            }
        } else if !name.ends_with(".how") {
            plain.push(as_said(name, how), value);
        }
    }
    Some(plain)
}

/// The name of a filter whose form says how its values are meant.
fn as_said(name: &str, how: &str) -> String {
    if how == "not" {
        format!("{name}.not")
    } else {
        name.to_owned()
    }
}

/// The same narrowed to one value of a filter, in place of all that it had.
pub(super) fn narrowed(query: &Fields, name: &str, value: Option<&str>) -> Fields {
    let mut narrowed = query
        .clone()
        .with(name, "")
        .with(&format!("{name}.not"), "");
    narrowed.push(name, value.unwrap_or_default());
    narrowed
}

/// The address of the calls that are behind these figures, as far as they are in a state.
pub(super) fn calls(query: &Fields, range: Range, zone: &Zone, state: &str) -> String {
    let of_calls = filters(query).filter(|(name, _)| {
        let base = name.strip_suffix(".not").unwrap_or(name);
        OF_CALLS.contains(&base)
    });
    let mut calls: Fields = of_calls
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    calls.push("price_state", state);
    calls.push("from", zone.of_field(range.from));
    calls.push("to", zone.of_field(range.to));
    calls.address("/calls")
}

/// The address of something else of the same range and filters, and nothing but these.
pub(super) fn same_calls(query: &Fields, path: &str) -> String {
    let ranges = query
        .iter()
        .filter(|(name, value)| range::NAMES.contains(name) && !value.trim().is_empty());
    let kept: Fields = ranges
        .chain(filters(query))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    kept.address(path)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::{GroupBy, ReportZone};

    use super::{Asked, calls, led_on, narrowed, same_calls};
    use crate::{format::zone::Zone, http::fields::Fields, pages::usage::range::Range};

    fn zone() -> Zone {
        Zone::of(Arc::new(ReportZone::new("Europe/Berlin").unwrap()))
    }

    fn fields(address: &str) -> Fields {
        Fields::parse(address.as_bytes())
    }

    fn read(address: &str) -> Asked {
        let now = "2026-11-19T15:31:07Z".parse().unwrap();
        Asked::read(&fields(address), &zone(), now).unwrap()
    }

    #[test]
    fn an_address_says_all_of_it() {
        let asked = read(
            "range=7d&group_by=agent&provider=a&provider=b&agent=&model.not=x&provider.not=&compare=previous",
        );
        let usage = asked.usage.unwrap();
        assert_eq!(
            (usage.group_by, asked.group_by),
            (GroupBy::Agent, GroupBy::Agent)
        );
        assert!(asked.compares && asked.wrong.is_empty());
        assert_eq!(usage.filter.providers.any_of.len(), 2);
        assert!(
            usage.filter.providers.none_of.is_empty(),
            "left empty by a form"
        );
        assert_eq!(usage.filter.agents.any_of, [None]);
        assert_eq!(usage.filter.models.none_of, [Some("x".to_owned())]);
        assert_eq!(usage.zone.name(), "Europe/Berlin");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let asked = read("range=8d&group_by=moon&provider=UPPER&token.not=x&compare=next");
        assert!(asked.usage.is_none() && asked.range.is_none());
        let wrong = asked.wrong.join("\n");
        for words in [
            "only with the period before",
            "There is no such range",
            "The calls cannot be grouped so: Use one of: none, provider",
            "The filter provider cannot be used: Write a provider's id.",
            "The filter gateway token (is not) cannot be used",
        ] {
            assert!(wrong.contains(words), "{words}: {wrong}");
        }
    }

    #[test]
    fn what_forms_send_besides_leads_on() {
        let check = |sent: &str, to: Option<&str>| {
            let led = led_on(&fields(sent)).map(|fields| fields.address(""));
            assert_eq!(led.as_deref(), to, "{sent}");
        };
        check("range=7d&agent=a", None);
        check(
            "range=7d&agent=a&agent=b&agent.how=is",
            Some("?range=7d&agent=a&agent=b"),
        );
        check("agent=a&agent.how=not&user=c", Some("?agent.not=a&user=c"));
        check("user.add=+ada+&user.how=is", Some("?user=ada"));
        check("user.add=&user.none=on&user.how=not", Some("?user.not="));
        check("agent.none=on&range=7d", Some("?agent=&range=7d"));
        check("agent.not.none=on", Some("?agent.not="));
    }

    #[test]
    fn links_keep_what_they_are_for() {
        let query =
            fields("range=7d&group_by=model&agent=a&agent.not=b&cost_type=input&compare=previous");
        let to = narrowed(&query, "agent", None).address("");
        assert_eq!(
            to,
            "?range=7d&group_by=model&cost_type=input&compare=previous&agent="
        );
        assert_eq!(
            same_calls(&query, "/usage/report"),
            "/usage/report?range=7d&agent=a&agent.not=b&cost_type=input"
        );
        let now = "2026-11-19T15:31:07Z".parse().unwrap();
        let range = Range::read(&query, &zone(), now).unwrap();
        assert_eq!(
            calls(&query, range, &zone(), "unpriced"),
            "/calls?agent=a&agent.not=b&price_state=unpriced&from=2026-11-13T00:00:00&to=2026-11-19T16:31:08"
        );
    }
}
