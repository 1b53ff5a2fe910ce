//! The sums over a batch, added to those that are kept.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Bucket, PerBucket,
    call::{Call, Outcome},
    pricing::PriceState,
};
use sea_orm::DbBackend;
use uuid::Uuid;

use super::{
    inserter::{Columns, Inserter, Row, places},
    reprice::PricedAgain,
    transaction::Transaction,
};
use crate::{
    StoreError, columns,
    time::to_us,
    usage::{
        Kept,
        checksum::{Checksum, SumsKey, TEXTS},
        levels::{Dimension, Level, QUARTER_US, Span},
    },
};

/// Whose calls, of which level, and from when on, in the order of rows. What the level does not tell apart is
/// empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key<'a> {
    level: i64,
    start_us: i64,
    user: &'a str,
    agent: &'a str,
    provider: &'a str,
    model: &'a str,
    provider_type: &'static str,
    outcome: &'static str,
    price_state: &'static str,
    token: Uuid,
}

impl<'a> Key<'a> {
    fn of(call: &'a Call, level: &Level, start_us: i64) -> Self {
        let start = &call.start;
        let mut key = Self {
            level: level.id,
            start_us,
            ..Self::default()
        };
        for dimension in level.side.dimensions() {
            match dimension {
                Dimension::Provider => {
                    key.provider = start.provider.as_str();
                    key.provider_type = start.provider_type.key();
                }
                Dimension::Model => key.model = start.model.as_deref().unwrap_or_default(),
                Dimension::Outcome => key.outcome = call.outcome.key(),
                Dimension::PriceState => key.price_state = call.price_state.key(),
                Dimension::Agent => key.agent = start.agent.as_deref().unwrap_or_default(),
                Dimension::User => key.user = start.user.as_deref().unwrap_or_default(),
                Dimension::Token => key.token = start.token.map_or(Uuid::nil(), |token| token.0),
            }
        }
        key
    }

    fn texts(&self) -> [&'a str; TEXTS] {
        [
            self.user,
            self.agent,
            self.provider,
            self.model,
            self.provider_type,
            self.outcome,
            self.price_state,
        ]
    }
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

    /// What takes these away where it is added.
    fn negated(&self) -> Self {
        let minus = |sum: i64| sum.saturating_neg();
        Self {
            requests: minus(self.requests),
            priced: minus(self.priced),
            estimated: minus(self.estimated),
            unpriced: minus(self.unpriced),
            not_billed: minus(self.not_billed),
            cost_total: minus(self.cost_total),
            tokens_total: minus(self.tokens_total),
            searches: minus(self.searches),
            tokens: PerBucket::from_fn(|bucket| minus(*self.tokens.get(bucket))),
            reasoning: minus(self.reasoning),
            cost: PerBucket::from_fn(|bucket| minus(*self.cost.get(bucket))),
            cost_reasoning: minus(self.cost_reasoning),
            cost_searches: minus(self.cost_searches),
        }
    }

    /// In the order of [`columns::sums`].
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
pub(super) struct Adder {
    live: Inserter,
    sealed: Inserter,
}

impl Adder {
    pub(super) fn new(backend: DbBackend) -> Self {
        let inserter = |table, tail| {
            let columns = columns::SUMS_KEY.iter().copied().chain(columns::sums());
            Inserter::new(backend, table, columns, tail).zero_is_empty(columns::SUMS_KEY.len())
        };
        Self {
            live: inserter("usage_quarters", |named| add("usage_quarters", named)),
            sealed: inserter("usage_sealed", |named| add("usage_sealed", named)),
        }
    }

    /// Adds calls that were not there before: each to the live levels, and late ones to those that are
    /// sealed beyond them, and to the checksums where the live ones are sealed, too.
    pub(super) async fn add(
        &mut self,
        transaction: &mut Transaction,
        levels: &[Level],
        calls: &[Box<Call>],
    ) -> Result<(), StoreError> {
        let calls = calls.iter().map(|call| (&**call, Sums::of(call)));
        self.add_sums(transaction, levels, sums(levels, calls)?)
            .await
    }

    /// Takes calls out as they were and adds them as they are now.
    pub(super) async fn replace(
        &mut self,
        transaction: &mut Transaction,
        levels: &[Level],
        calls: &[&PricedAgain],
    ) -> Result<(), StoreError> {
        let calls = calls.iter().flat_map(|call| {
            let before = (&call.before, Sums::of(&call.before).negated());
            [before, (&call.after, Sums::of(&call.after))]
        });
        let mut differences = sums(levels, calls)?;
        for sums in [&mut differences.0, &mut differences.1] {
            sums.retain(|(_, sums)| sums.values().any(|sum| sum != 0));
        }
        self.add_sums(transaction, levels, differences).await
    }

    async fn add_sums(
        &mut self,
        transaction: &mut Transaction,
        levels: &[Level],
        (live, sealed): (Keyed<'_>, Keyed<'_>),
    ) -> Result<(), StoreError> {
        self.live.insert(transaction, &live).await?;
        self.sealed.insert(transaction, &sealed).await?;
        for (start_us, checksum) in checksums(levels, &live) {
            add_checksum(transaction, start_us, checksum).await?;
        }
        Ok(())
    }
}

/// What live sums add to the checksums of quarter hours whose calls are deleted.
fn checksums(levels: &[Level], live: &[(Key<'_>, Sums)]) -> BTreeMap<i64, Checksum> {
    let deleted_until_us = Kept::of(levels).calls_from_us;
    let mut checksums: BTreeMap<i64, Checksum> = BTreeMap::new();
    for (key, sums) in live
        .iter()
        .filter(|(key, _)| key.start_us < deleted_until_us)
    {
        let of_key = levels.iter().find(|level| level.id == key.level);
        if let Some(level) = of_key {
            let of = SumsKey {
                side: level.side,
                start_us: key.start_us,
                texts: key.texts(),
                token: key.token,
            };
            let checksum = checksums.entry(key.start_us).or_default();
            checksum.add(&of, sums.values());
        }
    }
    checksums
}

/// Adds a part to the checksum of a quarter hour.
async fn add_checksum(
    transaction: &mut Transaction,
    start_us: i64,
    checksum: Checksum,
) -> Result<(), StoreError> {
    let backend = transaction.backend();
    let mut arguments = transaction.arguments();
    arguments.add(start_us)?;
    arguments.add(checksum.bytes())?;
    let sql = format!(
        "INSERT INTO usage_checksums (start_us, checksum) VALUES ({})",
        places(backend, 0, 2)
    );
    transaction.execute(sql.into(), arguments).await?;
    Ok(())
}

/// What adds the named sums to those that are kept in a table.
pub(super) fn add(table: &str, named: &[&str]) -> String {
    let sums: Vec<String> = columns::sums()
        .filter(|sum| named.contains(sum))
        .map(|sum| format!("{sum} = {table}.{sum} + excluded.{sum}"))
        .collect();
    let change = if sums.is_empty() {
        "NOTHING".to_owned()
    } else {
        format!("UPDATE SET {}", sums.join(", "))
    };
    format!("ON CONFLICT ({}) DO {change}", columns::SUMS_KEY.join(", "))
}

impl Row for (Key<'_>, Sums) {
    /// In the order of [`columns::SUMS_KEY`] and [`columns::sums`].
    fn tell(&self, columns: &mut impl Columns) {
        let (key, sums) = self;
        columns.number(Some(key.level));
        columns.number(Some(key.start_us));
        for text in key.texts() {
            columns.text(Some(text));
        }
        columns.id(Some(key.token));
        for sum in sums.values() {
            columns.number(Some(sum));
        }
    }
}

type Keyed<'a> = Vec<(Key<'a>, Sums)>;

/// The sums over calls for every level that has them already, live ones and sealed ones, each in the order
/// of their keys.
fn sums<'a>(
    levels: &[Level],
    calls: impl Iterator<Item = (&'a Call, Sums)>,
) -> Result<(Keyed<'a>, Keyed<'a>), StoreError> {
    let mut live: HashMap<Key<'a>, Sums> = HashMap::new();
    let mut sealed: HashMap<Key<'a>, Sums> = HashMap::new();
    // The calendar is asked once for each quarter hour.
    let mut starts: HashMap<(i64, i64), i64> = HashMap::new();
    for (call, of_call) in calls {
        let at_us = to_us(call.start.started_at);
        let quarter = at_us.saturating_sub(at_us.rem_euclid(QUARTER_US));
        for level in levels.iter().filter(|level| quarter < level.until_us()) {
            let (sums, start_us) = if level.span == Span::Quarter {
                (&mut live, quarter)
            } else {
                let start_us = match starts.get(&(level.id, quarter)) {
                    Some(start_us) => *start_us,
                    None => level.floor(quarter)?,
                };
                starts.insert((level.id, quarter), start_us);
                (&mut sealed, start_us)
            };
            let key = Key::of(call, level, start_us);
            sums.entry(key).or_default().add(&of_call);
        }
    }
    let in_order = |sums: HashMap<Key<'a>, Sums>| {
        let mut sums: Keyed<'a> = sums.into_iter().collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        sums
    };
    Ok((in_order(live), in_order(sealed)))
}
