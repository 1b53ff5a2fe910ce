//! Reading the columns of a row from left to right.

use std::str::FromStr;

use domain::{NanoUsd, PerBucket, pricing::PriceState};
use jiff::Timestamp;
use sea_orm::{QueryResult, TryGetable};

use crate::{StoreError, error::database, time::from_us};

/// The columns of a row that are left to read.
pub(crate) struct Columns<'a> {
    row: &'a QueryResult,
    /// Named by errors.
    table: &'static str,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(crate) const fn of(row: &'a QueryResult, table: &'static str) -> Self {
        Self {
            row,
            table,
            next: 0,
        }
    }

    pub(crate) fn take<T: TryGetable>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get_by_index(self.next).map_err(database)?;
        self.next = self.next.saturating_add(1);
        Ok(value)
    }

    pub(crate) fn count(&mut self) -> Result<Option<u64>, StoreError> {
        let count: Option<i64> = self.take()?;
        count
            .map(u64::try_from)
            .transpose()
            .map_err(|error| StoreError::unreadable(self.table, error))
    }

    pub(crate) fn money(&mut self) -> Result<Option<NanoUsd>, StoreError> {
        Ok(self.take::<Option<i64>>()?.map(NanoUsd))
    }

    pub(crate) fn at(&mut self) -> Result<Timestamp, StoreError> {
        let us = self.take()?;
        from_us(self.table, us)
    }

    pub(crate) fn status(&mut self) -> Result<u16, StoreError> {
        u16::try_from(self.take::<i64>()?)
            .map_err(|error| StoreError::unreadable(self.table, error))
    }

    pub(crate) fn parsed<T: FromStr<Err: std::error::Error>>(&mut self) -> Result<T, StoreError> {
        let text: String = self.take()?;
        text.parse()
            .map_err(|error| StoreError::unreadable(self.table, error))
    }

    pub(crate) fn price_state(&mut self) -> Result<PriceState, StoreError> {
        let key: String = self.take()?;
        PriceState::ALL
            .iter()
            .copied()
            .find(|state| state.key() == key)
            .ok_or_else(|| StoreError::unreadable(self.table, "an unknown price state"))
    }

    pub(crate) fn per_bucket<T: Default>(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<PerBucket<T>, StoreError> {
        let mut failed = None;
        let all = PerBucket::from_fn(|_| {
            take(self).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                T::default()
            })
        });
        failed.map_or(Ok(all), Err)
    }
}
