//! Which calls are looked for, and by which index they are found.
//!
//! Rows are wanted in the order of their ids, a page at a time. Each index of `calls` ends with the id,
//! so one value of one column (the drive) gives them in that order without sorting. Of a filter's columns
//! the one that is likely to leave the fewest rows drives, one query for each of its values; all others
//! are hidden from the planner behind an expression, lest it choose an index that then needs a sort.
//! Dear and slow calls stand in indexes of their own, by their ids: no value gives them in order.
//! An id is a UUIDv7 and begins with the time, so times narrow the ids as well.

use std::ops::RangeInclusive;

use domain::{
    ProviderId, TokenId,
    call::{Operation, Outcome},
    money::NanoUsd,
    pricing::PriceState,
};
use jiff::Timestamp;
use sea_orm::{
    Value,
    sea_query::{Condition, Expr, ExprTrait},
};
use uuid::Uuid;

use super::selection::{Choice, any_of, choice, none_of, opaque, values};
use crate::time::to_us;

/// How far the time in a call's id may be from the time when it started.
const ID_SLACK_MS: i64 = 60 * 60 * 1000;
/// A drive with more values than this is none: it would take as many queries.
pub(crate) const DRIVE_VALUES_MAX: usize = 40;

/// Which calls are looked for. Different fields are "and"; `None` inside a choice is "nobody said".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallFilter {
    /// By provider.
    pub providers: Choice<ProviderId>,
    /// By the model that was asked for.
    pub models: Choice<Option<String>>,
    /// By the application.
    pub agents: Choice<Option<String>>,
    /// By the person.
    pub users: Choice<Option<String>>,
    /// By gateway token.
    pub tokens: Choice<Option<TokenId>>,
    /// By the name of the endpoint, or the host, that served them.
    pub endpoints: Choice<Option<String>>,
    /// By how they ended.
    pub outcomes: Choice<Outcome>,
    /// By whether their cost is known.
    pub price_states: Choice<PriceState>,
    /// By what was asked for.
    pub operations: Choice<Operation>,
    /// By status: ranges of them.
    pub statuses: Choice<RangeInclusive<u16>>,
    /// Started at this time or later.
    pub since: Option<Timestamp>,
    /// Started before this time.
    pub until: Option<Timestamp>,
    /// Dearer than this. Calls without a known total are not.
    pub cost_above: Option<NanoUsd>,
    /// Slower than this, in microseconds.
    pub latency_above_us: Option<u64>,
    /// Recorded after the row with this place; for lists that go on.
    pub after_recorded_seq: Option<i64>,
}

/// That by whose index rows are found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Drive {
    /// One value of one column.
    Value(&'static str, Option<Value>),
    /// A condition in the very words of a partial index.
    Words(&'static str),
}

/// Calls dearer than five cents, as the index of them says it.
const DEAR: &str = "\"cost_total_nano\" > 50000000";
const DEAR_NANO: i64 = 50_000_000;
/// Calls slower than ten seconds, as the index of them says it.
const SLOW: &str = "\"latency_us\" > 10000000";
const SLOW_US: u64 = 10_000_000;
/// From this status on a call is a failure, and its outcome never `ok`.
const FAILURE: u16 = 400;

impl Drive {
    /// The queries that together give what a filter wants, each by its drive; one without where none
    /// helps.
    pub(crate) fn of(filter: &CallFilter) -> Vec<Option<Self>> {
        let rare_states = filter
            .price_states
            .any_of
            .iter()
            .all(|state| matches!(state, PriceState::Unpriced | PriceState::Estimated));
        let outcomes = filter.possible_outcomes();
        let failures = !outcomes.contains(&Outcome::Ok);
        let dear = filter
            .cost_above
            .is_some_and(|cost| cost.0 >= DEAR_NANO)
            .then_some(DEAR);
        let slow = filter
            .latency_above_us
            .is_some_and(|us| us >= SLOW_US)
            .then_some(SLOW);
        // Rows without agent or user are not in the index of those.
        let rare = [
            (
                "price_state",
                values(&filter.price_states.any_of),
                rare_states,
            ),
            ("outcome", values(&outcomes), failures),
            ("token", values(&filter.tokens.any_of), true),
            (
                "user_name",
                values(&filter.users.any_of),
                !filter.users.any_of.contains(&None),
            ),
            (
                "agent",
                values(&filter.agents.any_of),
                !filter.agents.any_of.contains(&None),
            ),
        ];
        let common = [
            ("model", values(&filter.models.any_of), true),
            ("provider", values(&filter.providers.any_of), true),
            ("operation", values(&filter.operations.any_of), true),
        ];
        let words = || dear.or(slow).map(|words| vec![Some(Self::Words(words))]);
        by_value(rare)
            .or_else(words)
            .or_else(|| by_value(common))
            .unwrap_or_else(|| vec![None])
    }

    /// What tells it from the other drives of its filter, today and in later versions.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Words(words) => (*words).to_owned(),
            Self::Value(column, None) => (*column).to_owned(),
            Self::Value(column, Some(Value::String(Some(text)))) => format!("{column} {text}"),
            Self::Value(column, Some(value)) => format!("{column} {value}"),
        }
    }

    fn column(&self) -> Option<&'static str> {
        match self {
            Self::Value(column, _) => Some(column),
            Self::Words(_) => None,
        }
    }

    fn condition(&self) -> Condition {
        match self {
            Self::Words(words) => Condition::all().add(Expr::cust(*words)),
            Self::Value(column, None) => Condition::all().add(Expr::col(*column).is_null()),
            Self::Value(column, Some(value)) => {
                let found = Condition::all().add(Expr::col(*column).eq(value.clone()));
                // The very words of the partial indexes, by which the planner knows them.
                match *column {
                    "outcome" => found.add(Expr::cust("\"outcome\" <> 'ok'")),
                    "price_state" => found.add(Expr::cust("\"price_state\" <> 'priced'")),
                    _ => found,
                }
            }
        }
    }
}

/// One drive for each value of the first column that has some and can be used.
fn by_value<const N: usize>(
    columns: [(&'static str, Vec<Option<Value>>, bool); N],
) -> Option<Vec<Option<Drive>>> {
    let (column, mut values, _) = columns.into_iter().find(|(_, values, usable)| {
        *usable && !values.is_empty() && values.len() <= DRIVE_VALUES_MAX
    })?;
    let mut drives = vec![];
    while let Some(value) = values.pop() {
        if !values.contains(&value) {
            drives.push(Some(Drive::Value(column, value)));
        }
    }
    Some(drives)
}

impl CallFilter {
    /// The outcomes that a call can have which fits.
    fn possible_outcomes(&self) -> Vec<Outcome> {
        let statuses = &self.statuses.any_of;
        let failed = !statuses.is_empty() && statuses.iter().all(|range| *range.start() >= FAILURE);
        Outcome::ALL
            .iter()
            .copied()
            .filter(|outcome| self.outcomes.takes(outcome))
            .filter(|outcome| !(failed && *outcome == Outcome::Ok))
            .collect()
    }

    /// Whether every row that a drive leads to fits, but for the time: then nothing is looked at in vain.
    pub(crate) fn is_found_by(&self, drive: Option<&Drive>) -> bool {
        let mut left = Self {
            since: None,
            until: None,
            ..self.clone()
        };
        match drive.and_then(Drive::column) {
            Some("provider") => left.providers.any_of.clear(),
            Some("model") => left.models.any_of.clear(),
            Some("agent") => left.agents.any_of.clear(),
            Some("user_name") => left.users.any_of.clear(),
            Some("token") => left.tokens.any_of.clear(),
            Some("operation") => left.operations.any_of.clear(),
            Some("price_state") => left.price_states.any_of.clear(),
            Some("outcome") => left.outcomes = Choice::default(),
            _ => {}
        }
        left == Self::default()
    }

    /// Between which ids calls can be that fit.
    pub(crate) fn ids(&self) -> (Option<Uuid>, Option<Uuid>) {
        (self.since.map(first_id), self.until.map(last_id))
    }

    /// The condition on rows, found by `drive`, with ids below `before`.
    pub(crate) fn condition(&self, drive: Option<&Drive>, before: Option<Uuid>) -> Condition {
        let mut all = Condition::all();
        if let Some(drive) = drive {
            all = all.add(drive.condition());
        }
        if let Some(before) = before {
            all = all.add(Expr::col("id").lt(before));
        }
        let choices = [
            ("provider", choice(&self.providers)),
            ("model", choice(&self.models)),
            ("agent", choice(&self.agents)),
            ("user_name", choice(&self.users)),
            ("token", choice(&self.tokens)),
            ("outcome", choice(&self.outcomes)),
            ("price_state", choice(&self.price_states)),
            ("operation", choice(&self.operations)),
            ("endpoint", choice(&self.endpoints)),
        ];
        for (column, choice) in choices {
            let driven = drive.and_then(Drive::column) == Some(column);
            if !driven {
                all = all.add(any_of(&opaque(column), choice.any_of));
            }
            all = all.add(none_of(&opaque(column), choice.none_of));
        }
        if let Some(since) = self.since {
            all = all
                .add(opaque("started_at_us").gte(to_us(since)))
                .add(Expr::col("id").gte(first_id(since)));
        }
        if let Some(until) = self.until {
            all = all
                .add(opaque("started_at_us").lt(to_us(until)))
                .add(Expr::col("id").lt(last_id(until)));
        }
        if !self.statuses.any_of.is_empty() {
            all = all.add(within(&self.statuses.any_of));
        }
        if !self.statuses.none_of.is_empty() {
            all = all.add(within(&self.statuses.none_of).not());
        }
        let numbers = [
            self.cost_above
                .map(|cost| opaque("cost_total_nano").gt(cost.0)),
            self.latency_above_us
                .map(|us| opaque("latency_us").gt(i64::try_from(us).unwrap_or(i64::MAX))),
        ];
        numbers.into_iter().flatten().fold(all, Condition::add)
    }
}

/// That a call has a status within one of these ranges.
fn within(statuses: &[RangeInclusive<u16>]) -> Condition {
    statuses.iter().fold(Condition::any(), |any, range| {
        let (from, to) = (i64::from(*range.start()), i64::from(*range.end()));
        any.add(opaque("status").between(from, to))
    })
}

/// The lowest id that a call has which started at this time or later.
fn first_id(since: Timestamp) -> Uuid {
    id_at(since.as_millisecond().saturating_sub(ID_SLACK_MS))
}

/// An id above that of every call which started before this time.
fn last_id(until: Timestamp) -> Uuid {
    id_at(until.as_millisecond().saturating_add(ID_SLACK_MS))
}

/// The lowest UUIDv7 of a millisecond; below every UUID for times before 1970.
pub(crate) fn id_at(ms: i64) -> Uuid {
    const MS_MAX: u64 = (1 << 48) - 1;
    let ms = Ord::min(u64::try_from(ms).unwrap_or(0), MS_MAX);
    Uuid::from_u128(u128::from(ms) << 80)
}
