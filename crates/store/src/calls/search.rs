//! Looking for calls backwards in time, for a moment and no longer.
//!
//! A list is read in stretches of ids, which begin with the time, newest first and each longer than the one
//! before as long as that is quick. Where matches are rare, a list so ends with what was found until then,
//! and says how far back it has looked. Where an index leads to nothing but matches there is one stretch. All
//! of it is of one moment.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use uuid::Uuid;

use super::{
    CallFilter, Calls, RecordedCall, fetch,
    filter::{Drive, id_at},
    listed,
};
use crate::{
    StoreError,
    error::database,
    page::{Cursor, page},
    usage::snapshot,
};

/// A list ends with what it has before the next stretch would take it past this; one that has more in it than
/// those before takes longer than expected, and all of it is to be there after a tenth of a second.
pub(super) const PATIENCE: Duration = Duration::from_millis(75);
/// How long the first stretch is.
const FIRST_MS: i64 = 60 * 60 * 1000;
/// A stretch that took no longer than this is followed by one four times as long, one that took longer than
/// that by one half as long.
const QUICK: Duration = Duration::from_millis(5);
const SLOW: Duration = Duration::from_millis(30);

/// Calls, newest first, as far as they were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallPage {
    /// The rows.
    pub items: Vec<RecordedCall>,
    /// Where to go on. `None`: there is nothing further back.
    pub next: Option<Cursor>,
    /// How far back was looked, where that took too long to go on. There may be more behind.
    pub searched_back_to: Option<Timestamp>,
}

impl Calls<'_> {
    /// As [`Calls::list`], newest first, but it ends after another time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_within(
        &self,
        filter: &CallFilter,
        limit: u64,
        cursor: Option<Cursor>,
        patience: Duration,
    ) -> Result<CallPage, StoreError> {
        let transaction = snapshot(self.0).await?;
        let found = search(&transaction, filter, limit, cursor, patience).await?;
        transaction.commit().await.map_err(database)?;
        Ok(found)
    }
}

async fn search(
    transaction: &DatabaseTransaction,
    filter: &CallFilter,
    limit: u64,
    cursor: Option<Cursor>,
    patience: Duration,
) -> Result<CallPage, StoreError> {
    let begun = Instant::now();
    let nothing = CallPage {
        items: vec![],
        next: None,
        searched_back_to: None,
    };
    let Some((oldest, newest)) = extent(transaction).await? else {
        return Ok(nothing);
    };
    let drives = Drive::of(filter);
    let at_once = drives
        .iter()
        .all(|drive| filter.is_found_by(drive.as_ref()));
    let (first, last) = filter.ids();
    let lowest = first.map_or(oldest, |first| Ord::max(first, oldest));
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut before = cursor.map(|Cursor(id)| Uuid::from_u128(id));
    // Where the next stretch ends; what lies behind `before` is not looked at anyway.
    let mut end_ms = [before, last, Some(newest)]
        .into_iter()
        .flatten()
        .map(ms_of)
        .min()
        .unwrap_or(0)
        .saturating_add(1);
    let mut length_ms = FIRST_MS;
    let mut rows: Vec<RecordedCall> = vec![];
    loop {
        let stretch = Instant::now();
        let start = id_at(end_ms.saturating_sub(length_ms));
        let is_last = at_once || start <= lowest;
        let mut found = vec![];
        let left = wanted.saturating_sub(rows.len()).saturating_add(1);
        for drive in &drives {
            let left = u64::try_from(left).unwrap_or(u64::MAX);
            let mut query = listed(filter, drive.as_ref(), before, left);
            if !is_last {
                query.and_where(Expr::col("id").gte(start));
            }
            found.extend(fetch(transaction, &query).await?);
        }
        found.sort_unstable_by_key(|row| std::cmp::Reverse(row.call.start.id));
        rows.append(&mut found);
        if is_last || rows.len() > wanted {
            let page = page(rows, limit, |row| Cursor(row.call.start.id.0.as_u128()));
            return Ok(CallPage {
                items: page.items,
                next: page.next,
                searched_back_to: None,
            });
        }
        end_ms = ms_of(start);
        before = Some(start);
        let took = stretch.elapsed();
        // What the next stretch may take: as much as this one did, by its length.
        let expected;
        (length_ms, expected) = if took <= QUICK {
            (length_ms.saturating_mul(4), took.saturating_mul(4))
        } else if took > SLOW {
            (Ord::max(length_ms / 2, 1), took / 2)
        } else {
            (length_ms, took)
        };
        if begun.elapsed().saturating_add(expected) >= patience {
            let back_to = Timestamp::from_millisecond(end_ms)
                .map_err(|error| StoreError::unreadable("calls", error))?;
            return Ok(CallPage {
                items: rows,
                next: Some(Cursor(start.as_u128())),
                searched_back_to: Some(back_to),
            });
        }
    }
}

/// The lowest and the highest id.
async fn extent(connection: &impl ConnectionTrait) -> Result<Option<(Uuid, Uuid)>, StoreError> {
    let mut ends = vec![];
    // Each by itself is one step into the index.
    for order in [Order::Asc, Order::Desc] {
        let mut query = Query::select();
        query
            .column("id")
            .from("calls")
            .order_by("id", order)
            .limit(1);
        let row = connection.query_one(&query).await.map_err(database)?;
        let Some(row) = row else { return Ok(None) };
        ends.push(row.try_get_by_index::<Uuid>(0).map_err(database)?);
    }
    Ok(match ends.as_slice() {
        [oldest, newest] => Some((*oldest, *newest)),
        _ => None,
    })
}

/// The time that an id begins with.
fn ms_of(id: Uuid) -> i64 {
    i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX)
}
