//! The stretch of time that is asked for: in the address `range`, or `customStart` and `customEnd`.

use admin::usage::{BucketSize, ReportZone, bucket_for, quarter_hour_end};
use domain::Timestamp;
use jiff::{
    SignedDuration,
    civil::{Date, Time},
};

use crate::{format::zone::Zone, http::fields::Fields};

/// What stands for it in the address.
pub(crate) const NAMES: [&str; 3] = ["range", "customStart", "customEnd"];

/// What can be chosen at one click: the name in the address, what stands on the button, and in full.
pub(crate) const PRESETS: [(Preset, &str, &str, &str); 8] = [
    (Preset::Day, "24h", "24 h", "Last 24 hours"),
    (Preset::Days(7), "7d", "7 d", "Last 7 days"),
    (Preset::Days(14), "14d", "14 d", "Last 14 days"),
    (Preset::Days(30), "30d", "30 d", "Last 30 days"),
    (Preset::Days(90), "90d", "90 d", "Last 90 days"),
    (Preset::MonthToDate, "mtd", "Month", "Month to date"),
    (Preset::QuarterToDate, "qtd", "Quarter", "Quarter to date"),
    (Preset::YearToDate, "ytd", "Year", "Year to date"),
];

/// A range that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    /// The hour that is running and the 23 before.
    Day,
    /// Today and the days before, so many in all.
    Days(u32),
    /// From the first of the month on.
    MonthToDate,
    /// From the first day of January, April, July or October on.
    QuarterToDate,
    /// From the first of January on.
    YearToDate,
}

/// Where nothing is chosen.
pub(crate) const DEFAULT: &str = "14d";

/// A stretch of time, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// How it was chosen. `None`: by its beginning and its end.
    pub(crate) preset: Option<Preset>,
    /// Its beginning.
    pub(crate) from: Timestamp,
    /// Its end, which it does not contain.
    pub(crate) to: Timestamp,
    /// How long its buckets are.
    pub(crate) bucket: BucketSize,
    /// The moment at which the page is made.
    pub(crate) now: Timestamp,
}

/// Why what stands in the address is no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRange(pub(crate) &'static str);

const NO_PRESET: NoRange =
    NoRange("There is no such range. Choose one of those on offer, or a beginning and an end.");
const NO_BEGINNING: NoRange = NoRange(
    "The beginning of the range cannot be read. Write a day or a moment, such as 2026-11-06 or 2026-11-06T09:00.",
);
const NO_END: NoRange = NoRange(
    "The end of the range cannot be read. Write a day or a moment, such as 2026-11-20 or 2026-11-20T09:00.",
);
const EMPTY: NoRange = NoRange("The range is empty: its end must be after its beginning.");

impl Range {
    /// Reads the range of an address. Moments are ISO 8601: with an offset, or else as clock and calendar
    /// of the zone tell them. What has not come yet is left out.
    ///
    /// # Errors
    /// [`NoRange`], for people to read.
    pub(crate) fn read(query: &Fields, zone: &Zone, now: Timestamp) -> Result<Self, NoRange> {
        let (start, end) = (query.text("customStart"), query.text("customEnd"));
        if start.is_empty() && end.is_empty() {
            let named = match query.text("range") {
                "" => DEFAULT,
                named => named,
            };
            let preset = PRESETS.iter().find(|(_, name, ..)| *name == named);
            let (preset, ..) = preset.ok_or(NO_PRESET)?;
            return Ok(Self::of(*preset, zone.report(), now));
        }
        let moment = |text: &str| zone.moment(text).or_else(|| text.parse().ok());
        let from = moment(start).ok_or(NO_BEGINNING)?;
        let to = match end {
            "" => next_second(now),
            end => moment(end).ok_or(NO_END)?,
        };
        let to = if from < now {
            to.min(next_second(now))
        } else {
            to
        };
        if from >= to {
            return Err(EMPTY);
        }
        Ok(Self {
            preset: None,
            from,
            to,
            bucket: bucket_for(from, to),
            now,
        })
    }

    /// A range that ends with the second that is running.
    fn of(preset: Preset, zone: &ReportZone, now: Timestamp) -> Self {
        let to = next_second(now);
        let today = zone.local(now).date();
        let first_of = |month: i8| {
            let first = Date::new(today.year(), month, 1).ok();
            let begins = first.and_then(|first| zone.moment(first.to_datetime(Time::midnight())));
            begins.unwrap_or(now)
        };
        let from = match preset {
            Preset::Day => hours_before(now, 23, zone),
            Preset::Days(days) => zone.day_before(now, days.saturating_sub(1)).unwrap_or(now),
            Preset::MonthToDate => first_of(today.month()),
            Preset::QuarterToDate => {
                let month = today.month();
                first_of(month.saturating_sub(month.saturating_sub(1) % 3))
            }
            Preset::YearToDate => first_of(1),
        };
        Self {
            preset: Some(preset),
            from,
            to,
            bucket: bucket_for(from, to),
            now,
        }
    }

    /// What it is compared with: as long a stretch right before it. For whole days as many days, the last one
    /// as far as today is. Where the range runs it is told to the minute, so that all who look at the page in
    /// the same one ask the same.
    pub(crate) fn before(self, zone: &ReportZone) -> Self {
        let days = match self.preset {
            Some(Preset::Days(days)) => Some(days),
            _ => None,
        };
        let to = if self.is_running() {
            next_minute(self.now)
        } else {
            self.to
        };
        let length = to.duration_since(self.from);
        let back = |moment: Timestamp| match days {
            Some(days) => zone.same_clock_before(moment, days).ok(),
            None => moment.checked_sub(length).ok(),
        };
        Self {
            preset: None,
            from: back(self.from).unwrap_or(self.from),
            to: back(to).unwrap_or(self.from),
            ..self
        }
    }

    /// Whether its last bucket is still running.
    pub(crate) fn is_running(self) -> bool {
        self.to > self.now && self.from <= self.now
    }

    /// Up to where sums are asked for.
    pub(crate) fn asked_until(self) -> Timestamp {
        if self.is_running() {
            quarter_hour_end(self.now)
        } else {
            self.to
        }
    }

    /// The same, from another beginning up to another end: as it was summed.
    pub(crate) const fn between(self, from: Timestamp, to: Timestamp) -> Self {
        Self { from, to, ..self }
    }

    /// In words: `6 Nov to 19 Nov`, with the clock where it does not begin and end with a day. The end that
    /// is not in it is not named.
    pub(crate) fn in_words(self, zone: &Zone) -> String {
        let local = |moment| zone.report().local(moment);
        let is_midnight = |moment| local(moment).time() == Time::midnight();
        if self.bucket == BucketSize::Hour || !is_midnight(self.from) || is_midnight(self.to) {
            return zone.range(self.from, self.to, self.now);
        }
        let days = zone.days(self.from, self.to, self.now);
        if self.is_running() {
            days
        } else {
            format!("{days}, up to {}", local(self.to).strftime("%H:%M"))
        }
    }

    /// What the last bucket is called while it is still running.
    pub(crate) const fn so_far(self) -> &'static str {
        match self.bucket {
            BucketSize::Hour => "this hour so far",
            BucketSize::Day => "today so far",
            BucketSize::Week => "this week so far",
            BucketSize::Month => "this month so far",
        }
    }
}

/// The beginning of the hour so many hours before the one that is running, on the clock on the wall.
fn hours_before(now: Timestamp, hours: i64, zone: &ReportZone) -> Timestamp {
    let local = zone.local(now);
    let seconds = i64::from(local.minute()) * 60 + i64::from(local.second());
    let into = SignedDuration::new(seconds, local.subsec_nanosecond());
    let hour = now.checked_sub(into);
    let first = hour.and_then(|hour| hour.checked_sub(SignedDuration::from_hours(hours)));
    first.unwrap_or(now)
}

fn next_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(1)).unwrap_or(now)
}

fn next_minute(now: Timestamp) -> Timestamp {
    let next = now.as_second().div_euclid(60).saturating_add(1);
    Timestamp::from_second(next.saturating_mul(60)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::{BucketSize, ReportZone};

    use super::{EMPTY, NO_BEGINNING, NO_END, NO_PRESET, NoRange, Range};
    use crate::{format::zone::Zone, http::fields::Fields};

    fn read(zone: &str, now: &str, pairs: &[(&str, &str)]) -> Result<(Range, Zone), NoRange> {
        let zone = Zone::of(Arc::new(ReportZone::new(zone).unwrap()));
        let mut query = Fields::default();
        for (name, value) in pairs {
            query.push(*name, *value);
        }
        Range::read(&query, &zone, now.parse().unwrap()).map(|range| (range, zone))
    }

    /// Beginning, end and bucket, and the same of what it is compared with; both in words.
    fn check(name: &str, bucket: BucketSize, ends: [&str; 2], before: [&str; 2], words: [&str; 2]) {
        let now = "2026-11-19T15:31:07.5Z";
        let (range, zone) = read("Europe/Berlin", now, &[("range", name)]).unwrap();
        assert_eq!([range.from.to_string(), range.to.to_string()], ends);
        assert_eq!((range.bucket, range.is_running()), (bucket, true));
        assert_eq!(range.asked_until().to_string(), "2026-11-19T15:45:00Z");
        let earlier = range.before(zone.report());
        assert_eq!([earlier.from.to_string(), earlier.to.to_string()], before);
        assert_eq!([range.in_words(&zone), earlier.in_words(&zone)], words);
        let later = read("Europe/Berlin", "2026-11-19T15:31:58Z", &[("range", name)]).unwrap();
        let same = later.0.before(zone.report());
        assert_eq!((same.from, same.to), (earlier.from, earlier.to));
    }

    #[test]
    fn ranges_begin_where_the_clock_on_the_wall_says_and_end_now() {
        const TO: &str = "2026-11-19T15:31:08Z";
        check(
            "24h",
            BucketSize::Hour,
            ["2026-11-18T16:00:00Z", TO],
            ["2026-11-17T16:28:00Z", "2026-11-18T16:00:00Z"],
            [
                "18 Nov 17:00 to 19 Nov 16:31",
                "17 Nov 17:28 to 18 Nov 17:00",
            ],
        );
        check(
            "7d",
            BucketSize::Day,
            ["2026-11-12T23:00:00Z", TO],
            ["2026-11-05T23:00:00Z", "2026-11-12T15:32:00Z"],
            ["13 Nov to 19 Nov", "6 Nov to 12 Nov, up to 16:32"],
        );
        for range in ["14d", ""] {
            check(
                range,
                BucketSize::Day,
                ["2026-11-05T23:00:00Z", TO],
                ["2026-10-22T22:00:00Z", "2026-11-05T15:32:00Z"],
                ["6 Nov to 19 Nov", "23 Oct to 5 Nov, up to 16:32"],
            );
        }
        check(
            "90d",
            BucketSize::Day,
            ["2026-08-21T22:00:00Z", TO],
            ["2026-05-23T22:00:00Z", "2026-08-21T14:32:00Z"],
            ["22 Aug to 19 Nov", "24 May to 21 Aug, up to 16:32"],
        );
        check(
            "mtd",
            BucketSize::Day,
            ["2026-10-31T23:00:00Z", TO],
            ["2026-10-13T06:28:00Z", "2026-10-31T23:00:00Z"],
            ["1 Nov to 19 Nov", "13 Oct 08:28 to 1 Nov 00:00"],
        );
        check(
            "qtd",
            BucketSize::Day,
            ["2026-09-30T22:00:00Z", TO],
            ["2026-08-12T04:28:00Z", "2026-09-30T22:00:00Z"],
            ["1 Oct to 19 Nov", "12 Aug 06:28 to 1 Oct 00:00"],
        );
        check(
            "ytd",
            BucketSize::Week,
            ["2025-12-31T23:00:00Z", TO],
            ["2025-02-12T06:28:00Z", "2025-12-31T23:00:00Z"],
            ["1 Jan to 19 Nov", "12 Feb 2025 07:28 to 1 Jan 00:00"],
        );
    }

    #[test]
    fn a_range_of_ones_own_is_of_the_zone_or_says_its_offset() {
        let custom = |start: &str, end: &str| {
            let pairs = [("customStart", start), ("customEnd", end)];
            let read = read("Asia/Kathmandu", "2026-11-19T15:31:07Z", &pairs);
            read.map(|(range, zone)| {
                let ends = format!("{} {}", range.from, range.to);
                (ends, range.bucket, range.in_words(&zone))
            })
        };
        assert_eq!(
            custom("2026-11-01", "2026-11-08"),
            Ok((
                "2026-10-31T18:15:00Z 2026-11-07T18:15:00Z".to_owned(),
                BucketSize::Day,
                "1 Nov to 7 Nov".to_owned()
            ))
        );
        assert_eq!(
            custom("2026-11-18T09:30", "2026-11-19T01:00:00Z"),
            Ok((
                "2026-11-18T03:45:00Z 2026-11-19T01:00:00Z".to_owned(),
                BucketSize::Hour,
                "18 Nov 09:30 to 19 Nov 06:45".to_owned()
            ))
        );
        // What has not come yet is left out.
        let (ends, ..) = custom("2026-11-01", "2027-01-01").unwrap();
        assert_eq!(ends, "2026-10-31T18:15:00Z 2026-11-19T15:31:08Z");
        assert_eq!(custom("2026-11-08", "2026-11-01"), Err(EMPTY));
        assert_eq!(custom("yesterday", ""), Err(NO_BEGINNING));
        assert_eq!(custom("", "2026-11-08"), Err(NO_BEGINNING));
        assert_eq!(custom("2026-11-01", "soon"), Err(NO_END));
        let unknown = read("UTC", "2026-11-19T15:31:07Z", &[("range", "8d")]);
        assert_eq!(unknown.unwrap_err(), NO_PRESET);
    }
}
