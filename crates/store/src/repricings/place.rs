//! Where among the calls a re-pricing is, and the calls from there on.
//!
//! Calls are looked at in the order of their ids, a few at a time, found by the same indexes as in the list
//! of calls; where several values of a column are wanted, one after the other in the order of the values.

use std::{fmt, str::FromStr};

use domain::CallId;
use sea_orm::sea_query::{Expr, ExprTrait, Order};
use serde::{Deserialize, Serialize};

use super::{Repricings, TABLE};
use crate::{
    CallFilter, RecordedCall, StoreError,
    calls::{
        fetch,
        filter::{DRIVE_VALUES_MAX, Drive},
        select,
        selection::opaque,
    },
};

/// The most providers, and the most models, that one re-pricing can name. Calls of more could be found by no
/// index: one query would have to look at all.
pub const REPRICING_VALUES_MOST: usize = DRIVE_VALUES_MAX;

/// Where among the calls a re-pricing is: all before it were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepricingPlace {
    /// Before the first call.
    #[default]
    Begin,
    /// Among the calls that are found by one value.
    Among {
        /// That value, with its column. Where calls are not found by it any more, as in another version of the
        /// program, it begins again: a call that has its new price keeps it.
        part: String,
        /// The last call of it that was looked at.
        after: Option<CallId>,
    },
    /// Behind the last call.
    End,
}

impl fmt::Display for RepricingPlace {
    /// As the database keeps it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

impl FromStr for RepricingPlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::unreadable(TABLE, error))
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
        from: &RepricingPlace,
        limit: u64,
    ) -> Result<(Vec<RecordedCall>, Option<RepricingPlace>), StoreError> {
        let mut drives: Vec<(String, Option<Drive>)> = Drive::of(filter)
            .into_iter()
            .map(|drive| (drive.as_ref().map_or_else(String::new, Drive::name), drive))
            .collect();
        drives.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let (number, after) = match from {
            RepricingPlace::Begin => (0, None),
            RepricingPlace::Among { part, after } => {
                match drives.iter().position(|(name, _)| name == part) {
                    Some(number) => (number, *after),
                    None => (0, None),
                }
            }
            RepricingPlace::End => return Ok((vec![], None)),
        };
        let Some((part, drive)) = drives.get(number) else {
            return Ok((vec![], None));
        };
        let mut query = select();
        query
            .cond_where(filter.condition(drive.as_ref(), None))
            .and_where(opaque("recorded_seq").lte(until_seq))
            .order_by("id", Order::Asc)
            .limit(limit);
        if let Some(after) = after {
            query.and_where(Expr::col("id").gt(after.0));
        }
        let rows = fetch(self.0.readers(), &query).await?;
        let is_whole = u64::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
        let next = match rows.last() {
            Some(last) if is_whole => Some((part, Some(last.call.start.id))),
            _ => {
                let next = drives.get(number.saturating_add(1));
                next.map(|(part, _)| (part, None))
            }
        };
        let next = next.map(|(part, after)| RepricingPlace::Among {
            part: part.clone(),
            after,
        });
        Ok((rows, next))
    }
}

#[cfg(test)]
mod tests {
    use domain::CallId;
    use uuid::Uuid;

    use super::RepricingPlace;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let among = |part: &str, after| RepricingPlace::Among {
            part: part.to_owned(),
            after,
        };
        let after = Some(CallId(Uuid::from_u128(7)));
        for place in [
            RepricingPlace::Begin,
            among("", None),
            among("model a:b \"c\"", after),
            RepricingPlace::End,
        ] {
            assert_eq!(place.to_string().parse::<RepricingPlace>().unwrap(), place);
        }
        for wrong in ["", "x", "1:x", "-1"] {
            assert!(wrong.parse::<RepricingPlace>().is_err(), "{wrong}");
        }
    }
}
