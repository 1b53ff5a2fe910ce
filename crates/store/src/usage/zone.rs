//! Buckets of local time: hours, days, weeks from Monday and months, as a time zone has them.
//!
//! A day may have 23 or 25 hours and an hour may be half as long: each bucket begins where the clock on
//! the wall says so, and ends where the next one begins. The zones are built in, so that a report does
//! not depend on the machine.

use std::fmt;

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, Weekday},
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
    while start < to {
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

fn monday(date: Date) -> Result<Date, UsageProblem> {
    let past = date.weekday().since(Weekday::Monday);
    date.checked_sub(jiff::Span::new().days(past))
        .map_err(|_| UsageProblem::BeyondCalendar)
}
