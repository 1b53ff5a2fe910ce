//! The stretch of time that the page is asked for: in the address `range`, or `customStart` and `customEnd`.

use admin::usage::ReportZone;
use domain::Timestamp;
use jiff::{
    SignedDuration,
    civil::{Date, Time},
};

use crate::{format::zone::Zone, http::fields::Fields};

/// What can be chosen: the name in the address, and in full.
pub(super) const PRESETS: [(Preset, &str, &str); 8] = [
    (Preset::Day, "24h", "Last 24 hours"),
    (Preset::Days(7), "7d", "Last 7 days"),
    (Preset::Days(14), "14d", "Last 14 days"),
    (Preset::Days(30), "30d", "Last 30 days"),
    (Preset::Days(90), "90d", "Last 90 days"),
    (Preset::MonthToDate, "mtd", "Month to date"),
    (Preset::QuarterToDate, "qtd", "Quarter to date"),
    (Preset::YearToDate, "ytd", "Year to date"),
];

/// Where nothing is chosen.
pub(super) const DEFAULT: &str = "14d";

/// A range that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Preset {
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

/// A stretch of time, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// Its beginning.
    pub(super) from: Timestamp,
    /// Its end, which it does not contain.
    pub(super) to: Timestamp,
}

/// Why what stands in the address is no range, for people to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoRange(pub(super) &'static str);

impl Range {
    /// Reads the range of an address. Moments are ISO 8601: with an offset, or else as clock and calendar of
    /// the zone tell them.
    ///
    /// # Errors
    /// [`NoRange`].
    pub(super) fn read(query: &Fields, zone: &Zone, now: Timestamp) -> Result<Self, NoRange> {
        let to = Timestamp::from_second(now.as_second().saturating_add(1)).unwrap_or(now);
        let (start, end) = (query.text("customStart"), query.text("customEnd"));
        let moment = |text: &str| zone.moment(text).or_else(|| text.parse().ok());
        if start.is_empty() && end.is_empty() {
            let named = match query.text("range") {
                "" => DEFAULT,
                named => named,
            };
            let (preset, ..) =
                PRESETS
                    .iter()
                    .find(|(_, name, _)| *name == named)
                    .ok_or(NoRange(
                        "There is no such range. Choose one of those on offer.",
                    ))?;
            let from = begin(*preset, zone.report(), now);
            return Ok(Self { from, to });
        }
        let from = moment(start).ok_or(NoRange(
            "The beginning of the range cannot be read. Write a day or a moment, such as 2026-11-06 or 2026-11-06T09:00.",
        ))?;
        let to = match end {
            "" => to,
            end => moment(end).ok_or(NoRange(
                "The end of the range cannot be read. Write a day or a moment, such as 2026-11-20 or 2026-11-20T09:00.",
            ))?,
        };
        if from < to {
            Ok(Self { from, to })
        } else {
            Err(NoRange(
                "The range is empty: its end must be after its beginning.",
            ))
        }
    }
}

fn begin(preset: Preset, zone: &ReportZone, now: Timestamp) -> Timestamp {
    let local = zone.local(now);
    let first_of = |month: i8| {
        let first = Date::new(local.year(), month, 1).ok()?;
        zone.moment(first.to_datetime(Time::midnight()))
    };
    let begins = match preset {
        Preset::Day => {
            let into = i64::from(local.minute()) * 60 + i64::from(local.second());
            let into = SignedDuration::new(into, local.subsec_nanosecond());
            let hours = SignedDuration::from_hours(23);
            now.checked_sub(into.saturating_add(hours)).ok()
        }
        Preset::Days(days) => zone.day_before(now, days.saturating_sub(1)).ok(),
        Preset::MonthToDate => first_of(local.month()),
        Preset::QuarterToDate => {
            let month = local.month();
            first_of(month.saturating_sub(month.saturating_sub(1) % 3))
        }
        Preset::YearToDate => first_of(1),
    };
    begins.unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;

    use super::{NoRange, Range};
    use crate::{format::zone::Zone, http::fields::Fields};

    fn read(pairs: &[(&str, &str)]) -> Result<[String; 2], NoRange> {
        let zone = Zone::of(Arc::new(ReportZone::new("Europe/Berlin").unwrap()));
        let mut query = Fields::default();
        for (name, value) in pairs {
            query.push(*name, *value);
        }
        let now = "2026-11-19T15:31:07.5Z".parse().unwrap();
        Range::read(&query, &zone, now).map(|range| [range.from.to_string(), range.to.to_string()])
    }

    #[test]
    fn ranges_begin_where_the_clock_on_the_wall_says_and_end_now() {
        for (range, from) in [
            ("24h", "2026-11-18T16:00:00Z"),
            ("7d", "2026-11-12T23:00:00Z"),
            ("", "2026-11-05T23:00:00Z"),
            ("90d", "2026-08-21T22:00:00Z"),
            ("mtd", "2026-10-31T23:00:00Z"),
            ("qtd", "2026-09-30T22:00:00Z"),
            ("ytd", "2025-12-31T23:00:00Z"),
        ] {
            let ends = read(&[("range", range)]).unwrap();
            assert_eq!(ends, [from, "2026-11-19T15:31:08Z"], "{range}");
        }
    }

    #[test]
    fn a_range_of_ones_own_is_of_the_zone_or_says_its_offset() {
        let custom = |start, end| read(&[("customStart", start), ("customEnd", end)]);
        assert_eq!(
            custom("2026-11-01", "2026-11-08T01:00:00Z").unwrap(),
            ["2026-10-31T23:00:00Z", "2026-11-08T01:00:00Z"]
        );
        for (start, end) in [
            ("2026-11-08", "2026-11-01"),
            ("yesterday", ""),
            ("", "2026-11-08"),
            ("2026-11-01", "soon"),
        ] {
            assert!(custom(start, end).is_err(), "{start} {end}");
        }
        assert!(read(&[("range", "8d")]).is_err());
    }
}
