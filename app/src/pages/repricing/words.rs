//! What is said of re-pricings: which calls, how far, how much more or less.

use std::collections::BTreeMap;

use admin::repricing::{RepricingView, Selection, Span, Totals};
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

/// Of which time: `1 Nov to 20 Nov`, with the clock where it does not begin and end with a day.
pub(super) fn range(selection: &Selection, now: Timestamp) -> String {
    Zone::here().range(selection.from, selection.to, now)
}

/// Which calls: `OpenAI main; gpt-4o; only calls without a price`.
pub(super) fn chosen(selection: &Selection, names: &Names) -> String {
    let providers: Vec<&str> = selection
        .providers
        .iter()
        .map(|id| names.get(id.as_str()).map_or(id.as_str(), String::as_str))
        .collect();
    let providers = if providers.is_empty() {
        "Every provider".to_owned()
    } else {
        providers.join(", ")
    };
    let models = if selection.models.is_empty() {
        "every model".to_owned()
    } else {
        let model = |model: &String| match model.as_str() {
            "" => "calls without a model".to_owned(),
            model => model.to_owned(),
        };
        let models: Vec<String> = selection.models.iter().map(model).collect();
        models.join(", ")
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
        1.. => format!("+{}", small(amount)),
        _ => small(amount),
    }
}

/// An amount that is not nothing, and does not look so.
fn small(amount: NanoUsd) -> String {
    const TEN_THOUSANDTH: u64 = 100_000;
    match amount.0.unsigned_abs() {
        ..TEN_THOUSANDTH => money::exact(amount),
        _ => money::total(amount),
    }
}

/// What calls cost before or after, with as many digits as it takes to see the difference. `None`: none of
/// them had a price, which is not the same as nothing.
pub(super) fn cost(amount: NanoUsd, unpriced: u64, difference: NanoUsd) -> Option<String> {
    const CENT: u64 = 10_000_000;
    const TEN_THOUSANDTH: u64 = 100_000;
    if amount == NanoUsd::ZERO && unpriced > 0 {
        return None;
    }
    Some(match difference.0.unsigned_abs() {
        0 | CENT.. => money::total(amount),
        TEN_THOUSANDTH.. => money::of_call(amount),
        _ => money::exact(amount),
    })
}

/// What all calls of a line cost before and after.
pub(super) fn costs(totals: &Totals) -> [Option<String>; 2] {
    let difference = totals.difference();
    [
        cost(totals.before_usd, totals.unpriced_before, difference),
        cost(totals.after_usd, totals.unpriced_after, difference),
    ]
}

/// Calls in words.
pub(crate) fn calls(count: u64) -> String {
    count::plural(
        usize::try_from(count).unwrap_or(usize::MAX),
        "call",
        "calls",
    )
}

/// Words one after another: `agent, user and status`.
pub(crate) fn listed(words: &[&str]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        words => words.concat(),
    }
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

    use super::{cost, day, difference, listed};

    #[test]
    fn a_small_difference_can_be_seen_and_unpriced_is_not_nothing() {
        let told = |amount, unpriced, by| cost(NanoUsd(amount), unpriced, NanoUsd(by));
        let nanos = 20_123_456;
        assert_eq!(told(nanos, 0, 4_000_000_000).as_deref(), Some("$0.02"));
        assert_eq!(told(nanos, 3, -200_000).as_deref(), Some("$0.0201"));
        assert_eq!(told(nanos, 0, 7).as_deref(), Some("$0.020123456"));
        assert_eq!(told(nanos, 0, 0).as_deref(), Some("$0.02"));
        assert_eq!(told(0, 3, 5), None);
        assert_eq!(told(0, 0, 4_000_000_000).as_deref(), Some("$0.00"));
    }

    #[test]
    fn a_difference_has_its_sign() {
        assert_eq!(difference(NanoUsd(4_200_000_000)), "+$4.20");
        assert_eq!(difference(NanoUsd(-4_200_000_000)), "−$4.20");
        assert_eq!(difference(NanoUsd(-7)), "−$0.000000007");
        assert_eq!(difference(NanoUsd::ZERO), "no difference");
    }

    #[test]
    fn words_are_listed_as_people_do() {
        assert_eq!(listed(&["agent"]), "agent");
        assert_eq!(
            listed(&["agent", "user", "status"]),
            "agent, user and status"
        );
    }

    #[test]
    fn a_day_is_told_as_people_write_it() {
        assert_eq!(day(Span::Day, "2026-11-05"), "5 Nov 2026");
        assert_eq!(day(Span::Month, "2026-11"), "Nov 2026");
        assert_eq!(day(Span::Range, ""), "the whole range");
        assert_eq!(day(Span::Day, "odd"), "odd");
    }
}
