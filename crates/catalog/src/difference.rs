//! What a catalog changes against another one: models that come and go, and each price that differs.
//!
//! Both are walked side by side in the order of their keys. Lines that are the same text are passed over
//! unread, so that two catalogs that differ little are compared in no time.

use std::{cmp::Ordering, iter::Peekable};

use domain::{
    Bucket, UsdPerMtok,
    bucket::PerBucket,
    pricing::{LongContext, RateCard, ServiceTier, TierRates},
};
use rust_decimal::Decimal;

use crate::{Catalog, CatalogModel, file};

/// What one catalog changes against another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Rows that only the new one has, in the order of kind, id and region.
    pub added: Vec<CatalogModel>,
    /// Rows that only the old one has, in the same order.
    pub removed: Vec<CatalogModel>,
    /// Rows of both that are not the same: the largest change of a price first, those whose prices stay
    /// last.
    pub changed: Vec<ModelChange>,
}

/// A row that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChange {
    /// As it was.
    pub before: CatalogModel,
    /// As it is.
    pub after: CatalogModel,
    /// The prices that differ. Empty: it is something else, such as a limit or a name.
    pub prices: Vec<PriceChange>,
}

/// One price of a rate card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// Dollars per million tokens of a bucket.
    Rate {
        /// Of which service tier. `None`: the standard one.
        tier: Option<ServiceTier>,
        /// Whether it is the rate of long prompts.
        long: bool,
        /// Of which bucket.
        bucket: Bucket,
    },
    /// Tokens above which a prompt is long.
    Threshold {
        /// For which service tier. `None`: the standard one.
        tier: Option<ServiceTier>,
    },
    /// The hours at which a tier holds of itself. Its values are not told as numbers.
    Hours {
        /// Which tier.
        tier: ServiceTier,
    },
    /// What token prices are multiplied by for a pinned geography.
    RegionalMultiplier,
    /// Dollars per thousand searches.
    Searches,
}

/// A price that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceChange {
    /// Which one.
    pub price: Price,
    /// As it was. `None`: there was none.
    pub before: Option<Decimal>,
    /// As it is. `None`: there is none any more.
    pub after: Option<Decimal>,
}

/// How large a change is. The first is the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    Lost,
    FromOrToNothing,
    /// How many times dearer or cheaper, the other way round so that more comes first.
    Times(std::cmp::Reverse<Decimal>),
    New,
    Other,
}

impl PriceChange {
    fn size(&self) -> Size {
        match (self.before, self.after) {
            (Some(_), None) => Size::Lost,
            (None, Some(_)) => Size::New,
            (None, None) => Size::Other,
            (Some(before), Some(after)) => before
                .max(after)
                .checked_div(before.min(after))
                .map_or(Size::FromOrToNothing, |times| {
                    Size::Times(std::cmp::Reverse(times))
                }),
        }
    }
}

impl ModelChange {
    fn size(&self) -> Size {
        let sizes = self.prices.iter().map(PriceChange::size);
        sizes.min().unwrap_or(Size::Other)
    }
}

impl Difference {
    /// What `after` changes against `before`.
    #[must_use]
    pub fn between(before: &Catalog, after: &Catalog) -> Self {
        let mut difference = Self::default();
        let mut old = file::lines(&before.rows).peekable();
        let mut new = file::lines(&after.rows).peekable();
        while let Some(order) = next(&mut old, &mut new) {
            match order {
                Ordering::Less => difference.removed.extend(old.next().and_then(file::parse)),
                Ordering::Greater => difference.added.extend(new.next().and_then(file::parse)),
                Ordering::Equal => {
                    let lines = old.next().zip(new.next());
                    difference.changed.extend(lines.and_then(model_change));
                }
            }
        }
        // Stable: equals stay in the order of their keys.
        difference
            .changed
            .sort_by_cached_key(|change| (change.prices.is_empty(), change.size()));
        difference
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Whose line comes next. `None`: both have ended.
fn next<'a>(
    old: &mut Peekable<impl Iterator<Item = &'a str>>,
    new: &mut Peekable<impl Iterator<Item = &'a str>>,
) -> Option<Ordering> {
    Some(match (old.peek(), new.peek()) {
        (None, None) => return None,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(old), Some(new)) => file::key(old).cmp(&file::key(new)),
    })
}

fn model_change((before, after): (&str, &str)) -> Option<ModelChange> {
    if before == after {
        return None;
    }
    let (before, after) = (file::parse(before)?, file::parse(after)?);
    let mut prices = prices(&before.card, &after.card);
    prices.sort_by_key(PriceChange::size);
    Some(ModelChange {
        before,
        after,
        prices,
    })
}

/// The prices in which two rate cards differ, in the order of a rate card.
#[must_use]
pub fn prices(before: &RateCard, after: &RateCard) -> Vec<PriceChange> {
    let mut found = Found::default();
    let standard = (Some(&before.standard), Some(&after.standard));
    found.rates(None, false, standard.0, standard.1);
    found.long(
        None,
        before.long_context.as_ref(),
        after.long_context.as_ref(),
    );
    let tier_of = |card: &RateCard, tier| card.tiers.iter().position(|one| one.tier == tier);
    let tiers = before.tiers.iter().chain(&after.tiers).map(|one| one.tier);
    let mut seen = vec![];
    for tier in tiers {
        if seen.contains(&tier) {
            continue;
        }
        seen.push(tier);
        let old = tier_of(before, tier).and_then(|place| before.tiers.get(place));
        let new = tier_of(after, tier).and_then(|place| after.tiers.get(place));
        found.tier(tier, old, new);
    }
    let multiplier = (before.regional_multiplier, after.regional_multiplier);
    found.add(Price::RegionalMultiplier, multiplier.0, multiplier.1);
    let usd = |card: &RateCard| card.searches.map(|rate| rate.usd());
    found.add(Price::Searches, usd(before), usd(after));
    found.0
}

/// Price changes as they are found.
#[derive(Default)]
struct Found(Vec<PriceChange>);

impl Found {
    fn add(&mut self, price: Price, before: Option<Decimal>, after: Option<Decimal>) {
        if before != after {
            self.0.push(PriceChange {
                price,
                before,
                after,
            });
        }
    }

    fn rates(
        &mut self,
        tier: Option<ServiceTier>,
        long: bool,
        before: Option<&PerBucket<Option<UsdPerMtok>>>,
        after: Option<&PerBucket<Option<UsdPerMtok>>>,
    ) {
        for bucket in Bucket::ALL.iter().copied() {
            let rate = |rates: Option<&PerBucket<Option<UsdPerMtok>>>| {
                rates
                    .and_then(|rates| *rates.get(bucket))
                    .map(UsdPerMtok::usd)
            };
            let price = Price::Rate { tier, long, bucket };
            self.add(price, rate(before), rate(after));
        }
    }

    fn long(
        &mut self,
        tier: Option<ServiceTier>,
        before: Option<&LongContext>,
        after: Option<&LongContext>,
    ) {
        let threshold = |long: &LongContext| Decimal::from(long.threshold);
        self.add(
            Price::Threshold { tier },
            before.map(threshold),
            after.map(threshold),
        );
        let rates = |long: Option<&'_ LongContext>| long.map(|long| long.rates);
        self.rates(tier, true, rates(before).as_ref(), rates(after).as_ref());
    }

    fn tier(&mut self, tier: ServiceTier, before: Option<&TierRates>, after: Option<&TierRates>) {
        let rates = |of: Option<&TierRates>| of.map(|of| of.rates);
        self.rates(
            Some(tier),
            false,
            rates(before).as_ref(),
            rates(after).as_ref(),
        );
        self.long(
            Some(tier),
            before.and_then(|of| of.long_context.as_ref()),
            after.and_then(|of| of.long_context.as_ref()),
        );
        let hours = |of: Option<&TierRates>| of.and_then(|of| of.hours.clone());
        if hours(before) != hours(after) {
            self.0.push(PriceChange {
                price: Price::Hours { tier },
                before: None,
                after: None,
            });
        }
    }
}
