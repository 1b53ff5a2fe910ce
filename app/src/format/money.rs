//! Money and rates. Exact; never through a binary float.

use domain::{NanoUsd, UsdPerMtok};

use super::count;

const NANO_PER_CENT: u64 = 10_000_000;
const NANO_PER_TEN_THOUSANDTH: u64 = 100_000;

/// A total, to the cent: `$1,350.17`. An amount too small for that keeps four digits: `$0.0058`.
pub(crate) fn total(amount: NanoUsd) -> String {
    if amount.0 != 0 && amount.0.unsigned_abs() < NANO_PER_CENT {
        return of_call(amount);
    }
    rounded(amount, NANO_PER_CENT, 2)
}

/// The cost of one call in a list, to four digits: `$0.0058`.
pub(crate) fn of_call(amount: NanoUsd) -> String {
    if amount.0 != 0 && amount.0.unsigned_abs() <= NANO_PER_TEN_THOUSANDTH / 2 {
        return "< $0.0001".to_owned();
    }
    rounded(amount, NANO_PER_TEN_THOUSANDTH, 4)
}

/// To the nano-dollar: `$0.024388980`.
pub(crate) fn exact(amount: NanoUsd) -> String {
    rounded(amount, 1, 9)
}

/// How many decimals it takes to write all of these exactly; two at least.
pub(crate) fn decimals_of(amounts: impl Iterator<Item = NanoUsd>) -> usize {
    let needed = amounts.map(|amount| {
        let (mut nano, mut decimals) = (amount.0.unsigned_abs(), 9);
        while decimals > 2 && nano.is_multiple_of(10) {
            nano /= 10;
            decimals -= 1;
        }
        decimals
    });
    needed.max().unwrap_or(2)
}

/// With so many decimals, nine at most: `$0.024389`. Exact with as many as [`decimals_of`] says.
pub(crate) fn to_decimals(amount: NanoUsd, decimals: usize) -> String {
    let decimals = decimals.min(9);
    let step = (decimals..9).fold(1, |step: u64, _| step.saturating_mul(10));
    rounded(amount, step, decimals)
}

/// What stands behind a rounded figure when one points at it: `0.024388980 USD`.
pub(crate) fn hover(amount: NanoUsd) -> String {
    format!("{amount} USD")
}

/// A rate in dollars per million tokens, two digits at least: `2.20`, `0.075`.
pub(crate) fn rate(rate: UsdPerMtok) -> String {
    at_least_two_decimals(&rate.to_string())
}

/// Brings a plain decimal number to two decimals at least.
pub(crate) fn at_least_two_decimals(number: &str) -> String {
    match number.split_once('.') {
        None => format!("{number}.00"),
        Some((whole, decimals)) => format!("{whole}.{decimals:0<2}"),
    }
}

/// Rounds half-even to a multiple of `step` nano-dollars and writes `decimals` decimals.
fn rounded(amount: NanoUsd, step: u64, decimals: usize) -> String {
    let nano = amount.0.unsigned_abs();
    let (mut steps, rest) = (nano / step, nano % step);
    let twice = rest.saturating_mul(2);
    if twice > step || (twice == step && steps % 2 == 1) {
        steps += 1;
    }
    let per_dollar = 1_000_000_000 / step;
    let sign = if amount.0 < 0 && steps > 0 { "−" } else { "" };
    format!(
        "{sign}${}.{:0decimals$}",
        count::grouped(steps / per_dollar),
        steps % per_dollar
    )
}
