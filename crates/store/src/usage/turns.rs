//! Sums for many at once: only a few are read at a time, and those who ask the same share an answer.
//!
//! Sums take a core for as long as they are read. Were all of them read as they are asked for, a page that is
//! open in many browsers would take the cores that carry calls; so they wait for their turn instead.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
};

use jiff::Timestamp;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::{UsagePage, UsageQuery};
use crate::StoreError;

/// Whose turn it is to read sums.
#[derive(Debug)]
pub(crate) struct Turns {
    turns: Semaphore,
    /// The pages that are being read, or wait for it.
    asked: Mutex<Vec<Asked>>,
}

#[derive(Debug)]
struct Asked {
    query: UsageQuery,
    before: (Timestamp, Timestamp),
    series: usize,
    answer: Weak<Answer>,
}

/// A page that one reads for all who wait for it.
pub(super) type Answer = OnceCell<UsagePage>;

impl Turns {
    /// Half of the cores may be at it, and one at least: the others are for calls.
    pub(crate) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            turns: Semaphore::new((cores / 2).max(1)),
            asked: Mutex::default(),
        }
    }

    /// Waits for a turn, which lasts until it is dropped.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let turn = self.turns.acquire().await;
        turn.map_err(|error| StoreError::Database(error.to_string()))
    }

    /// Where the answer to a query will be: the same for all who ask it until it is there. What was answered
    /// is not given again, since there may be new calls by now.
    pub(super) fn answer(
        &self,
        query: &UsageQuery,
        before: (Timestamp, Timestamp),
        series: usize,
    ) -> Arc<Answer> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|asked| {
            let answer = asked.answer.upgrade();
            answer.is_some_and(|answer| !answer.initialized())
        });
        let same = asked
            .iter()
            .find(|asked| (asked.before, asked.series) == (before, series) && asked.query == *query)
            .and_then(|asked| asked.answer.upgrade());
        same.unwrap_or_else(|| {
            let answer = Arc::new(Answer::new());
            asked.push(Asked {
                query: query.clone(),
                before,
                series,
                answer: Arc::downgrade(&answer),
            });
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{BucketSize, GroupBy, Metric, RangeLimits, ReportZone, UsageFilter};

    const BEFORE: (Timestamp, Timestamp) = (Timestamp::MIN, Timestamp::UNIX_EPOCH);

    fn query(to: i64) -> UsageQuery {
        UsageQuery {
            metric: Metric::Spend,
            group_by: GroupBy::None,
            bucket: BucketSize::Day,
            zone: ReportZone::utc(),
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::from_second(to).unwrap(),
            filter: UsageFilter::default(),
        }
    }

    fn page() -> UsagePage {
        let report = crate::usage::UsageReport {
            metric: Metric::Spend,
            group_by: GroupBy::None,
            bucket: BucketSize::Day,
            zone: ReportZone::utc(),
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::UNIX_EPOCH,
            total: 0,
            unpriced_calls: 0,
            estimated_calls: 0,
            series: vec![],
            limits: RangeLimits::default(),
        };
        UsagePage {
            charts: vec![],
            cost_types: report.clone(),
            token_types: report,
            before: crate::usage::Totals::default(),
            before_range: BEFORE,
            limits: RangeLimits::default(),
            top_providers: vec![],
            top_models: vec![],
            top_agents: vec![],
            choices: vec![],
        }
    }

    #[tokio::test]
    async fn who_asks_the_same_shares_an_answer_until_it_is_there() {
        let turns = Turns::new();
        let first = turns.answer(&query(9), BEFORE, 8);
        let second = turns.answer(&query(9), BEFORE, 8);
        assert!(Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &turns.answer(&query(9), BEFORE, 7)));
        assert!(!Arc::ptr_eq(&first, &turns.answer(&query(8), BEFORE, 8)));
        first.get_or_init(|| async { page() }).await;
        assert!(second.initialized());
        let later = turns.answer(&query(9), BEFORE, 8);
        assert!(!later.initialized(), "calls may have come since");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_forgotten() {
        let turns = Turns::new();
        drop(turns.answer(&query(9), BEFORE, 8));
        let kept = turns.answer(&query(8), BEFORE, 8);
        assert_eq!(turns.asked.lock().unwrap().len(), 1);
        drop(kept);
    }

    #[tokio::test]
    async fn turns_follow_each_other() {
        let turns = Turns::new();
        let cores = thread::available_parallelism().unwrap().get();
        let mut held = vec![];
        for _ in 0..(cores / 2).max(1) {
            held.push(turns.turn().await.unwrap());
        }
        assert!(turns.turns.try_acquire().is_err());
        held.pop();
        assert!(turns.turns.try_acquire().is_ok());
    }
}
