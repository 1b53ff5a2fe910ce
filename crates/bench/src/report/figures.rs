//! Figures as people read them.

use std::time::Duration;

/// Milliseconds to the microsecond: `0.123`.
pub(crate) fn ms(time: Duration) -> String {
    let micros = (time.as_nanos() + 500) / 1_000;
    format!("{}.{:03}", micros / 1_000, micros % 1_000)
}

/// Whole milliseconds: `41 ms`.
pub(crate) fn ms_short(time: Duration) -> String {
    format!("{} ms", (time.as_micros() + 500) / 1_000)
}

/// Microseconds to the tenth: `41.3`.
pub(crate) fn micros_tenths(time: Duration) -> String {
    let tenths = (time.as_nanos() + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Seconds to the tenth: `0.4`.
pub(crate) fn seconds_tenths(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Mebibytes to the tenth: `19.4 MiB`.
pub(crate) fn mib(kib: u64) -> String {
    let tenths = (kib * 10 + 512) / 1_024;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// With a comma for each thousand: `20,123`.
pub(crate) fn thousands(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_and_grouped() {
        assert_eq!(ms(Duration::from_nanos(123_456)), "0.123");
        assert_eq!(ms(Duration::from_millis(1_002)), "1002.000");
        assert_eq!(ms_short(Duration::from_micros(41_500)), "42 ms");
        assert_eq!(micros_tenths(Duration::from_nanos(41_340)), "41.3");
        assert_eq!(seconds_tenths(Duration::from_millis(351)), "0.4");
        assert_eq!(mib(19_866), "19.4 MiB");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(20_123), "20,123");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
