//! The ranges that the page offers, with the buckets that suit them.

use domain::Timestamp;
use jiff::{SignedDuration, ToSpan, Zoned, tz::TimeZoneDatabase};
use weir_store::usage::{BucketSize, GroupBy, Metric, ReportZone, UsageFilter, UsageQuery};

use super::Done;

/// A range that the page offers.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) name: String,
    from: Timestamp,
    to: Timestamp,
    bucket: BucketSize,
}

impl Range {
    pub(crate) fn new(name: &str, from: Timestamp, to: Timestamp) -> Self {
        let bucket = match to.duration_since(from).as_hours() {
            ..=48 => BucketSize::Hour,
            49..=2_208 => BucketSize::Day,
            2_209..=8_784 => BucketSize::Week,
            _ => BucketSize::Month,
        };
        Self {
            name: name.to_owned(),
            from,
            to,
            bucket,
        }
    }

    /// What is asked for in this range; which metric does not matter to a page.
    pub(crate) fn query(
        &self,
        group_by: GroupBy,
        zone: &ReportZone,
        filter: UsageFilter,
    ) -> UsageQuery {
        UsageQuery {
            metric: Metric::Spend,
            group_by,
            bucket: self.bucket,
            zone: zone.clone(),
            from: self.from,
            to: self.to,
            filter,
        }
    }
}

/// So many days until now.
pub(crate) fn days(days: i64, now: Timestamp) -> Range {
    let from = now - SignedDuration::from_hours(24 * days);
    Range::new(&format!("{days} days"), from, now)
}

pub(crate) fn all(now: Timestamp, zone: &str) -> Done<Vec<Range>> {
    let mut ranges: Vec<Range> = [1, 7, 14, 30, 90, 400]
        .into_iter()
        .map(|count| days(count, now))
        .collect();
    let today: Zoned = now.to_zoned(TimeZoneDatabase::bundled().get(zone)?);
    let month = today.first_of_month()?.start_of_day()?;
    let quarter = month.checked_sub(i64::from((month.month() - 1) % 3).months())?;
    let year = today.first_of_year()?.start_of_day()?;
    for (name, from) in [("month", month), ("quarter", quarter), ("year", year)] {
        ranges.push(Range::new(
            &format!("{name} to date"),
            from.timestamp(),
            now,
        ));
    }
    Ok(ranges)
}
