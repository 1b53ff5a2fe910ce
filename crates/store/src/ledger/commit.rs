//! The one transaction of a batch.

use std::collections::HashSet;

use domain::{CallId, call::Call};
use journal::Position;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};
use uuid::Uuid;

use super::{Writer, batch::Batch};
use crate::{Store, StoreError, error::database};

/// How many ids one statement names at most.
const IDS: usize = 500;
/// The only row of `journal_position`.
const POSITION_ID: i64 = 1;

impl Writer {
    /// Records a batch and the position that it reaches to, all or nothing. Calls that are there already
    /// are left out of the batch, and count nowhere again.
    pub(super) async fn commit(
        &mut self,
        batch: &mut Batch,
        position: Position,
    ) -> Result<(), StoreError> {
        let mut transaction = self.store.begin().await?;
        let rows = u64::try_from(batch.calls.len()).unwrap_or(u64::MAX);
        if self.inserter.insert(&transaction, &batch.calls).await? != rows {
            transaction.rollback().await.map_err(database)?;
            transaction = self.store.begin().await?;
            let known = known(&transaction, &batch.calls).await?;
            tracing::warn!(
                calls = known.len(),
                "Calls that the journal holds are in the database already and are not counted again"
            );
            batch.calls.retain(|call| !known.contains(&call.start.id));
            self.inserter.insert(&transaction, &batch.calls).await?;
        }
        self.adder.add(&transaction, &batch.calls).await?;
        let used = self
            .used
            .write(&self.store, &transaction, &batch.calls)
            .await?;
        open(&transaction, batch).await?;
        close(&transaction, &batch.closed).await?;
        keep_position(&transaction, position).await?;
        transaction.commit().await.map_err(database)?;

        self.used.is_written(used);
        for id in &batch.closed {
            self.open.remove(id);
        }
        self.open.extend(batch.opened.iter().map(|start| start.id));
        Ok(())
    }
}

/// Up to where the journal is in the database. `None`: nothing of it is.
pub(super) async fn position(store: &Store) -> Result<Option<Position>, StoreError> {
    let mut query = Query::select();
    query
        .columns(["segment", "position"])
        .from("journal_position");
    let row = store.readers().query_one(&query).await.map_err(database)?;
    row.map(|row| {
        let number = |column| {
            let number: i64 = row.try_get_by_index(column).map_err(database)?;
            u64::try_from(number).map_err(|error| StoreError::unreadable("journal_position", error))
        };
        Ok(Position {
            segment: number(0)?,
            offset: number(1)?,
        })
    })
    .transpose()
}

/// Which of these calls are there.
async fn known(
    transaction: &DatabaseTransaction,
    calls: &[Box<Call>],
) -> Result<HashSet<CallId>, StoreError> {
    let mut known = HashSet::new();
    for some in calls.chunks(IDS) {
        let mut query = Query::select();
        query
            .column("id")
            .from("calls")
            .and_where(Expr::col("id").is_in(some.iter().map(|call| call.start.id.0)));
        for row in transaction.query_all(&query).await.map_err(database)? {
            let id: Uuid = row.try_get_by_index(0).map_err(database)?;
            known.insert(CallId(id));
        }
    }
    Ok(known)
}

async fn open(transaction: &DatabaseTransaction, batch: &Batch) -> Result<(), StoreError> {
    for some in batch.opened.chunks(IDS) {
        let mut insert = Query::insert();
        insert
            .into_table("open_calls")
            .columns(["id", "provider", "start"])
            .on_conflict(OnConflict::column("id").do_nothing().to_owned());
        for start in some {
            let json = serde_json::to_string(start)
                .map_err(|error| StoreError::unreadable("open_calls", error))?;
            insert
                .values([
                    start.id.0.into(),
                    start.provider.as_str().into(),
                    json.into(),
                ])
                .map_err(|error| StoreError::Database(error.to_string()))?;
        }
        transaction.execute(&insert).await.map_err(database)?;
    }
    Ok(())
}

async fn close(transaction: &DatabaseTransaction, ids: &[CallId]) -> Result<(), StoreError> {
    for some in ids.chunks(IDS) {
        let mut delete = Query::delete();
        delete
            .from_table("open_calls")
            .and_where(Expr::col("id").is_in(some.iter().map(|id| id.0)));
        transaction.execute(&delete).await.map_err(database)?;
    }
    Ok(())
}

async fn keep_position(
    transaction: &DatabaseTransaction,
    position: Position,
) -> Result<(), StoreError> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut insert = Query::insert();
    insert
        .into_table("journal_position")
        .columns(["id", "segment", "position"])
        .values([
            POSITION_ID.into(),
            number(position.segment).into(),
            number(position.offset).into(),
        ])
        .map_err(|error| StoreError::Database(error.to_string()))?
        .on_conflict(
            OnConflict::column("id")
                .update_columns(["segment", "position"])
                .to_owned(),
        );
    transaction.execute(&insert).await.map_err(database)?;
    Ok(())
}
