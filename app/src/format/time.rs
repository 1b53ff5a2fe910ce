//! Moments in words, and durations. What clock and calendar say of a moment is in [`super::zone`].

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// The present moment.
pub(crate) fn now() -> Timestamp {
    let micros = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros());
    i64::try_from(micros)
        .ok()
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        .unwrap_or_default()
}

/// In words, seen from `now`: `12 s ago`, `yesterday`, `3 weeks ago`, `in 5 days`.
pub(crate) fn relative(moment: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(moment.as_second());
    if seconds < 0 {
        return match span(seconds.unsigned_abs()) {
            Span::Moment => "in a moment".to_owned(),
            Span::Day => "tomorrow".to_owned(),
            Span::Of(text) => format!("in {text}"),
        };
    }
    match span(seconds.unsigned_abs()) {
        Span::Moment => "just now".to_owned(),
        Span::Day => "yesterday".to_owned(),
        Span::Of(text) => format!("{text} ago"),
    }
}

enum Span {
    Moment,
    Day,
    Of(String),
}

fn span(seconds: u64) -> Span {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let of = |unit: u64, one: &str, many: &str| {
        let count = seconds / unit;
        Span::Of(if count == 1 {
            format!("1 {one}")
        } else {
            format!("{count} {many}")
        })
    };
    match seconds {
        0..5 => Span::Moment,
        5..MINUTE => of(1, "s", "s"),
        MINUTE..HOUR => of(MINUTE, "min", "min"),
        HOUR..DAY => of(HOUR, "hour", "hours"),
        _ if seconds < 2 * DAY => Span::Day,
        _ if seconds < 14 * DAY => of(DAY, "day", "days"),
        _ if seconds < 60 * DAY => of(7 * DAY, "week", "weeks"),
        _ if seconds < 730 * DAY => of(30 * DAY, "month", "months"),
        _ => of(365 * DAY, "year", "years"),
    }
}

/// A duration that is known to the millisecond: `4 ms`, `974 ms`, `8.47 s`.
pub(crate) fn millis(millis: u64) -> String {
    if millis < 1_000 {
        format!("{millis} ms")
    } else {
        duration(millis.saturating_mul(1_000))
    }
}

/// A duration with three digits: `84 µs`, `974 ms`, `8.47 s`, `24.9 s`, `2 min 5 s`.
pub(crate) fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10),
        10_000..100_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        100_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..10_000_000 => format!(
            "{}.{:02} s",
            micros / 1_000_000,
            micros % 1_000_000 / 10_000
        ),
        10_000_000..100_000_000 => {
            format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000)
        }
        _ => {
            let seconds = micros / 1_000_000;
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}
