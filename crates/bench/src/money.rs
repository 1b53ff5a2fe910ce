//! Dollars as whole nano-dollars, read from Weir's decimal strings. Written anew, so that a mistake
//! in Weir's own money cannot hide here.

/// Digits after the point that a nano-dollar has.
const DIGITS: usize = 9;

/// Reads `12.345` as 12,345,000,000. `None`: no decimal number, or finer than a nano-dollar.
pub(crate) fn nano_dollars(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > DIGITS || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let number: i128 = format!("{whole}{part:0<DIGITS$}").parse().ok()?;
    Some(if negative { -number } else { number })
}

/// Writes nano-dollars as dollars with all digits.
pub(crate) fn dollars(nano: i128) -> String {
    let sign = if nano < 0 { "-" } else { "" };
    let nano = nano.unsigned_abs();
    format!(
        "{sign}${}.{:0DIGITS$}",
        nano / 1_000_000_000,
        nano % 1_000_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_strings_are_read_to_the_nano_dollar() {
        for (text, nano) in [
            ("0", 0),
            ("0.000000001", 1),
            ("12.345", 12_345_000_000),
            ("-1.5", -1_500_000_000),
        ] {
            assert_eq!(nano_dollars(text), Some(nano), "{text}");
        }
        for bad in ["", ".5", "1e3", "0.0000000001", "$1", "1.2.3", "--1"] {
            assert_eq!(nano_dollars(bad), None, "{bad}");
        }
    }

    #[test]
    fn dollars_show_every_digit() {
        assert_eq!(dollars(12_345_000_001), "$12.345000001");
        assert_eq!(dollars(-1), "-$0.000000001");
    }
}
