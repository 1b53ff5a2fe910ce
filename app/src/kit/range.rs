//! The time that a list is narrowed to: a range that ends now, or from and to. In the address it is `range`,
//! or `from` and `to`.

use domain::Timestamp;
use leptos::prelude::*;

use super::{
    filters::Carried,
    icon::{Drawn, Icon},
};
use crate::{
    format::{time, zone::Zone},
    http::fields::Fields,
};

/// What stands for it in the address.
pub(crate) const NAMES: &[&str] = &["range", "from", "to"];

/// The ranges that are offered: value, words, seconds.
const RANGES: [(&str, &str, i64); 4] = [
    ("1h", "Last 60 minutes", 60 * 60),
    ("24h", "Last 24 hours", 24 * 60 * 60),
    ("7d", "Last 7 days", 7 * 24 * 60 * 60),
    ("30d", "Last 30 days", 30 * 24 * 60 * 60),
];

/// Asks admin for the range that the address names, as `since` and `until`. What is a date and time without a
/// zone is one of this zone.
pub(crate) fn ask(query: &Fields, zone: &Zone, now: Timestamp, asked: &mut Fields) {
    if let Some(since) = since(query, zone, now) {
        asked.push("since", since);
    }
    let until = query.text("to");
    if !until.is_empty() {
        asked.push("until", moment(until, zone));
    }
}

fn since(query: &Fields, zone: &Zone, now: Timestamp) -> Option<String> {
    let from = query.text("from");
    if !from.is_empty() {
        return Some(moment(from, zone));
    }
    let (_, _, seconds) = RANGES
        .iter()
        .find(|(value, _, _)| *value == query.text("range"))?;
    Timestamp::from_second(now.as_second().saturating_sub(*seconds))
        .ok()
        .map(|since| since.to_string())
}

/// A moment as a field for date and time writes it. Whatever else it is goes on as it is, for admin to judge.
fn moment(text: &str, zone: &Zone) -> String {
    zone.moment(text)
        .map_or_else(|| text.to_owned(), |moment| moment.to_string())
}

/// What was written of a moment: how people read it, and how a field holds it.
struct Written {
    /// In the zone of the page; as it was written where it is no moment.
    told: String,
    /// What the field holds.
    held: String,
    /// Whether a field for date and time can hold it. A line of text can hold whatever else it is.
    is_local: bool,
}

impl Written {
    fn read(text: &str, zone: &Zone, now: Timestamp) -> Self {
        let Some(moment) = zone.moment(text).or_else(|| text.parse().ok()) else {
            return Self {
                told: text.to_owned(),
                held: text.to_owned(),
                is_local: text.is_empty(),
            };
        };
        let ((clock, _), day) = (zone.clock(moment), zone.day(moment, now));
        let held = zone.of_field(moment);
        Self {
            told: format!("{day} {clock} {}", zone.short(moment)),
            is_local: zone.moment(&held).is_some(),
            held,
        }
    }

    const fn kind(&self) -> &'static str {
        if self.is_local {
            "datetime-local"
        } else {
            "text"
        }
    }
}

/// The time range: presets, or from and to.
#[component]
pub(crate) fn RangeFilter(query: Fields, path: &'static str) -> impl IntoView {
    let (zone, now) = (Zone::here(), time::now());
    let range = query.text("range").to_owned();
    let [from, to] = ["from", "to"].map(|name| Written::read(query.text(name), &zone, now));
    let custom = !from.told.is_empty() || !to.told.is_empty();
    let fresh = query
        .clone()
        .with("from", "")
        .with("to", "")
        .with("cursor", "")
        .with(super::pager::BACK, "")
        .with("open", "");
    let label = match RANGES
        .iter()
        .find(|(value, _, _)| *value == range && !custom)
    {
        Some((_, words, _)) => (*words).to_owned(),
        None if custom => format!(
            "{} to {}",
            if from.told.is_empty() {
                "the beginning"
            } else {
                &from.told
            },
            if to.told.is_empty() { "now" } else { &to.told }
        ),
        None => "Any time".to_owned(),
    };
    let presets = std::iter::once(("", "Any time")).chain(RANGES.map(|(value, words, _)| (value, words))).map(|(value, words)| {
        let address = fresh.clone().with("range", value).address(path);
        let current = !custom && (value == range || (value.is_empty() && label == "Any time"));
        html! { <a class="row-button" href=address aria-current=current.then_some("true")>{words}</a> }
    });
    let carried = query.with("range", "").with("from", "").with("open", "");
    let zone = zone.name();
    html! {
        <button class="btn" type="button" popovertarget="filter-range"><Drawn icon=Icon::Calendar/>{label.clone()}</button>
        <div class="panel filter" id="filter-range" popover="auto" role="group" aria-label="Time">
            {presets.collect_view()}
            <hr/>
            <form method="get" action=path>
                <Carried query=carried without="to"/>
                <div class="field">
                    <label for="from">{format!("From, {zone}")}</label>
                    <input class="input" type=from.kind() id="from" name="from" value=from.held/>
                </div>
                <div class="field">
                    <label for="to">{format!("To, {zone}")}</label>
                    <input class="input" type=to.kind() id="to" name="to" value=to.held/>
                </div>
                <button class="btn primary sm" type="submit">"Apply"</button>
            </form>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;

    use super::Written;
    use crate::format::zone::Zone;

    #[test]
    fn whatever_was_written_of_a_moment_stands_in_its_field() {
        let zone = Zone::of(Arc::new(ReportZone::new("Europe/Berlin").unwrap()));
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        for (text, told, held, kind) in [
            ("", "", "", "datetime-local"),
            (
                "2026-11-19T13:20:51Z",
                "19 Nov 14:20:51 CET",
                "2026-11-19T14:20:51",
                "datetime-local",
            ),
            (
                "2025-07-01",
                "1 Jul 2025 00:00:00 CEST",
                "2025-07-01T00:00:00",
                "datetime-local",
            ),
            (
                "2026-11-19T13:20",
                "19 Nov 13:20:00 CET",
                "2026-11-19T13:20:00",
                "datetime-local",
            ),
            // The second half past two of a night on which clocks are put back.
            (
                "2026-10-25T01:30:00Z",
                "25 Oct 02:30:00 CET",
                "2026-10-25T01:30:00Z",
                "text",
            ),
            ("yesterday", "yesterday", "yesterday", "text"),
        ] {
            let written = Written::read(text, &zone, now);
            assert_eq!(
                (written.told.as_str(), written.held.as_str(), written.kind()),
                (told, held, kind),
                "{text}"
            );
        }
    }
}
