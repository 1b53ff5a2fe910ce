//! What is said where calls or sums of the range are deleted.

use admin::usage::LimitsView;
use leptos::prelude::*;

use super::range::Range;
use crate::{
    format::zone::Zone,
    kit::note::{NoteBox, Tone},
    pages::settings::storage,
};

/// Why the figures are of another range than the one that was asked for, and why they are no whole comparison.
#[component]
pub(super) fn Limits(limits: LimitsView, range: Range, before: Option<Range>) -> impl IntoView {
    let zone = Zone::here();
    let figures_from = limits.figures_from.filter(|from| {
        let first = before.map_or(range.from, |before| before.from.min(range.from));
        *from > first
    });
    let is_widened =
        limits.asked_from.is_some() && limits.figures_from.is_none_or(|from| from <= range.from);
    let figures = figures_from.map(|from| {
        let what = if from > range.from {
            "this range"
        } else {
            "the period before"
        };
        let day = zone.day(from, range.now);
        format!(
            "Figures begin with {day}, older sums are deleted: {what} is counted from there on. "
        )
    });
    let widened = limits.calls_from.filter(|_| is_widened).map(|calls_from| {
        let day = zone.day(calls_from, range.now);
        format!(
            "Calls before {day} are deleted, and their sums are kept by quarter hours: the range was widened to whole ones. "
        )
    });
    (figures.is_some() || widened.is_some()).then(|| {
        html! {
            <NoteBox tone=Tone::Info>
                {figures}{widened}<a href=storage::PATH>"Settings, Storage"</a>
            </NoteBox>
        }
    })
}
