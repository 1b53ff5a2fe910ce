//! What one chooses above the charts: the range, what it is compared with, the grouping.

use admin::usage::GroupBy;
use leptos::prelude::*;

use super::{
    PATH,
    filters::Carried,
    query::GROUPS,
    range::{NAMES, PRESETS, Range},
};
use crate::{
    format::zone::Zone,
    http::fields::Fields,
    kit::icon::{Drawn, Icon},
};

/// The address without its range.
fn without_range(query: &Fields) -> Fields {
    NAMES
        .iter()
        .fold(query.clone(), |query, name| query.with(name, ""))
}

/// The ranges, and the one of one's own.
#[component]
pub(super) fn Ranges(query: Fields, range: Option<Range>) -> impl IntoView {
    let fresh = without_range(&query);
    let chosen = range.and_then(|range| range.preset);
    let presets = PRESETS.map(|(preset, name, short, full)| {
        let address = fresh.clone().with("range", name).address(PATH);
        let current = (chosen == Some(preset)).then_some("true");
        html! { <a href=address title=full aria-label=full aria-current=current>{short}</a> }
    });
    html! {
        <div class="seg wide" role="group" aria-label="Range">{presets.collect_view()}</div>
        <Custom query=query range=range/>
    }
}

/// A beginning and an end of one's own.
#[component]
fn Custom(query: Fields, range: Option<Range>) -> impl IntoView {
    let zone = Zone::here();
    let words = range.map_or_else(|| "Custom range".to_owned(), |range| range.in_words(&zone));
    // What was typed stands there again; else the range that is shown.
    let typed = |name: &str, moment: Option<domain::Timestamp>| {
        let text = query.text(name);
        let told = match zone.moment(text).or(moment.filter(|_| text.is_empty())) {
            Some(moment) => zone.of_field(moment),
            None => text.to_owned(),
        };
        let is_local = told.is_empty() || zone.moment(&told).is_some();
        (told, if is_local { "datetime-local" } else { "text" })
    };
    let (start, start_kind) = typed("customStart", range.map(|range| range.from));
    let (end, end_kind) = typed("customEnd", range.map(|range| range.to));
    let in_zone = zone.name().to_owned();
    html! {
        <button class="btn" type="button" id="custom-add" popovertarget="custom"><Drawn icon=Icon::Calendar/>{words}</button>
        <div class="panel filter" id="custom" popover="auto" role="group" aria-label="Range of your own">
            <form method="get" action=PATH>
                <Carried query=without_range(&query)/>
                <div class="field">
                    <label for="custom-start">{format!("From, {in_zone}")}</label>
                    <input class="input" type=start_kind id="custom-start" name="customStart" step="1" value=start required=true/>
                </div>
                <div class="field">
                    <label for="custom-end">{format!("To, not included, {in_zone}")}</label>
                    <input class="input" type=end_kind id="custom-end" name="customEnd" step="1" value=end/>
                </div>
                <button class="btn primary sm" type="submit">"Apply"</button>
            </form>
        </div>
    }
}

/// Whether the totals of the period before stand beside.
#[component]
pub(super) fn Compare(query: Fields, compares: bool, before: Option<String>) -> impl IntoView {
    if compares {
        let off = query.with("compare", "").address(PATH);
        let before = before.unwrap_or_else(|| "the period before".to_owned());
        return html! {
            <span class="chip on">
                <span class="k">"Compared with"</span><span class="v">{before}</span>
                <a href=off aria-label="Stop comparing"><Drawn icon=Icon::Close/></a>
            </span>
        };
    }
    let on = query.with("compare", "previous").address(PATH);
    html! { <a class="chip add" href=on><Drawn icon=Icon::Plus/>"Compare with the period before"</a> }
}

/// What makes a series of its own.
#[component]
pub(super) fn Grouping(query: Fields, group_by: GroupBy) -> impl IntoView {
    let groups = GROUPS.map(|(group, label)| {
        let address = query.clone().with("group_by", group.key()).address(PATH);
        let current = (group == group_by).then_some("true");
        html! { <a href=address aria-current=current>{label}</a> }
    });
    html! {
        <div class="end">
            <span class="muted nowrap" id="group-by">"Group by"</span>
            <div class="seg wide" role="group" aria-labelledby="group-by">{groups.collect_view()}</div>
        </div>
    }
}
