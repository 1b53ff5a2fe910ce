//! Bedrock's inference profiles: where a profile runs, what that costs more than `global.`, and which models
//! AWS serves by profile alone.
//!
//! Prefixes: the ids of AWS' system profiles, November 2026.

use std::collections::BTreeMap;

use domain::{Bucket, UsdPerMtok};
use rust_decimal::Decimal;

/// Where a profile runs its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Geography {
    Global,
    Us,
    Eu,
    Apac,
    Au,
    Jp,
    In,
    Ca,
    UsGov,
}

impl Geography {
    const ALL: &'static [Self] = &[
        Self::Global,
        Self::Us,
        Self::Eu,
        Self::Apac,
        Self::Au,
        Self::Jp,
        Self::In,
        Self::Ca,
        Self::UsGov,
    ];

    /// What stands before the model's id, without the dot.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Apac => "apac",
            Self::Au => "au",
            Self::Jp => "jp",
            Self::In => "in",
            Self::Ca => "ca",
            Self::UsGov => "us-gov",
        }
    }

    /// What a person reads.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Global => "Any region",
            Self::Us => "US",
            Self::Eu => "EU",
            Self::Apac => "Asia Pacific",
            Self::Au => "Australia",
            Self::Jp => "Japan",
            Self::In => "India",
            Self::Ca => "Canada",
            Self::UsGov => "GovCloud",
        }
    }

    /// The geography of a profile and the id of its model. `None`: it is no system profile.
    pub(super) fn split(id: &str) -> Option<(Self, &str)> {
        let (prefix, model) = id.split_once('.')?;
        let geography = Self::ALL.iter().find(|one| one.prefix() == prefix)?;
        // The maker stands before the model's own name.
        model.contains('.').then_some((*geography, model))
    }

    /// The id of a model's profile here.
    pub(super) fn profile(self, model: &str) -> String {
        format!("{}.{model}", self.prefix())
    }

    /// Whether its profiles are called from a region, as far as the names tell.
    fn is_called_from(self, region: &str) -> bool {
        let begins = |with: &[&str]| with.iter().any(|start| region.starts_with(start));
        match self {
            Self::Global => !begins(&["us-gov-"]),
            Self::Us => begins(&["us-", "ca-"]) && !begins(&["us-gov-"]),
            Self::Eu => begins(&["eu-"]),
            Self::Apac => begins(&["ap-"]),
            Self::Au => begins(&["ap-southeast-2", "ap-southeast-4", "ap-southeast-6"]),
            Self::Jp => begins(&["ap-northeast-1", "ap-northeast-3"]),
            Self::In => begins(&["ap-south-"]),
            Self::Ca => begins(&["ca-"]),
            Self::UsGov => begins(&["us-gov-"]),
        }
    }
}

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

/// The profiles that a bare id may have.
pub(super) fn profiles_of(model: &str) -> impl Iterator<Item = String> {
    Geography::ALL.iter().map(move |one| one.profile(model))
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
    fn profiles_name_their_geography() {
        for (id, geography, model) in [
            (
                "us.amazon.nova-pro-v1:0",
                Geography::Us,
                "amazon.nova-pro-v1:0",
            ),
            (
                "us-gov.anthropic.claude-sonnet-5",
                Geography::UsGov,
                "anthropic.claude-sonnet-5",
            ),
            (
                "in.openai.gpt-5.6-luna",
                Geography::In,
                "openai.gpt-5.6-luna",
            ),
        ] {
            assert_eq!(Geography::split(id), Some((geography, model)));
            assert_eq!(geography.profile(model), id);
        }
        for id in [
            "amazon.nova-pro-v1:0",
            "deepseek.v3.2",
            "us.thing",
            "arn:aws:bedrock:us-east-1::foundation-model/us.x.y",
        ] {
            assert_eq!(Geography::split(id), None, "{id}");
        }
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
