//! The full report: a line for each bucket of time and whatever calls are told apart by, in order of time,
//! however many there are.
//!
//! Buckets are read one after the other, each by one query over its pieces, whose sums the database puts
//! together and sorts; the lines are handed on as they come. So it takes the same little memory for ten lines
//! and for ten million. A snapshot of the ledger, which holds back the tidying of SQLite's log, lasts for a tenth of
//! a second, or as long as one bucket takes, and each waits for its turn; whoever asked and takes no lines for a minute gets no more.

mod reading;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc::Sender;

use super::{
    UsageProblem,
    answer::snapshot,
    levels::{self, Dimension, KEPT},
    parts::{self, TokenType},
    query::{BucketSize, ReportBucket, ReportBy, UsageFilter},
    source::by_filter,
    zone::{Bucket, BucketStart, ReportZone, after},
};
use crate::{StoreError, calls::Calls, error::database};
use reading::ReportReading;

/// A snapshot that has lasted so long is followed by a new one at the next bucket.
const SNAPSHOT: Duration = Duration::from_millis(100);

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuery {
    /// How much time a line is of.
    pub bucket: ReportBucket,
    /// What makes a line of its own, in this order.
    pub by: Vec<ReportBy>,
    /// Whose hours, days and months they are.
    pub zone: ReportZone,
    /// The beginning of the range.
    pub from: Timestamp,
    /// Its end, which it does not contain.
    pub to: Timestamp,
    /// Which calls, and which parts of them.
    pub filter: UsageFilter,
}

/// One line: the sums of one bucket and key that has a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// Where the bucket begins on the calendar, which may be before the range does; of a total where the
    /// range begins.
    pub start: BucketStart,
    /// What it is the line of: the texts of [`ReportBy::columns`], one after the other. Empty: nobody said.
    pub key: Vec<String>,
    /// Every row of the ledger.
    pub calls: i64,
    /// Those that Weir did not refuse itself.
    pub requests: i64,
    /// Calls whose cost is not known.
    pub unpriced: i64,
    /// Calls whose tokens Weir counted itself.
    pub estimated: i64,
    /// Tokens by [`ReportQuery::token_types`].
    pub tokens: Vec<i64>,
    /// All of these.
    pub tokens_total: i64,
    /// Nano-dollars by [`ReportQuery::cost_types`].
    pub cost: Vec<i64>,
    /// All of these.
    pub cost_total: i64,
}

impl ReportBy {
    /// What it is told in.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["provider", "provider_name", "provider_type"],
            Self::Model => &["model"],
            Self::Agent => &["agent"],
            Self::User => &["user"],
            Self::Token => &["token", "token_name"],
            Self::Outcome => &["outcome"],
            Self::PriceState => &["price_state"],
        }
    }

    const fn dimension(self) -> Dimension {
        match self {
            Self::Provider => Dimension::Provider,
            Self::Model => Dimension::Model,
            Self::Agent => Dimension::Agent,
            Self::User => Dimension::User,
            Self::Token => Dimension::Token,
            Self::Outcome => Dimension::Outcome,
            Self::PriceState => Dimension::PriceState,
        }
    }
}

impl ReportQuery {
    /// The kinds of tokens that the filter leaves, searches without.
    pub fn token_types(&self) -> impl Iterator<Item = TokenType> {
        let parts = parts::of(&self.filter).into_iter();
        parts.filter(|part| part.tokens().is_some())
    }

    /// The kinds of cost that the filter leaves.
    pub fn cost_types(&self) -> impl Iterator<Item = TokenType> {
        parts::of(&self.filter).into_iter()
    }

    /// Whether it is of parts of calls, which cannot be counted.
    #[must_use]
    pub fn splits_calls(&self) -> bool {
        self.filter.splits_calls()
    }

    /// Whether there is an answer.
    ///
    /// # Errors
    /// [`UsageProblem::EmptyRange`], [`UsageProblem::NotTogether`].
    pub fn check(&self) -> Result<(), UsageProblem> {
        if self.from >= self.to {
            return Err(UsageProblem::EmptyRange);
        }
        let needed = self.needed();
        if KEPT.iter().any(|(side, _)| side.tells(&needed)) {
            Ok(())
        } else {
            Err(UsageProblem::NotTogether)
        }
    }

    fn needed(&self) -> Vec<Dimension> {
        let mut needed = by_filter(&self.filter);
        needed.extend(self.by.iter().map(|by| by.dimension()));
        needed
    }

    const fn size(&self) -> Option<BucketSize> {
        match self.bucket {
            ReportBucket::Hour => Some(BucketSize::Hour),
            ReportBucket::Day => Some(BucketSize::Day),
            ReportBucket::Month => Some(BucketSize::Month),
            ReportBucket::Total => None,
        }
    }

    /// The bucket after this one, or the first that may have calls. `None`: it was the last.
    fn next(
        &self,
        (first, end): (Timestamp, Timestamp),
        last: Option<&Bucket>,
    ) -> Result<Option<Bucket>, UsageProblem> {
        let Some(size) = self.size() else {
            let whole = Bucket {
                start: self.zone.start(self.from),
                from: first,
                to: end,
            };
            return Ok(last.is_none().then_some(whole));
        };
        let start = match last {
            None => self.zone.floor(first, size)?,
            Some(last) => after(&self.zone, size, last.start.at)?,
        };
        if start >= end {
            return Ok(None);
        }
        let next = after(&self.zone, size, start)?;
        let bucket = Bucket {
            start: self.zone.start(start),
            from: start.max(first),
            to: next.min(end),
        };
        Ok(Some(bucket))
    }
}

impl Calls<'_> {
    /// Hands on the lines of a full report, in order of time, in batches. Ends early, and well, where nobody
    /// takes them any more.
    ///
    /// # Errors
    /// [`StoreError::Usage`] where the query has no answer; [`StoreError::NotTaken`] where a batch waited too
    /// long; whatever fails on the way.
    pub async fn report(
        &self,
        query: &ReportQuery,
        lines: &Sender<Vec<ReportLine>>,
    ) -> Result<(), StoreError> {
        query.check()?;
        let mut reading = ReportReading::of(query);
        let mut bucket: Option<Bucket> = None;
        let mut extent = None;
        loop {
            reading.turn = Some(self.0.turns().turn().await?);
            let begun = Instant::now();
            let transaction = snapshot(self.0).await?;
            let levels = levels::all(&transaction).await?;
            if extent.is_none() {
                reading.read_names(&transaction).await?;
                extent = reading.extent(&transaction, &levels).await?;
            }
            let Some(range) = extent else { return Ok(()) };
            while begun.elapsed() < SNAPSHOT {
                let Some(next) = query.next(range, bucket.as_ref())? else {
                    transaction.commit().await.map_err(database)?;
                    reading.turn = None;
                    return reading.hand_on(lines).await.map(|_| ());
                };
                if !reading.read(&transaction, &levels, &next, lines).await? {
                    return Ok(());
                }
                bucket = Some(next);
            }
            transaction.commit().await.map_err(database)?;
            reading.turn = None;
            // What was read so far is not held back by a quiet stretch.
            if !reading.hand_on(lines).await? {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ReportBucket, ReportBy, ReportQuery, ReportZone, UsageFilter, UsageProblem};
    use crate::calls::Choice;

    fn query(by: &[ReportBy]) -> ReportQuery {
        ReportQuery {
            bucket: ReportBucket::Day,
            by: by.to_vec(),
            zone: ReportZone::utc(),
            from: "2026-11-01T00:00:00Z".parse().unwrap(),
            to: "2026-11-02T00:00:00Z".parse().unwrap(),
            filter: UsageFilter::default(),
        }
    }

    #[test]
    fn only_what_sums_tell_apart_is_answered() {
        use ReportBy::{Agent, Model, Outcome, PriceState, Provider, Token, User};
        for by in [
            &[][..],
            &[Outcome],
            &[Provider, Model, Outcome, PriceState],
            &[Provider, Model, Agent, User, Token],
        ] {
            assert_eq!(query(by).check(), Ok(()), "{by:?}");
        }
        assert_eq!(
            query(&[Outcome, Agent]).check(),
            Err(UsageProblem::NotTogether)
        );
        let mut filtered = query(&[PriceState]);
        filtered.filter.users = Choice::only(None);
        assert_eq!(filtered.check(), Err(UsageProblem::NotTogether));
        let mut empty = query(&[]);
        empty.to = empty.from;
        assert_eq!(empty.check(), Err(UsageProblem::EmptyRange));
    }
}
