//! What is said of re-pricings: which calls, how far, how much more or less.

use std::collections::BTreeMap;

use admin::repricing::{RepricingView, Selection, Span};
use domain::{NanoUsd, Timestamp};
use jiff::civil::Date;

use crate::{
    format::{count, money, zone::Zone},
    http::{failure::Failure, page::Page},
    kit::marks::Standing,
    pages::providers,
};

/// Display names of the providers that are there.
pub(super) type Names = BTreeMap<String, String>;

/// Reads them.
///
/// # Errors
/// What admin says.
pub(super) async fn names(page: &Page) -> Result<Names, Failure> {
    Ok(providers::names(page).await?.into_iter().collect())
}

/// Of which days: `1 Nov to 20 Nov`, with the years where they differ from this one.
pub(super) fn range(selection: &Selection, now: Timestamp) -> String {
    let zone = Zone::here();
    // A range that ends at midnight ends with the day before.
    let last = Timestamp::from_microsecond(selection.to.as_microsecond().saturating_sub(1));
    let (from, to) = (
        zone.day(selection.from, now),
        zone.day(last.unwrap_or(selection.to), now),
    );
    if from == to {
        from
    } else {
        format!("{from} to {to}")
    }
}

/// Which calls: `OpenAI main; gpt-4o; only calls without a price`.
pub(super) fn chosen(selection: &Selection, names: &Names) -> String {
    let providers: Vec<&str> = selection
        .providers
        .iter()
        .map(|id| names.get(id.as_str()).map_or(id.as_str(), String::as_str))
        .collect();
    let providers = if providers.is_empty() {
        "every provider".to_owned()
    } else {
        providers.join(", ")
    };
    let models = if selection.models.is_empty() {
        "every model".to_owned()
    } else {
        selection.models.join(", ")
    };
    let only = if selection.only_unpriced {
        "; only calls without a price"
    } else {
        ""
    };
    format!("{providers}; {models}{only}")
}

/// How far it is, and the shape of that.
pub(super) fn state(of: &RepricingView) -> (Standing, &'static str) {
    match of.state {
        "computing" => (Standing::Off, "Being worked out"),
        "ready" => (Standing::Off, "Not applied"),
        "applying" => (Standing::Off, "Being applied"),
        _ => (Standing::Good, "Applied"),
    }
}

/// A difference with its sign: `+$4.20`, `−$0.0031`, `no difference`.
pub(super) fn difference(amount: NanoUsd) -> String {
    match amount.0 {
        0 => "no difference".to_owned(),
        1.. => format!("+{}", money::total(amount)),
        _ => money::total(amount),
    }
}

/// Calls in words.
pub(crate) fn calls(count: u64) -> String {
    count::plural(
        usize::try_from(count).unwrap_or(usize::MAX),
        "call",
        "calls",
    )
}

/// The day or month of a line, as people write it.
pub(super) fn day(span: Span, text: &str) -> String {
    let written = |date: Option<Date>, format: &str| {
        date.map_or_else(|| text.to_owned(), |date| date.strftime(format).to_string())
    };
    match span {
        Span::Day => written(text.parse().ok(), "%-d %b %Y"),
        Span::Month => written(format!("{text}-01").parse().ok(), "%b %Y"),
        Span::Range => "the whole range".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use admin::repricing::Span;
    use domain::NanoUsd;

    use super::{day, difference};

    #[test]
    fn a_difference_has_its_sign() {
        assert_eq!(difference(NanoUsd(4_200_000_000)), "+$4.20");
        assert_eq!(difference(NanoUsd(-4_200_000_000)), "−$4.20");
        assert_eq!(difference(NanoUsd::ZERO), "no difference");
    }

    #[test]
    fn a_day_is_told_as_people_write_it() {
        assert_eq!(day(Span::Day, "2026-11-05"), "5 Nov 2026");
        assert_eq!(day(Span::Month, "2026-11"), "Nov 2026");
        assert_eq!(day(Span::Range, ""), "the whole range");
        assert_eq!(day(Span::Day, "odd"), "odd");
    }
}
