//! What is told of deletions: how far they are, how many rows went, and a row of the audit when one is over.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::json;

use super::sealer::Step;
use crate::{
    AuditEntry, Store, StoreError, audit,
    error::database,
    retention::{self, Kind},
    time::to_us,
};

/// Begins to tell of a deletion, unless one is under way.
pub(super) async fn begin(
    transaction: &DatabaseTransaction,
    what: Kind,
    until_us: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let last = retention::last(transaction, what).await?;
    if last.is_some_and(|last| last.ended_at.is_none()) {
        return Ok(());
    }
    let columns = ["what", "until_us", "rows_deleted", "begun_at_us"];
    let values = [
        what.key().into(),
        until_us.into(),
        0.into(),
        to_us(now).into(),
    ];
    insert(transaction, "deletions", columns, values).await
}

/// Adds to what is told of the last deletion.
pub(super) async fn note(
    transaction: &DatabaseTransaction,
    what: Kind,
    until_us: i64,
    deleted: u64,
) -> Result<(), StoreError> {
    let Some(last) = retention::last(transaction, what).await? else {
        return Ok(());
    };
    let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
    let mut update = Query::update();
    update
        .table("deletions")
        .value("until_us", until_us)
        .value("rows_deleted", Expr::col("rows_deleted").add(deleted))
        .and_where(Expr::col("id").eq(last.id));
    transaction.execute(&update).await.map_err(database)?;
    Ok(())
}

/// Ends what is told of a deletion, and tells it in the audit. One that found nothing is not told at all.
pub(super) async fn end(store: &Store, what: Kind, now: Timestamp) -> Result<Step, StoreError> {
    let last = retention::last(store.writer(), what).await?;
    let Some(last) = last.filter(|last| last.ended_at.is_none()) else {
        return Ok(Step::Nothing);
    };
    let transaction = store.begin().await?;
    if last.rows == 0 {
        let mut delete = Query::delete();
        delete
            .from_table("deletions")
            .and_where(Expr::col("id").eq(last.id));
        transaction.execute(&delete).await.map_err(database)?;
    } else {
        let mut update = Query::update();
        update
            .table("deletions")
            .value("ended_at_us", to_us(now))
            .and_where(Expr::col("id").eq(last.id));
        transaction.execute(&update).await.map_err(database)?;
        let entry = AuditEntry {
            at: now,
            actor: "system".to_owned(),
            action: "delete".to_owned(),
            object_kind: "ledger".to_owned(),
            object_id: what.key().to_owned(),
            before: None,
            after: Some(json!({ "before": last.until, "deleted": last.rows })),
            address: None,
        };
        audit::insert(&transaction, &entry).await?;
    }
    transaction.commit().await.map_err(database)?;
    Ok(Step::Done)
}

/// Adds a row.
pub(super) async fn insert<const N: usize>(
    transaction: &DatabaseTransaction,
    table: &'static str,
    columns: [&'static str; N],
    values: [Expr; N],
) -> Result<(), StoreError> {
    let mut insert = Query::insert();
    insert
        .into_table(table)
        .columns(columns)
        .values(values)
        .map_err(|error| StoreError::Database(error.to_string()))?;
    transaction.execute(&insert).await.map_err(database)?;
    Ok(())
}
