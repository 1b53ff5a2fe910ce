//! The search for words: calls in which they were said, newest first, and the conversations of these.
//!
//! A conversation stands where its newest call stands that fits. So a page that begins further back leaves out
//! conversations that had such a call before.
//!
//! Where very much begins with the last word, texts are looked through for it here, newest first: there soon
//! are enough.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    add::{IDS, read},
    chunk::Chunks,
    columns::TRANSCRIPTS,
    dialect::{self, TEXTS},
    spans::is_costly,
    types::{Conversation, ConversationFilter, ConversationPage},
    words::{Wanted, snippet},
};
use crate::{StoreError, error::database, page::Cursor, time::from_us};

/// Calls of a page's conversations that are asked whether they stood on a page before, at most.
const CALLS_BEFORE: u64 = 500;

/// How many calls are looked at first: those that the database found, or those whose texts are looked through.
const FIRST_FOUND: u64 = 1_000;
const FIRST_TEXTS: u64 = 100;

/// A call that fits, and its conversation.
type Hit = (i64, Uuid);

pub(super) async fn find(
    transaction: &DatabaseTransaction,
    filter: &ConversationFilter,
    wanted: &Wanted,
    limit: u64,
    cursor: Option<Cursor>,
) -> Result<ConversationPage, StoreError> {
    let first = cursor.map(|Cursor(seq)| i64::try_from(seq).unwrap_or(i64::MAX));
    let looks_through = is_costly(transaction, wanted).await?;
    let search = Search {
        transaction,
        filter,
        wanted,
        asked: if looks_through {
            wanted.whole_words()
        } else {
            wanted.clone()
        },
        looks_through,
        first,
    };
    if wanted.runs.is_empty() {
        // Only signs were typed: nobody said that.
        return search.page(vec![], None, None).await;
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut seen = HashSet::new();
    let mut hits: Vec<Hit> = vec![];
    let mut before = first;
    let mut chunks = Chunks::begin(if looks_through {
        FIRST_TEXTS
    } else {
        FIRST_FOUND
    });
    loop {
        let Some(end) = search.end_of(before, chunks.size()).await? else {
            return search.page(hits, None, None).await;
        };
        let mut found = search.hits(before, chunks.size()).await?;
        found.retain(|(_, conversation)| seen.insert(*conversation));
        // One more than are wanted tells where the next page begins.
        while hits.len() <= limit && !found.is_empty() {
            let left = limit.saturating_sub(hits.len()).saturating_add(1);
            let behind = found.split_off(Ord::min(left, found.len()));
            hits.append(&mut search.without_earlier(found).await?);
            found = behind;
        }
        if hits.len() > limit {
            let next = hits.get(limit).map(|(seq, _)| seq.saturating_add(1));
            hits.truncate(limit);
            return search.page(hits, next, None).await;
        }
        if end.size < chunks.size() {
            return search.page(hits, None, None).await;
        }
        before = Some(end.seq);
        if !chunks.goes_on() {
            let back_to = search.started_at(end.seq).await?;
            return search.page(hits, before, back_to).await;
        }
    }
}

struct Search<'a> {
    transaction: &'a DatabaseTransaction,
    filter: &'a ConversationFilter,
    wanted: &'a Wanted,
    /// What the database is asked for.
    asked: Wanted,
    /// Whether what it finds is looked through for all that is wanted.
    looks_through: bool,
    /// Where the page begins: only calls before this one.
    first: Option<i64>,
}

/// The end of a part of what was found.
struct End {
    seq: i64,
    size: u64,
}

impl Search<'_> {
    /// The newest calls in which it was said, or may have been.
    fn matches(&self, before: Option<i64>, most: u64) -> SelectStatement {
        let backend = self.transaction.get_database_backend();
        let mut query = dialect::matches(backend, &self.asked);
        query.limit(most);
        if let Some(before) = before {
            dialect::before(&mut query, backend, before);
        }
        query
    }

    async fn end_of(&self, before: Option<i64>, most: u64) -> Result<Option<End>, StoreError> {
        let mut query = Query::select();
        query
            .expr(Expr::cust("MIN(seq)"))
            .expr(Expr::cust("COUNT(*)"))
            .from_subquery(self.matches(before, most), "matches");
        let row = self.transaction.query_one(&query).await.map_err(database)?;
        let Some(row) = row else { return Ok(None) };
        let seq: Option<i64> = row.try_get_by_index(0).map_err(database)?;
        let size: i64 = row.try_get_by_index(1).map_err(database)?;
        Ok(seq.map(|seq| End {
            seq,
            size: u64::try_from(size).unwrap_or(0),
        }))
    }

    /// The calls of these that fit, the newest of each conversation.
    async fn hits(&self, before: Option<i64>, most: u64) -> Result<Vec<Hit>, StoreError> {
        if self.looks_through {
            return self.hits_looked_through(before, most).await;
        }
        let mut query = Query::select();
        query
            .expr_as(Expr::cust("MAX(transcripts.seq)"), "newest")
            .column("conversation")
            .from_subquery(self.matches(before, most), "matches")
            .inner_join(
                TRANSCRIPTS,
                Expr::col((TRANSCRIPTS, "seq")).equals(("matches", "seq")),
            )
            .cond_where(self.filter.condition())
            .group_by_col("conversation")
            .order_by("newest", Order::Desc);
        self.fetch(&query).await
    }

    /// The same where texts are looked through.
    async fn hits_looked_through(
        &self,
        before: Option<i64>,
        most: u64,
    ) -> Result<Vec<Hit>, StoreError> {
        let mut query = Query::select();
        query
            .column(("matches", "seq"))
            .column("conversation")
            .from_subquery(self.matches(before, most), "matches")
            .inner_join(
                TRANSCRIPTS,
                Expr::col((TRANSCRIPTS, "seq")).equals(("matches", "seq")),
            )
            .cond_where(self.filter.condition())
            .order_by(("matches", "seq"), Order::Desc);
        let mut hits = self.fetch(&query).await?;
        let said = self.looked_through(&hits).await?;
        hits.retain(|(seq, _)| said.contains(seq));
        Ok(hits)
    }

    /// In which of these calls it was said, as their texts tell.
    async fn looked_through(&self, calls: &[Hit]) -> Result<HashSet<i64>, StoreError> {
        let mut said = HashSet::new();
        for part in calls.chunks(IDS) {
            let mut texts = self.texts(part).await?;
            texts.retain(|_, text| self.wanted.is_in(text));
            said.extend(texts.into_keys());
        }
        Ok(said)
    }

    /// Without those conversations that stood on a page before this one.
    async fn without_earlier(&self, mut hits: Vec<Hit>) -> Result<Vec<Hit>, StoreError> {
        let Some(first) = self.first.filter(|_| !hits.is_empty()) else {
            return Ok(hits);
        };
        let mut calls = Query::select();
        calls
            .columns(["seq", "conversation"])
            .from(TRANSCRIPTS)
            .and_where(Expr::col("conversation").is_in(hits.iter().map(|(_, id)| *id)))
            .and_where(Expr::cust("seq + 0").gte(first))
            .cond_where(self.filter.condition())
            .limit(CALLS_BEFORE);
        let calls = self.fetch(&calls).await?;
        if calls.is_empty() {
            return Ok(hits);
        }
        let said = self.said_in(&calls, first).await?;
        let earlier: HashSet<Uuid> = calls
            .into_iter()
            .filter(|(seq, _)| said.contains(seq))
            .map(|(_, conversation)| conversation)
            .collect();
        hits.retain(|(_, conversation)| !earlier.contains(conversation));
        Ok(hits)
    }

    /// In which of these calls, none of them before `first`, it was said.
    async fn said_in(&self, calls: &[Hit], first: i64) -> Result<HashSet<i64>, StoreError> {
        if self.looks_through {
            return self.looked_through(calls).await;
        }
        let last = calls.iter().map(|(seq, _)| *seq).max().unwrap_or(first);
        let key = dialect::key(self.transaction.get_database_backend());
        let mut said = self.matches(None, CALLS_BEFORE);
        said.and_where(Expr::col(key).between(first, last))
            // The index is gone through once, not for each of them.
            .and_where(Expr::cust(format!("{key} + 0")).is_in(calls.iter().map(|(seq, _)| *seq)));
        let rows = self.transaction.query_all(&said).await.map_err(database)?;
        rows.iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()
            .map_err(database)
    }

    async fn started_at(&self, seq: i64) -> Result<Option<Timestamp>, StoreError> {
        let mut query = Query::select();
        query
            .column("started_at_us")
            .from(TRANSCRIPTS)
            .and_where(Expr::col("seq").eq(seq));
        let row = self.transaction.query_one(&query).await.map_err(database)?;
        let us = row
            .map(|row| row.try_get_by_index(0))
            .transpose()
            .map_err(database)?;
        us.map(|us| from_us(TRANSCRIPTS, us)).transpose()
    }

    /// The conversations of these calls, with the words around what was found.
    async fn page(
        &self,
        hits: Vec<Hit>,
        next: Option<i64>,
        searched_back_to: Option<Timestamp>,
    ) -> Result<ConversationPage, StoreError> {
        let ids = hits.iter().map(|(_, conversation)| *conversation).collect();
        let mut conversations: HashMap<Uuid, Conversation> = read(self.transaction, ids)
            .await?
            .into_iter()
            .map(|(id, conversation)| (id.0, conversation))
            .collect();
        let mut texts = self.texts(&hits).await?;
        let items = hits
            .into_iter()
            .filter_map(|(seq, id)| {
                let conversation = conversations.remove(&id)?;
                let text = texts.remove(&seq).unwrap_or_default();
                Some((conversation, Some(snippet(&text, self.wanted))))
            })
            .collect();
        Ok(ConversationPage {
            items,
            next: next.map(|seq| Cursor(u128::from(u64::try_from(seq).unwrap_or(0)))),
            searched_back_to,
        })
    }

    async fn texts(&self, hits: &[Hit]) -> Result<HashMap<i64, String>, StoreError> {
        let key = dialect::key(self.transaction.get_database_backend());
        let mut query = Query::select();
        query
            .columns([key, "text"])
            .from(TEXTS)
            .and_where(Expr::col(key).is_in(hits.iter().map(|(seq, _)| *seq)));
        let rows = self.transaction.query_all(&query).await.map_err(database)?;
        rows.iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .collect::<Result<_, _>>()
            .map_err(database)
    }

    async fn fetch(&self, query: &SelectStatement) -> Result<Vec<Hit>, StoreError> {
        let rows = self.transaction.query_all(query).await.map_err(database)?;
        rows.iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .collect::<Result<_, _>>()
            .map_err(database)
    }
}
