//! The one transaction of a batch.

use std::{collections::HashSet, sync::Arc};

use domain::{CallId, call::CallStart};
use journal::Position;
use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    Writer,
    batch::Batch,
    inserter::{Columns, Row, chunks, places},
    transaction::Transaction,
    trouble::answered,
};
use crate::{Store, StoreError, error::database};

/// How much younger the newest segment of a journal is when a position is forgotten: 400 days in microseconds, so
/// that a data folder may stand aside for a year.
const POSITIONS_KEPT_US: u64 = 400 * 24 * 3_600 * 1_000_000;
/// The columns of `open_calls`.
pub(super) const OPEN_CALLS: [&str; 3] = ["id", "provider", "start"];

impl Writer {
    /// Records a batch and the position that it reaches to, all or nothing. Calls that are there already
    /// are left out of the batch, and count nowhere again.
    pub(super) async fn commit(
        &mut self,
        batch: &mut Batch,
        position: Position,
    ) -> Result<(), StoreError> {
        answered(self.write(batch, position)).await
    }

    async fn write(&mut self, batch: &mut Batch, position: Position) -> Result<(), StoreError> {
        let backend = self.store.backend();
        self.used.look_again(&self.store).await;
        self.sealer.know_levels(&self.store).await?;
        let mut transaction = Transaction::try_begin(&self.store).await?;
        let rows = u64::try_from(batch.calls.len()).unwrap_or(u64::MAX);
        let inserted = self.calls.insert(&mut transaction, &batch.calls).await?;
        if inserted != rows {
            transaction.rollback().await?;
            transaction = Transaction::try_begin(&self.store).await?;
            let ids: Vec<CallId> = batch.calls.iter().map(|call| call.start.id).collect();
            let known = known(backend, &mut transaction, &ids).await?;
            tracing::warn!(
                calls = known.len(),
                "Calls that the journal holds are in the database already and are not counted again"
            );
            batch.calls.retain(|call| !known.contains(&call.start.id));
            self.calls.insert(&mut transaction, &batch.calls).await?;
        }
        let levels = self.sealer.levels();
        self.sums
            .add(&mut transaction, levels, &batch.calls)
            .await?;
        let used = self
            .used
            .write(&self.store, &mut transaction, &batch.calls)
            .await?;
        let opened = opened(&batch.opened)?;
        self.opened.insert(&mut transaction, &opened).await?;
        close(backend, &mut transaction, &batch.closed).await?;
        keep_position(backend, &mut transaction, position).await?;
        if position.segment != self.segment {
            forget_positions(backend, &mut transaction, position.segment).await?;
        }
        transaction.commit().await?;

        self.segment = position.segment;
        self.used.is_written(used);
        for id in &batch.closed {
            self.open.remove(id);
        }
        self.open.extend(batch.opened.iter().map(|start| start.id));
        Ok(())
    }
}

/// Up to where each segment of a journal is in the database, from one on. There may be some of other journals:
/// those of Weirs that had the database with another data folder.
pub(super) async fn positions(
    store: &Store,
    from_segment: u64,
) -> Result<Vec<Position>, StoreError> {
    let mut query = Query::select();
    query
        .columns(["segment", "position"])
        .from("journal_position")
        .and_where(Expr::col("id").gte(i64::try_from(from_segment).unwrap_or(i64::MAX)));
    let readers = store.readers();
    let rows = answered(async { readers.query_all(&query).await.map_err(database) }).await?;
    let positions = rows.iter().map(|row| {
        let number = |column| {
            let number: i64 = row.try_get_by_index(column).map_err(database)?;
            u64::try_from(number).map_err(|error| StoreError::unreadable("journal_position", error))
        };
        Ok(Position {
            segment: number(0)?,
            offset: number(1)?,
        })
    });
    positions.collect()
}

/// Whether anything of any journal is in the database.
pub(super) async fn has_positions(store: &Store) -> Result<bool, StoreError> {
    let mut query = Query::select();
    query.column("id").from("journal_position").limit(1);
    let readers = store.readers();
    let row = answered(async { readers.query_one(&query).await.map_err(database) }).await?;
    Ok(row.is_some())
}

/// Which of these calls are there.
pub(super) async fn known(
    backend: DbBackend,
    transaction: &mut Transaction,
    ids: &[CallId],
) -> Result<HashSet<CallId>, StoreError> {
    let mut known = HashSet::new();
    for some in chunks(ids) {
        let mut arguments = transaction.arguments();
        for id in some {
            arguments.add(id.0)?;
        }
        let places = places(backend, 0, some.len());
        let sql = format!("SELECT id FROM calls WHERE id IN ({places})");
        let ids = transaction.ids(sql.into(), arguments).await?;
        known.extend(ids.into_iter().map(CallId));
    }
    Ok(known)
}

/// A call that has begun as a row of `open_calls`.
struct OpenRow<'a> {
    start: &'a CallStart,
    json: Arc<str>,
}

impl Row for OpenRow<'_> {
    /// In the order of [`OPEN_CALLS`].
    fn tell(&self, columns: &mut impl Columns) {
        columns.id(Some(self.start.id.0));
        columns.text(Some(self.start.provider.as_str()));
        columns.shared(&self.json);
    }
}

fn opened(starts: &[Box<CallStart>]) -> Result<Vec<OpenRow<'_>>, StoreError> {
    let row = |start| {
        let json = serde_json::to_string(start)
            .map_err(|error| StoreError::unreadable("open_calls", error))?;
        let json = json.into();
        Ok(OpenRow { start, json })
    };
    starts.iter().map(|start| row(&**start)).collect()
}

async fn close(
    backend: DbBackend,
    transaction: &mut Transaction,
    ids: &[CallId],
) -> Result<(), StoreError> {
    for some in chunks(ids) {
        let mut arguments = transaction.arguments();
        for id in some {
            arguments.add(id.0)?;
        }
        let places = places(backend, 0, some.len());
        let sql = format!("DELETE FROM open_calls WHERE id IN ({places})");
        transaction.execute(sql.into(), arguments).await?;
    }
    Ok(())
}

/// Each segment has a row, which stays for long: a segment is told by the microsecond in which it was begun, so those of
/// another data folder's journal are others.
async fn keep_position(
    backend: DbBackend,
    transaction: &mut Transaction,
    position: Position,
) -> Result<(), StoreError> {
    let mut arguments = transaction.arguments();
    for number in [position.segment, position.segment, position.offset] {
        arguments.add(i64::try_from(number).unwrap_or(i64::MAX))?;
    }
    let sql = format!(
        "INSERT INTO journal_position (id, segment, position) VALUES ({}) \
         ON CONFLICT (id) DO UPDATE SET position = excluded.position",
        places(backend, 0, 3)
    );
    transaction.execute(sql.into(), arguments).await?;
    Ok(())
}

/// Forgets segments that were begun long before this one: no journal has them any more.
async fn forget_positions(
    backend: DbBackend,
    transaction: &mut Transaction,
    segment: u64,
) -> Result<(), StoreError> {
    let before = segment.saturating_sub(POSITIONS_KEPT_US);
    let mut arguments = transaction.arguments();
    arguments.add(i64::try_from(before).unwrap_or(i64::MAX))?;
    let sql = format!(
        "DELETE FROM journal_position WHERE id < {}",
        places(backend, 0, 1)
    );
    transaction.execute(sql.into(), arguments).await?;
    Ok(())
}
