//! How each database is asked for words: SQLite by FTS5, Postgres by `tsvector`. All else is the same SQL.

use sea_orm::{
    DbBackend, Statement, Value,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};

use super::words::{Wanted, words};

/// The table of texts.
pub(super) const TEXTS: &str = "transcript_texts";

/// The column of the table of texts that says which call it is.
pub(super) const fn key(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "seq",
        _ => "rowid",
    }
}

/// How a text is put down: its columns, and what stands for each of its rows.
pub(super) fn insert(backend: DbBackend, texts: &[(i64, String)]) -> Statement {
    let mut places = vec![];
    let mut values: Vec<Value> = vec![];
    for (seq, text) in texts {
        values.push((*seq).into());
        values.push(text.as_str().into());
        if backend == DbBackend::Postgres {
            let all: Vec<_> = words(text).map(|(_, word)| word).collect();
            let next = values.len();
            places.push(format!(
                "(${}, ${next}, to_tsvector('simple', ${}))",
                next.saturating_sub(1),
                next.saturating_add(1)
            ));
            values.push(all.join(" ").into());
        } else {
            places.push("(?, ?)".to_owned());
        }
    }
    let columns = match backend {
        DbBackend::Postgres => "seq, text, words",
        _ => "rowid, text",
    };
    let places = places.join(", ");
    let sql = format!("INSERT INTO {TEXTS} ({columns}) VALUES {places}");
    Statement::from_sql_and_values(backend, sql, values)
}

/// The calls in which everything that is wanted was said, as `seq`, newest first. Every call where there is
/// nothing wanted.
pub(super) fn matches(backend: DbBackend, wanted: &Wanted) -> SelectStatement {
    let key = key(backend);
    let mut query = Query::select();
    query
        .expr_as(Expr::col(key), "seq")
        .from(TEXTS)
        .order_by(key, Order::Desc);
    if wanted.runs.is_empty() {
        return query;
    }
    let condition = match backend {
        DbBackend::Postgres => {
            Expr::cust_with_values("words @@ to_tsquery('simple', $1)", [for_postgres(wanted)])
        }
        _ => Expr::cust_with_values("transcript_texts MATCH ?", [for_sqlite(wanted)]),
    };
    query.and_where(condition);
    query
}

/// Only calls before this one.
pub(super) fn before(query: &mut SelectStatement, backend: DbBackend, seq: i64) {
    query.and_where(Expr::col(key(backend)).lt(seq));
}

/// Each run in quotes, so that no word of it is an operator.
fn for_sqlite(wanted: &Wanted) -> String {
    let runs: Vec<String> = wanted
        .runs
        .iter()
        .map(|run| format!("\"{}\"", run.join(" ")))
        .collect();
    let end = if wanted.open_end { "*" } else { "" };
    format!("{}{end}", runs.join(" "))
}

/// Words have letters and digits only, and are in quotes all the same.
fn for_postgres(wanted: &Wanted) -> String {
    let runs: Vec<String> = wanted
        .runs
        .iter()
        .map(|run| {
            let run: Vec<String> = run.iter().map(|word| format!("'{word}'")).collect();
            run.join(" <-> ")
        })
        .collect();
    let end = if wanted.open_end { ":*" } else { "" };
    format!("({}{end})", runs.join(") & ("))
}
