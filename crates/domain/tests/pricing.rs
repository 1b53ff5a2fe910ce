//! What holds for every call, whatever its usage, rates, tier and size.
#![cfg(test)]

use domain::{
    Bucket, NanoUsd, PerBucket, Timestamp, UsdPerMtok, UsdPerThousand,
    pricing::{
        LongContext, PriceRequest, PriceState, Priced, RateCard, RateOverrides, RateSource,
        ServiceTier, TierRates, price,
    },
    usage::Usage,
};

use proptest::{collection, option, prelude::*, sample::select};
use rust_decimal::Decimal;
use weir_domain as domain;

type Rates = PerBucket<Option<UsdPerMtok>>;

#[derive(Debug, Clone)]
struct Case {
    usage: Usage,
    overrides: [Option<RateOverrides>; 2],
    cards: [Option<RateCard>; 2],
    tier: Option<ServiceTier>,
    at: Timestamp,
    pinned_geography: bool,
    estimated: bool,
}

impl Case {
    fn price(&self) -> Priced {
        price(&PriceRequest {
            usage: &self.usage,
            overrides: [self.overrides[0].as_ref(), self.overrides[1].as_ref()],
            cards: [self.cards[0].as_ref(), self.cards[1].as_ref()],
            tier: self.tier,
            at: self.at,
            pinned_geography: self.pinned_geography,
            billed_beside: false,
            estimated: self.estimated,
        })
    }

    fn with_override(&self, bucket: Bucket, rate: UsdPerMtok) -> Self {
        let mut case = self.clone();
        let mut overrides = case.overrides[0].unwrap_or_default();
        *overrides.get_mut(bucket) = Some(rate);
        case.overrides[0] = Some(overrides);
        case
    }
}

fn any_count() -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(0), 8 => 1_u64..2_000, 4 => 1_u64..2_000_000, 1 => any::<u64>()]
}

fn any_rate() -> impl Strategy<Value = UsdPerMtok> {
    let millionths =
        prop_oneof![1 => Just(0), 6 => 1_i64..100_000_000, 1 => Just(1_000_000_000_000)];
    millionths.prop_map(|millionths| UsdPerMtok::new(Decimal::new(millionths, 6)).unwrap())
}

fn per_bucket<T: Default + std::fmt::Debug>(
    values: impl Strategy<Value = T>,
) -> impl Strategy<Value = PerBucket<T>> {
    collection::vec(values, Bucket::ALL.len()).prop_map(|values| {
        let mut values = values.into_iter();
        PerBucket::from_fn(|_| values.next().unwrap())
    })
}

fn any_rates() -> impl Strategy<Value = Rates> {
    per_bucket(option::of(any_rate()))
}

fn any_usage() -> impl Strategy<Value = Usage> {
    let counts = per_bucket(option::of(any_count()));
    (counts, option::of(any_count()), option::of(0_u64..1_000)).prop_map(
        |(tokens, reasoning, searches)| Usage {
            tokens,
            reasoning,
            searches,
            provider_total: None,
        },
    )
}

fn any_long() -> impl Strategy<Value = Option<LongContext>> {
    let long = (1_u64..20_000, any_rates());
    option::of(long.prop_map(|(threshold, rates)| LongContext { threshold, rates }))
}

fn any_tier() -> impl Strategy<Value = ServiceTier> {
    select(vec![
        ServiceTier::Batch,
        ServiceTier::Flex,
        ServiceTier::Priority,
    ])
}

fn any_card() -> impl Strategy<Value = RateCard> {
    let tier =
        (any_tier(), any_rates(), any_long()).prop_map(|(tier, rates, long_context)| TierRates {
            tier,
            rates,
            long_context,
            hours: None,
        });
    let multiplier = option::of(Just(Decimal::new(11, 1)));
    let searches = option::of(Just("10".parse::<UsdPerThousand>().unwrap()));
    (
        any_rates(),
        any_long(),
        collection::vec(tier, 0..3),
        multiplier,
        searches,
    )
        .prop_map(
            |(standard, long_context, tiers, regional_multiplier, searches)| RateCard {
                standard,
                long_context,
                tiers,
                regional_multiplier,
                searches,
            },
        )
}

fn any_case() -> impl Strategy<Value = Case> {
    let overrides = [option::of(any_rates()), option::of(any_rates())];
    let cards = [option::of(any_card()), option::of(any_card())];
    (
        any_usage(),
        overrides,
        cards,
        option::of(any_tier()),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(usage, overrides, cards, tier, pinned_geography, estimated)| Case {
                usage,
                overrides,
                cards,
                tier,
                at: Timestamp::UNIX_EPOCH,
                pinned_geography,
                estimated,
            },
        )
}

/// The cost in whole numbers only: tokens × rate × 10⁹ / 10⁶, half to even; held at the largest amount.
fn exact_cost(tokens: u64, rate: Decimal) -> NanoUsd {
    let (factor, unit) = match rate.scale() {
        scale @ 0..=3 => (10_i128.pow(3 - scale), 1),
        scale => (1, 10_i128.pow(scale - 3)),
    };
    let product = rate
        .mantissa()
        .checked_mul(factor)
        .and_then(|n| n.checked_mul(tokens.into()));
    let Some(product) = product else {
        return NanoUsd(i64::MAX);
    };
    let (whole, rest) = (product / unit, product % unit);
    let up = rest * 2 > unit || (rest * 2 == unit && whole % 2 == 1);
    NanoUsd(i64::try_from(whole + i128::from(up)).unwrap_or(i64::MAX))
}

/// What a call costs whose model has exactly the rates that `card` applies to it.
fn plain(rates: Rates) -> RateCard {
    RateCard {
        standard: rates,
        ..RateCard::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_billed_beside_the_buckets_makes_a_call_unpriced_and_changes_no_bucket(case in any_case()) {
        let known = case.price();
        let beside = price(&PriceRequest {
            usage: &case.usage,
            overrides: [case.overrides[0].as_ref(), case.overrides[1].as_ref()],
            cards: [case.cards[0].as_ref(), case.cards[1].as_ref()],
            tier: case.tier,
            at: case.at,
            pinned_geography: case.pinned_geography,
            billed_beside: true,
            estimated: case.estimated,
        });
        prop_assert_eq!(beside.charge.total, None);
        prop_assert_eq!(beside.charge.cost, known.charge.cost);
        prop_assert!(matches!(beside.state, PriceState::Unpriced | PriceState::NotBilled));
    }

    #[test]
    fn the_buckets_add_up_to_the_total_and_state_and_total_agree(case in any_case()) {
        let Priced { usage, state, charge } = case.price();
        let sum: NanoUsd =
            charge.cost.iter().filter_map(|(_, cost)| *cost).chain(charge.searches).sum();
        let used = |bucket: Bucket| usage.tokens.get(bucket).unwrap_or(0) > 0;
        let missing = Bucket::ALL.iter().any(|b| used(*b) && charge.rates.get(*b).is_none())
            || (usage.searches.unwrap_or(0) > 0 && charge.search_rate.is_none());
        let expected = match (case.usage.is_reported(), missing, case.estimated) {
            (false, _, _) => PriceState::NotBilled,
            (true, true, _) => PriceState::Unpriced,
            (true, false, true) => PriceState::Estimated,
            (true, false, false) => PriceState::Priced,
        };
        prop_assert_eq!(state, expected);
        let known = matches!(state, PriceState::Priced | PriceState::Estimated);
        prop_assert_eq!(charge.total, known.then_some(sum));
        for bucket in Bucket::ALL {
            let rate = charge.rates.get(*bucket);
            prop_assert_eq!(rate.is_some(), charge.cost.get(*bucket).is_some(), "{}", bucket);
            prop_assert!(rate.is_none() || used(*bucket), "{} is not used, and has a rate", bucket);
        }
    }

    #[test]
    fn every_cost_is_its_rate_times_its_tokens_rounded_half_even_once(case in any_case()) {
        let Priced { usage, charge, .. } = case.price();
        for (bucket, rate) in charge.rates.iter() {
            let Some(rate) = rate else { continue };
            let tokens = usage.tokens.get(bucket).unwrap();
            let exact = exact_cost(tokens, rate.usd_per_mtok.usd());
            prop_assert_eq!(charge.cost.get(bucket), &Some(exact), "{}", bucket);
        }
        let output = charge.cost.output.unwrap_or_default();
        prop_assert!(charge.reasoning.unwrap_or_default() <= output);
    }

    #[test]
    fn folding_loses_and_doubles_no_token(case in any_case()) {
        let Priced { usage, .. } = case.price();
        prop_assert_eq!(usage.total_tokens(), case.usage.total_tokens());
        prop_assert_eq!(usage.prompt_tokens(), case.usage.prompt_tokens());
        prop_assert_eq!(usage.is_reported(), case.usage.is_reported());
        prop_assert_eq!((usage.searches, usage.reasoning), (case.usage.searches, case.usage.reasoning));
    }

    #[test]
    fn an_override_changes_its_own_bucket_and_the_cache_buckets_that_bill_as_input(
        case in any_case(),
        bucket in select(Bucket::ALL.to_vec()),
        rate in any_rate(),
    ) {
        let before = case.price();
        let after = case.with_override(bucket, rate).price();
        prop_assert_eq!(before.usage, after.usage);
        prop_assert_eq!(before.charge.searches, after.charge.searches);
        for other in Bucket::ALL.iter().copied() {
            let (was, is) = (before.charge.rates.get(other), after.charge.rates.get(other));
            if other == bucket && bucket.can_be_overridden() {
                if let Some(is) = is {
                    prop_assert_eq!((is.usd_per_mtok, is.source), (rate, RateSource::Override));
                }
                continue;
            }
            let bills_as_input = |applied: &Option<domain::pricing::AppliedRate>| {
                applied.is_none_or(|applied| applied.source == RateSource::Input)
            };
            if bucket == Bucket::Input && other.is_cache() && bills_as_input(was) {
                prop_assert!(bills_as_input(is));
                prop_assert!(is.is_none_or(|is| is.usd_per_mtok == rate));
                continue;
            }
            prop_assert_eq!(was, is, "{} changed with the override of {}", other, bucket);
            prop_assert_eq!(before.charge.cost.get(other), after.charge.cost.get(other));
        }
    }

    #[test]
    fn a_call_whose_buckets_are_all_overridden_to_zero_costs_exactly_nothing(mut case in any_case()) {
        case.usage.searches = None;
        for bucket in Bucket::ALL.iter().filter(|bucket| !bucket.can_be_overridden()) {
            *case.usage.tokens.get_mut(*bucket) = None;
        }
        case.usage.tokens.input = Some(case.usage.tokens.input.unwrap_or(1));
        case.overrides[0] = Some(PerBucket::from_fn(|_| Some(UsdPerMtok::FREE)));
        case.estimated = false;
        let priced = case.price();
        prop_assert_eq!(priced.state, PriceState::Priced);
        prop_assert_eq!(priced.charge.total, Some(NanoUsd::ZERO));
    }

    #[test]
    fn the_long_rates_hold_for_all_or_for_nothing(mut case in any_case(), long in any_rates()) {
        case.usage.tokens = PerBucket::from_fn(|b| case.usage.tokens.get(b).map(|n| n % 1_000_000));
        let prompt = case.usage.prompt_tokens();
        let standard = case.cards[0].take().unwrap_or_default().standard;
        let mut with_card = |card: RateCard| {
            case.cards = [Some(card), None];
            case.price().charge
        };
        let with_threshold = |threshold: u64| RateCard {
            long_context: Some(LongContext { threshold, rates: long }),
            ..plain(standard)
        };
        let merged = PerBucket::from_fn(|b| long.get(b).or(*standard.get(b)));
        prop_assert_eq!(with_card(with_threshold(prompt)), with_card(plain(standard)));
        if prompt > 0 {
            prop_assert_eq!(with_card(with_threshold(prompt - 1)), with_card(plain(merged)));
        }
    }

    #[test]
    fn a_tier_costs_what_a_model_with_its_rates_costs(
        mut case in any_case(),
        tier in any_tier(),
        own in any_rates(),
    ) {
        let standard = case.cards[0].take().unwrap_or_default().standard;
        let (Some(standard_input), Some(own_input)) = (standard.input, own.input) else {
            return Ok(());
        };
        prop_assume!(standard_input.usd() > Decimal::ZERO);
        let ratio = own_input.usd() / standard_input.usd();
        let filled = PerBucket::from_fn(|b| {
            own.get(b).or_else(|| standard.get(b).map(|rate| rate.times(ratio)))
        });
        let tiers = vec![TierRates { tier, rates: own, long_context: None, hours: None }];
        case.tier = Some(tier);
        case.cards = [Some(RateCard { tiers, ..plain(standard) }), None];
        let by_tier = case.price();
        case.cards = [Some(plain(filled)), None];
        prop_assert_eq!(by_tier, case.price());
    }
}
