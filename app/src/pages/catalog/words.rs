//! What kinds, origins and prices are called.

use admin::catalog::PriceView;
use domain::{
    Bucket,
    provider::{Preset, ProviderType},
};
use rust_decimal::Decimal;

use crate::format::{count, money};

/// The host whose prices a kind has.
pub(super) fn kind(key: &str) -> String {
    let of_type = ProviderType::ALL
        .iter()
        .find(|ty| ty.catalog_kind(None) == Some(key))
        .map(|ty| ty.label());
    let of_preset = || key.parse::<Preset>().ok().map(Preset::label);
    of_type
        .or_else(of_preset)
        .unwrap_or_else(|| other_host(key))
        .to_owned()
}

/// A host that no provider type is made for yet. One that came later is shown by its key.
fn other_host(key: &str) -> &str {
    match key {
        "ai21" => "AI21",
        "azure_ai" => "Azure AI",
        "azure_openai" => "Azure OpenAI",
        "bedrock_mantle" => "AWS Bedrock Mantle",
        "claude_platform_aws" => "Claude Platform on AWS",
        "cohere" => "Cohere",
        "deepinfra" => "DeepInfra",
        "meta" => "Meta",
        "minimax" => "MiniMax",
        "moonshot" => "Moonshot",
        "nebius" => "Nebius",
        "voyage" => "Voyage",
        "zai" => "Z.ai",
        other => other,
    }
}

/// Where a catalog came from.
pub(super) fn origin(key: &str) -> &'static str {
    match key {
        "upload" => "Uploaded",
        "address" => "Fetched from the operator’s address",
        _ => "Built into this release",
    }
}

/// A service tier.
pub(super) fn tier(key: &str) -> &'static str {
    match key {
        "batch" => "Batch",
        "flex" => "Flex",
        "priority" => "Priority",
        "ultrafast" => "Ultrafast",
        "fast" => "Fast",
        "off_peak" => "Off-peak",
        _ => "Other tier",
    }
}

/// What a price is of.
pub(super) fn price(price: &PriceView) -> String {
    let what = match price.price {
        "threshold" => return with_tier("Long prompts begin above".to_owned(), price),
        "hours" => "Hours",
        "regional_multiplier" => "Pinned geography, times",
        "searches" => "Web searches, per 1,000",
        bucket => bucket.parse::<Bucket>().map_or(bucket, Bucket::label),
    };
    let what = if price.long_context {
        format!("{what}, long prompts")
    } else {
        what.to_owned()
    };
    with_tier(what, price)
}

fn with_tier(what: String, price: &PriceView) -> String {
    match price.tier {
        Some(key) => format!("{}: {what}", tier(key)),
        None => what,
    }
}

/// A value of a price, as people write it.
pub(super) fn value(price: &PriceView, value: Option<&str>) -> String {
    match (price.price, value) {
        ("hours", _) => "other hours".to_owned(),
        (_, None) => "no price".to_owned(),
        ("threshold", Some(tokens)) => {
            let tokens = tokens
                .parse()
                .map_or_else(|_| tokens.to_owned(), count::grouped);
            format!("{tokens} tokens")
        }
        ("regional_multiplier", Some(factor)) => format!("× {factor}"),
        (_, Some(usd)) => format!("${}", money::at_least_two_decimals(usd)),
    }
}

/// By how much a price changes, such as `+100 %`. `None`: it comes, goes, or has been or becomes free.
pub(super) fn percent(price: &PriceView) -> Option<String> {
    let read = |text: &Option<String>| text.as_ref()?.parse::<Decimal>().ok();
    let (before, after) = (read(&price.before)?, read(&price.after)?);
    let part = after.checked_sub(before)?.checked_div(before)?;
    let percent = part
        .checked_mul(Decimal::ONE_HUNDRED)?
        .round_dp(1)
        .normalize();
    let sign = if percent.is_sign_negative() {
        "−"
    } else {
        "+"
    };
    Some(format!("{sign}{} %", percent.abs()))
}

#[cfg(test)]
mod tests {
    use admin::catalog::PriceView;

    use super::{percent, price, value};

    fn view(price: &'static str, before: Option<&str>, after: Option<&str>) -> PriceView {
        PriceView {
            price,
            tier: None,
            long_context: false,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn prices_are_told_in_words() {
        let batch = PriceView {
            tier: Some("batch"),
            long_context: true,
            ..view("output", None, Some("7.5"))
        };
        assert_eq!(price(&batch), "Batch: Output, long prompts");
        assert_eq!(value(&batch, batch.after.as_deref()), "$7.50");
        assert_eq!(value(&batch, batch.before.as_deref()), "no price");
        let threshold = view("threshold", Some("200000"), Some("100000"));
        assert_eq!(
            value(&threshold, threshold.before.as_deref()),
            "200,000 tokens"
        );
    }

    #[test]
    fn changes_are_told_in_percent_where_there_is_something_to_compare() {
        let told = |before, after| percent(&view("input", before, after));
        assert_eq!(told(Some("2.5"), Some("5")).as_deref(), Some("+100 %"));
        assert_eq!(told(Some("3"), Some("2")).as_deref(), Some("−33.3 %"));
        for (before, after) in [(None, Some("1")), (Some("1"), None), (Some("0"), Some("1"))] {
            assert_eq!(told(before, after), None);
        }
    }
}
