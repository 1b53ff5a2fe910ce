//! Bedrock's inference profiles: which of them a region calls, what that costs more than `global.`, and which
//! models AWS serves by profile alone.

use std::collections::BTreeMap;

pub(super) use domain::provider::Geography;
use domain::{Bucket, UsdPerMtok};
use rust_decimal::Decimal;

/// How near an id is to what one wants from a region: profiles that it can call, then models of its own,
/// then the profiles of others.
pub(super) fn distance(id: &str, region: &str) -> u8 {
    match Geography::split(id) {
        Some((geography, _)) if geography.is_called_from(region) => 0,
        None => 1,
        Some(_) => 2,
    }
}

/// Whether AWS serves a model by profile alone, by its bare id: Claude 4.6 and later, and the previews of Claude,
/// which have no version yet.
pub(super) fn needs_profile(id: &str) -> bool {
    let Some(name) = id.strip_prefix("anthropic.claude-") else {
        return false;
    };
    name.ends_with("-preview") || claude_version(name).is_some_and(|version| version >= (4, 6))
}

/// `opus-4-6-v1` is 4.6, `sonnet-5` is 5.0, `opus-4-20250514-v1:0` is 4.0. `None`: the older names, in which
/// the version stands first, and those without any.
fn claude_version(name: &str) -> Option<(u32, u32)> {
    let mut parts = name.split('-');
    let _family = parts.next().filter(|part| !starts_with_digit(part))?;
    let major = parts.next()?.parse().ok()?;
    // A day is no minor version.
    let minor = parts
        .next()
        .filter(|part| part.len() <= 2)
        .and_then(|part| part.parse().ok());
    Some((major, minor.unwrap_or(0)))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// What a profile costs beside the same model's `global.` profile: `+10 %`, or what input and output differ
/// by. `None`: one of them has no price.
pub(super) fn premium(
    profile: &BTreeMap<&'static str, UsdPerMtok>,
    global: &BTreeMap<&'static str, UsdPerMtok>,
) -> Option<String> {
    let of = |bucket: Bucket| percent(profile.get(bucket.key())?, global.get(bucket.key())?);
    let (input, output) = (of(Bucket::Input)?, of(Bucket::Output)?);
    if input == output {
        return Some(signed(input));
    }
    let (low, high) = (input.min(output), input.max(output));
    Some(format!("{} to {}", signed(low), signed(high)))
}

fn percent(rate: &UsdPerMtok, of: &UsdPerMtok) -> Option<Decimal> {
    let ratio = rate.usd().checked_div(of.usd())?;
    let percent = (ratio - Decimal::ONE).checked_mul(Decimal::ONE_HUNDRED)?;
    // Rates are rounded themselves: decimals would only tell of that.
    Some(percent.round())
}

fn signed(percent: Decimal) -> String {
    if percent.is_zero() {
        "same price".to_owned()
    } else if percent.is_sign_negative() {
        format!("−{} %", percent.abs())
    } else {
        format!("+{percent} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(input: &str, output: &str) -> BTreeMap<&'static str, UsdPerMtok> {
        [("input", input), ("output", output)]
            .into_iter()
            .map(|(bucket, rate)| (bucket, rate.parse().unwrap()))
            .collect()
    }

    #[test]
    fn claude_from_4_6_on_needs_a_profile() {
        for id in [
            "anthropic.claude-opus-4-6-v1",
            "anthropic.claude-opus-4-7",
            "anthropic.claude-sonnet-5",
            "anthropic.claude-fable-5-2",
            "anthropic.claude-mythos-preview",
        ] {
            assert!(needs_profile(id), "{id}");
        }
        for id in [
            "anthropic.claude-opus-4-5-20251101-v1:0",
            "anthropic.claude-opus-4-20250514-v1:0",
            "anthropic.claude-3-5-haiku-20241022-v1:0",
            "anthropic.claude-v2:1",
            "us.anthropic.claude-opus-4-7",
            "amazon.nova-2-lite-v1:0",
        ] {
            assert!(!needs_profile(id), "{id}");
        }
    }

    #[test]
    fn a_premium_is_told_where_both_have_a_price() {
        let check = |profile: (&str, &str), expected: &str| {
            let told = premium(&rates(profile.0, profile.1), &rates("5", "25"));
            assert_eq!(told.as_deref(), Some(expected));
        };
        check(("5.5", "27.5"), "+10 %");
        check(("5", "25"), "same price");
        check(("5.5", "25"), "same price to +10 %");
        check(("7.15", "35.9"), "+43 % to +44 %");
        check(("4.5", "22.5"), "−10 %");
        assert_eq!(premium(&BTreeMap::new(), &rates("5", "25")), None);
        assert_eq!(premium(&rates("1", "1"), &rates("0", "0")), None);
    }

    #[test]
    fn what_a_region_can_call_comes_first() {
        let in_order = |region: &str, ids: [&str; 3]| {
            assert!(
                ids.map(|id| distance(id, region)).is_sorted(),
                "{region}: {ids:?}"
            );
        };
        in_order("eu-central-1", ["eu.a.b", "a.b", "us.a.b"]);
        in_order("us-gov-west-1", ["us-gov.a.b", "a.b", "global.a.b"]);
        in_order("ap-northeast-1", ["jp.a.b", "a.b", "au.a.b"]);
        assert_eq!(distance("global.a.b", "sa-east-1"), 0);
    }
}
