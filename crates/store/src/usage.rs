//! Sums over the ledger: spend, requests and tokens over time, by whatever they are grouped by.
//!
//! A range is cut into buckets of local time ([`zone`]), and each bucket into pieces ([`pieces`]): months,
//! weeks, days, hours and quarter hours come from the sums that the writer keeps ([`levels`]), what is left
//! at ragged edges from the rows themselves. All hold the same columns under the same names ([`source`]), so
//! the figures are those of the rows to the last nano-dollar.
//!
//! | figure | what it counts |
//! |---|---|
//! | spend | calls whose total is known; every part of an unpriced call is left out |
//! | requests | every call that Weir did not refuse itself |
//! | tokens | every token that was reported or estimated |

mod answer;
pub(crate) mod checksum;
mod counted;
mod kept;
mod labels;
pub(crate) mod levels;
mod page;
mod parts;
mod pieces;
mod query;
mod report;
mod source;
mod spend;
mod turns;
mod verify;
mod verify_sealed;
mod zone;

pub(crate) use answer::snapshot;
pub use answer::{Point, Series, UsageReport};
pub(crate) use counted::count_calls;
pub(crate) use kept::Kept;
pub use kept::RangeLimits;
pub use page::{Chart, Rest, Top, Totals, UsagePage};
pub use parts::{CostType, TokenType, UnknownType};
pub use query::{BucketSize, GroupBy, Metric, ReportBucket, ReportBy, UsageFilter, UsageQuery};
pub use report::{ReportLine, ReportQuery};
pub use spend::SpendLine;
pub(crate) use turns::Turns;
pub use verify::{Difference, LastVerification, Verification};
pub use zone::{BucketStart, ReportZone};

/// The most buckets that a report has.
pub const BUCKETS_MAX: usize = 10_000;

/// The most points that a report has, over all of its series.
pub const POINTS_MAX: usize = 2_000_000;

/// A usage query that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsageProblem {
    /// Not the name of a time zone.
    #[error("there is no such time zone; use a name such as Europe/Berlin or UTC")]
    UnknownTimeZone,
    /// The range's end is not after its beginning.
    #[error("the range is empty: its end must be after its beginning")]
    EmptyRange,
    /// The range has too many buckets of this size.
    #[error("the range has more than {BUCKETS_MAX} buckets; use larger ones or a shorter range")]
    TooManyBuckets,
    /// So many series have so many buckets that the answer would not fit in memory.
    #[error(
        "the report has more than {POINTS_MAX} points; use larger buckets, a shorter range or filters, or the full \
         report, which has no limit"
    )]
    TooManyPoints,
    /// A time that no calendar has.
    #[error("the range is beyond the calendar")]
    BeyondCalendar,
    /// A request has no token type or cost type.
    #[error("requests cannot be grouped or filtered by token type or cost type")]
    RequestsByType,
    /// No sums tell these apart together.
    #[error(
        "calls can be told apart by outcome or price state only together with provider and model, and filtered by these two only"
    )]
    NotTogether,
}
