//! Conversations, their calls and bodies, read.

use std::io::Read;

use domain::{CallId, ConversationId};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    add::{IDS, read},
    columns::{OF_TRANSCRIPT, TRANSCRIPTS, read_turn},
    insert::BODIES,
    open::Transcripts,
    types::{Body, BodyInfo, Conversation, Transcript, Turn},
};
use crate::{
    Page, StoreError,
    error::database,
    page::{Cursor, page},
    time::to_us,
};

impl Transcripts {
    /// One conversation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        Ok(read(self.readers(), vec![id.0]).await?.remove(&id))
    }

    /// The calls of a conversation, oldest first. `cursor`: only those after the place where a page ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn turns(
        &self,
        id: ConversationId,
        limit: u64,
        cursor: Option<Cursor>,
    ) -> Result<Page<Turn>, StoreError> {
        let mut query = select();
        query
            .and_where(Expr::col("conversation").eq(id.0))
            .order_by("started_at_us", Order::Asc)
            .order_by("seq", Order::Asc)
            .limit(limit.saturating_add(1));
        if let Some(Cursor(after)) = cursor {
            let part = |bits: u128| i64::try_from(bits & u128::from(u64::MAX)).unwrap_or(i64::MAX);
            let (started_at_us, seq) = (part(after >> 64), part(after));
            let at = || Expr::col("started_at_us");
            let later = at().gt(started_at_us);
            let beside = at().eq(started_at_us).and(Expr::col("seq").gt(seq));
            query.and_where(later.or(beside));
        }
        let rows = self.readers().query_all(&query).await.map_err(database)?;
        let turns: Vec<(i64, Turn)> = rows.iter().map(read_turn).collect::<Result<_, _>>()?;
        let turns = page(turns, limit, |(seq, turn)| {
            let part = |number: i64| u128::from(u64::try_from(number).unwrap_or(0));
            Cursor((part(to_us(turn.started_at)) << 64) | part(*seq))
        });
        Ok(Page {
            items: turns.items.into_iter().map(|(_, turn)| turn).collect(),
            next: turns.next,
        })
    }

    /// A call with its bodies.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn transcript(&self, call: CallId) -> Result<Option<Transcript>, StoreError> {
        let transaction = self.snapshot().await?;
        let mut query = select();
        query.and_where(Expr::col("call").eq(call.0));
        let row = transaction.query_one(&query).await.map_err(database)?;
        let Some((seq, turn)) = row.as_ref().map(read_turn).transpose()? else {
            return Ok(None);
        };
        let mut query = Query::select();
        query
            .columns(["request", "response"])
            .from(BODIES)
            .and_where(Expr::col("seq").eq(seq));
        let row = transaction.query_one(&query).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        let body = |column, info: &Option<BodyInfo>| {
            let packed: Option<Vec<u8>> = match &row {
                Some(row) => row.try_get_by_index(column).map_err(database)?,
                None => None,
            };
            Ok::<_, StoreError>(packed.zip(info.clone()))
        };
        let (request, response) = (body(0, &turn.request)?, body(1, &turn.response)?);
        let unpacked = tokio::task::spawn_blocking(move || {
            let both = [request, response].map(|body| body.map(unpacked).transpose());
            both.into_iter().collect::<Result<Vec<_>, _>>()
        });
        let mut bodies = unpacked
            .await
            .map_err(|error| StoreError::Database(error.to_string()))??
            .into_iter();
        Ok(Some(Transcript {
            request: bodies.next().flatten(),
            response: bodies.next().flatten(),
            turn,
        }))
    }

    /// Which of these calls have a body here.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has(&self, calls: &[CallId]) -> Result<Vec<CallId>, StoreError> {
        let mut there = vec![];
        for part in calls.chunks(IDS) {
            let mut query = Query::select();
            query
                .column("call")
                .from(TRANSCRIPTS)
                .and_where(Expr::col("call").is_in(part.iter().map(|call| call.0)));
            for row in self.readers().query_all(&query).await.map_err(database)? {
                there.push(CallId(row.try_get_by_index::<Uuid>(0).map_err(database)?));
            }
        }
        Ok(there)
    }
}

/// Every column of calls, for [`read_turn`].
fn select() -> SelectStatement {
    let mut query = Query::select();
    query.column("seq").columns(OF_TRANSCRIPT).from(TRANSCRIPTS);
    query
}

/// A body as it was, and never more than was said to be kept of it.
fn unpacked((packed, info): (Vec<u8>, BodyInfo)) -> Result<Body, StoreError> {
    let unreadable = |error: std::io::Error| StoreError::unreadable(BODIES, error);
    let mut bytes = vec![];
    zstd::stream::read::Decoder::new(packed.as_slice())
        .map_err(unreadable)?
        .take(info.kept_bytes)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(Body { info, bytes })
}
