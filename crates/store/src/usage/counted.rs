//! How many calls there are, told by the sums that are kept: as quick for ten million as for ten.

use sea_orm::ConnectionTrait;

use super::{
    levels::Level,
    parts::Measure,
    pieces,
    query::{GroupBy, UsageFilter},
    source::Reading,
    zone::{Bucket, ReportZone},
};
use crate::{StoreError, time::from_us};

/// The sums that count every call once.
const COUNTS: [&str; 4] = [
    "priced_calls",
    "estimated_calls",
    "unpriced_calls",
    "not_billed_calls",
];

/// How many calls began in a stretch of time, those that Weir refused included.
pub(crate) async fn count_calls(
    connection: &impl ConnectionTrait,
    levels: &[Level],
    first_us: i64,
    end_us: i64,
) -> Result<u64, StoreError> {
    if first_us >= end_us {
        return Ok(0);
    }
    let from = from_us("usage_levels", first_us)?;
    let buckets = [Bucket {
        start: ReportZone::utc().start(from),
        from,
        to: from_us("usage_levels", end_us)?,
    }];
    let reading = Reading {
        filter: &UsageFilter::default(),
        group_by: GroupBy::None,
        measures: &COUNTS.map(|of| Measure { of, less: None }),
        buckets: &buckets,
    };
    let sources = pieces::sources(levels, &reading.needed());
    let mut calls: i64 = 0;
    for piece in pieces::of(&buckets, &sources)? {
        for sums in reading.read(connection, piece).await? {
            calls = calls.saturating_add(sums.measures.iter().sum());
        }
    }
    Ok(u64::try_from(calls).unwrap_or(0))
}
