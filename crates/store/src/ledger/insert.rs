//! Rows of `calls`, many in one statement.
//!
//! The text of a statement is built once for each number of rows that it takes and each set of columns
//! that are not empty in all of them, so that the database has it prepared already: of the columns for
//! buckets most are empty in most calls, and not to name them halves the work. A row's rates are the same
//! as those of the call before more often than not, and their JSON is made once for each of them.

use std::collections::HashMap;

use domain::{NanoUsd, call::Call};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};

use crate::{StoreError, calls::row::Rates, columns, error::database, time::to_us};

/// How many rows a statement takes; larger ones first. Both databases allow for more than a hundred.
const ROWS: [usize; 3] = [64, 8, 1];
/// How many different rates are remembered.
const RATES_REMEMBERED: usize = 32;
/// How many statements are remembered.
const STATEMENTS_REMEMBERED: usize = 64;

/// Inserts rows of `calls`.
#[derive(Debug)]
pub(super) struct Inserter {
    backend: DbBackend,
    columns: Vec<&'static str>,
    /// By the number of rows and the columns, one bit for each.
    statements: HashMap<(usize, u128), String>,
    rates: Vec<(Rates, String)>,
}

impl Inserter {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            columns: columns::of_calls().collect(),
            statements: HashMap::new(),
            rates: vec![],
        }
    }

    /// Inserts calls. Returns how many were not there before.
    pub(super) async fn insert(
        &mut self,
        transaction: &DatabaseTransaction,
        calls: &[Box<Call>],
    ) -> Result<u64, StoreError> {
        let mut inserted = 0_u64;
        let mut left = calls;
        while let Some(rows) = ROWS.into_iter().find(|rows| *rows <= left.len()) {
            let (now, later) = left.split_at(rows);
            let mut values = Vec::with_capacity(rows.saturating_mul(self.columns.len()));
            for call in now {
                self.push(&mut values, call)?;
            }
            let width = self.columns.len();
            let named = not_empty(&values, width);
            let mut column = 0_usize;
            values.retain(|_| {
                let keep = named & (1 << (column % width)) != 0;
                column = column.saturating_add(1);
                keep
            });
            let backend = self.backend;
            let sql = self.statement(rows, named);
            let statement = Statement::from_sql_and_values(backend, sql, values);
            let done = transaction
                .execute_raw(statement)
                .await
                .map_err(database)?;
            inserted = inserted.saturating_add(done.rows_affected());
            left = later;
        }
        Ok(inserted)
    }

    fn statement(&mut self, rows: usize, named: u128) -> &str {
        if self.statements.len() >= STATEMENTS_REMEMBERED {
            self.statements.clear();
        }
        self.statements.entry((rows, named)).or_insert_with(|| {
            let columns: Vec<&str> = (0..)
                .zip(&self.columns)
                .filter(|(bit, _)| named & (1_u128 << bit) != 0)
                .map(|(_, column)| *column)
                .collect();
            let insert = insert_into(self.backend, "calls", &columns, rows);
            format!("{insert} ON CONFLICT (id) DO NOTHING")
        })
    }

    /// The values of a row, in the order of [`columns::of_calls`].
    fn push(&mut self, values: &mut Vec<Value>, call: &Call) -> Result<(), StoreError> {
        let start = &call.start;
        values.extend([
            Value::Uuid(Some(start.id.0)),
            Value::BigInt(Some(to_us(start.started_at))),
            text(start.provider.as_str()),
            text_or_null(start.model.as_ref()),
            text_or_null(start.agent.as_ref()),
            text_or_null(start.user.as_ref()),
            Value::Uuid(start.token.map(|token| token.0)),
            text(call.outcome.key()),
            text(call.price_state.key()),
            text(start.operation.key()),
            Value::BigInt(Some(i64::from(call.status))),
            number(Some(call.latency_us)),
            money(call.charge.total),
            text(start.provider_type.key()),
            text_or_null(start.requested_model.as_ref()),
            text_or_null(call.replied_model.as_ref()),
            Value::Bool(Some(start.streamed)),
            text_or_null(start.conversation.as_ref()),
            number(call.ttfb_us),
            number(Some(call.overhead_us)),
            text_or_null(call.upstream_request_id.as_ref()),
            text_or_null(call.service_tier.as_ref()),
            text_or_null(call.geography.as_ref()),
            text_or_null(start.endpoint.as_ref()),
            text_or_null(call.background_response.as_ref()),
            text(&start.catalog_version),
            Value::Bool(Some(call.usage_mismatch)),
            number(call.usage.provider_total),
            number(call.usage.searches),
        ]);
        values.extend(call.usage.tokens.iter().map(|(_, count)| number(*count)));
        values.push(number(call.usage.reasoning));
        values.extend(call.charge.cost.iter().map(|(_, cost)| money(*cost)));
        values.push(money(call.charge.reasoning));
        values.push(money(call.charge.searches));
        values.push(text(self.rates(call)?));
        Ok(())
    }

    /// The JSON of a call's rates.
    fn rates(&mut self, call: &Call) -> Result<&str, StoreError> {
        let charge = &call.charge;
        let same = |(rates, _): &(Rates, String)| {
            rates.buckets == charge.rates && rates.searches == charge.search_rate
        };
        let known = self.rates.iter().position(same);
        let index = match known {
            Some(index) => index,
            None => {
                let rates = Rates {
                    buckets: charge.rates,
                    searches: charge.search_rate,
                };
                let json = serde_json::to_string(&rates)
                    .map_err(|error| StoreError::unreadable("calls", error))?;
                if self.rates.len() >= RATES_REMEMBERED {
                    self.rates.clear();
                }
                self.rates.push((rates, json));
                self.rates.len().saturating_sub(1)
            }
        };
        Ok(self.rates.get(index).map_or("{}", |(_, json)| json))
    }
}

/// The columns that are not empty in every row, one bit for each.
fn not_empty(values: &[Value], width: usize) -> u128 {
    values.chunks(width).fold(0, |named, row| {
        (0..)
            .zip(row)
            .filter(|(_, value)| !is_empty(value))
            .fold(named, |named, (bit, _)| named | (1_u128 << bit))
    })
}

fn is_empty(value: &Value) -> bool {
    matches!(
        value,
        Value::String(None) | Value::BigInt(None) | Value::Uuid(None)
    )
}

/// `INSERT INTO … VALUES …` for so many rows.
pub(super) fn insert_into(
    backend: DbBackend,
    table: &str,
    columns: &[&str],
    rows: usize,
) -> String {
    let mut next = 0_usize;
    let mut row = || {
        let places: Vec<String> = columns
            .iter()
            .map(|_| {
                next = next.saturating_add(1);
                match backend {
                    DbBackend::Postgres => format!("${next}"),
                    _ => "?".to_owned(),
                }
            })
            .collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(|_| row()).collect();
    format!(
        "INSERT INTO {table} ({}) VALUES {}",
        columns.join(", "),
        rows.join(", ")
    )
}

/// Text.
pub(super) fn text(text: &str) -> Value {
    Value::String(Some(text.to_owned()))
}

fn text_or_null(text: Option<&String>) -> Value {
    Value::String(text.cloned())
}

/// A count, held at the largest that the database can have.
fn number(count: Option<u64>) -> Value {
    Value::BigInt(count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
}

fn money(amount: Option<NanoUsd>) -> Value {
    Value::BigInt(amount.map(|amount| amount.0))
}
