//! Which of a card's rates hold: by size of the prompt, tier and geography.

use super::*;

#[test]
fn the_whole_call_moves_once_the_whole_prompt_is_above_the_threshold() {
    let list = RateCard {
        long_context: long(200_000, "input=6 output=22.5 cached_input=0.6"),
        ..card("input=3 output=15 cached_input=0.3 cache_write_5m=3.75")
    };
    let given = Given::card(list);
    given.check(
        "input=1000 cached_input=198000 cache_write_5m=1000 output=1000",
        "input=0.003@3:catalog output=0.015@15:catalog cached_input=0.0594@0.3:catalog \
         cache_write_5m=0.00375@3.75:catalog 0.08115 priced",
    );
    given.check(
        "input=1001 cached_input=198000 cache_write_5m=1000 output=1000",
        "input=0.006006@6:catalog output=0.0225@22.5:catalog cached_input=0.1188@0.6:catalog \
         cache_write_5m=0.00375@3.75:catalog 0.151056 priced",
    );
    // What is generated is no part of the prompt.
    given.check(
        "input=200000 output=1000000",
        "input=0.6@3:catalog output=15@15:catalog 15.6 priced",
    );
}

#[test]
fn each_card_decides_by_its_own_threshold() {
    let given = Given {
        replied: Some(RateCard {
            long_context: long(500, "output=30"),
            ..card("output=20")
        }),
        requested: Some(RateCard {
            long_context: long(2_000, "input=9"),
            ..card("input=4")
        }),
        ..Given::default()
    };
    given.check(
        "input=1000 output=1000",
        "input=0.004@4:catalog output=0.03@30:catalog 0.034 priced",
    );
}

#[test]
fn the_tier_of_the_answer_picks_its_rates() {
    let list = RateCard {
        tiers: vec![
            tier(ServiceTier::Batch, "input=2 output=10 cached_input=0.2"),
            tier(ServiceTier::Priority, "input=8 output=40"),
        ],
        ..card("input=4 output=20 cached_input=0.4 input_audio=32")
    };
    let counts = "input=1000 output=1000 cached_input=1000 input_audio=1000";
    Given::card(list.clone()).on_tier(ServiceTier::Batch).check(
        counts,
        "input=0.002@2:catalog output=0.01@10:catalog cached_input=0.0002@0.2:catalog \
         input_audio=0.016@16:catalog 0.0282 priced",
    );
    // Blank: the standard rate times 8 / 4.
    Given::card(list.clone())
        .on_tier(ServiceTier::Priority)
        .check(
            counts,
            "input=0.008@8:catalog output=0.04@40:catalog cached_input=0.0008@0.8:catalog \
         input_audio=0.064@64:catalog 0.1128 priced",
        );
    // A tier that the model has no rates for.
    Given::card(list).on_tier(ServiceTier::Flex).check(
        counts,
        "input=0.004@4:catalog output=0.02@20:catalog cached_input=0.0004@0.4:catalog \
         input_audio=0.032@32:catalog 0.0564 priced",
    );
}

#[test]
fn a_tiers_long_rates_are_its_own_else_the_models_times_the_ratio_else_the_tiers() {
    let own_long = TierRates {
        long_context: long(272_000, "input=4 output=15"),
        ..tier(ServiceTier::Flex, "input=2 output=10 cached_input=0.2")
    };
    let list = RateCard {
        long_context: long(272_000, "input=8 output=30 cached_input=0.8"),
        tiers: vec![
            own_long,
            tier(ServiceTier::Batch, "input=2 output=10 cache_write_5m=2.5"),
        ],
        ..card("input=4 output=20 cached_input=0.4 cache_write_5m=5")
    };
    let above = "input=272001 cached_input=1000 cache_write_5m=1000 output=1000";
    Given::card(list.clone()).on_tier(ServiceTier::Flex).check(
        above,
        "input=1.088004@4:catalog output=0.015@15:catalog cached_input=0.0004@0.4:catalog \
         cache_write_5m=0.0025@2.5:catalog 1.105904 priced",
    );
    Given::card(list.clone()).on_tier(ServiceTier::Batch).check(
        above,
        "input=1.088004@4:catalog output=0.015@15:catalog cached_input=0.0004@0.4:catalog \
         cache_write_5m=0.0025@2.5:catalog 1.105904 priced",
    );
    Given::card(list).on_tier(ServiceTier::Batch).check(
        "input=272000 output=1000",
        "input=0.544@2:catalog output=0.01@10:catalog 0.554 priced",
    );
}

#[test]
fn a_ratio_that_never_ends_is_cut_at_twelve_decimals() {
    // 0.66 × 0.083 / 0.165 is exactly 0.332; 0.04 × 0.4 / 0.15 has no end.
    let ends = RateCard {
        tiers: vec![tier(ServiceTier::Batch, "input=0.083")],
        ..card("input=0.165 output=0.66")
    };
    Given::card(ends)
        .on_tier(ServiceTier::Batch)
        .check("output=1000000", "output=0.332@0.332:catalog 0.332 priced");
    let endless = RateCard {
        tiers: vec![tier(ServiceTier::Priority, "input=0.4")],
        ..card("input=0.15 cached_input=0.04")
    };
    Given::card(endless).on_tier(ServiceTier::Priority).check(
        "cached_input=1000000",
        "cached_input=0.106666667@0.106666666667:catalog 0.106666667 priced",
    );
}

#[test]
fn a_tier_whose_ratio_is_unknown_leaves_its_blank_rates_unknown() {
    let no_input = RateCard {
        tiers: vec![tier(ServiceTier::Batch, "output=10")],
        ..card("input=4 output=20")
    };
    Given::card(no_input).on_tier(ServiceTier::Batch).check(
        "input=1 output=1000",
        "output=0.01@10:catalog unknown unpriced",
    );
    let free_standard = RateCard {
        tiers: vec![
            tier(ServiceTier::Batch, "input=1"),
            tier(ServiceTier::Flex, "input=0"),
        ],
        ..card("input=0 output=20")
    };
    Given::card(free_standard.clone())
        .on_tier(ServiceTier::Batch)
        .check("output=1000", "unknown unpriced");
    Given::card(free_standard)
        .on_tier(ServiceTier::Flex)
        .check("output=1000", "output=0.02@20:catalog 0.02 priced");
}

#[test]
fn a_pinned_geography_multiplies_every_token_rate_and_no_search() {
    let list = RateCard {
        regional_multiplier: Some("1.1".parse().unwrap()),
        searches: Some("10".parse().unwrap()),
        long_context: long(5_000, "input=8"),
        tiers: vec![tier(ServiceTier::Batch, "input=2 output=10")],
        ..card("input=4 output=20")
    };
    let given = Given::card(list);
    given.check(
        "input=1000 output=1000 searches=1",
        "input=0.004@4:catalog output=0.02@20:catalog searches=0.01@10:catalog 0.034 priced",
    );
    let given = given.pinned();
    given.check(
        "input=1000 cached_input=1000 output=1000 searches=1",
        "input=0.0044@4.4:catalog output=0.022@22:catalog cached_input=0.0044@4.4:input \
         searches=0.01@10:catalog 0.0408 priced",
    );
    given.check("input=10000", "input=0.088@8.8:catalog 0.088 priced");
    given
        .on_tier(ServiceTier::Batch)
        .check("input=10000", "input=0.044@4.4:catalog 0.044 priced");
}

#[test]
fn an_override_holds_for_every_prompt_size_tier_and_geography() {
    let list = RateCard {
        regional_multiplier: Some("1.1".parse().unwrap()),
        long_context: long(500, "input=8 output=30"),
        tiers: vec![tier(ServiceTier::Priority, "input=8 output=40")],
        ..card("input=4 output=20")
    };
    Given::card(list)
        .overriding("input=3")
        .on_tier(ServiceTier::Priority)
        .pinned()
        .check(
            "input=1000 output=1000",
            "input=0.003@3:override output=0.066@66:catalog 0.069 priced",
        );
}

#[test]
fn a_tier_with_hours_holds_by_the_clock_unless_the_answer_names_another() {
    let off_peak = TierRates {
        hours: Some(
            "days 1 UTC 00:00-01:00; days 6,7 UTC 00:00-00:00"
                .parse()
                .unwrap(),
        ),
        ..tier(ServiceTier::OffPeak, "input=1 output=2")
    };
    let list = RateCard {
        tiers: vec![tier(ServiceTier::Priority, "input=6 output=12"), off_peak],
        ..card("input=2 output=4 cached_input=0.2")
    };
    let counts = "input=1000 cached_input=1000 output=1000";
    let monday = |time| format!("2026-11-16T{time}Z");
    Given::card(list.clone()).at(&monday("00:59:59")).check(
        counts,
        "input=0.001@1:catalog output=0.002@2:catalog cached_input=0.0001@0.1:catalog 0.0031 priced",
    );
    Given::card(list.clone()).at(&monday("01:00:00")).check(
        counts,
        "input=0.002@2:catalog output=0.004@4:catalog cached_input=0.0002@0.2:catalog 0.0062 priced",
    );
    Given::card(list)
        .at(&monday("00:30:00"))
        .on_tier(ServiceTier::Priority)
        .check(
            counts,
            "input=0.006@6:catalog output=0.012@12:catalog cached_input=0.0006@0.6:catalog 0.0186 priced",
        );
}

#[test]
fn a_card_reads_back_as_it_was_written_and_leaves_blanks_out() {
    let list = RateCard {
        long_context: long(200_000, "input=6"),
        tiers: vec![tier(ServiceTier::OffPeak, "input=1.5")],
        regional_multiplier: Some("1.1".parse().unwrap()),
        ..card("input=3")
    };
    let text = serde_json::to_string(&list).unwrap();
    assert_eq!(
        text,
        r#"{"standard":{"input":"3"},"long_context":{"threshold":200000,"rates":{"input":"6"}},"tiers":[{"tier":"off_peak","rates":{"input":"1.5"}}],"regional_multiplier":"1.1"}"#
    );
    assert_eq!(serde_json::from_str::<RateCard>(&text).unwrap(), list);
    assert!(serde_json::from_str::<RateCard>(r#"{"per_request":"1"}"#).is_err());
}

#[test]
fn a_pinned_card_shows_what_pinned_calls_cost() {
    let listed = RateCard {
        long_context: long(100, "input=5"),
        tiers: vec![TierRates {
            long_context: long(100, "input=3"),
            ..tier(ServiceTier::Flex, "input=1.25")
        }],
        regional_multiplier: Some("1.1".parse().unwrap()),
        ..card("input=2.5 cached_input=0.25 output=20")
    };
    let there = PricePlace {
        region: None,
        is_pinned: true,
    };
    let shown_card = listed.clone().at(&there);
    assert_eq!(listed.clone().at(&PricePlace::default()), listed);
    assert_eq!(
        shown_card.standard,
        rates("input=2.75 cached_input=0.275 output=22")
    );
    for tier in [None, Some(ServiceTier::Flex)] {
        for counts in ["input=10 output=30", "input=4 cached_input=200 output=30"] {
            let asked = |card: &RateCard, pinned| Given {
                tier,
                pinned,
                ..Given::card(card.clone())
            };
            assert_eq!(
                shown(&asked(&listed, true).price(counts)),
                shown(&asked(&shown_card, false).price(counts)),
                "{tier:?} {counts}"
            );
        }
    }
    assert_eq!(card("input=4").at(&there), card("input=4"));
}
