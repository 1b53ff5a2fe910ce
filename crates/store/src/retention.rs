//! How long calls and sums are kept, and what was deleted. The deleting itself is the ledger's.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{Expr, ExprTrait, Order, Query},
};

use crate::{
    AuditEntry, Store, StoreError, audit,
    entities::setting,
    error::database,
    settings,
    time::{from_us, from_us_or_none, to_us},
    usage::{Kept, ReportZone, count_calls, levels, snapshot},
};

/// For how many days calls and sums are kept. Without a number: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// Calls.
    pub calls_days: Option<u32>,
    /// Sums over calls.
    pub sums_days: Option<u32>,
}

/// What is kept for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Calls,
    Sums,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    pub(crate) id: i64,
    /// What began before this moment is deleted.
    pub until: Timestamp,
    /// How many rows.
    pub rows: u64,
    /// Since when.
    pub begun_at: Timestamp,
    /// When it was done. `None`: it is under way.
    pub ended_at: Option<Timestamp>,
}

/// What there is, and what was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retained {
    /// How many calls there are.
    pub calls: u64,
    /// When the oldest of them began. `None`: there is none.
    pub oldest_call: Option<Timestamp>,
    /// Calls before it are deleted. `None`: none are.
    pub calls_from: Option<Timestamp>,
    /// Sums before it are deleted. `None`: none are.
    pub figures_from: Option<Timestamp>,
    /// The last deletion of calls.
    pub last_calls: Option<Deletion>,
    /// The last deletion of sums.
    pub last_sums: Option<Deletion>,
}

/// What would be deleted if calls and sums were kept for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Excess {
    /// How many calls.
    pub calls: u64,
    /// Calls before it. `None`: none are deleted.
    pub calls_until: Option<Timestamp>,
    /// Sums before it. `None`: none are deleted.
    pub sums_until: Option<Timestamp>,
}

/// How long calls and sums are kept.
#[derive(Debug)]
pub struct Retention<'a>(&'a Store);

impl Store {
    /// How long calls and sums are kept, and what was deleted.
    #[must_use]
    pub fn retention(&self) -> Retention<'_> {
        Retention(self)
    }
}

impl Kind {
    /// Its name in `deletions`, and in the audit.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Sums => "sums",
        }
    }

    const fn setting(self) -> &'static str {
        match self {
            Self::Calls => "keep_calls_days",
            Self::Sums => "keep_sums_days",
        }
    }
}

impl Keep {
    /// As it is set.
    pub(crate) async fn read(connection: &impl ConnectionTrait) -> Result<Self, StoreError> {
        let days = async |kind: Kind| {
            let row = setting::Entity::find_by_id(kind.setting().to_owned())
                .one(connection)
                .await
                .map_err(database)?;
            row.map_or(Ok(None), |row| serde_json::from_str(&row.value))
                .map_err(|error| StoreError::unreadable("settings", error))
        };
        Ok(Self {
            calls_days: days(Kind::Calls).await?,
            sums_days: days(Kind::Sums).await?,
        })
    }

    fn days(self, kind: Kind) -> Option<u32> {
        match kind {
            Kind::Calls => self.calls_days,
            Kind::Sums => self.sums_days,
        }
    }

    /// What is before it is not to be kept: whole days of the report's zone. `None`: everything is.
    pub(crate) fn until_us(
        self,
        kind: Kind,
        zone: &ReportZone,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let days = self.days(kind);
        Ok(days
            .map(|days| zone.day_before(now, days))
            .transpose()?
            .map(to_us))
    }
}

impl Retention<'_> {
    /// For how long calls and sums are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep(&self) -> Result<Keep, StoreError> {
        Keep::read(self.0.readers()).await
    }

    /// Sets for how long they are kept, and adds the audit's row of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set(&self, keep: Keep, entry: &AuditEntry) -> Result<(), StoreError> {
        let transaction = self.0.begin().await?;
        for kind in [Kind::Calls, Kind::Sums] {
            let days = serde_json::json!(keep.days(kind));
            settings::put(&transaction, kind.setting(), &days, entry.at).await?;
        }
        audit::insert(&transaction, entry).await?;
        transaction.commit().await.map_err(database)
    }

    /// Calls before it are deleted. `None`: none are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn calls_from(&self) -> Result<Option<Timestamp>, StoreError> {
        let levels = levels::all(self.0.readers()).await?;
        Ok(Kept::of(&levels).limits()?.calls_from)
    }

    /// When the oldest call began. `None`: there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oldest_call(&self) -> Result<Option<Timestamp>, StoreError> {
        let transaction = snapshot(self.0).await?;
        let kept = Kept::of(&levels::all(&transaction).await?);
        let ends = extent(&transaction, kept.calls_from_us).await?;
        transaction.commit().await.map_err(database)?;
        from_us_or_none("calls", ends.map(|(first_us, _)| first_us))
    }

    /// What there is, and what was deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn state(&self) -> Result<Retained, StoreError> {
        let transaction = snapshot(self.0).await?;
        let levels = levels::all(&transaction).await?;
        let kept = Kept::of(&levels);
        let limits = kept.limits()?;
        let ends = extent(&transaction, kept.calls_from_us).await?;
        let calls = match ends {
            Some((first_us, last_us)) => {
                count_calls(&transaction, &levels, first_us, last_us.saturating_add(1)).await?
            }
            None => 0,
        };
        let retained = Retained {
            calls,
            oldest_call: from_us_or_none("calls", ends.map(|(first_us, _)| first_us))?,
            calls_from: limits.calls_from,
            figures_from: limits.figures_from,
            last_calls: last(&transaction, Kind::Calls).await?,
            last_sums: last(&transaction, Kind::Sums).await?,
        };
        transaction.commit().await.map_err(database)?;
        Ok(retained)
    }

    /// What would be deleted at `now` if they were kept for so long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn excess(
        &self,
        keep: Keep,
        zone: &ReportZone,
        now: Timestamp,
    ) -> Result<Excess, StoreError> {
        let transaction = snapshot(self.0).await?;
        let levels = levels::all(&transaction).await?;
        let kept = Kept::of(&levels);
        let calls_until = keep.until_us(Kind::Calls, zone, now)?;
        let calls_until = calls_until.filter(|until_us| *until_us > kept.calls_from_us);
        let mut excess = Excess::default();
        if let Some(until_us) = calls_until
            && let Some((first_us, _)) = extent(&transaction, kept.calls_from_us).await?
        {
            excess.calls = count_calls(&transaction, &levels, first_us, until_us).await?;
            excess.calls_until = Some(from_us("settings", until_us)?);
        }
        let sums_until = keep.until_us(Kind::Sums, zone, now)?;
        if let Some(until_us) = sums_until.filter(|until_us| *until_us > kept.figures_from_us)
            && first_figure(&transaction, kept.figures_from_us)
                .await?
                .is_some_and(|first_us| first_us < until_us)
        {
            excess.sums_until = Some(from_us("settings", until_us)?);
        }
        transaction.commit().await.map_err(database)?;
        Ok(excess)
    }
}

/// When the first and the last call began, from a moment on.
async fn extent(
    connection: &impl ConnectionTrait,
    from_us: i64,
) -> Result<Option<(i64, i64)>, StoreError> {
    let mut ends = vec![];
    for order in [Order::Asc, Order::Desc] {
        let mut query = Query::select();
        query
            .column("started_at_us")
            .from("calls")
            .and_where(Expr::col("started_at_us").gte(from_us))
            .order_by("started_at_us", order)
            .limit(1);
        let row = connection.query_one(&query).await.map_err(database)?;
        let Some(row) = row else { return Ok(None) };
        ends.push(row.try_get_by_index::<i64>(0).map_err(database)?);
    }
    Ok(match ends.as_slice() {
        [first, last] => Some((*first, *last)),
        _ => None,
    })
}

/// Where the first sum by quarter hour begins, from a moment on.
async fn first_figure(
    connection: &impl ConnectionTrait,
    from_us: i64,
) -> Result<Option<i64>, StoreError> {
    let levels = levels::all(connection).await?;
    let live = levels
        .iter()
        .find(|level| level.span == levels::Span::Quarter);
    let Some(level) = live else { return Ok(None) };
    let mut query = Query::select();
    query
        .column("start_us")
        .from(level.table())
        .and_where(Expr::col("level").eq(level.id))
        .and_where(Expr::col("start_us").gte(from_us))
        .order_by("start_us", Order::Asc)
        .limit(1);
    let row = connection.query_one(&query).await.map_err(database)?;
    row.map(|row| row.try_get_by_index(0).map_err(database))
        .transpose()
}

/// The last deletion of a kind.
pub(crate) async fn last(
    connection: &impl ConnectionTrait,
    what: Kind,
) -> Result<Option<Deletion>, StoreError> {
    let mut query = Query::select();
    query
        .columns([
            "id",
            "until_us",
            "rows_deleted",
            "begun_at_us",
            "ended_at_us",
        ])
        .from("deletions")
        .and_where(Expr::col("what").eq(what.key()))
        .order_by("id", Order::Desc)
        .limit(1);
    let row = connection.query_one(&query).await.map_err(database)?;
    let Some(row) = row else { return Ok(None) };
    let number = |column| row.try_get_by_index::<i64>(column).map_err(database);
    let ended_at: Option<i64> = row.try_get_by_index(4).map_err(database)?;
    Ok(Some(Deletion {
        id: number(0)?,
        until: from_us("deletions", number(1)?)?,
        rows: u64::try_from(number(2)?).unwrap_or(0),
        begun_at: from_us("deletions", number(3)?)?,
        ended_at: from_us_or_none("deletions", ended_at)?,
    }))
}
