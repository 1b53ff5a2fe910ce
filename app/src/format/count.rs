//! Tokens, requests and shares.

/// With separators: `13,436`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many there are, with separators.
pub(crate) fn grouped_size(count: usize) -> String {
    grouped(u64::try_from(count).unwrap_or(u64::MAX))
}

/// With separators, and "–" for what was not reported.
pub(crate) fn grouped_or_dash(count: Option<u64>) -> String {
    count.map_or_else(|| "–".to_owned(), grouped)
}

/// Three digits that count, with k, M or B: `163M`, `1.05M`, `12.3k`. Below ten thousand in full.
pub(crate) fn headline(count: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];
    if count < 10_000 {
        return grouped(count);
    }
    // Rounding may carry into the next unit (999,960 is 1M), so the unit is chosen after it.
    let rounded = round_to_three_digits(count);
    for (unit, letter) in STEPS {
        if rounded >= unit {
            return format!("{}{letter}", quotient(rounded, unit));
        }
    }
    grouped(rounded)
}

fn round_to_three_digits(count: u64) -> u64 {
    let mut step: u64 = 1;
    while count / step >= 1_000 {
        step = step.saturating_mul(10);
    }
    (count.saturating_add(step / 2) / step).saturating_mul(step)
}

/// `count / unit` in decimals, without zeroes at the end.
fn quotient(count: u64, unit: u64) -> String {
    let whole = count / unit;
    let hundredths = (count % unit) / (unit / 100);
    match (hundredths / 10, hundredths % 10) {
        (0, 0) => whole.to_string(),
        (tenth, 0) => format!("{whole}.{tenth}"),
        (tenth, hundredth) => format!("{whole}.{tenth}{hundredth}"),
    }
}

/// One word or the other: `1 provider`, `7 providers`.
pub(crate) fn plural(count: usize, one: &str, many: &str) -> String {
    let number = grouped(u64::try_from(count).unwrap_or(u64::MAX));
    format!("{number} {}", if count == 1 { one } else { many })
}

/// How a figure changed against an earlier one, in percent with one decimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// There was nothing before to compare with.
    New,
    /// The same, to a tenth of a percent.
    Same,
    /// More, by this much.
    Up(String),
    /// Less, by this much.
    Down(String),
}

/// Compares a figure with the one before it.
pub(crate) fn change(now: u128, before: u128) -> Change {
    if before == 0 {
        return if now == 0 { Change::Same } else { Change::New };
    }
    let difference = now.abs_diff(before);
    let tenths = difference.saturating_mul(1_000).saturating_add(before / 2) / before;
    let text = format!(
        "{}.{} %",
        grouped(u64::try_from(tenths / 10).unwrap_or(u64::MAX)),
        tenths % 10
    );
    match (tenths, now > before) {
        (0, _) => Change::Same,
        (_, true) => Change::Up(text),
        (_, false) => Change::Down(text),
    }
}
