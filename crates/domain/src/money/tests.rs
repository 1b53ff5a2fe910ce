use super::*;

fn rate(text: &str) -> UsdPerMtok {
    text.parse().unwrap()
}

#[test]
fn cost_is_exact_and_rounded_half_even_once() {
    assert_eq!(rate("2.50").cost_of(1), NanoUsd(2_500));
    assert_eq!(rate("0.000001").cost_of(1), NanoUsd(0));
    assert_eq!(
        rate("0.0005").cost_of(1),
        NanoUsd(0),
        "0.5 nano goes to the even 0"
    );
    assert_eq!(
        rate("0.0015").cost_of(1),
        NanoUsd(2),
        "1.5 nano goes to the even 2"
    );
    assert_eq!(
        rate("0.0025").cost_of(1),
        NanoUsd(2),
        "2.5 nano goes to the even 2"
    );
    assert_eq!(rate("15").cost_of(1_000_000), NanoUsd(15_000_000_000));
    assert_eq!(
        "10".parse::<UsdPerThousand>().unwrap().cost_of(1),
        NanoUsd(10_000_000)
    );
}

#[test]
fn money_reads_and_writes_with_nine_digits() {
    assert_eq!(NanoUsd(1_234_567).to_string(), "0.001234567");
    assert_eq!(NanoUsd(-5).to_string(), "-0.000000005");
    assert_eq!("412.10".parse::<NanoUsd>(), Ok(NanoUsd(412_100_000_000)));
    assert_eq!(
        serde_json::to_string(&NanoUsd(1)).unwrap(),
        "\"0.000000001\""
    );
    assert!("0.0000000001".parse::<NanoUsd>().is_err());
}

#[test]
fn rates_refuse_what_is_not_a_plain_price() {
    assert_eq!("-1".parse::<UsdPerMtok>(), Err(InvalidMoney::Negative));
    assert_eq!(
        "1.1234567".parse::<UsdPerMtok>(),
        Err(InvalidMoney::TooManyDecimals { most: 6 })
    );
    assert_eq!("2000000".parse::<UsdPerMtok>(), Err(InvalidMoney::TooLarge));
    for bad in ["", ".", "1e3", "NaN", "2,50", "$2", " 2", "+1"] {
        assert_eq!(
            bad.parse::<UsdPerMtok>(),
            Err(InvalidMoney::NotANumber),
            "{bad:?}"
        );
    }
    assert_eq!(rate("2.500000"), rate("2.5"));
}

#[test]
fn a_huge_count_does_not_wrap() {
    assert_eq!(rate("1000000").cost_of(u64::MAX), NanoUsd(i64::MAX));
}
