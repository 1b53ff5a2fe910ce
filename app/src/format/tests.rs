use domain::{NanoUsd, Timestamp};

use super::{
    ability,
    count::{Change, change, grouped, grouped_or_dash, headline, plural},
    money, time,
};

#[test]
fn counts_have_separators() {
    assert_eq!(grouped(0), "0");
    assert_eq!(grouped(999), "999");
    assert_eq!(grouped(13_436), "13,436");
    assert_eq!(grouped(162_670_000), "162,670,000");
    assert_eq!(grouped_or_dash(None), "–");
    assert_eq!(grouped_or_dash(Some(0)), "0");
}

#[test]
fn headlines_have_three_digits_that_count() {
    assert_eq!(headline(9_999), "9,999");
    assert_eq!(headline(12_345), "12.3k");
    assert_eq!(headline(200_000), "200k");
    assert_eq!(headline(999_960), "1M");
    assert_eq!(headline(1_048_576), "1.05M");
    assert_eq!(headline(162_670_000), "163M");
    assert_eq!(headline(1_000_000_000), "1B");
    assert_eq!(headline(u64::MAX), "18400000000B");
}

#[test]
fn one_is_not_many() {
    assert_eq!(plural(1, "provider", "providers"), "1 provider");
    assert_eq!(plural(1_200, "provider", "providers"), "1,200 providers");
    assert_eq!(plural(0, "provider", "providers"), "0 providers");
}

#[test]
fn a_change_has_one_decimal_and_a_direction() {
    assert_eq!(change(1_041, 1_000), Change::Up("4.1 %".to_owned()));
    assert_eq!(change(997, 1_000), Change::Down("0.3 %".to_owned()));
    assert_eq!(change(30_000, 1_000), Change::Up("2,900.0 %".to_owned()));
    assert_eq!(change(100_001, 100_000), Change::Same);
    assert_eq!(change(0, 0), Change::Same);
    assert_eq!(change(5, 0), Change::New);
    assert_eq!(change(0, 5), Change::Down("100.0 %".to_owned()));
}

#[test]
fn totals_are_told_to_the_cent() {
    assert_eq!(money::total(NanoUsd(1_350_170_000_000)), "$1,350.17");
    assert_eq!(money::total(NanoUsd(0)), "$0.00");
    assert_eq!(
        money::total(NanoUsd(1_005_000_000)),
        "$1.00",
        "half goes to the even cent"
    );
    assert_eq!(money::total(NanoUsd(1_015_000_000)), "$1.02");
    assert_eq!(money::total(NanoUsd(-2_500_000_000)), "−$2.50");
}

#[test]
fn an_amount_below_a_cent_is_not_told_as_nothing() {
    assert_eq!(money::total(NanoUsd(5_817_600)), "$0.0058");
    assert_eq!(money::total(NanoUsd(9_999_999)), "$0.0100");
    assert_eq!(money::of_call(NanoUsd(50_000)), "< $0.0001");
    assert_eq!(money::of_call(NanoUsd(50_001)), "$0.0001");
    assert_eq!(money::of_call(NanoUsd(0)), "$0.0000");
    assert_eq!(money::of_call(NanoUsd(24_388_980)), "$0.0244");
}

#[test]
fn an_opened_call_shows_every_nano_dollar() {
    assert_eq!(money::exact(NanoUsd(24_388_980)), "$0.024388980");
    assert_eq!(money::exact(NanoUsd(1_234_000_000_001)), "$1,234.000000001");
    assert_eq!(money::hover(NanoUsd(24_388_980)), "0.024388980 USD");
}

#[test]
fn amounts_that_stand_together_have_as_many_decimals_as_all_of_them_need() {
    let amounts = [71_339_920_000, 5_817_600, 0].map(NanoUsd);
    let decimals = money::decimals_of(amounts.into_iter());
    assert_eq!(decimals, 7);
    let told = amounts.map(|amount| money::to_decimals(amount, decimals));
    assert_eq!(told, ["$71.3399200", "$0.0058176", "$0.0000000"]);
    assert_eq!(money::decimals_of(std::iter::empty()), 2);
    assert_eq!(money::to_decimals(NanoUsd(1), 9), "$0.000000001");
    assert_eq!(money::to_decimals(NanoUsd(2_500_000_000), 2), "$2.50");
}

#[test]
fn rates_have_two_decimals_at_least() {
    for (given, shown) in [
        ("2.5", "2.50"),
        ("10", "10.00"),
        ("0.075", "0.075"),
        ("0", "0.00"),
        ("1.000000", "1.00"),
    ] {
        assert_eq!(money::rate(given.parse().unwrap()), shown);
    }
}

#[test]
fn moments_are_told_in_words() {
    let now: Timestamp = "2026-11-19T15:00:00Z".parse().unwrap();
    let check = |moment: &str, words: &str| {
        assert_eq!(
            time::relative(moment.parse().unwrap(), now),
            words,
            "{moment}"
        );
    };
    check("2026-11-19T14:59:57Z", "just now");
    check("2026-11-19T14:59:48Z", "12 s ago");
    check("2026-11-19T14:58:01Z", "1 min ago");
    check("2026-11-19T13:00:00Z", "2 hours ago");
    check("2026-11-19T14:00:00Z", "1 hour ago");
    check("2026-11-18T11:03:19Z", "yesterday");
    check("2026-11-15T17:22:37Z", "3 days ago");
    check("2026-10-29T16:40:02Z", "2 weeks ago");
    check("2026-09-14T08:31:10Z", "2 months ago");
    check("2024-11-01T00:00:00Z", "2 years ago");
    check("2026-11-20T16:00:00Z", "tomorrow");
    check("2026-11-24T16:00:00Z", "in 5 days");
}

#[test]
fn abilities_come_in_the_order_in_which_one_looks_for_them() {
    let given = ["parallel_tools", "prompt_caching", "tools", "json_schema"].map(str::to_owned);
    assert_eq!(ability::in_words(&given), "tools · caching · JSON");
    assert_eq!(ability::in_words(&[]), "");
}

#[test]
fn durations_have_three_digits() {
    for (micros, shown) in [
        (84, "84 µs"),
        (1_250, "1.25 ms"),
        (38_400, "38.4 ms"),
        (974_123, "974 ms"),
        (8_470_000, "8.47 s"),
        (24_900_000, "24.9 s"),
        (125_000_000, "2 min 5 s"),
    ] {
        assert_eq!(time::duration(micros), shown);
    }
    assert_eq!(
        (time::millis(4), time::millis(974), time::millis(8_470)),
        ("4 ms".to_owned(), "974 ms".to_owned(), "8.47 s".to_owned())
    );
}
