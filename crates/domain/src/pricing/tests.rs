//! Every rule of pricing as a sentence. A check compares the whole of what a call cost, written as
//! `bucket=dollars@rate:source … total state`.

use jiff::Timestamp;

use super::*;
use crate::{bucket::Bucket, usage::Usage};

mod list_prices;

/// Reads `input=4 output=20` as rates.
fn rates(text: &str) -> PerBucket<Option<UsdPerMtok>> {
    let mut rates = PerBucket::default();
    for (key, rate) in pairs(text) {
        *rates.get_mut(key.parse::<Bucket>().unwrap()) = Some(rate.parse().unwrap());
    }
    rates
}

/// Reads `input=104 output=300 reasoning=192 searches=2` as a usage.
fn usage(text: &str) -> Usage {
    let mut usage = Usage::default();
    for (key, count) in pairs(text) {
        let count = Some(count.parse().unwrap());
        match key {
            "reasoning" => usage.reasoning = count,
            "searches" => usage.searches = count,
            bucket => *usage.tokens.get_mut(bucket.parse::<Bucket>().unwrap()) = count,
        }
    }
    usage
}

fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
}

fn card(standard: &str) -> RateCard {
    RateCard {
        standard: rates(standard),
        ..RateCard::default()
    }
}

fn long(threshold: u64, long: &str) -> Option<LongContext> {
    Some(LongContext {
        threshold,
        rates: rates(long),
    })
}

fn tier(tier: ServiceTier, own: &str) -> TierRates {
    TierRates {
        tier,
        rates: rates(own),
        long_context: None,
        hours: None,
    }
}

/// What is known beside the usage.
#[derive(Default)]
struct Given {
    requested_override: Option<RateOverrides>,
    replied_override: Option<RateOverrides>,
    replied: Option<RateCard>,
    requested: Option<RateCard>,
    tier: Option<ServiceTier>,
    at: Timestamp,
    pinned: bool,
    estimated: bool,
}

impl Given {
    fn card(card: RateCard) -> Self {
        Self {
            requested: Some(card),
            ..Self::default()
        }
    }

    fn overriding(mut self, text: &str) -> Self {
        self.requested_override = Some(rates(text));
        self
    }

    fn at(mut self, at: &str) -> Self {
        self.at = at.parse().unwrap();
        self
    }

    fn on_tier(mut self, tier: ServiceTier) -> Self {
        self.tier = Some(tier);
        self
    }

    fn pinned(mut self) -> Self {
        self.pinned = true;
        self
    }

    fn price(&self, counts: &str) -> Priced {
        price(&PriceRequest {
            usage: &usage(counts),
            overrides: [
                self.requested_override.as_ref(),
                self.replied_override.as_ref(),
            ],
            cards: [self.replied.as_ref(), self.requested.as_ref()],
            tier: self.tier,
            at: self.at,
            pinned_geography: self.pinned,
            billed_beside: false,
            estimated: self.estimated,
        })
    }

    #[track_caller]
    fn check(&self, counts: &str, expected: &str) {
        assert_eq!(shown(&self.price(counts)), expected);
    }
}

fn shown(priced: &Priced) -> String {
    let charge = &priced.charge;
    let usd = |cost: NanoUsd| cost.to_usd().normalize().to_string();
    let source = |source: RateSource| format!("{source:?}").to_lowercase();
    let mut parts = Vec::new();
    for (bucket, cost) in charge.cost.iter() {
        let rate = charge.rates.get(bucket);
        assert_eq!(
            cost.is_some(),
            rate.is_some(),
            "{bucket}: a cost has a rate that explains it"
        );
        if let (Some(cost), Some(rate)) = (cost, rate) {
            let rate = format!("{}:{}", rate.usd_per_mtok, source(rate.source));
            parts.push(format!("{bucket}={}@{rate}", usd(*cost)));
        }
    }
    if let (Some(cost), Some(rate)) = (charge.searches, charge.search_rate) {
        let rate = format!("{}:{}", rate.usd_per_thousand, source(rate.source));
        parts.push(format!("searches={}@{rate}", usd(cost)));
    }
    parts.push(charge.total.map_or_else(|| "unknown".to_owned(), usd));
    parts.push(priced.state.key().to_owned());
    parts.join(" ")
}

#[test]
fn the_chat_example_costs_what_a_hand_computes() {
    // 5,200 tokens of prompt (4,096 cached, 1,000 written for 30 minutes), 300 out, at GPT-5.6's rates:
    //   input         104 × $4    / 1M = $0.000416000
    //   cached      4,096 × $0.40 / 1M = $0.001638400
    //   written     1,000 × $5    / 1M = $0.005000000
    //   output        300 × $20   / 1M = $0.006000000, of it reasoning 192 × $20 / 1M = $0.003840000
    //                                    $0.013054400
    let given = Given::card(card("input=4 output=20 cached_input=0.4 cache_write_30m=5"));
    let counts = "input=104 cached_input=4096 cache_write_30m=1000 output=300 reasoning=192";
    given.check(
        counts,
        "input=0.000416@4:catalog output=0.006@20:catalog cached_input=0.0016384@0.4:catalog \
         cache_write_30m=0.005@5:catalog 0.0130544 priced",
    );
    let charge = given.price(counts).charge;
    assert_eq!(charge.total, Some(NanoUsd(13_054_400)));
    assert_eq!(charge.reasoning, Some(NanoUsd(3_840_000)));
}

#[test]
fn each_bucket_asks_override_requested_then_replied_then_catalog_replied_then_requested() {
    let given = Given {
        requested_override: Some(rates("input=1")),
        replied_override: Some(rates("input=2 output=2")),
        replied: Some(card("input=3 output=3 cached_input=3")),
        requested: Some(card("input=4 output=4 cached_input=4 cache_write_5m=4")),
        ..Given::default()
    };
    given.check(
        "input=1000 output=1000 cached_input=1000 cache_write_5m=1000 cache_write_1h=1000",
        "input=0.001@1:override output=0.002@2:override cached_input=0.003@3:catalog \
         cache_write_5m=0.004@4:catalog cache_write_1h=0.001@1:input 0.011 priced",
    );
}

#[test]
fn input_and_output_never_fall_back() {
    let input_only = Given::card(card("input=4"));
    input_only.check(
        "input=1000 output=1",
        "input=0.004@4:catalog unknown unpriced",
    );
    let output_only = Given::card(card("output=20"));
    output_only.check(
        "input=1 output=1000 cached_input=1",
        "output=0.02@20:catalog unknown unpriced",
    );
}

#[test]
fn a_cache_bucket_without_a_rate_costs_the_input_rate_in_force() {
    let by_list = Given::card(card("input=4 output=20"));
    by_list.check(
        "cached_input=1000",
        "cached_input=0.004@4:input 0.004 priced",
    );
    let by_override = Given::card(card("input=4 output=20")).overriding("input=3");
    by_override.check(
        "cache_write_12h=1000",
        "cache_write_12h=0.003@3:input 0.003 priced",
    );
}

#[test]
fn a_blank_override_keeps_the_list_price_and_zero_is_free() {
    let list = card("input=4 output=20");
    let blank = Given::card(list.clone()).overriding("");
    blank.check("input=1000", "input=0.004@4:catalog 0.004 priced");
    let zero = Given::card(list).overriding("input=0");
    zero.check("input=1000", "input=0@0:override 0 priced");
}

#[test]
fn a_model_that_nobody_knows_is_unpriced_not_free() {
    Given::default().check("input=1 output=1", "unknown unpriced");
    let overrides_only = Given::default().overriding("input=1 output=2");
    overrides_only.check(
        "input=1000 output=1000",
        "input=0.001@1:override output=0.002@2:override 0.003 priced",
    );
}

#[test]
fn zeros_are_priced_and_nothing_reported_is_not_billed() {
    let given = Given::card(card("input=4 output=20"));
    given.check("input=0 output=0", "0 priced");
    given.check("", "unknown not_billed");
    assert_eq!(given.price("input=0").charge.total, Some(NanoUsd::ZERO));
    assert_eq!(given.price("").charge, Charge::default());
    Given::default().check("input=0 output=0 searches=0", "0 priced");
}

#[test]
fn unpriced_beats_estimated_beats_priced() {
    let known = Given {
        estimated: true,
        ..Given::card(card("input=4"))
    };
    known.check("input=1000", "input=0.004@4:catalog 0.004 estimated");
    known.check(
        "input=1000 output=1",
        "input=0.004@4:catalog unknown unpriced",
    );
    known.check("", "unknown not_billed");
}

#[test]
fn a_cache_write_of_unknown_ttl_is_never_overridden() {
    let everything = "input=1 cache_write_5m=1 cache_write_30m=1 cache_write_unknown=1";
    let listed = Given::card(card("input=4 cache_write_unknown=5")).overriding(everything);
    listed.check(
        "cache_write_unknown=1000",
        "cache_write_unknown=0.005@5:catalog 0.005 priced",
    );
    let unlisted = Given::card(card("input=4")).overriding(everything);
    unlisted.check(
        "cache_write_unknown=1000",
        "cache_write_unknown=0.001@1:input 0.001 priced",
    );
}

#[test]
fn audio_and_images_without_their_own_rate_count_as_plain_tokens() {
    let given = Given::card(card("input=4 output=20 cached_input=0.4")).overriding("output=10");
    let counts = "input=1000 input_audio=500 input_image=500 cached_input_audio=1000 \
                  output=1000 output_audio=600 output_image=400";
    given.check(
        counts,
        "input=0.008@4:catalog output=0.02@10:override cached_input=0.0004@0.4:catalog \
         0.0284 priced",
    );
    assert_eq!(
        given.price(counts).usage,
        usage("input=2000 cached_input=1000 output=2000"),
        "the row shows the tokens where they were billed"
    );
    Given::default()
        .overriding("input=1")
        .check("input_audio=1000", "input=0.001@1:override 0.001 priced");
}

#[test]
fn audio_and_images_with_their_own_rate_keep_it_in_spite_of_overrides() {
    let list = card("input=2.5 output=10 input_audio=32 output_audio=64");
    let given = Given::card(list).overriding("input=0 output=0 cached_input=0");
    given.check(
        "input=1000 input_audio=1000 output=1000 output_audio=1000",
        "input=0@0:override output=0@0:override input_audio=0.032@32:catalog \
         output_audio=0.064@64:catalog 0.096 priced",
    );
}

#[test]
fn a_kind_that_only_the_requested_models_card_lists_is_not_folded() {
    let given = Given {
        replied: Some(card("input=2 output=10")),
        requested: Some(card("input=2.5 output=10 input_audio=32")),
        ..Given::default()
    };
    given.check(
        "input_audio=1000",
        "input_audio=0.032@32:catalog 0.032 priced",
    );
}

#[test]
fn searches_cost_by_the_thousand_and_have_no_override() {
    let list = RateCard {
        searches: Some("10".parse().unwrap()),
        ..card("input=4 output=20")
    };
    Given::card(list.clone()).check("searches=3", "searches=0.03@10:catalog 0.03 priced");
    Given::card(card("input=4"))
        .overriding("input=0 output=0")
        .check(
            "input=1000 searches=1",
            "input=0@0:override unknown unpriced",
        );
    let from_requested = Given {
        replied: Some(card("input=9")),
        ..Given::card(list)
    };
    from_requested.check("searches=1", "searches=0.01@10:catalog 0.01 priced");
}

#[test]
fn each_bucket_is_rounded_half_even_and_the_total_adds_what_was_rounded() {
    // 0.5, 1.5 and 2.5 nano-dollars become 0, 2 and 2.
    let given = Given::card(card("input=0.0005 output=0.0015 cached_input=0.0025"));
    given.check(
        "input=1 output=1 cached_input=1",
        "input=0@0.0005:catalog output=0.000000002@0.0015:catalog \
         cached_input=0.000000002@0.0025:catalog 0.000000004 priced",
    );
}

#[test]
fn reasoning_is_shown_but_not_added() {
    let given = Given::card(card("input=4 output=20"));
    let cost = |counts: &str| given.price(counts).charge.reasoning;
    assert_eq!(cost("output=300 reasoning=192"), Some(NanoUsd(3_840_000)));
    assert_eq!(cost("output=300"), None);
    assert_eq!(cost("output=300 reasoning=0"), None);
    assert_eq!(
        cost("output=100 reasoning=192"),
        Some(NanoUsd(2_000_000)),
        "never above output"
    );
    assert_eq!(
        Given::default()
            .price("output=300 reasoning=192")
            .charge
            .reasoning,
        None
    );
    given.check(
        "output=300 reasoning=192",
        "output=0.006@20:catalog 0.006 priced",
    );
}

#[test]
fn huge_counts_stop_at_the_largest_amount() {
    let given = Given::card(card("input=1000000 output=1000000"));
    let counts = format!("input={0} input_audio={0} output={0}", u64::MAX);
    let priced = given.price(&counts);
    assert_eq!(priced.charge.total, Some(NanoUsd(i64::MAX)));
    assert_eq!(priced.state, PriceState::Priced);
}
