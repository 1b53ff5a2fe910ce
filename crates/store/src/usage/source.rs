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

/// Sums over the calls of one key that started in one span.
#[derive(Debug)]
pub(crate) struct Sums {
    /// A moment of the span.
    pub(crate) at_us: i64,
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
    /// Reads the sums of a piece. Those of rows have no spans: all of a piece of rows lies in one bucket.
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
                query.column("start_us").group_by_col("start_us");
                "start_us"
            }
        };
        if let Some(column) = key_column(self.group_by) {
            query.column(column).group_by_col(column);
        }
        query
            .and_where(Expr::col(time).gte(piece.start_us))
            .and_where(Expr::col(time).lt(piece.end_us))
            .cond_where(condition(self.filter, piece.from));
        query
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
            let at_us = match piece.from {
                From::Rows => piece.start_us,
                From::Rollups(_) => take()?,
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
                at_us,
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

/// Where the bucket of a moment is found: the index of the last one that begins at it or before.
pub(crate) fn bucket_of(starts_us: &[i64], at_us: i64) -> Option<usize> {
    starts_us
        .partition_point(|start| *start <= at_us)
        .checked_sub(1)
}
