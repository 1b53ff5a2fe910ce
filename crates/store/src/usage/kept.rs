//! From when on there are calls and figures, where older ones are deleted.
//!
//! Both begin with a quarter hour. Before the first the sums are sealed as they are: nothing can be read there
//! that begins or ends inside a quarter hour, and so such ranges are widened. Before the second there is
//! nothing at all.

use jiff::Timestamp;

use super::{
    levels::{self, Level, QUARTER_US, Span},
    query::UsageQuery,
    zone::Bucket,
};
use crate::{
    StoreError,
    calls::Calls,
    time::{from_us, to_us},
};

/// Why a report is of another range than the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RangeLimits {
    /// The range that was asked for. `None`: it is the one that was summed.
    pub asked: Option<(Timestamp, Timestamp)>,
    /// Calls before this moment are deleted, and only their sums by quarter hours are kept. `None`: none are.
    pub calls_from: Option<Timestamp>,
    /// Figures before this moment are deleted. `None`: none are.
    pub figures_from: Option<Timestamp>,
}

impl Calls<'_> {
    /// The range that figures of a range are of, and why it is another one than was asked for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn usage_range(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<((Timestamp, Timestamp), RangeLimits), StoreError> {
        let levels = levels::all(self.0.readers()).await?;
        Kept::of(&levels).limited(from, to)
    }
}

/// From when on there is something; what it may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Calls before it are deleted, or are about to be. `i64::MIN`: none are.
    pub(crate) calls_from_us: i64,
    /// Sums before it are deleted, or are about to be. `i64::MIN`: none are.
    pub(crate) figures_from_us: i64,
}

impl Kept {
    /// As the live levels tell it.
    pub(crate) fn of(levels: &[Level]) -> Self {
        let live = || levels.iter().filter(|level| level.span == Span::Quarter);
        let latest = |of: fn(&Level) -> Option<i64>| live().filter_map(of).max();
        Self {
            calls_from_us: latest(|level| level.sealed_until_us).unwrap_or(i64::MIN),
            figures_from_us: latest(|level| level.kept_from_us).unwrap_or(i64::MIN),
        }
    }

    /// For people.
    pub(crate) fn limits(self) -> Result<RangeLimits, StoreError> {
        let moment = |us: i64| {
            let us = (us != i64::MIN).then_some(us);
            us.map(|us| from_us("usage_levels", us)).transpose()
        };
        Ok(RangeLimits {
            asked: None,
            calls_from: moment(self.calls_from_us)?,
            figures_from: moment(self.figures_from_us)?,
        })
    }

    /// The query that can be answered: its range without what is deleted, and of whole quarter hours where
    /// calls are.
    pub(crate) fn answerable(
        self,
        query: &UsageQuery,
    ) -> Result<(UsageQuery, RangeLimits), StoreError> {
        let ((from, to), limits) = self.limited(query.from, query.to)?;
        let query = UsageQuery {
            from,
            to,
            ..query.clone()
        };
        Ok((query, limits))
    }

    /// As [`Kept::range`], and why it is another one.
    fn limited(
        self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<((Timestamp, Timestamp), RangeLimits), StoreError> {
        let summed = self.range(from, to)?;
        let limits = RangeLimits {
            asked: (summed != (from, to)).then_some((from, to)),
            ..self.limits()?
        };
        Ok((summed, limits))
    }

    /// The range that can be answered: without what is deleted, and of whole quarter hours where calls are.
    pub(crate) fn range(
        self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Timestamp, Timestamp), StoreError> {
        let first_us = Ord::max(self.floor(to_us(from)), self.figures_from_us);
        let end_us = self.floor(to_us(to));
        let end_us = if end_us == to_us(to) {
            end_us
        } else {
            end_us.saturating_add(QUARTER_US)
        };
        let moment = |us: i64, asked: Timestamp| {
            // What is finer than a microsecond stays where it is.
            if us == to_us(asked) {
                Ok(asked)
            } else {
                from_us("usage_levels", us)
            }
        };
        let to = moment(end_us, to)?;
        Ok((Ord::min(moment(first_us, from)?, to), to))
    }

    /// Buckets that begin and end where something can be read. Each goes on where the one before ends.
    pub(crate) fn edges(self, buckets: &[Bucket]) -> Result<Vec<Bucket>, StoreError> {
        let edge = |at: Timestamp| {
            let us = to_us(at);
            let edge = Ord::max(self.floor(us), self.figures_from_us);
            if edge == us {
                Ok(at)
            } else {
                from_us("usage_levels", edge)
            }
        };
        let moved = |bucket: &Bucket| {
            Ok(Bucket {
                start: bucket.start,
                from: edge(bucket.from)?,
                to: edge(bucket.to)?,
            })
        };
        buckets.iter().map(moved).collect()
    }

    /// The last moment up to there that sums can be told apart at.
    fn floor(self, us: i64) -> i64 {
        if us < self.calls_from_us {
            us.saturating_sub(us.rem_euclid(QUARTER_US))
        } else {
            us
        }
    }
}
