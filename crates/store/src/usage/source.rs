//! Reading sums from rows and from rollups by the same names.

use domain::TokenId;
use sea_orm::{
    ConnectionTrait, QueryResult, Value,
    sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    parts::Measure,
    pieces::{From, Piece},
    query::{GroupBy, UsageFilter},
};
use crate::{
    StoreError,
    calls::selection::{Choice, any_of, choice, none_of, opaque},
    columns,
    error::database,
};

/// The columns that every query sums, before its measures.
const COUNTS: [&str; 3] = ["requests", "unpriced_calls", "estimated_calls"];

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
}

impl Reading<'_> {
    /// Reads the sums of a piece.
    pub(crate) async fn read(
        &self,
        connection: &impl ConnectionTrait,
        piece: Piece,
    ) -> Result<Vec<Sums>, StoreError> {
        let query = self.query(piece);
        connection
            .query_all(&query)
            .await
            .map_err(database)?
            .iter()
            .map(|row| self.sums(row, piece))
            .collect()
    }

    fn query(&self, piece: Piece) -> SelectStatement {
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
        let time = match piece.from {
            From::Rows => {
                query.from("calls");
                "started_at_us"
            }
            From::Rollups(minutes) => {
                query
                    .from("usage_rollups")
                    .and_where(Expr::col("span_minutes").eq(minutes));
                "start_us"
            }
        };
        match self.time_of(piece) {
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
            .and_where(Expr::col(time).gte(piece.start_us))
            .and_where(Expr::col(time).lt(piece.end_us))
            .cond_where(condition(self.filter, piece.from));
        query
    }

    /// How the sums of a piece are told apart. Sums lie in the order of their spans and providers, so
    /// grouped by no more than that they need not be sorted; all others are best put together at once.
    fn time_of(&self, piece: Piece) -> Time {
        let in_order = matches!(key_column(self.group_by), None | Some("provider"));
        match (piece.span_us(), piece.bucket_us) {
            (None, _) => Time::One,
            (Some(_), None) if self.group_by == GroupBy::Provider => Time::Spans,
            (Some(_), None) => Time::One,
            (Some(span), Some(bucket)) if in_order || span == bucket => Time::Spans,
            (Some(_), Some(bucket)) => Time::Buckets(bucket),
        }
    }

    fn sums(&self, row: &QueryResult, piece: Piece) -> Result<Sums, StoreError> {
        let read = || {
            let mut next = 0..;
            let mut take = || row.try_get_by_index::<i64>(next.next().unwrap_or_default());
            let (requests, unpriced, estimated) = (take()?, take()?, take()?);
            let measures = self
                .measures
                .iter()
                .map(|_| take())
                .collect::<Result<_, _>>()?;
            let bucket = match self.time_of(piece) {
                Time::One => piece.bucket,
                Time::Spans => piece.bucket_at(take()?),
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

/// How sums of one piece and one key are told apart.
enum Time {
    /// There is one bucket.
    One,
    /// By where their span begins.
    Spans,
    /// By bucket; so long is each.
    Buckets(i64),
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

/// The sum of a column of `usage_rollups`, or what is the same over rows.
pub(crate) fn sum(from: From, column: &'static str) -> Expr {
    let of = match from {
        From::Rollups(_) => column.to_owned(),
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
    };
    Expr::cust(format!("CAST(COALESCE(SUM({of}), 0) AS BIGINT)"))
}

fn state(key: &str) -> String {
    format!("CASE WHEN price_state = '{key}' THEN 1 ELSE 0 END")
}

/// Which rows or rollups a filter takes.
fn condition(filter: &UsageFilter, from: From) -> Condition {
    let choices = [
        ("provider", choice(&filter.providers)),
        ("model", choice(&filter.models)),
        ("agent", choice(&filter.agents)),
        ("user_name", choice(&filter.users)),
        ("token", choice(&filter.tokens)),
    ];
    choices
        .into_iter()
        .fold(Condition::all(), |all, (column, choice)| {
            let (column, choice) = match from {
                From::Rows => (opaque(column), choice),
                From::Rollups(_) => (Expr::col(column), in_rollups(column, choice)),
            };
            all.add(any_of(&column, choice.any_of))
                .add(none_of(&column, choice.none_of))
        })
}

/// In rollups nobody is an empty text, and no token the UUID of zeros.
fn in_rollups(column: &str, choice: Choice<Option<Value>>) -> Choice<Option<Value>> {
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
