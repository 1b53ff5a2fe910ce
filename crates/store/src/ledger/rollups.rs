//! The sums over a batch, added to those that are kept.

use std::collections::HashMap;

use domain::{
    Bucket, PerBucket,
    call::{Call, Outcome},
    pricing::PriceState,
};
use sea_orm::DbBackend;
use uuid::Uuid;

use super::{
    inserter::{Columns, Inserter, Row},
    transaction::Transaction,
};
use crate::{
    StoreError, columns,
    time::to_us,
    usage::{SPANS_MINUTES, span_start},
};

/// Whose calls, and from when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'a> {
    minutes: i64,
    start_us: i64,
    provider: &'a str,
    provider_type: &'static str,
    model: &'a str,
    agent: &'a str,
    user: &'a str,
    token: Uuid,
}

/// What calls add to the sums.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    requests: i64,
    priced: i64,
    estimated: i64,
    unpriced: i64,
    not_billed: i64,
    cost_total: i64,
    tokens_total: i64,
    searches: i64,
    tokens: PerBucket<i64>,
    reasoning: i64,
    cost: PerBucket<i64>,
    cost_reasoning: i64,
    cost_searches: i64,
}

impl Sums {
    fn of(call: &Call) -> Self {
        let count = |count: Option<u64>| i64::try_from(count.unwrap_or(0)).unwrap_or(i64::MAX);
        let is = |state| i64::from(call.price_state == state);
        let usage = &call.usage;
        let mut sums = Self {
            requests: i64::from(call.outcome != Outcome::Rejected),
            priced: is(PriceState::Priced),
            estimated: is(PriceState::Estimated),
            unpriced: is(PriceState::Unpriced),
            not_billed: is(PriceState::NotBilled),
            tokens_total: count(Some(usage.total_tokens())),
            searches: count(usage.searches),
            tokens: PerBucket::from_fn(|bucket| count(*usage.tokens.get(bucket))),
            reasoning: count(usage.reasoning),
            ..Self::default()
        };
        // The known parts of a call whose total is not known are no spend.
        if let Some(total) = call.charge.total {
            let nano = |cost: Option<domain::NanoUsd>| cost.unwrap_or_default().0;
            sums.cost_total = total.0;
            sums.cost = PerBucket::from_fn(|bucket| nano(*call.charge.cost.get(bucket)));
            sums.cost_reasoning = nano(call.charge.reasoning);
            sums.cost_searches = nano(call.charge.searches);
        }
        sums
    }

    fn add(&mut self, other: &Self) {
        let add = |sum: &mut i64, more: i64| *sum = sum.saturating_add(more);
        add(&mut self.requests, other.requests);
        add(&mut self.priced, other.priced);
        add(&mut self.estimated, other.estimated);
        add(&mut self.unpriced, other.unpriced);
        add(&mut self.not_billed, other.not_billed);
        add(&mut self.cost_total, other.cost_total);
        add(&mut self.tokens_total, other.tokens_total);
        add(&mut self.searches, other.searches);
        add(&mut self.reasoning, other.reasoning);
        add(&mut self.cost_reasoning, other.cost_reasoning);
        add(&mut self.cost_searches, other.cost_searches);
        for bucket in Bucket::ALL {
            add(self.tokens.get_mut(*bucket), *other.tokens.get(*bucket));
            add(self.cost.get_mut(*bucket), *other.cost.get(*bucket));
        }
    }

    /// In the order of [`columns::rollup_sums`].
    fn values(&self) -> impl Iterator<Item = i64> {
        [
            self.requests,
            self.priced,
            self.estimated,
            self.unpriced,
            self.not_billed,
            self.cost_total,
            self.tokens_total,
            self.searches,
        ]
        .into_iter()
        .chain(self.tokens.iter().map(|(_, count)| *count))
        .chain([self.reasoning])
        .chain(self.cost.iter().map(|(_, cost)| *cost))
        .chain([self.cost_reasoning, self.cost_searches])
    }
}

/// Adds calls to the sums.
#[derive(Debug)]
pub(super) struct Adder(Inserter);

impl Adder {
    pub(super) fn new(backend: DbBackend) -> Self {
        let columns = columns::ROLLUP_KEY.iter().copied();
        let columns = columns.chain(columns::rollup_sums());
        let inserter = Inserter::new(backend, "usage_rollups", columns, add);
        Self(inserter.zero_is_empty(columns::ROLLUP_KEY.len()))
    }

    /// Adds calls that were not there before.
    pub(super) async fn add(
        &mut self,
        transaction: &mut Transaction,
        calls: &[Box<Call>],
    ) -> Result<(), StoreError> {
        self.0.insert(transaction, &sums(calls)).await?;
        Ok(())
    }
}

/// What adds the named sums to those that are kept.
fn add(named: &[&str]) -> String {
    let sums: Vec<String> = columns::rollup_sums()
        .filter(|sum| named.contains(sum))
        .map(|sum| format!("{sum} = usage_rollups.{sum} + excluded.{sum}"))
        .collect();
    let change = if sums.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", sums.join(", "))
    };
    format!(
        "ON CONFLICT ({}) DO {change}",
        columns::ROLLUP_KEY.join(", ")
    )
}

impl Row for (Key<'_>, Sums) {
    /// In the order of [`columns::ROLLUP_KEY`] and [`columns::rollup_sums`].
    fn tell(&self, columns: &mut impl Columns) {
        let (key, sums) = self;
        columns.number(Some(key.minutes));
        columns.number(Some(key.start_us));
        for text in [
            key.provider,
            key.provider_type,
            key.model,
            key.agent,
            key.user,
        ] {
            columns.text(Some(text));
        }
        columns.id(Some(key.token));
        for sum in sums.values() {
            columns.number(Some(sum));
        }
    }
}

/// The sums over calls for every span, in the order of their keys.
fn sums(calls: &[Box<Call>]) -> Vec<(Key<'_>, Sums)> {
    let mut all: HashMap<Key<'_>, Sums> = HashMap::new();
    let [quarter, longer @ ..] = SPANS_MINUTES;
    for call in calls {
        all.entry(key(call, quarter))
            .or_default()
            .add(&Sums::of(call));
    }
    let quarters: Vec<(Key<'_>, Sums)> = all.iter().map(|(key, sums)| (*key, *sums)).collect();
    for (key, sums) in quarters {
        for minutes in longer {
            let start_us = span_start(key.start_us, minutes);
            let key = Key {
                minutes,
                start_us,
                ..key
            };
            all.entry(key).or_default().add(&sums);
        }
    }
    let mut all: Vec<(Key<'_>, Sums)> = all.into_iter().collect();
    all.sort_unstable_by_key(|(key, _)| (key.minutes, key.start_us));
    all
}

fn key(call: &Call, minutes: i64) -> Key<'_> {
    let start = &call.start;
    Key {
        minutes,
        start_us: span_start(to_us(start.started_at), minutes),
        provider: start.provider.as_str(),
        provider_type: start.provider_type.key(),
        model: start.model.as_deref().unwrap_or_default(),
        agent: start.agent.as_deref().unwrap_or_default(),
        user: start.user.as_deref().unwrap_or_default(),
        token: start.token.map_or(Uuid::nil(), |token| token.0),
    }
}
