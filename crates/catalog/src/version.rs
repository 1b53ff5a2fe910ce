//! Which of two versions is the newer one.

use std::cmp::Ordering;

use crate::DATE_LENGTH;

/// Compares versions: by their dates, then by the numbers behind them (`.10` comes after `.9`), then by
/// what else stands there.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (date_a, rest_a) = a.split_at_checked(DATE_LENGTH).unwrap_or((a, ""));
    let (date_b, rest_b) = b.split_at_checked(DATE_LENGTH).unwrap_or((b, ""));
    date_a
        .cmp(date_b)
        .then_with(|| numbers(rest_a).cmp(&numbers(rest_b)))
        .then_with(|| rest_a.cmp(rest_b))
}

fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_dates_and_higher_numbers_are_newer() {
        let order = [
            "2026-11-15",
            "2026-11-15-rc",
            "2026-11-15.2",
            "2026-11-15.10",
            "2026-11-16",
            "2027-01-01",
        ];
        for (place, older) in order.iter().enumerate() {
            assert_eq!(compare(older, older), Ordering::Equal);
            for newer in order.iter().skip(place + 1) {
                assert_eq!(compare(older, newer), Ordering::Less, "{older} {newer}");
                assert_eq!(compare(newer, older), Ordering::Greater, "{older} {newer}");
            }
        }
    }
}
