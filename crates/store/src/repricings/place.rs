//! Where among the calls a re-pricing is, and the calls from there on.
//!
//! Calls are looked at in the order of their ids, a few at a time, found by the same indexes as in the list
//! of calls; where several values of a column are wanted, one after the other.

use std::{fmt, str::FromStr};

use domain::CallId;
use sea_orm::sea_query::{Expr, ExprTrait, Order};
use uuid::Uuid;

use super::{Repricings, TABLE};
use crate::{
    CallFilter, RecordedCall, StoreError,
    calls::{fetch, filter::Drive, select, selection::opaque},
};

/// Where among the calls a re-pricing is: all before it were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RepricingPlace {
    /// Which of the values by which calls are found.
    part: usize,
    /// The last call of it that was looked at.
    after: Option<CallId>,
}

impl RepricingPlace {
    /// Behind the last call, whatever was chosen.
    pub(crate) const END: Self = Self {
        part: usize::MAX,
        after: None,
    };
}

impl fmt::Display for RepricingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            None => write!(f, "{}", self.part),
            Some(after) => write!(f, "{}:{}", self.part, after.0),
        }
    }
}

impl FromStr for RepricingPlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (part, after) = match text.split_once(':') {
            None => (text, None),
            Some((part, after)) => (part, Some(after)),
        };
        let after = after.map(str::parse::<Uuid>).transpose();
        Ok(Self {
            part: part
                .parse()
                .map_err(|error| StoreError::unreadable(TABLE, error))?,
            after: after
                .map_err(|error| StoreError::unreadable(TABLE, error))?
                .map(CallId),
        })
    }
}

impl Repricings<'_> {
    /// The next calls from a place on that fit and were recorded up to `until_seq`, and the place behind them.
    /// No place: there are no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn calls(
        &self,
        filter: &CallFilter,
        until_seq: i64,
        from: RepricingPlace,
        limit: u64,
    ) -> Result<(Vec<RecordedCall>, Option<RepricingPlace>), StoreError> {
        let drives = Drive::of(filter);
        let Some(drive) = drives.get(from.part) else {
            return Ok((vec![], None));
        };
        let mut query = select();
        query
            .cond_where(filter.condition(drive.as_ref(), None))
            .and_where(opaque("recorded_seq").lte(until_seq))
            .order_by("id", Order::Asc)
            .limit(limit);
        if let Some(after) = from.after {
            query.and_where(Expr::col("id").gt(after.0));
        }
        let rows = fetch(self.0.readers(), &query).await?;
        let is_whole = u64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
        let next = match rows.last() {
            Some(last) if is_whole => RepricingPlace {
                part: from.part,
                after: Some(last.call.start.id),
            },
            _ => RepricingPlace {
                part: from.part.saturating_add(1),
                after: None,
            },
        };
        let is_over = next.part >= drives.len();
        Ok((rows, (!is_over).then_some(next)))
    }
}

#[cfg(test)]
mod tests {
    use domain::CallId;
    use uuid::Uuid;

    use super::RepricingPlace;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let after = Some(CallId(Uuid::from_u128(7)));
        for place in [RepricingPlace::default(), RepricingPlace { part: 3, after }] {
            assert_eq!(place.to_string().parse::<RepricingPlace>().unwrap(), place);
        }
        for wrong in ["", "x", "1:x", "-1"] {
            assert!(wrong.parse::<RepricingPlace>().is_err(), "{wrong}");
        }
    }
}
