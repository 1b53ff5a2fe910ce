//! What is sealed at once: a stretch of a shorter level, added to a longer one.

use sea_orm::DbBackend;
use uuid::Uuid;

use super::first_from;
use crate::{
    Store, StoreError, columns,
    ledger::{inserter::places, rollups, transaction::Transaction},
    usage::levels::{HOUR_US, Level, Span},
};

/// What is to be added to a level: a stretch of a shorter one.
#[derive(Debug)]
pub(super) struct Stretch<'a> {
    to: &'a Level,
    source: &'a Level,
    from_us: i64,
    until_us: i64,
    /// Whether there is anything in it.
    empty: bool,
}

/// What is to be sealed next of a level. `None`: nothing yet.
pub(super) async fn next_stretch<'a>(
    store: &Store,
    levels: &'a [Level],
    to: &'a Level,
    now_us: i64,
    pace_us: i64,
) -> Result<Option<Stretch<'a>>, StoreError> {
    let source = to.made_from().and_then(|(side, span)| {
        levels
            .iter()
            .find(|level| level.side == side && level.span == span && !level.dropping)
    });
    let Some(source) = source else {
        return Ok(None);
    };
    let limit_us = match (source.span, source.until_us()) {
        // Of a week or month that is not over the days that are, so that nothing waits a month to be sealed.
        (Span::Quarter, _) => to.in_short_spans().floor(now_us)?,
        (_, i64::MIN) => return Ok(None),
        // A day that is sealed in part is not over.
        (_, until_us) => source.floor(until_us)?,
    };
    let begun = to.sealed_until_us.unwrap_or(i64::MIN);
    if begun >= limit_us {
        return Ok(None);
    }
    // Where nobody called there is nothing to add, however long that was.
    let Some(first_us) = first_from(store, source, begun)
        .await?
        .filter(|at| *at < limit_us)
    else {
        return Ok(to.sealed_until_us.map(|from_us| Stretch {
            to,
            source,
            from_us,
            until_us: limit_us,
            empty: true,
        }));
    };
    let from_us = Ord::max(begun, source.floor(first_us)?);
    let some = match source.span {
        Span::Quarter => from_us.saturating_add(pace_us),
        _ => source.next(from_us)?,
    };
    let next = match to.span {
        Span::Quarter | Span::Hour => some,
        Span::Day | Span::Week | Span::Month => Ord::min(some, to.next(to.floor(from_us)?)?),
    };
    Ok(Some(Stretch {
        to,
        source,
        from_us,
        until_us: Ord::min(next, limit_us),
        empty: false,
    }))
}

/// Adds a stretch to its level, and moves the watermark behind it.
pub(super) async fn seal(store: &Store, stretch: &Stretch<'_>) -> Result<(), StoreError> {
    let backend = store.backend();
    let mut transaction = Transaction::begin(store).await?;
    if !stretch.empty {
        let mut arguments = transaction.arguments();
        if !stretch.to.side.has_column("token") {
            arguments.add(Uuid::nil())?;
        }
        let sql = addition(backend, stretch)?;
        transaction.execute(sql.into(), arguments).await?;
    }
    let mut arguments = transaction.arguments();
    arguments.add(stretch.until_us)?;
    arguments.add(stretch.to.id)?;
    let sql = format!(
        "UPDATE usage_levels SET sealed_until_us = {} WHERE id = {}",
        places(backend, 0, 1),
        places(backend, 1, 1)
    );
    transaction.execute(sql.into(), arguments).await?;
    transaction.commit().await
}

/// The statement that adds a stretch to its level. Its only place is for the UUID of no token.
fn addition(backend: DbBackend, stretch: &Stretch<'_>) -> Result<String, StoreError> {
    let Stretch { to, source, .. } = stretch;
    // Every stretch lies in one day, week or month; of hours there are several.
    let start = match to.span {
        Span::Hour => {
            let first = to.floor(stretch.from_us)?;
            format!("{first} + (start_us - {first}) / {HOUR_US} * {HOUR_US}")
        }
        _ => to.floor(stretch.from_us)?.to_string(),
    };
    let mut grouped = vec![];
    if to.span == Span::Hour {
        grouped.push(start.clone());
    }
    let mut values = vec![to.id.to_string(), start];
    for column in columns::SUMS_KEY.iter().skip(values.len()) {
        let value = if to.side.has_column(column) {
            grouped.push((*column).to_owned());
            (*column).to_owned()
        } else if *column == "token" {
            places(backend, 0, 1)
        } else {
            "''".to_owned()
        };
        values.push(value);
    }
    let names: Vec<&str> = columns::sums().collect();
    values.extend(
        names
            .iter()
            .map(|sum| format!("CAST(SUM({sum}) AS BIGINT)")),
    );
    Ok(format!(
        "INSERT INTO {} ({}, {}) SELECT {} FROM {} \
         WHERE level = {} AND start_us >= {} AND start_us < {} GROUP BY {} {}",
        to.table(),
        columns::SUMS_KEY.join(", "),
        names.join(", "),
        values.join(", "),
        source.table(),
        source.id,
        stretch.from_us,
        stretch.until_us,
        grouped.join(", "),
        rollups::add(to.table(), &names)
    ))
}
