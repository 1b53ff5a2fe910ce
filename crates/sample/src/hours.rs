//! When calls begin: how many of them in which hour.

use domain::Timestamp;
use jiff::{SignedDuration, civil::Weekday, tz::TimeZone};

/// How busy each hour of a workday is, in UTC, in thousandths of the busiest.
const OF_DAY: [u64; 24] = [
    90, 70, 60, 60, 80, 140, 260, 480, 760, 930, 1000, 960, 820, 880, 990, 960, 860, 700, 520, 380,
    300, 230, 170, 120,
];
/// How busy a weekend is, in thousandths of a workday.
const WEEKEND: u64 = 260;
/// How busy the first hour is, in thousandths of the last one.
const AT_FIRST: u64 = 450;
const WHOLE: u64 = 1_000;

/// Hours with the number of calls that begin in each, in order of time.
#[derive(Debug)]
pub(crate) struct Hours {
    begin: Timestamp,
    /// Weight of this and all hours before it.
    weights: Vec<u64>,
    calls: u64,
    next: usize,
    given: u64,
}

/// One hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hour {
    pub(crate) begin: Timestamp,
    pub(crate) calls: u64,
}

impl Hours {
    /// The hours before a moment.
    pub(crate) fn before(end: Timestamp, days: u16, calls: u64) -> Self {
        let count = usize::from(days).saturating_mul(24);
        let begin = end.saturating_sub_hours(count);
        let length = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        let mut sum = 0_u64;
        let weights = (0..length)
            .map(|n| {
                sum = sum.saturating_add(weight(begin.plus_hours(n), n, length));
                sum
            })
            .collect();
        Self {
            begin,
            weights,
            calls,
            next: 0,
            given: 0,
        }
    }
}

impl Iterator for Hours {
    type Item = Hour;

    fn next(&mut self) -> Option<Hour> {
        let so_far = *self.weights.get(self.next)?;
        let all = *self.weights.last()?;
        // What is due by the end of this hour, less what was given: nothing is lost to rounding.
        let due = u128::from(self.calls)
            .saturating_mul(so_far.into())
            .checked_div(all.into())?;
        let due = u64::try_from(due).ok()?;
        let hour = Hour {
            begin: self.begin.plus_hours(u64::try_from(self.next).ok()?),
            calls: due.saturating_sub(self.given),
        };
        self.given = due;
        self.next = self.next.saturating_add(1);
        Some(hour)
    }
}

fn weight(hour: Timestamp, n: u64, of: u64) -> u64 {
    let at = hour.to_zoned(TimeZone::UTC);
    let of_day = usize::try_from(at.hour())
        .ok()
        .and_then(|hour| OF_DAY.get(hour))
        .copied()
        .unwrap_or(WHOLE);
    let of_week = match at.weekday() {
        Weekday::Saturday | Weekday::Sunday => WEEKEND,
        _ => WHOLE,
    };
    let grown = (WHOLE - AT_FIRST).saturating_mul(n).checked_div(of);
    let growth = AT_FIRST.saturating_add(grown.unwrap_or(0));
    of_day.saturating_mul(of_week).saturating_mul(growth)
}

trait ByHours {
    fn plus_hours(self, hours: u64) -> Self;
    fn saturating_sub_hours(self, hours: usize) -> Self;
}

impl ByHours for Timestamp {
    fn plus_hours(self, hours: u64) -> Self {
        let hours = SignedDuration::from_hours(i64::try_from(hours).unwrap_or(0));
        self.checked_add(hours).unwrap_or(self)
    }

    fn saturating_sub_hours(self, hours: usize) -> Self {
        let hours = SignedDuration::from_hours(i64::try_from(hours).unwrap_or(0));
        self.checked_sub(hours).unwrap_or(self)
    }
}
