//! Deleting calls' bodies with everything that hangs on them, step by step.
//!
//! Conversations without a call that is left go too. What others have of their calls is made anew from those
//! that are left. That nothing stays in a file is what `scrub` sees to.

use std::collections::HashSet;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{
        Expr, ExprTrait, Order, Query, SelectStatement, SubQueryStatement, UpdateStatement,
    },
};
use uuid::Uuid;

use super::{
    add::IDS,
    columns::{CONVERSATIONS, TRANSCRIPTS},
    dialect::{self, TEXTS},
    insert::BODIES,
    join::LINKS,
    open::Transcripts,
    types::{Forget, Forgotten},
};
use crate::{StoreError, error::database, time::to_us};

impl Transcripts {
    /// How many calls' bodies a deletion would delete, counted up to `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self, what: &Forget, most: u64) -> Result<u64, StoreError> {
        let mut query = Query::select();
        query
            .expr(Expr::cust("COUNT(*)"))
            .from_subquery(some(what, most), "some");
        let row = self.readers().query_one(&query).await.map_err(database)?;
        let counted: i64 = row
            .map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(database)?;
        Ok(u64::try_from(counted).unwrap_or(0))
    }

    /// Deletes up to `most` calls' bodies, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, what: &Forget, most: u64) -> Result<Forgotten, StoreError> {
        let transaction = self.begin().await?;
        let query = some(what, most);
        let mut seqs: Vec<i64> = vec![];
        let mut conversations: HashSet<Uuid> = HashSet::new();
        for row in transaction.query_all(&query).await.map_err(database)? {
            seqs.push(row.try_get_by_index(0).map_err(database)?);
            conversations.insert(row.try_get_by_index(1).map_err(database)?);
        }
        let texts_key = dialect::key(transaction.get_database_backend());
        for part in seqs.chunks(IDS) {
            for (table, key) in [
                (TEXTS, texts_key),
                (BODIES, "seq"),
                (LINKS, "transcript"),
                (TRANSCRIPTS, "seq"),
            ] {
                let mut delete = Query::delete();
                delete
                    .from_table(table)
                    .and_where(Expr::col(key).is_in(part.iter().copied()));
                transaction.execute(&delete).await.map_err(database)?;
            }
        }
        let conversations: Vec<Uuid> = conversations.into_iter().collect();
        for part in conversations.chunks(IDS) {
            make_anew(&transaction, part).await?;
        }
        transaction.commit().await.map_err(database)?;
        let transcripts = u64::try_from(seqs.len()).unwrap_or(u64::MAX);
        Ok(Forgotten {
            transcripts,
            is_over: transcripts < most,
        })
    }
}

/// Some calls of those that are to be deleted: their numbers and conversations.
fn some(what: &Forget, most: u64) -> SelectStatement {
    let mut query = Query::select();
    query
        .columns(["seq", "conversation"])
        .from(TRANSCRIPTS)
        .limit(most);
    match what {
        Forget::Conversation(id) => query.and_where(Expr::col("conversation").eq(id.0)),
        Forget::Provider(id) => query.and_where(Expr::col("provider").eq(id.as_str())),
        Forget::Before(at) => query.and_where(Expr::col("started_at_us").lt(to_us(*at))),
    };
    query
}

/// Makes what these conversations have of their calls anew, and deletes those without any.
async fn make_anew(transaction: &DatabaseTransaction, ids: &[Uuid]) -> Result<(), StoreError> {
    let mut calls = Query::select();
    calls
        .expr(Expr::val(1))
        .from(TRANSCRIPTS)
        .and_where(of_conversation());
    let mut delete = Query::delete();
    delete
        .from_table(CONVERSATIONS)
        .and_where(Expr::col("id").is_in(ids.iter().copied()))
        .and_where(Expr::exists(calls).not());
    transaction.execute(&delete).await.map_err(database)?;

    let mut update = Query::update();
    update
        .table(CONVERSATIONS)
        .and_where(Expr::col("id").is_in(ids.iter().copied()));
    for (column, sum) in [
        ("calls", "COUNT(*)"),
        ("tokens", "CAST(COALESCE(SUM(tokens), 0) AS bigint)"),
        ("cost_nano", "CAST(COALESCE(SUM(cost_nano), 0) AS bigint)"),
        (
            "unpriced",
            "CAST(COALESCE(SUM(CASE WHEN price_state = 'unpriced' THEN 1 ELSE 0 END), 0) AS bigint)",
        ),
        ("started_at_us", "MIN(started_at_us)"),
        ("last_at_us", "MAX(started_at_us)"),
    ] {
        let mut of_calls = Query::select();
        of_calls
            .expr(Expr::cust(sum))
            .from(TRANSCRIPTS)
            .and_where(of_conversation());
        set(&mut update, column, of_calls);
    }
    for column in ["agent", "user_name", "token", "provider", "outcome"] {
        set(&mut update, column, of_one(column, Order::Desc, false));
    }
    set(&mut update, "model", of_one("model", Order::Desc, true));
    set(&mut update, "title", of_one("title", Order::Asc, true));
    transaction.execute(&update).await.map_err(database)?;
    Ok(())
}

fn set(update: &mut UpdateStatement, column: &'static str, query: SelectStatement) {
    let query = Box::new(SubQueryStatement::SelectStatement(query));
    update.value(column, Expr::SubQuery(None, query));
}

/// What the first or the last call of a conversation has in a column, of those that have something if so wanted.
fn of_one(column: &'static str, order: Order, there: bool) -> SelectStatement {
    let mut query = Query::select();
    query
        .column(column)
        .from(TRANSCRIPTS)
        .and_where(of_conversation())
        .order_by("started_at_us", order.clone())
        .order_by("seq", order)
        .limit(1);
    if there {
        query.and_where(Expr::col(column).is_not_null());
    }
    query
}

fn of_conversation() -> Expr {
    Expr::col((TRANSCRIPTS, "conversation")).equals((CONVERSATIONS, "id"))
}
