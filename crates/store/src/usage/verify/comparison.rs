//! Comparing the sums of one level with what they are made from.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};
use uuid::Uuid;

use super::Difference;
use crate::{
    StoreError, columns,
    error::database,
    time::from_us,
    usage::{levels::Level, pieces::From, source::value},
};

/// What is compared at once: the sums of a level that begin within a stretch of time.
pub(super) struct Comparison<'a> {
    pub(super) backend: DbBackend,
    pub(super) level: &'a Level,
    /// What it is made from. `None`: the rows.
    pub(super) source: Option<&'a Level>,
    pub(super) from_us: i64,
    pub(super) to_us: i64,
}

/// What the key of a sum tells apart, behind level and start.
const KEY: [&str; 8] = [
    "provider",
    "provider_type",
    "model",
    "outcome",
    "price_state",
    "agent",
    "user_name",
    "token",
];

impl Comparison<'_> {
    /// Finds the sums that differ: what should be there less what is, by key, where that is not nothing.
    pub(super) async fn run(
        &self,
        transaction: &DatabaseTransaction,
        differences: &mut Vec<Difference>,
    ) -> Result<(), StoreError> {
        let net: Vec<String> = columns::sums().map(|sum| format!("SUM({sum})")).collect();
        let differs: Vec<String> = net.iter().map(|sum| format!("{sum} <> 0")).collect();
        let key = KEY.join(", ");
        let sql = format!(
            "SELECT start_us, {key} FROM ({} UNION ALL {}) AS both_sides \
             GROUP BY start_us, {key} HAVING {}",
            self.expected(""),
            self.kept("-"),
            differs.join(" OR ")
        );
        let backend = self.backend;
        let found = transaction
            .query_all_raw(Statement::from_string(backend, sql))
            .await
            .map_err(database)?;
        if found.is_empty() {
            return Ok(());
        }
        // That is rare, and then the figures themselves are wanted.
        for row in &found {
            let (start_us, texts, token) = read_key(row).map_err(database)?;
            let expected = self.of_key(transaction, &self.expected(""), row).await?;
            let kept = self.of_key(transaction, &self.kept(""), row).await?;
            for ((sum, rows), kept) in columns::sums().zip(expected).zip(kept) {
                if rows != kept {
                    differences.push(Difference {
                        level: format!("{} by {}", self.level.side.key(), self.level.span.key()),
                        start: from_us("usage_levels", start_us)?,
                        key: describe(&texts, token),
                        sum,
                        rows,
                        kept,
                    });
                }
            }
        }
        Ok(())
    }

    /// A query for what the level should have, as rows with one start, key and sums each.
    fn expected(&self, sign: &str) -> String {
        let (from, table, time) = match self.source {
            None => (From::Rows, "calls", "started_at_us"),
            Some(level) => (From::Level(level), level.table(), "start_us"),
        };
        let start = match self.level.span.length_us() {
            Some(length) => format!(
                "{} + ({time} - {}) / {length} * {length}",
                self.from_us, self.from_us
            ),
            None => self.from_us.to_string(),
        };
        let end_us = Ord::min(self.to_us, self.level.until_us());
        let mut conditions = vec![format!("{time} >= {} AND {time} < {end_us}", self.from_us)];
        if let Some(level) = self.source {
            conditions.push(format!("level = {}", level.id));
        }
        self.part(from, &start, table, &conditions, sign)
    }

    /// A query for what the level has.
    fn kept(&self, sign: &str) -> String {
        let conditions = [
            format!("level = {}", self.level.id),
            format!("start_us >= {} AND start_us < {}", self.from_us, self.to_us),
        ];
        let (from, table) = (From::Level(self.level), self.level.table());
        self.part(from, "start_us", table, &conditions, sign)
    }

    fn part(
        &self,
        from: From<'_>,
        start: &str,
        table: &str,
        conditions: &[String],
        sign: &str,
    ) -> String {
        let nobody = match self.backend {
            DbBackend::Postgres => "CAST('00000000-0000-0000-0000-000000000000' AS uuid)",
            _ => "X'00000000000000000000000000000000'",
        };
        let mut values = vec![format!("{start} AS start_us")];
        for column in KEY {
            let told = self.level.side.has_column(column);
            values.push(match (column, told, from) {
                ("token", false, _) => format!("NULLIF({nobody}, {nobody}) AS token"),
                (_, false, _) => format!("'' AS {column}"),
                // No token is the UUID of zeros in sums, and missing in rows.
                ("token", true, From::Level(_)) => format!("NULLIF(token, {nobody}) AS token"),
                ("token", true, From::Rows) => "token".to_owned(),
                (_, true, From::Rows) => format!("COALESCE({column}, '') AS {column}"),
                (_, true, From::Level(_)) => column.to_owned(),
            });
        }
        values.extend(
            columns::sums().map(|sum| format!("{sign}COALESCE({}, 0) AS {sum}", value(from, sum))),
        );
        format!(
            "SELECT {} FROM {table} WHERE {}",
            values.join(", "),
            conditions.join(" AND ")
        )
    }

    /// The sums of one key of a query for some.
    async fn of_key(
        &self,
        transaction: &DatabaseTransaction,
        part: &str,
        key: &QueryResult,
    ) -> Result<Vec<i64>, StoreError> {
        let (start_us, texts, token) = read_key(key).map_err(database)?;
        let sums: Vec<String> = columns::sums()
            .map(|sum| format!("CAST(COALESCE(SUM({sum}), 0) AS BIGINT)"))
            .collect();
        let backend = self.backend;
        let mut values: Vec<sea_orm::Value> = vec![];
        let mut conditions = vec![format!("start_us = {start_us}")];
        for (column, text) in KEY.iter().zip(texts) {
            values.push(text.into());
            conditions.push(format!("{column} = {}", place(backend, values.len())));
        }
        match token {
            None => conditions.push("token IS NULL".to_owned()),
            Some(token) => {
                values.push(token.into());
                conditions.push(format!("token = {}", place(backend, values.len())));
            }
        }
        let sql = format!(
            "SELECT {} FROM ({part}) AS one_side WHERE {}",
            sums.join(", "),
            conditions.join(" AND ")
        );
        let row = transaction
            .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
            .await
            .map_err(database)?;
        let Some(row) = row else { return Ok(vec![]) };
        (0..sums.len())
            .map(|column| row.try_get_by_index(column).map_err(database))
            .collect()
    }
}

fn place(backend: DbBackend, number: usize) -> String {
    match backend {
        DbBackend::Postgres => format!("${number}"),
        _ => "?".to_owned(),
    }
}

/// Start, texts and token of a row that begins with them.
fn read_key(row: &QueryResult) -> Result<(i64, [String; 7], Option<Uuid>), DbErr> {
    let text = |column| row.try_get_by_index(column);
    Ok((
        row.try_get_by_index(0)?,
        [
            text(1)?,
            text(2)?,
            text(3)?,
            text(4)?,
            text(5)?,
            text(6)?,
            text(7)?,
        ],
        row.try_get_by_index(8)?,
    ))
}

fn describe(texts: &[String], token: Option<Uuid>) -> String {
    let mut all: Vec<String> = texts
        .iter()
        .filter(|text| !text.is_empty())
        .cloned()
        .collect();
    all.extend(
        token
            .filter(|token| !token.is_nil())
            .map(|token| token.to_string()),
    );
    all.join(" ")
}
