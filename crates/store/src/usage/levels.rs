//! The levels at which sums over calls are kept: which dimensions they tell apart (the side), and over how
//! long a span.
//!
//! Two levels are live: with every call the ledger's writer adds to its quarter hour, of the calls by how
//! they ended and of all calls. All others are sealed: once a span is over, they are made from shorter ones,
//! up to the level's watermark, and a call that comes late is added to each level whose watermark lies
//! behind it. So at any moment a level has exactly the calls before its watermark.
//!
//! Hours are UTC's; days, weeks from Monday and months are those of the report's zone. [`KEPT`] is the whole
//! list, chosen by what the console's views need and by what each costs.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::{
    query::BucketSize,
    zone::{ReportZone, after},
};
use crate::{
    StoreError,
    error::database,
    time::{from_us, to_us},
};

/// The setting that names the report's zone.
pub(crate) const ZONE_SETTING: &str = "report_time_zone";

/// How long a quarter hour is.
pub(crate) const QUARTER_US: i64 = 15 * 60_000_000;
/// How long an hour is.
pub(crate) const HOUR_US: i64 = 4 * QUARTER_US;

/// The levels that there are, each side with its spans. Where several sides have what a query needs, the
/// first is read: they stand in the order of their size.
pub(crate) const KEPT: &[(Side, &[Span])] = &[
    (Side::Provider, LONGER),
    (Side::Agent, LONGER),
    (Side::Model, LONGER),
    (Side::Token, LONGER),
    (Side::User, LONGER),
    (Side::Ends, &[Span::Quarter]),
    (Side::AgentModel, LONGER),
    (Side::UserModel, FROM_A_DAY_ON),
    (Side::UserAgent, FROM_A_DAY_ON),
    // No weeks: hardly two calls a week have all of them in common.
    (Side::UserAgentModel, &[Span::Day, Span::Month]),
    (Side::All, &[Span::Quarter]),
];
const LONGER: &[Span] = &[Span::Hour, Span::Day, Span::Week, Span::Month];
const FROM_A_DAY_ON: &[Span] = &[Span::Day, Span::Week, Span::Month];

/// What calls are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    /// The provider, and its type.
    Provider,
    Model,
    Outcome,
    PriceState,
    Agent,
    User,
    Token,
}

impl Dimension {
    /// Its columns in the key of sums.
    pub(crate) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["provider", "provider_type"],
            Self::Model => &["model"],
            Self::Outcome => &["outcome"],
            Self::PriceState => &["price_state"],
            Self::Agent => &["agent"],
            Self::User => &["user_name"],
            Self::Token => &["token"],
        }
    }
}

macro_rules! sides {
    ($($(#[$doc:meta])* $side:ident = $key:literal by $($dimension:ident)+,)+) => {
        /// A set of dimensions that sums are kept for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Side { $($(#[$doc])* $side,)+ }

        impl Side {
            /// Its name in `usage_levels`.
            pub(crate) const fn key(self) -> &'static str {
                match self { $(Self::$side => $key,)+ }
            }

            fn of(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$side),)+ _ => None }
            }

            /// What it tells apart.
            pub(crate) const fn dimensions(self) -> &'static [Dimension] {
                match self { $(Self::$side => &[$(Dimension::$dimension),+],)+ }
            }
        }
    };
}

sides! {
    /// How calls ended, by model.
    Ends = "ends" by Provider Model Outcome PriceState,
    /// Whatever a query can ask for.
    All = "all" by Provider Model Agent User Token,
    Provider = "provider" by Provider,
    Model = "model" by Provider Model,
    Agent = "agent" by Agent,
    AgentModel = "agent_model" by Agent Provider Model,
    User = "user" by User,
    UserModel = "user_model" by User Provider Model,
    UserAgent = "user_agent" by User Agent,
    UserAgentModel = "user_agent_model" by User Agent Provider Model,
    Token = "token" by Token,
}

impl Side {
    /// The live side that has what this one needs.
    pub(crate) fn live(self) -> Self {
        if Self::Ends.tells(self.dimensions()) {
            Self::Ends
        } else {
            Self::All
        }
    }

    /// Whether a day has about as many sums as calls.
    const fn is_wide(self) -> bool {
        matches!(
            self,
            Self::UserModel | Self::UserAgent | Self::UserAgentModel | Self::All
        )
    }

    /// Whether it tells all of these apart.
    pub(crate) fn tells(self, needed: &[Dimension]) -> bool {
        needed
            .iter()
            .all(|dimension| self.dimensions().contains(dimension))
    }

    /// Whether it tells apart what stands in this column of the key.
    pub(crate) fn has_column(self, column: &str) -> bool {
        self.dimensions()
            .iter()
            .any(|dimension| dimension.columns().contains(&column))
    }
}

/// A length of time that sums are kept for, shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Span {
    Quarter,
    Hour,
    Day,
    Week,
    Month,
}

impl Span {
    const ALL: [Self; 5] = [
        Self::Quarter,
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// Its name in `usage_levels`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Quarter => "quarter",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// How long each is, where all are the same.
    pub(crate) const fn length_us(self) -> Option<i64> {
        match self {
            Self::Quarter => Some(QUARTER_US),
            Self::Hour => Some(HOUR_US),
            Self::Day | Self::Week | Self::Month => None,
        }
    }

    const fn size(self) -> BucketSize {
        match self {
            Self::Quarter | Self::Hour => BucketSize::Hour,
            Self::Day => BucketSize::Day,
            Self::Week => BucketSize::Week,
            Self::Month => BucketSize::Month,
        }
    }
}

/// One level: a side over a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) id: i64,
    pub(crate) side: Side,
    pub(crate) span: Span,
    /// Whose days they are; UTC for quarter hours and hours.
    pub(crate) zone: ReportZone,
    /// Up to where it has every call. `None`: not begun. Of live levels, which have every call: up to where
    /// calls are deleted, so that their sums stay as they are.
    pub(crate) sealed_until_us: Option<i64>,
    /// Sums of spans that begin before it are deleted; told of live levels, for all. `None`: none are.
    pub(crate) kept_from_us: Option<i64>,
    /// Whether it is being removed, since the report's zone is another one now.
    pub(crate) dropping: bool,
}

impl Level {
    /// The table in which its sums are.
    pub(crate) const fn table(&self) -> &'static str {
        match self.span {
            Span::Quarter => "usage_quarters",
            Span::Hour | Span::Day | Span::Week | Span::Month => "usage_sealed",
        }
    }

    /// Whether it has every call that began before its watermark, and may be read.
    pub(crate) fn until_us(&self) -> i64 {
        match (self.span, self.dropping) {
            (Span::Quarter, _) => i64::MAX,
            (_, true) => i64::MIN,
            (_, false) => self.sealed_until_us.unwrap_or(i64::MIN),
        }
    }

    /// What it is made from, once a span is over. `None`: it is live, and made from the calls.
    pub(crate) fn made_from(&self) -> Option<(Side, Span)> {
        match self.span {
            Span::Quarter => None,
            Span::Hour | Span::Day => Some((self.side.live(), Span::Quarter)),
            // A whole day of those would hold the writer up.
            Span::Week | Span::Month if self.side.is_wide() => {
                Some((self.side.live(), Span::Quarter))
            }
            Span::Week | Span::Month => Some((self.side, Span::Day)),
        }
    }

    /// The same over the spans by which it is sealed: weeks and months day by day.
    pub(crate) fn in_short_spans(&self) -> Self {
        let span = match self.span {
            Span::Week | Span::Month => Span::Day,
            span => span,
        };
        Self {
            span,
            ..self.clone()
        }
    }

    /// Where the span begins that contains a moment.
    pub(crate) fn floor(&self, at_us: i64) -> Result<i64, StoreError> {
        match self.span.length_us() {
            Some(length) => Ok(at_us.saturating_sub(at_us.rem_euclid(length))),
            None => Ok(to_us(self.zone.floor(moment(at_us)?, self.span.size())?)),
        }
    }

    /// Where the span after the one that begins here begins.
    pub(crate) fn next(&self, start_us: i64) -> Result<i64, StoreError> {
        match self.span.length_us() {
            Some(length) => Ok(start_us.saturating_add(length)),
            None => Ok(to_us(after(
                &self.zone,
                self.span.size(),
                moment(start_us)?,
            )?)),
        }
    }
}

fn moment(us: i64) -> Result<Timestamp, StoreError> {
    from_us("usage_levels", us)
}

/// The query for every level that there is, live ones first.
pub(crate) const ALL: &str = "SELECT id, side, span, zone, sealed_until_us, dropping, kept_from_us FROM usage_levels ORDER BY id";

/// Every level that there is, live ones first.
pub(crate) async fn all(connection: &impl ConnectionTrait) -> Result<Vec<Level>, StoreError> {
    let asked = Statement::from_string(connection.get_database_backend(), ALL);
    read(connection.query_all_raw(asked).await.map_err(database)?)
}

/// What the query for [`ALL`] answers.
pub(crate) fn read(rows: Vec<QueryResult>) -> Result<Vec<Level>, StoreError> {
    let mut levels = vec![];
    for row in rows {
        let (side, span, zone): (String, String, String) = (
            row.try_get_by_index(1).map_err(database)?,
            row.try_get_by_index(2).map_err(database)?,
            row.try_get_by_index(3).map_err(database)?,
        );
        let side = Side::of(&side);
        let span = Span::ALL.into_iter().find(|known| known.key() == span);
        let zone = if zone.is_empty() {
            Ok(ReportZone::utc())
        } else {
            ReportZone::new(&zone)
        };
        let (Some(side), Some(span), Ok(zone)) = (side, span, zone) else {
            return Err(StoreError::unreadable("usage_levels", "an unknown level"));
        };
        levels.push(Level {
            id: row.try_get_by_index(0).map_err(database)?,
            side,
            span,
            zone,
            sealed_until_us: row.try_get_by_index(4).map_err(database)?,
            dropping: row.try_get_by_index(5).map_err(database)?,
            kept_from_us: row.try_get_by_index(6).map_err(database)?,
        });
    }
    Ok(levels)
}
