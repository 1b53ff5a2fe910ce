//! Reading the lines of a bucket, and handing them on in batches.

use std::{collections::HashMap, time::Duration};

use domain::TokenId;
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, QueryResult, StreamTrait, Value,
    sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement, UnionType},
};
use tokio::{
    sync::{
        SemaphorePermit,
        mpsc::{Sender, error::TrySendError},
    },
    time::timeout,
};
use uuid::Uuid;

use super::{ReportLine, ReportQuery};
use crate::{
    StoreError,
    error::database,
    time::from_us,
    usage::{
        answer::{SPEND, TOKENS},
        kept::Kept,
        labels,
        levels::{Level, Span},
        parts::{Measure, TokenType},
        pieces::{self, From, Piece},
        query::{GroupBy, ReportBy},
        source::{time, value, within},
        zone::{Bucket, BucketStart},
    },
};

/// Lines that are handed on together, at most.
const BATCH: usize = 256;
/// How long a batch waits to be taken.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is read of each bucket.
pub(super) struct ReportReading<'a> {
    query: &'a ReportQuery,
    /// The sums of a line, each a column less another one.
    measures: Vec<Measure>,
    providers: HashMap<String, String>,
    tokens: HashMap<String, String>,
    batch: Vec<ReportLine>,
    /// Held while sums are read, as by all who read them, but not while nobody takes the lines.
    pub(super) turn: Option<SemaphorePermit<'a>>,
}

/// All calls, each in one of these.
const CALLS: [&str; 4] = [
    "estimated_calls",
    "unpriced_calls",
    "priced_calls",
    "not_billed_calls",
];
/// The other sums that each line has.
const TOTALS: [&str; 3] = ["requests", TOKENS, SPEND];

impl<'a> ReportReading<'a> {
    pub(super) fn of(query: &'a ReportQuery) -> Self {
        let tokens = query.token_types().filter_map(TokenType::tokens);
        let cost = query.cost_types().map(TokenType::cost);
        Self {
            measures: tokens.chain(cost).collect(),
            providers: HashMap::new(),
            tokens: HashMap::new(),
            batch: vec![],
            turn: None,
            query,
        }
    }

    pub(super) async fn read_names(
        &mut self,
        connection: &DatabaseTransaction,
    ) -> Result<(), StoreError> {
        if self.query.by.contains(&ReportBy::Provider) {
            self.providers = labels::names(connection, GroupBy::Provider).await?;
        }
        if self.query.by.contains(&ReportBy::Token) {
            self.tokens = labels::names(connection, GroupBy::Token).await?;
        }
        Ok(())
    }

    /// The part of the range in which there can be calls. `None`: there are none.
    pub(super) async fn extent(
        &self,
        connection: &DatabaseTransaction,
        levels: &[Level],
    ) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        let sources = pieces::sources(levels, &self.query.needed());
        let (mut first, mut end) = (None, None);
        for level in sources {
            if let Some(start_us) = edge(connection, level, Order::Asc).await? {
                first = Some(first.map_or(start_us, |first| Ord::min(first, start_us)));
            }
            if level.span == Span::Quarter
                && let Some(start_us) = edge(connection, level, Order::Desc).await?
            {
                end = Some(level.next(start_us)?);
            }
        }
        let (Some(first), Some(end)) = (first, end) else {
            return Ok(None);
        };
        let (from, to) = Kept::of(levels).range(self.query.from, self.query.to)?;
        let first = from_us("usage_levels", first)?.max(from);
        let end = from_us("usage_levels", end)?.min(to);
        Ok((first < end).then_some((first, end)))
    }

    /// Reads a bucket and hands on full batches. Whether somebody still takes them.
    pub(super) async fn read(
        &mut self,
        transaction: &DatabaseTransaction,
        levels: &[Level],
        bucket: &Bucket,
        lines: &Sender<Vec<ReportLine>>,
    ) -> Result<bool, StoreError> {
        let sources = pieces::sources(levels, &self.query.needed());
        let bucket_of_kept = Kept::of(levels).edges(std::slice::from_ref(bucket))?;
        let pieces = pieces::of(&bucket_of_kept, &sources)?;
        let Some(statement) = self.statement(&pieces)? else {
            return Ok(true);
        };
        let mut rows = transaction.stream(&statement).await.map_err(database)?;
        while let Some(row) = rows.try_next().await.map_err(database)? {
            let line = self.line(bucket.start, &row).map_err(database)?;
            self.batch.push(line);
            if self.batch.len() >= BATCH && !self.hand_on(lines).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether somebody still takes lines.
    pub(super) async fn hand_on(
        &mut self,
        lines: &Sender<Vec<ReportLine>>,
    ) -> Result<bool, StoreError> {
        if self.batch.is_empty() {
            return Ok(!lines.is_closed());
        }
        let batch = match lines.try_send(std::mem::take(&mut self.batch)) {
            Ok(()) => return Ok(true),
            Err(TrySendError::Closed(_)) => return Ok(false),
            Err(TrySendError::Full(batch)) => batch,
        };
        // Whoever takes lines more slowly than they are read takes no core: the turn is another one's.
        self.turn = None;
        match timeout(PATIENCE, lines.send(batch)).await {
            Ok(taken) => Ok(taken.is_ok()),
            Err(_) => Err(StoreError::NotTaken),
        }
    }

    /// The columns that a line is of.
    fn key(&self) -> Vec<&'static str> {
        self.query
            .by
            .iter()
            .flat_map(|by| by.dimension().columns().iter().copied())
            .collect()
    }

    /// Every sum that is read, once.
    fn sums(&self) -> Vec<&'static str> {
        let mut sums = [&CALLS[..], &TOTALS].concat();
        for measure in &self.measures {
            for column in [Some(measure.of), measure.less].into_iter().flatten() {
                if !sums.contains(&column) {
                    sums.push(column);
                }
            }
        }
        sums
    }

    /// The sums of all pieces of a bucket, by key and in its order. `None`: there are no pieces.
    fn statement(&self, pieces: &[Piece<'_>]) -> Result<Option<SelectStatement>, StoreError> {
        let (key, sums) = (self.key(), self.sums());
        let part = |piece: &Piece<'_>| {
            let mut part = Query::select();
            for column in &key {
                part.expr_as(key_value(piece.from, column), *column);
            }
            for sum in &sums {
                part.expr_as(Expr::cust(value(piece.from, sum)), *sum);
            }
            let filter = &self.query.filter;
            within(&mut part, filter, piece.from, time(filter, *piece)?);
            Ok(part)
        };
        let parts: Vec<SelectStatement> =
            pieces.iter().map(part).collect::<Result<_, StoreError>>()?;
        let mut parts = parts.into_iter();
        let Some(mut all) = parts.next() else {
            return Ok(None);
        };
        all.unions(parts.map(|part| (UnionType::All, part)));
        let sum = |column: &str| Expr::cust(format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"));
        let mut query = Query::select();
        query.from_subquery(all, "parts");
        for column in &key {
            query
                .column(*column)
                .group_by_col(*column)
                .order_by(*column, Order::Asc);
        }
        for column in CALLS.into_iter().chain(TOTALS) {
            query.expr(sum(column));
        }
        for measure in &self.measures {
            query.expr(match measure.less {
                None => sum(measure.of),
                Some(less) => sum(measure.of).sub(sum(less)),
            });
        }
        // Without a key there is one line, but only where there are calls.
        let calls = CALLS.join(" + ");
        query.and_having(Expr::cust(format!("SUM({calls}) > 0")));
        Ok(Some(query))
    }

    fn line(&self, start: BucketStart, row: &QueryResult) -> Result<ReportLine, sea_orm::DbErr> {
        let mut place = 0_usize..;
        let mut next = || place.next().unwrap_or_default();
        let mut key = vec![];
        for by in &self.query.by {
            match by {
                ReportBy::Provider => {
                    let id: String = row.try_get_by_index(next())?;
                    key.push(id.clone());
                    key.push(self.providers.get(&id).cloned().unwrap_or_default());
                    key.push(row.try_get_by_index(next())?);
                }
                ReportBy::Token => {
                    let token: Uuid = row.try_get_by_index(next())?;
                    let id = (!token.is_nil()).then(|| TokenId(token).to_string());
                    let name = id.as_ref().and_then(|id| self.tokens.get(id));
                    let name = name.cloned().unwrap_or_default();
                    key.extend([id.unwrap_or_default(), name]);
                }
                ReportBy::Model
                | ReportBy::Agent
                | ReportBy::User
                | ReportBy::Outcome
                | ReportBy::PriceState => key.push(row.try_get_by_index(next())?),
            }
        }
        let mut take = || row.try_get_by_index::<i64>(next());
        let (estimated, unpriced, priced, not_billed) = (take()?, take()?, take()?, take()?);
        let (requests, mut tokens_total, mut cost_total) = (take()?, take()?, take()?);
        let mut all = |count: usize| (0..count).map(|_| take()).collect::<Result<Vec<_>, _>>();
        let tokens = all(self.query.token_types().count())?;
        let cost = all(self.query.cost_types().count())?;
        if self.query.splits_calls() {
            (tokens_total, cost_total) = (tokens.iter().sum(), cost.iter().sum());
        }
        let calls = [priced, estimated, unpriced, not_billed].into_iter().sum();
        Ok(ReportLine {
            start,
            key,
            calls,
            requests,
            unpriced,
            estimated,
            tokens,
            tokens_total,
            cost,
            cost_total,
        })
    }
}

/// A column of the key, by what stands in sums: nobody is an empty text, and no token the UUID of zeros.
fn key_value(from: From<'_>, column: &'static str) -> Expr {
    let there = Expr::col(column);
    match from {
        From::Level(_) => there,
        From::Rows => {
            let nobody: Value = match column {
                "token" => Uuid::nil().into(),
                _ => "".into(),
            };
            Func::coalesce([there, Expr::val(nobody)]).into()
        }
    }
}

/// Where the first or the last span of a level begins. `None`: it is empty.
async fn edge(
    connection: &DatabaseTransaction,
    level: &Level,
    order: Order,
) -> Result<Option<i64>, StoreError> {
    let mut query = Query::select();
    query
        .column("start_us")
        .from(level.table())
        .and_where(Expr::col("level").eq(level.id))
        .order_by("start_us", order)
        .limit(1);
    let row = connection.query_one(&query).await.map_err(database)?;
    row.map(|row| row.try_get_by_index(0).map_err(database))
        .transpose()
}
