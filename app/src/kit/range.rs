//! The time that a list is narrowed to: a range that ends now, or from and to. In the address it is `range`,
//! or `from` and `to`.

use domain::Timestamp;
use leptos::prelude::*;

use super::{
    filters::Carried,
    icon::{Drawn, Icon},
};
use crate::{format::zone::Zone, http::fields::Fields};

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

/// The time range: presets, or from and to.
#[component]
pub(crate) fn RangeFilter(query: Fields, path: &'static str) -> impl IntoView {
    let (range, from, to) = (
        query.text("range").to_owned(),
        query.text("from").to_owned(),
        query.text("to").to_owned(),
    );
    let custom = !from.is_empty() || !to.is_empty();
    let fresh = query
        .clone()
        .with("from", "")
        .with("to", "")
        .with("cursor", "")
        .with("open", "");
    let label = match RANGES
        .iter()
        .find(|(value, _, _)| *value == range && !custom)
    {
        Some((_, words, _)) => (*words).to_owned(),
        None if custom => format!(
            "{} to {}",
            if from.is_empty() {
                "the beginning"
            } else {
                &from
            },
            if to.is_empty() { "now" } else { &to }
        ),
        None => "Any time".to_owned(),
    };
    let presets = std::iter::once(("", "Any time")).chain(RANGES.map(|(value, words, _)| (value, words))).map(|(value, words)| {
        let address = fresh.clone().with("range", value).address(path);
        let current = !custom && (value == range || (value.is_empty() && label == "Any time"));
        html! { <a class="row-button" href=address aria-current=current.then_some("true")>{words}</a> }
    });
    let carried = query.with("range", "").with("from", "").with("open", "");
    let zone = Zone::here().name().to_owned();
    html! {
        <button class="btn" type="button" popovertarget="filter-range"><Drawn icon=Icon::Calendar/>{label.clone()}</button>
        <div class="panel filter" id="filter-range" popover="auto" role="group" aria-label="Time">
            {presets.collect_view()}
            <hr/>
            <form method="get" action=path>
                <Carried query=carried without="to"/>
                <div class="field">
                    <label for="from">{format!("From, {zone}")}</label>
                    <input class="input" type="datetime-local" id="from" name="from" value=from/>
                </div>
                <div class="field">
                    <label for="to">{format!("To, {zone}")}</label>
                    <input class="input" type="datetime-local" id="to" name="to" value=to/>
                </div>
                <button class="btn primary sm" type="submit">"Apply"</button>
            </form>
        </div>
    }
}
