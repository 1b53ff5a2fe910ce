//! Reading sums from rows and from levels by the same names.

use domain::TokenId;
use sea_orm::{
    ConnectionTrait, QueryResult, Value,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    levels::{Dimension, Level},
    parts::Measure,
    pieces::{From, Piece, Time},
    query::{GroupBy, UsageFilter},
    zone::Bucket,
};
use crate::{
    StoreError,
    calls::selection::{Choice, any_of, choice, none_of, opaque},
    columns,
    error::database,
    time::to_us,
};

/// The columns that every query sums, before its measures.
const COUNTS: [&str; 3] = ["requests", "unpriced_calls", "estimated_calls"];
/// What sums of a span are in the order of, as far as filters name it.
const ORDER: [(Dimension, &str); 4] = [
    (Dimension::User, "user_name"),
    (Dimension::Agent, "agent"),
    (Dimension::Provider, "provider"),
    (Dimension::Model, "model"),
];
/// How many spans one query steps into.
const STEPS: usize = 500;
/// How many times as many one query names at the most.
const CHUNKS_MOST: usize = 8;

/// Sums over the calls of one key in one bucket, or in a part of one.
#[derive(Debug)]
pub(crate) struct Sums {
    /// The bucket's index.
    pub(crate) bucket: usize,
    /// What they were grouped by. `None`: nothing, or nobody said.
    pub(crate) key: Option<String>,
    pub(crate) requests: i64,
    pub(crate) unpriced: i64,
    pub(crate) estimated: i64,
    /// One per measure.
    pub(crate) measures: Vec<i64>,
}

/// What is read from each piece.
pub(crate) struct Reading<'a> {
    pub(crate) filter: &'a UsageFilter,
    pub(crate) group_by: GroupBy,
    pub(crate) measures: &'a [Measure],
    pub(crate) buckets: &'a [Bucket],
}

impl Reading<'_> {
    /// What calls must be told apart by for it.
    pub(crate) fn needed(&self) -> Vec<Dimension> {
        let mut needed = by_filter(self.filter);
        needed.extend(match self.group_by {
            GroupBy::None | GroupBy::TokenType | GroupBy::CostType => None,
            GroupBy::Provider => Some(Dimension::Provider),
            GroupBy::Model => Some(Dimension::Model),
            GroupBy::Agent => Some(Dimension::Agent),
            GroupBy::User => Some(Dimension::User),
            GroupBy::Token => Some(Dimension::Token),
        });
        needed
    }

    /// Reads the sums of a piece.
    pub(crate) async fn read(
        &self,
        connection: &impl ConnectionTrait,
        piece: Piece<'_>,
    ) -> Result<Vec<Sums>, StoreError> {
        let mut sums = vec![];
        for time in times(self.filter, piece)? {
            let query = self.query(piece, time);
            for row in &connection.query_all(&query).await.map_err(database)? {
                sums.push(self.sums(row, piece)?);
            }
        }
        Ok(sums)
    }

    fn query(&self, piece: Piece<'_>, time: Condition) -> SelectStatement {
        let mut query = Query::select();
        for count in COUNTS {
            query.expr(sum(piece.from, count));
        }
        for measure in self.measures {
            let mut expr = sum(piece.from, measure.of);
            if let Some(less) = measure.less {
                expr = expr.sub(sum(piece.from, less));
            }
            query.expr(expr);
        }
        within(&mut query, self.filter, piece.from, time);
        match piece.time {
            Time::One => {}
            Time::Spans => {
                query.column("start_us").group_by_col("start_us");
            }
            Time::Buckets(length_us) => {
                let index = format!("(start_us - {}) / {length_us}", piece.start_us);
                query
                    .expr(Expr::cust(index.clone()))
                    .add_group_by([Expr::cust(index)]);
            }
        }
        if let Some(column) = key_column(self.group_by) {
            query.column(column).group_by_col(column);
        }
        query
    }

    fn sums(&self, row: &QueryResult, piece: Piece<'_>) -> Result<Sums, StoreError> {
        let read = || {
            let mut next = 0..;
            let mut take = || row.try_get_by_index::<i64>(next.next().unwrap_or_default());
            let (requests, unpriced, estimated) = (take()?, take()?, take()?);
            let measures = self
                .measures
                .iter()
                .map(|_| take())
                .collect::<Result<_, _>>()?;
            let bucket = match piece.time {
                Time::One => piece.bucket,
                Time::Spans => {
                    let start_us = take()?;
                    let before = |bucket: &Bucket| to_us(bucket.from) <= start_us;
                    self.buckets.partition_point(before).saturating_sub(1)
                }
                Time::Buckets(_) => {
                    let past = usize::try_from(take()?).unwrap_or(usize::MAX);
                    piece.bucket.saturating_add(past)
                }
            };
            let key = next.next().unwrap_or_default();
            let key = match self.group_by {
                GroupBy::None | GroupBy::TokenType | GroupBy::CostType => None,
                GroupBy::Token => row
                    .try_get_by_index::<Option<Uuid>>(key)?
                    .filter(|token| !token.is_nil())
                    .map(|token| TokenId(token).to_string()),
                GroupBy::Provider | GroupBy::Model | GroupBy::Agent | GroupBy::User => row
                    .try_get_by_index::<Option<String>>(key)?
                    .filter(|key| !key.is_empty()),
            };
            Ok(Sums {
                bucket,
                key,
                requests,
                unpriced,
                estimated,
                measures,
            })
        };
        read().map_err(database)
    }
}

/// What calls must be told apart by for a filter.
pub(crate) fn by_filter(filter: &UsageFilter) -> Vec<Dimension> {
    [
        (Dimension::Provider, filter.providers.is_any()),
        (Dimension::Model, filter.models.is_any()),
        (Dimension::Agent, filter.agents.is_any()),
        (Dimension::User, filter.users.is_any()),
        (Dimension::Token, filter.tokens.is_any()),
    ]
    .into_iter()
    .filter_map(|(dimension, any)| (!any).then_some(dimension))
    .collect()
}

/// Which times of a piece are read, each by a query. Where the filter is a step into the sums of a span, the
/// spans are named, lest all that lies between is read.
fn times(filter: &UsageFilter, piece: Piece<'_>) -> Result<Vec<Condition>, StoreError> {
    let From::Level(level) = piece.from else {
        let time = Expr::col("started_at_us");
        return Ok(vec![between(&time, piece)]);
    };
    let time = Expr::col("start_us");
    if sought(filter, level).is_empty() {
        return Ok(vec![between(&time, piece)]);
    }
    let mut starts = vec![];
    let mut start_us = piece.start_us;
    while start_us < piece.end_us {
        starts.push(start_us);
        start_us = level.next(start_us)?;
    }
    Ok(starts
        .chunks(STEPS)
        .map(|some| Condition::all().add(time.clone().is_in(some.iter().copied())))
        .collect())
}

/// The times of a piece as one condition. Very many spans are not named one by one: a query takes only so many
/// values.
pub(crate) fn time(filter: &UsageFilter, piece: Piece<'_>) -> Result<Condition, StoreError> {
    let times = times(filter, piece)?;
    if times.len() <= CHUNKS_MOST {
        return Ok(times.into_iter().fold(Condition::any(), Condition::add));
    }
    let time = match piece.from {
        From::Rows => "started_at_us",
        From::Level(_) => "start_us",
    };
    Ok(between(&Expr::col(time), piece))
}

/// Lets a query read the rows or sums of some times that a filter takes.
pub(crate) fn within(
    query: &mut SelectStatement,
    filter: &UsageFilter,
    from: From<'_>,
    time: Condition,
) {
    match from {
        From::Rows => query.from("calls"),
        From::Level(level) => query
            .from(level.table())
            .and_where(Expr::col("level").eq(level.id)),
    };
    query.cond_where(time).cond_where(condition(filter, from));
}

const fn key_column(group_by: GroupBy) -> Option<&'static str> {
    match group_by {
        GroupBy::None | GroupBy::TokenType | GroupBy::CostType => None,
        GroupBy::Provider => Some("provider"),
        GroupBy::Model => Some("model"),
        GroupBy::Agent => Some("agent"),
        GroupBy::User => Some("user_name"),
        GroupBy::Token => Some("token"),
    }
}

/// The sum of a column of a level, or what is the same over rows.
pub(crate) fn sum(from: From<'_>, column: &'static str) -> Expr {
    let of = value(from, column);
    Expr::cust(format!("CAST(COALESCE(SUM({of}), 0) AS BIGINT)"))
}

/// A column of a level, or what is the same of a row.
pub(crate) fn value(from: From<'_>, column: &'static str) -> String {
    match from {
        From::Level(_) => column.to_owned(),
        From::Rows => match column {
            "requests" => "CASE WHEN outcome <> 'rejected' THEN 1 ELSE 0 END".to_owned(),
            "priced_calls" => state("priced"),
            "estimated_calls" => state("estimated"),
            "unpriced_calls" => state("unpriced"),
            "not_billed_calls" => state("not_billed"),
            "tokens_total" => domain::Bucket::ALL
                .iter()
                .map(|bucket| format!("COALESCE({}, 0)", columns::tokens(*bucket)))
                .collect::<Vec<_>>()
                .join(" + "),
            // The known parts of a call whose total is not known are no spend.
            cost if columns::all_costs().any(|column| column == cost) => {
                format!("CASE WHEN cost_total_nano IS NULL THEN 0 ELSE {cost} END")
            }
            column => column.to_owned(),
        },
    }
}

fn state(key: &str) -> String {
    format!("CASE WHEN price_state = '{key}' THEN 1 ELSE 0 END")
}

fn between(time: &Expr, piece: Piece<'_>) -> Condition {
    Condition::all()
        .add(time.clone().gte(piece.start_us))
        .add(time.clone().lt(piece.end_us))
}

/// The columns by which a filter is a step into the sums of a span: the first in their order, as far as the
/// filter names their values or the level does not tell them apart. None where the filter names nothing so.
fn sought(filter: &UsageFilter, level: &Level) -> Vec<&'static str> {
    let mut sought = vec![];
    let mut named = 0;
    for (dimension, column) in ORDER {
        if level.side.tells(&[dimension]) {
            let values = match dimension {
                Dimension::User => filter.users.any_of.len(),
                Dimension::Agent => filter.agents.any_of.len(),
                Dimension::Provider => filter.providers.any_of.len(),
                _ => filter.models.any_of.len(),
            };
            if values == 0 {
                break;
            }
            named += 1;
        }
        sought.push(column);
    }
    if named == 0 { vec![] } else { sought }
}

/// Which rows or sums a filter takes.
fn condition(filter: &UsageFilter, from: From<'_>) -> Condition {
    let choices = [
        ("user_name", choice(&filter.users)),
        ("agent", choice(&filter.agents)),
        ("model", choice(&filter.models)),
        ("provider", choice(&filter.providers)),
        ("token", choice(&filter.tokens)),
    ];
    let sought = match from {
        From::Rows => vec![],
        From::Level(level) => sought(filter, level),
    };
    let mut all = Condition::all();
    for (column, choice) in choices {
        let choice = match from {
            From::Rows => choice,
            From::Level(_) => in_sums(column, choice),
        };
        let hidden = opaque(column);
        let wanted = match (sought.contains(&column), choice.any_of.is_empty()) {
            (true, true) => Condition::all().add(Expr::col(column).eq("")),
            (true, false) => any_of(&Expr::col(column), choice.any_of),
            (false, _) => any_of(&hidden, choice.any_of),
        };
        all = all.add(wanted).add(none_of(&hidden, choice.none_of));
    }
    all
}

/// In sums nobody is an empty text, and no token the UUID of zeros.
fn in_sums(column: &str, choice: Choice<Option<Value>>) -> Choice<Option<Value>> {
    let nobody: Value = if column == "token" {
        Uuid::nil().into()
    } else {
        "".into()
    };
    let named = |values: Vec<Option<Value>>| {
        values
            .into_iter()
            .map(|value| Some(value.unwrap_or_else(|| nobody.clone())))
            .collect()
    };
    Choice {
        any_of: named(choice.any_of),
        none_of: named(choice.none_of),
    }
}
