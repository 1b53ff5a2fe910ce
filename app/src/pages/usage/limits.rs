//! What is said where calls or sums of the range are deleted.

use admin::usage::LimitsView;
use domain::Timestamp;
use leptos::prelude::*;

use super::range::Range;
use crate::{
    format::zone::Zone,
    kit::note::{NoteBox, Tone},
    pages::settings::storage,
};

/// A range as it was asked for, and as it was summed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summed {
    pub(super) asked: Range,
    pub(super) summed: Range,
}

impl Summed {
    /// A range that was summed from one moment up to another. Of a range that runs sums are asked for past its
    /// end, so its end is only another one where nothing of it is left.
    pub(super) fn of(asked: Range, (from, to): (Timestamp, Timestamp)) -> Self {
        let to = if asked.is_running() { asked.to } else { to };
        Self {
            asked,
            summed: asked.between(from, to),
        }
    }

    /// Whether nothing of it is left.
    pub(super) fn is_gone(self) -> bool {
        self.summed.from >= self.summed.to
    }

    fn is_widened(self) -> bool {
        self.summed.from < self.asked.from || self.summed.to > self.asked.to
    }
}

/// Why the figures are of another range than the one that was asked for, and why they are no whole comparison.
/// Nothing where neither is so.
#[component]
pub(super) fn Limits(limits: LimitsView, range: Summed, before: Option<Summed>) -> impl IntoView {
    let words = words(limits, range, before, &Zone::here());
    (!words.is_empty()).then(|| {
        html! {
            <NoteBox tone=Tone::Info>
                {words}" "<a href=storage::PATH>"Settings, Storage"</a>
            </NoteBox>
        }
    })
}

fn words(limits: LimitsView, range: Summed, before: Option<Summed>, zone: &Zone) -> String {
    let range = ("this range", "This range", range);
    let before = before.map(|before| ("the period before", "The period before", before));
    let periods: Vec<(&str, &str, Summed)> = [Some(range), before].into_iter().flatten().collect();
    let now = range.2.asked.now;
    let mut said = vec![];
    if let Some(first) = limits.figures_from {
        let cut: Vec<_> = periods
            .iter()
            .filter(|(.., period)| period.asked.from < first)
            .map(|(what, at_first, period)| {
                if period.is_gone() {
                    format!("There are none of {what}.")
                } else {
                    format!("{} is counted from there on.", at_first)
                }
            })
            .collect();
        if !cut.is_empty() {
            let day = zone.day(first, now);
            said.push(format!("Figures begin with {day}: older sums are deleted."));
            said.extend(cut);
        }
    }
    if let Some(first) = limits.calls_from {
        let widened: Vec<_> = periods
            .iter()
            .filter(|(.., period)| period.is_widened() && !period.is_gone())
            .map(|(_, at_first, period)| {
                let counted = zone.range(period.summed.from, period.summed.to, now);
                format!("{} is counted as {counted}.", at_first)
            })
            .collect();
        if !widened.is_empty() {
            let day = zone.day(first, now);
            said.push(format!(
                "Calls before {day} are deleted, and their sums are kept by quarter hours."
            ));
            said.extend(widened);
        }
    }
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::{BucketSize, LimitsView, ReportZone};
    use domain::Timestamp;

    use super::{Range, Summed, Zone, words};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn summed(asked: [&str; 2], summed: [&str; 2]) -> Summed {
        let asked = Range {
            preset: None,
            from: at(asked[0]),
            to: at(asked[1]),
            bucket: BucketSize::Day,
            now: at("2026-11-19T15:31:07Z"),
        };
        Summed::of(asked, (at(summed[0]), at(summed[1])))
    }

    fn told(range: Summed, before: Option<Summed>) -> String {
        let limits = LimitsView {
            asked_from: None,
            asked_to: None,
            calls_from: Some(at("2026-11-12T00:00:00Z")),
            figures_from: Some(at("2026-11-05T00:00:00Z")),
        };
        let zone = Zone::of(Arc::new(ReportZone::new("UTC").unwrap()));
        words(limits, range, before, &zone)
    }

    #[test]
    fn nothing_is_said_of_what_is_whole() {
        let whole = ["2026-11-06T00:00:00Z", "2026-11-12T00:00:00Z"];
        assert_eq!(told(summed(whole, whole), None), "");
    }

    #[test]
    fn a_beginning_that_is_cut_and_an_end_that_is_widened_are_both_said() {
        let both = summed(
            ["2026-11-04T00:00:00Z", "2026-11-08T10:07:00Z"],
            ["2026-11-05T00:00:00Z", "2026-11-08T10:15:00Z"],
        );
        assert_eq!(
            told(both, None),
            "Figures begin with 5 Nov: older sums are deleted. This range is counted from there on. \
             Calls before 12 Nov are deleted, and their sums are kept by quarter hours. \
             This range is counted as 5 Nov 00:00 to 8 Nov 10:15."
        );
    }

    #[test]
    fn what_is_left_of_the_period_before_is_said() {
        let whole = ["2026-11-12T00:00:00Z", "2026-11-19T00:00:00Z"];
        let range = summed(whole, whole);
        let widened = summed(
            ["2026-11-06T00:00:00Z", "2026-11-11T15:32:00Z"],
            ["2026-11-06T00:00:00Z", "2026-11-11T15:45:00Z"],
        );
        assert_eq!(
            told(range, Some(widened)),
            "Calls before 12 Nov are deleted, and their sums are kept by quarter hours. \
             The period before is counted as 6 Nov 00:00 to 11 Nov 15:45."
        );
        let gone = summed(
            ["2026-10-28T00:00:00Z", "2026-11-04T00:00:00Z"],
            ["2026-11-04T00:00:00Z", "2026-11-04T00:00:00Z"],
        );
        assert_eq!(
            told(range, Some(gone)),
            "Figures begin with 5 Nov: older sums are deleted. There are none of the period before."
        );
    }
}
