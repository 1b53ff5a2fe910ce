//! The hours of the week at which a tier's rates hold, for providers whose prices depend on the clock.
//!
//! Written as the price lists write them: `days 1,2,3,4,5 UTC 00:00-01:00 10:00-00:00; days 6,7 UTC
//! 00:00-00:00`. Days are ISO weekdays, 1 for Monday; a range ends before its second time, and one that
//! ends at `00:00` ends with the day.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// Hours of the week, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WeeklyHours {
    text: String,
    ranges: Vec<Range>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    weekday: i8,
    /// Minutes since the day began.
    from: u16,
    to: u16,
}

/// A text that names no hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not hours of the week, such as `days 1,2 UTC 00:00-08:30; days 6,7 UTC 00:00-00:00`")]
pub struct InvalidHours;

impl WeeklyHours {
    /// Whether a moment lies in these hours.
    #[must_use]
    pub fn hold_at(&self, at: Timestamp) -> bool {
        let at = at.to_zoned(TimeZone::UTC);
        let weekday = at.weekday().to_monday_one_offset();
        let minute = i32::from(at.hour()) * 60 + i32::from(at.minute());
        self.ranges.iter().any(|range| {
            range.weekday == weekday
                && (i32::from(range.from)..i32::from(range.to)).contains(&minute)
        })
    }
}

impl FromStr for WeeklyHours {
    type Err = InvalidHours;
    fn from_str(text: &str) -> Result<Self, InvalidHours> {
        let mut ranges = Vec::new();
        for part in text.split(';') {
            let (days, hours) = part
                .trim()
                .strip_prefix("days ")
                .and_then(|rest| rest.split_once(" UTC "))
                .ok_or(InvalidHours)?;
            for weekday in days.split(',') {
                let weekday: i8 = weekday.parse().map_err(|_| InvalidHours)?;
                for range in hours.split_whitespace() {
                    let (from, to) = range.split_once('-').ok_or(InvalidHours)?;
                    let (from, to) = (minute(from)?, minute(to)?);
                    let to = if to == 0 { MINUTES_OF_A_DAY } else { to };
                    if !(1..=7).contains(&weekday) || from >= to {
                        return Err(InvalidHours);
                    }
                    ranges.push(Range { weekday, from, to });
                }
            }
        }
        if ranges.is_empty() {
            return Err(InvalidHours);
        }
        Ok(Self {
            text: text.to_owned(),
            ranges,
        })
    }
}

fn minute(text: &str) -> Result<u16, InvalidHours> {
    let (hours, minutes) = text.split_once(':').ok_or(InvalidHours)?;
    let number = |text: &str, below: u16| {
        let number: u16 = text.parse().map_err(|_| InvalidHours)?;
        if text.len() == 2 && number < below {
            Ok(number)
        } else {
            Err(InvalidHours)
        }
    };
    Ok(number(hours, 24)? * 60 + number(minutes, 60)?)
}

impl TryFrom<String> for WeeklyHours {
    type Error = InvalidHours;
    fn try_from(text: String) -> Result<Self, InvalidHours> {
        text.parse()
    }
}

impl From<WeeklyHours> for String {
    fn from(hours: WeeklyHours) -> Self {
        hours.text
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEEPSEEK: &str =
        "days 1,2,3,4,5 UTC 00:00-01:00 04:00-06:00 10:00-00:00; days 6,7 UTC 00:00-00:00";

    #[test]
    fn hours_hold_to_the_minute_and_by_weekday() {
        let hours: WeeklyHours = DEEPSEEK.parse().unwrap();
        // 2026-11-16 is a Monday.
        for (at, holds) in [
            ("2026-11-16T00:59:59Z", true),
            ("2026-11-16T01:00:00Z", false),
            ("2026-11-16T03:59:59Z", false),
            ("2026-11-16T04:00:00Z", true),
            ("2026-11-16T06:00:00Z", false),
            ("2026-11-20T09:59:59Z", false),
            ("2026-11-20T10:00:00Z", true),
            ("2026-11-20T23:59:59Z", true),
            ("2026-11-21T02:00:00Z", true),
            ("2026-11-22T08:00:00Z", true),
        ] {
            assert_eq!(hours.hold_at(at.parse().unwrap()), holds, "{at}");
        }
        assert_eq!(hours.to_string(), DEEPSEEK);
    }

    #[test]
    fn what_names_no_hours_is_refused() {
        for text in [
            "",
            "days",
            "days 1 UTC",
            "days 8 UTC 00:00-01:00",
            "days 1 UTC 02:00-01:00",
            "days 1 UTC 24:00-00:00",
            "days 1 UTC 0:00-01:00",
            "UTC 00:00-01:00",
            "days 1 UTC 00:00",
        ] {
            assert_eq!(text.parse::<WeeklyHours>(), Err(InvalidHours), "{text}");
        }
    }
}
