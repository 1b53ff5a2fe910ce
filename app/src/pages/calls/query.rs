//! The state of the list of calls, as it stands in the address, and what admin is asked for it.

use domain::Timestamp;

use crate::{
    format::zone::Zone,
    http::fields::Fields,
    kit::{filters::NOBODY, pager, range},
};

/// Filters that are handed on to admin as they are.
const HANDED_ON: &[&str] = &[
    "provider",
    "model",
    "agent",
    "user",
    "token",
    "endpoint",
    "outcome",
    "status",
    "price_state",
    "operation",
    "cost_above",
    "latency_above",
];

/// Whether anything narrows the list.
pub(super) fn is_narrowed(query: &Fields) -> bool {
    narrows(query, HANDED_ON)
}

/// Whether a range or one of these filters narrows a list.
pub(in crate::pages) fn narrows(query: &Fields, filters: &[&str]) -> bool {
    let names = filters.iter().chain(range::NAMES);
    names.into_iter().any(|name| {
        query.all(name).any(|value| !value.trim().is_empty())
            || query.ticked(&format!("{name}.not"))
            || query.ticked(&format!("{name}{NOBODY}"))
    })
}

/// Filters for which nobody may have said.
const MAY_BE_NOBODY: [&str; 4] = ["model", "agent", "user", "token"];

/// The address with what is empty on purpose under a name that says so: `agent=` is `agent.none=on`, which
/// forms do not lose.
pub(in crate::pages) fn on_purpose(query: &Fields) -> Fields {
    query
        .iter()
        .map(|(name, value)| {
            let base = name.strip_suffix(".not").unwrap_or(name);
            if value.trim().is_empty() && MAY_BE_NOBODY.contains(&base) {
                (format!("{name}{NOBODY}"), "on".to_owned())
            } else {
                (name.to_owned(), value.to_owned())
            }
        })
        .collect()
}

/// The query for admin. What is a date and time without a zone is one of this zone.
pub(super) fn for_admin(query: &Fields, zone: &Zone, now: Timestamp) -> String {
    page_for_admin(query, HANDED_ON, zone, now)
}

/// The query for admin, of a list that has these filters.
pub(in crate::pages) fn page_for_admin(
    query: &Fields,
    filters: &[&str],
    zone: &Zone,
    now: Timestamp,
) -> String {
    let mut asked = asked(query, filters, zone, now);
    if !query.text("cursor").is_empty() {
        asked.push("cursor", query.text("cursor"));
    }
    asked.push("limit", pager::rows(query).to_string());
    asked.address("").trim_start_matches('?').to_owned()
}

/// The filters alone, for admin.
pub(super) fn filters_for_admin(query: &Fields, zone: &Zone, now: Timestamp) -> Fields {
    asked(query, HANDED_ON, zone, now)
}

fn asked(query: &Fields, filters: &[&str], zone: &Zone, now: Timestamp) -> Fields {
    let mut asked = Fields::default();
    for (name, value) in query.iter() {
        // A space after the last word of a search makes that word whole.
        let value = if name == "q" {
            value.trim_start()
        } else {
            value.trim()
        };
        let (name, value) = match name.strip_suffix(NOBODY) {
            Some(name) => (name, Some("")),
            None => (name, Some(value).filter(|value| !value.is_empty())),
        };
        let base = name.strip_suffix(".not").unwrap_or(name);
        if let Some(value) = value.filter(|_| filters.contains(&base)) {
            asked.push(name, value);
        }
    }
    range::ask(query, zone, now, &mut asked);
    asked
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;

    use super::{for_admin, is_narrowed, on_purpose};
    use crate::{format::zone::Zone, http::fields::Fields};

    fn check(pairs: &[(&str, &str)], expected: &str) {
        check_in("UTC", pairs, expected);
    }

    fn check_in(zone: &str, pairs: &[(&str, &str)], expected: &str) {
        let zone = Zone::of(Arc::new(ReportZone::new(zone).unwrap()));
        let mut query = Fields::default();
        for (name, value) in pairs {
            query.push(*name, *value);
        }
        assert_eq!(
            for_admin(&query, &zone, "2026-11-19T15:00:00Z".parse().unwrap()),
            expected
        );
    }

    #[test]
    fn ranges_become_moments() {
        check(&[], "limit=25");
        check(&[("range", "1h")], "since=2026-11-19T14:00:00Z&limit=25");
        check(&[("range", "nonsense"), ("rows", "100")], "limit=100");
        check(
            &[
                ("range", "1h"),
                ("from", "2026-11-06"),
                ("to", "2026-11-07T12:30"),
            ],
            "since=2026-11-06T00:00:00Z&until=2026-11-07T12:30:00Z&limit=25",
        );
        check(&[("from", "yesterday")], "since=yesterday&limit=25");
    }

    #[test]
    fn a_date_without_a_zone_is_one_of_the_zone_of_reports() {
        check_in(
            "Asia/Kathmandu",
            &[("from", "2026-11-06"), ("to", "2026-11-07T12:30")],
            "since=2026-11-05T18:15:00Z&until=2026-11-07T06:45:00Z&limit=25",
        );
        check_in(
            "Europe/Berlin",
            &[("from", "2026-10-25T01:30:00Z")],
            "since=2026-10-25T01:30:00Z&limit=25",
        );
    }

    #[test]
    fn only_filters_are_handed_on() {
        check(
            &[
                ("provider", "a"),
                ("provider", "b"),
                ("agent.not", "probe"),
                ("open", "x"),
                ("model", " "),
                ("evil", "1"),
            ],
            "provider=a&provider=b&agent.not=probe&limit=25",
        );
    }

    #[test]
    fn what_is_empty_on_purpose_is_not_lost() {
        let query = Fields::from([("agent", ""), ("user.not", " "), ("status", ""), ("q", "")]);
        let query = on_purpose(&query);
        assert_eq!(
            query.address(""),
            "?agent.none=on&user.not.none=on&status=&q="
        );
        let zone = Zone::of(Arc::new(ReportZone::utc()));
        let now = "2026-11-19T15:00:00Z".parse().unwrap();
        let query = query.with("cursor", "c1");
        assert_eq!(
            for_admin(&query, &zone, now),
            "agent=&user.not=&cursor=c1&limit=25"
        );
        assert!(is_narrowed(&on_purpose(&Fields::from([("agent", "")]))));
    }

    #[test]
    fn the_page_that_one_is_on_narrows_nothing() {
        let narrowed = |name: &str, value: &str| is_narrowed(&Fields::from([(name, value)]));
        assert!(!narrowed("cursor", "abc") && !narrowed("rows", "50") && !narrowed("model", ""));
        assert!(narrowed("range", "1h") && narrowed("provider", "a") && narrowed("agent.not", "a"));
    }
}
