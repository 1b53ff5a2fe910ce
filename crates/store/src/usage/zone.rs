//! Buckets of local time: hours, days, weeks from Monday and months, as a time zone has them.
//!
//! A day may have 23 or 25 hours and an hour may be half as long: each bucket begins where the clock on
//! the wall says so, and ends where the next one begins. The zones are built in, so that a report does
//! not depend on the machine.

use std::fmt;

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, DateTime, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Serialize, Serializer};

use super::{BUCKETS_MAX, UsageProblem, query::BucketSize};

/// The time zone that a report is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportZone {
    name: String,
    zone: TimeZone,
}

impl ReportZone {
    /// The zone with this IANA name.
    ///
    /// # Errors
    /// [`UsageProblem::UnknownTimeZone`].
    pub fn new(name: &str) -> Result<Self, UsageProblem> {
        let zone = TimeZoneDatabase::bundled()
            .get(name)
            .map_err(|_| UsageProblem::UnknownTimeZone)?;
        Ok(Self {
            name: zone.iana_name().unwrap_or(name).to_owned(),
            zone,
        })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
        }
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of all zones that there are, in order.
    #[must_use]
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = TimeZoneDatabase::bundled()
            .available()
            .map(|name| name.as_str().to_owned())
            .collect();
        names.sort();
        names
    }

    /// A moment as clock and calendar of the zone tell it.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// The moment at which clock and calendar of the zone say this. What they say twice, when clocks are put
    /// back, is the first of both; what they never say, when clocks are put forward, is as much later.
    /// `None`: beyond the calendar.
    #[must_use]
    pub fn moment(&self, local: DateTime) -> Option<Timestamp> {
        let zoned = local.to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp())
    }

    /// Where the day begins that is so many days before the one of a moment.
    ///
    /// # Errors
    /// [`UsageProblem::BeyondCalendar`].
    pub fn day_before(&self, at: Timestamp, days: u32) -> Result<Timestamp, UsageProblem> {
        self.midnight(back(self.local(at).date(), days)?)
    }

    /// The moment at which the clock showed the same, so many days before.
    ///
    /// # Errors
    /// [`UsageProblem::BeyondCalendar`].
    pub fn same_clock_before(&self, at: Timestamp, days: u32) -> Result<Timestamp, UsageProblem> {
        let local = self.local(at).datetime();
        let earlier = back(local.date(), days)?.to_datetime(local.time());
        self.moment(earlier).ok_or(UsageProblem::BeyondCalendar)
    }

    pub(crate) fn start(&self, at: Timestamp) -> BucketStart {
        BucketStart {
            at,
            offset_seconds: self.zone.to_offset(at).seconds(),
        }
    }

    /// Where the bucket that contains a moment begins.
    pub(crate) fn floor(&self, at: Timestamp, size: BucketSize) -> Result<Timestamp, UsageProblem> {
        let local = at.to_zoned(self.zone.clone());
        match size {
            BucketSize::Hour => self.hour_of(at),
            BucketSize::Day => self.midnight(local.date()),
            BucketSize::Week => self.midnight(monday(local.date())?),
            BucketSize::Month => self.midnight(local.date().first_of_month()),
        }
    }

    /// Where the bucket after the one that contains a moment begins.
    fn next(&self, at: Timestamp, size: BucketSize) -> Result<Timestamp, UsageProblem> {
        let date = at.to_zoned(self.zone.clone()).date();
        let beyond = |_| UsageProblem::BeyondCalendar;
        match size {
            BucketSize::Hour => self
                .hour_of(at)?
                .checked_add(SignedDuration::from_hours(1))
                .map_err(beyond),
            BucketSize::Day => self.midnight(date.tomorrow().map_err(beyond)?),
            BucketSize::Week => {
                let days = jiff::Span::new().days(7);
                self.midnight(monday(date)?.checked_add(days).map_err(beyond)?)
            }
            BucketSize::Month => {
                let last = date.last_of_month();
                self.midnight(last.tomorrow().map_err(beyond)?)
            }
        }
    }

    /// The last full hour on the clock on the wall.
    fn hour_of(&self, at: Timestamp) -> Result<Timestamp, UsageProblem> {
        let offset = i64::from(self.zone.to_offset(at).seconds());
        let second = at.as_second();
        let past = second.saturating_add(offset).rem_euclid(3600);
        Timestamp::from_second(second.saturating_sub(past))
            .map_err(|_| UsageProblem::BeyondCalendar)
    }

    /// The first moment of a day, which is not always at midnight.
    fn midnight(&self, date: Date) -> Result<Timestamp, UsageProblem> {
        date.to_zoned(self.zone.clone())
            .and_then(|zoned: Zoned| zoned.start_of_day())
            .map(|zoned| zoned.timestamp())
            .map_err(|_| UsageProblem::BeyondCalendar)
    }
}

/// Where a bucket begins, with the offset that its zone has then. In JSON RFC 3339 with that offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BucketStart {
    /// The moment.
    pub at: Timestamp,
    /// Seconds that the zone is ahead of UTC.
    pub offset_seconds: i32,
}

impl fmt::Display for BucketStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::tz::Offset::from_seconds(self.offset_seconds) {
            Ok(offset) => self.at.display_with_offset(offset).fmt(f),
            Err(_) => self.at.fmt(f),
        }
    }
}

impl Serialize for BucketStart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One bucket: where it begins on the calendar, and the part of it that is in the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) start: BucketStart,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// The buckets of a range, without gaps.
pub(crate) fn buckets(
    zone: &ReportZone,
    size: BucketSize,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Bucket>, UsageProblem> {
    let mut buckets = vec![];
    let mut start = zone.floor(from, size)?;
    while start < to && from < to {
        if buckets.len() == BUCKETS_MAX {
            return Err(UsageProblem::TooManyBuckets);
        }
        let next = after(zone, size, start)?;
        buckets.push(Bucket {
            start: zone.start(start),
            from: start.max(from),
            to: next.min(to),
        });
        start = next;
    }
    Ok(buckets)
}

/// Where the bucket after the one that begins here begins.
pub(crate) fn after(
    zone: &ReportZone,
    size: BucketSize,
    start: Timestamp,
) -> Result<Timestamp, UsageProblem> {
    let next = zone.next(start, size)?;
    if next > start {
        return Ok(next);
    }
    // A day that the zone never had, as on Samoa in 2011: the one after it begins here.
    let later = start
        .saturating_add(SignedDuration::from_hours(24))
        .map_err(|_| UsageProblem::BeyondCalendar)?;
    zone.next(later, size)
}

fn back(date: Date, days: u32) -> Result<Date, UsageProblem> {
    date.checked_sub(jiff::Span::new().days(i64::from(days)))
        .map_err(|_| UsageProblem::BeyondCalendar)
}

fn monday(date: Date) -> Result<Date, UsageProblem> {
    let past = date.weekday().since(Weekday::Monday);
    date.checked_sub(jiff::Span::new().days(past))
        .map_err(|_| UsageProblem::BeyondCalendar)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::ReportZone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_where_the_clock_on_the_wall_says() {
        let berlin = ReportZone::new("Europe/Berlin").unwrap();
        let check = |now: &str, days: u32, begins: &str| {
            assert_eq!(
                berlin.day_before(at(now), days).unwrap(),
                at(begins),
                "{now} - {days}"
            );
        };
        // The 25th of October has 25 hours, the 29th of March 23.
        check("2026-10-25T12:00:00Z", 0, "2026-10-24T22:00:00Z");
        check("2026-10-26T12:00:00Z", 0, "2026-10-25T23:00:00Z");
        check("2026-03-29T12:00:00Z", 0, "2026-03-28T23:00:00Z");
        check("2026-03-30T12:00:00Z", 6, "2026-03-23T23:00:00Z");
        check("2026-11-19T23:30:00Z", 0, "2026-11-19T23:00:00Z");
        let kathmandu = ReportZone::new("Asia/Kathmandu").unwrap();
        let begins = kathmandu.day_before(at("2026-11-19T18:20:00Z"), 1).unwrap();
        assert_eq!(begins, at("2026-11-18T18:15:00Z"));
    }

    #[test]
    fn the_same_clock_of_another_day_is_not_always_whole_days_away() {
        let berlin = ReportZone::new("Europe/Berlin").unwrap();
        let check = |now: &str, before: &str| {
            assert_eq!(
                berlin.same_clock_before(at(now), 7).unwrap(),
                at(before),
                "{now}"
            );
        };
        check("2026-11-19T15:31:08Z", "2026-11-12T15:31:08Z");
        check("2026-10-27T11:00:00Z", "2026-10-20T10:00:00Z");
        check("2026-03-31T10:00:00Z", "2026-03-24T11:00:00Z");
    }

    #[test]
    fn what_the_clock_says_twice_is_the_first_and_what_it_never_says_is_later() {
        let berlin = ReportZone::new("Europe/Berlin").unwrap();
        let moment = |local: &str| berlin.moment(local.parse().unwrap()).unwrap();
        assert_eq!(moment("2026-10-25T02:30:00"), at("2026-10-25T00:30:00Z"));
        assert_eq!(moment("2026-03-29T02:30:00"), at("2026-03-29T01:30:00Z"));
        assert_eq!(moment("2026-11-19T00:00:00"), at("2026-11-18T23:00:00Z"));
    }

    #[test]
    fn zones_are_offered_by_names_that_they_are_found_by() {
        let names = ReportZone::names();
        assert!(names.len() > 300 && names.is_sorted());
        for name in ["UTC", "Europe/Berlin", "Asia/Kathmandu"] {
            assert!(names.iter().any(|there| there == name), "{name}");
        }
        assert!(names.iter().all(|name| ReportZone::new(name).is_ok()));
    }
}
