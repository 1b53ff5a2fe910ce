//! What was spent, for the sparklines of lists.

use std::collections::HashMap;

use domain::NanoUsd;
use jiff::Timestamp;

use super::{
    answer::Series,
    query::{BucketSize, GroupBy, Metric, UsageFilter, UsageQuery},
    zone::ReportZone,
};
use crate::{StoreError, calls::Calls};

/// The spend of one key, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendLine {
    /// What was spent.
    pub total: NanoUsd,
    /// Calls whose cost is not known and missing from the total.
    pub unpriced_calls: u64,
    /// Calls whose tokens Weir counted itself.
    pub estimated_calls: u64,
    /// What was spent on each day, oldest first.
    pub days: Vec<NanoUsd>,
}

impl Calls<'_> {
    /// What was spent from `from` to `to`, by key, with the days of a zone for a sparkline. Keys without
    /// a call are not in it.
    ///
    /// # Errors
    /// [`StoreError::Usage`] where the range is empty or too long.
    pub async fn spend_since(
        &self,
        from: Timestamp,
        to: Timestamp,
        group_by: GroupBy,
        filter: UsageFilter,
        zone: &ReportZone,
    ) -> Result<HashMap<Option<String>, SpendLine>, StoreError> {
        let query = UsageQuery {
            metric: Metric::Spend,
            group_by,
            bucket: BucketSize::Day,
            zone: zone.clone(),
            from,
            to,
            filter,
        };
        let report = self.usage(&query).await?;
        let line = |series: Series| SpendLine {
            total: NanoUsd(series.total),
            unpriced_calls: series.unpriced_calls,
            estimated_calls: series.estimated_calls,
            days: series
                .points
                .iter()
                .map(|point| NanoUsd(point.value))
                .collect(),
        };
        Ok(report
            .series
            .into_iter()
            .map(|series| (series.key.clone(), line(series)))
            .collect())
    }
}
