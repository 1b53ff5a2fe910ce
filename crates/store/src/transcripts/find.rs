//! The list of conversations, the one that was last spoken in first.
//!
//! Where a filter leads to few calls, their conversations are taken and sorted. Else conversations are gone
//! through backwards in time, and each is asked for a call that fits.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement},
};

use super::{
    chunk::Chunks,
    columns::{CONVERSATIONS, OF_CONVERSATION, TRANSCRIPTS, read_conversation},
    open::Transcripts,
    types::{Conversation, ConversationFilter, ConversationPage},
    words::Wanted,
};
use crate::{
    StoreError,
    calls::selection::opaque,
    error::database,
    page::{Cursor, page},
    time::{from_us, to_us},
};

/// Conversations that are asked first for a call that fits.
const FIRST: u64 = 1_000;

/// A place in the list: when a conversation was last spoken in, and its number.
type Place = (i64, i64);

impl Transcripts {
    /// The conversations that fit. After a tenth of a second without enough of them it ends, and says how
    /// far back it has looked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conversations(
        &self,
        filter: &ConversationFilter,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<ConversationPage, StoreError> {
        let transaction = self.snapshot().await?;
        let typed = filter.text.as_deref().map_or("", str::trim_start);
        let found = if typed.is_empty() {
            let before = cursor.map(place);
            if filter.takes_every_call() {
                all(&transaction, limit, before).await?
            } else if let Some(few) = filter.few(&transaction).await? {
                let few = Condition::all().add(few).add(filter.condition());
                of_few(&transaction, few, limit, before).await?
            } else {
                one_by_one(&transaction, filter, limit, before).await?
            }
        } else {
            super::find_text::find(&transaction, filter, &Wanted::of(typed), limit, cursor).await?
        };
        transaction.commit().await.map_err(database)?;
        Ok(found)
    }
}

fn place(Cursor(cursor): Cursor) -> Place {
    let part = |bits: u128| i64::try_from(bits & u128::from(u64::MAX)).unwrap_or(i64::MAX);
    (part(cursor >> 64), part(cursor))
}

fn cursor((last_at_us, seq): Place) -> Cursor {
    let part = |number: i64| u128::from(u64::try_from(number).unwrap_or(0));
    Cursor((part(last_at_us) << 64) | part(seq))
}

async fn all(
    transaction: &DatabaseTransaction,
    limit: u64,
    before: Option<Place>,
) -> Result<ConversationPage, StoreError> {
    let rows = fetch(transaction, &newest(before, limit.saturating_add(1))).await?;
    Ok(whole(rows, limit))
}

/// Those of few calls, sorted here, since the order's index would lead past all the others.
async fn of_few(
    transaction: &DatabaseTransaction,
    few: Condition,
    limit: u64,
    before: Option<Place>,
) -> Result<ConversationPage, StoreError> {
    let mut of_calls = Query::select();
    of_calls
        .column("conversation")
        .from(TRANSCRIPTS)
        .cond_where(few);
    let mut query = Query::select();
    query
        .column("seq")
        .columns(OF_CONVERSATION)
        .from(CONVERSATIONS)
        .and_where(Expr::col("id").in_subquery(of_calls))
        .order_by_expr(opaque("last_at_us"), Order::Desc)
        .order_by("seq", Order::Desc)
        .limit(limit.saturating_add(1));
    if let Some((last_at_us, seq)) = before {
        query.cond_where(is_before(opaque("last_at_us"), last_at_us, seq));
    }
    let rows = fetch(transaction, &query).await?;
    Ok(whole(rows, limit))
}

async fn one_by_one(
    transaction: &DatabaseTransaction,
    filter: &ConversationFilter,
    limit: u64,
    mut before: Option<Place>,
) -> Result<ConversationPage, StoreError> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut chunks = Chunks::begin(FIRST);
    let mut rows: Vec<(i64, Conversation)> = vec![];
    loop {
        let mut chunk = newest(before, chunks.size());
        if let Some(since) = filter.since {
            chunk.and_where(Expr::col("last_at_us").gte(to_us(since)));
        }
        let Some((last, size)) = end_of(transaction, &chunk).await? else {
            return Ok(whole(rows, limit));
        };
        let mut fits = Query::select();
        fits.expr(Expr::val(1))
            .from(TRANSCRIPTS)
            .and_where(Expr::col("conversation").equals(("chunk", "id")))
            .cond_where(filter.condition());
        let found = u64::try_from(rows.len()).unwrap_or(limit);
        let mut query = Query::select();
        query
            .column("seq")
            .columns(OF_CONVERSATION)
            .from_subquery(chunk, "chunk")
            .and_where(Expr::exists(fits))
            .order_by("last_at_us", Order::Desc)
            .order_by("seq", Order::Desc)
            .limit(limit.saturating_sub(found).saturating_add(1));
        if let Some(until) = filter.until {
            query.and_where(Expr::col("started_at_us").lt(to_us(until)));
        }
        rows.append(&mut fetch(transaction, &query).await?);
        if rows.len() > wanted || size < chunks.size() {
            return Ok(whole(rows, limit));
        }
        before = Some(last);
        if !chunks.goes_on() {
            return Ok(ConversationPage {
                items: rows.into_iter().map(|(_, row)| (row, None)).collect(),
                next: Some(cursor(last)),
                searched_back_to: Some(from_us(CONVERSATIONS, last.0)?),
            });
        }
    }
}

/// The last place of a part, and how many it has.
async fn end_of(
    transaction: &DatabaseTransaction,
    chunk: &SelectStatement,
) -> Result<Option<(Place, u64)>, StoreError> {
    let mut places = chunk.clone();
    places.clear_selects().columns(["last_at_us", "seq"]);
    let mut query = Query::select();
    query
        .columns(["last_at_us", "seq"])
        .expr(Expr::cust("COUNT(*) OVER ()"))
        .from_subquery(places, "places")
        .order_by("last_at_us", Order::Asc)
        .order_by("seq", Order::Asc)
        .limit(1);
    let row = transaction.query_one(&query).await.map_err(database)?;
    let Some(row) = row else { return Ok(None) };
    let number = |column| row.try_get_by_index::<i64>(column).map_err(database);
    let size = u64::try_from(number(2)?).unwrap_or(0);
    Ok(Some(((number(0)?, number(1)?), size)))
}

/// The newest conversations before a place.
fn newest(before: Option<Place>, most: u64) -> SelectStatement {
    let mut query = Query::select();
    query
        .column("seq")
        .columns(OF_CONVERSATION)
        .from(CONVERSATIONS)
        .order_by("last_at_us", Order::Desc)
        .order_by("seq", Order::Desc)
        .limit(most);
    if let Some((last_at_us, seq)) = before {
        query
            .and_where(Expr::col("last_at_us").lte(last_at_us))
            .cond_where(is_before(Expr::col("last_at_us"), last_at_us, seq));
    }
    query
}

fn is_before(last_at: Expr, last_at_us: i64, seq: i64) -> Condition {
    Condition::any()
        .add(last_at.clone().lt(last_at_us))
        .add(last_at.eq(last_at_us).and(Expr::col("seq").lt(seq)))
}

async fn fetch(
    transaction: &DatabaseTransaction,
    query: &SelectStatement,
) -> Result<Vec<(i64, Conversation)>, StoreError> {
    let rows = transaction.query_all(query).await.map_err(database)?;
    rows.iter().map(read_conversation).collect()
}

/// A page behind which nothing was left out for want of time.
fn whole(rows: Vec<(i64, Conversation)>, limit: u64) -> ConversationPage {
    let place = |row: &(i64, Conversation)| (to_us(row.1.last_at), row.0);
    let page = page(rows, limit, |row| cursor(place(row)));
    ConversationPage {
        items: page.items.into_iter().map(|(_, row)| (row, None)).collect(),
        next: page.next,
        searched_back_to: None::<Timestamp>,
    }
}
