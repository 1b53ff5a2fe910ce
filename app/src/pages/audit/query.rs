//! The state of the audit's list, as it stands in the address, and what admin is asked for it.

use admin::audit::Objects;
use domain::Timestamp;

use crate::{
    format::zone::Zone,
    http::fields::Fields,
    kit::{pager, range},
};

/// Filters that are handed on to admin as they are.
const HANDED_ON: &[&str] = &["actor", "action", "kind", "result", "cursor"];

/// Whether anything narrows the list.
pub(super) fn is_narrowed(query: &Fields) -> bool {
    let names = HANDED_ON
        .iter()
        .filter(|name| **name != "cursor")
        .chain(range::NAMES)
        .chain(&["object"]);
    names.into_iter().any(|name| {
        query.all(name).any(|value| !value.trim().is_empty())
            || query.ticked(&format!("{name}.not"))
    })
}

/// The most ids that one text is looked up as.
const MOST_IDS: usize = 200;

/// The ids that a text means: itself, by which what was deleted is found, and those whose name or id holds it.
/// `others`: id and name of what is none of the objects.
fn ids(text: &str, objects: &Objects, others: &[(String, String)]) -> Vec<String> {
    let wanted = text.to_lowercase();
    let others = others
        .iter()
        .filter(|(_, name)| name.to_lowercase().contains(&wanted))
        .map(|(id, _)| id.clone());
    let found = others.chain(objects.search(text)).filter(|id| id != text);
    std::iter::once(text.to_owned())
        .chain(found)
        .take(MOST_IDS)
        .collect()
}

/// The query for admin. What was typed to find an object becomes the ids that it means; what is a date and
/// time without a zone is one of this zone.
pub(super) fn for_admin(
    query: &Fields,
    objects: &Objects,
    others: &[(String, String)],
    zone: &Zone,
    now: Timestamp,
) -> String {
    let mut asked = Fields::default();
    for (name, value) in query.iter() {
        let base = name.strip_suffix(".not").unwrap_or(name);
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        if base == "object" {
            for id in ids(value, objects, others) {
                asked.push(name, id);
            }
        } else if HANDED_ON.contains(&base) {
            asked.push(name, value);
        }
    }
    range::ask(query, zone, now, &mut asked);
    asked.push("limit", pager::rows(query).to_string());
    asked.address("").trim_start_matches('?').to_owned()
}

#[cfg(test)]
mod tests {
    use admin::audit::Objects;

    use super::{MOST_IDS, for_admin, ids, is_narrowed};
    use crate::{format::zone::Zone, http::fields::Fields};

    fn check(pairs: &[(&str, &str)], expected: &str) {
        let mut query = Fields::default();
        for (name, value) in pairs {
            query.push(*name, *value);
        }
        let now = "2026-11-19T15:00:00Z".parse().unwrap();
        assert_eq!(
            for_admin(&query, &Objects::default(), &[], &Zone::here(), now),
            expected
        );
    }

    #[test]
    fn only_filters_are_handed_on() {
        check(
            &[
                ("actor", "person:Ada"),
                ("kind", "provider"),
                ("object", "gone"),
                ("action.not", "sign_in"),
                ("open", "7"),
                ("result", " "),
                ("evil", "1"),
            ],
            "actor=person:Ada&kind=provider&object=gone&action.not=sign_in&limit=25",
        );
        check(
            &[("range", "1h"), ("rows", "50")],
            "since=2026-11-19T14:00:00Z&limit=50",
        );
    }

    #[test]
    fn a_text_means_what_it_is_part_of_and_no_more_than_can_be_asked_for() {
        let people: Vec<(String, String)> = (0..MOST_IDS + 50)
            .map(|number| (format!("id-{number}"), format!("Eve {number}")))
            .collect();
        let found = |text| ids(text, &Objects::default(), &people);
        assert_eq!(found("eve 249"), ["eve 249", "id-249"]);
        assert_eq!(found("id-7"), ["id-7"]);
        assert_eq!(found("EVE").len(), MOST_IDS);
    }

    #[test]
    fn the_page_that_one_is_on_narrows_nothing() {
        let narrowed = |name: &str, value: &str| is_narrowed(&Fields::from([(name, value)]));
        assert!(!narrowed("cursor", "abc") && !narrowed("open", "7") && !narrowed("kind", ""));
        assert!(narrowed("range", "1h") && narrowed("object", "a") && narrowed("actor.not", "a"));
    }
}
