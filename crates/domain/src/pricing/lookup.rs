//! What of a call decides which rates are asked for: the same while it runs and years later from its row.

use crate::{
    pricing::ServiceTier,
    provider::{ProviderType, is_global},
};

/// The geography that Anthropic's answers name where a call was pinned to it; all others cost the same.
const ANTHROPIC_PINNED: &str = "us";

/// The catalog's ids whose rates are asked for, in this order.
///
/// An admin who says what a model is priced as knows more than the name in the answer. What Amazon bills is
/// the profile that was called, and its answers name the model behind it. Azure's customers name their
/// deployments as they like, so that what was asked for says nothing there, and a fee is the price of no call.
#[must_use]
pub fn card_names<'a>(
    provider_type: ProviderType,
    price_as: Option<&'a str>,
    requested: Option<&'a str>,
    replied: Option<&'a str>,
) -> [Option<&'a str>; 2] {
    match (provider_type, price_as) {
        (ProviderType::Bedrock, _) => [price_as.or(requested), None],
        (ProviderType::AzureOpenAi, _) => {
            [price_as, replied].map(|name| name.filter(|name| !is_fee(provider_type, name)))
        }
        (_, Some(price_as)) => [Some(price_as), replied],
        (
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::GoogleAi
            | ProviderType::VertexAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Cohere,
            None,
        ) => [replied, requested],
    }
}

/// The catalog's id whose rates hold for a model of a provider's list before any answer names one. `None`: only
/// the answers tell.
#[must_use]
pub fn expected_card<'a>(
    provider_type: ProviderType,
    price_as: Option<&'a str>,
    id: &'a str,
) -> Option<&'a str> {
    let names = card_names(provider_type, price_as, Some(id), None);
    names.into_iter().flatten().next()
}

/// What Azure asks on top of the price of the model that its router picks, which the catalog has as a model.
const ROUTER_FEE: &str = "model-router";

/// Whether what the catalog has by an id is a fee on top of a model's price, so that no call is priced by it.
#[must_use]
pub fn is_fee(provider_type: ProviderType, id: &str) -> bool {
    provider_type == ProviderType::AzureOpenAi && id == ROUTER_FEE
}

/// Whether a geography, in the provider's own word, is one that a multiplier holds for. Amazon hands on the answers
/// of Anthropic's models as they are, words and all.
#[must_use]
pub fn is_pinned(provider_type: ProviderType, geography: &str) -> bool {
    match provider_type {
        ProviderType::Anthropic | ProviderType::Bedrock => geography == ANTHROPIC_PINNED,
        ProviderType::VertexAi => !geography.is_empty() && !is_global(geography),
        ProviderType::OpenAi
        | ProviderType::GoogleAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => !geography.is_empty(),
        // Its zones have rows of their own.
        ProviderType::AzureOpenAi => false,
    }
}

impl ServiceTier {
    /// The tier with rates of its own that a provider means by a word of an answer.
    ///
    /// OpenAI's `fast` is asked for by that name and answered as `priority`; Anthropic's is a speed. Google
    /// writes its words in either case, alone, behind `SERVICE_TIER_` or, where it tells the kind of traffic,
    /// behind `ON_DEMAND_`. Amazon's `reserved` has no rate per token of its own, and of Anthropic's models it hands
    /// on what Anthropic says.
    #[must_use]
    pub fn named(provider_type: ProviderType, word: &str) -> Option<Self> {
        match provider_type {
            // Of Cohere only what imitates OpenAI could name one.
            ProviderType::OpenAi
            | ProviderType::AzureOpenAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Cohere => match word {
                "priority" | "fast" => Some(Self::Priority),
                "flex" => Some(Self::Flex),
                "batch" => Some(Self::Batch),
                "ultrafast" => Some(Self::Ultrafast),
                _ => None,
            },
            ProviderType::Anthropic | ProviderType::Bedrock => match word {
                "priority" => Some(Self::Priority),
                "flex" => Some(Self::Flex),
                "batch" => Some(Self::Batch),
                "fast" => Some(Self::Fast),
                _ => None,
            },
            ProviderType::GoogleAi | ProviderType::VertexAi => {
                let word = word.to_ascii_lowercase();
                let word = word.strip_prefix("service_tier_").unwrap_or(&word);
                match word.strip_prefix("on_demand_").unwrap_or(word) {
                    "priority" => Some(Self::Priority),
                    "flex" => Some(Self::Flex),
                    "batch" => Some(Self::Batch),
                    "offpeak" | "off_peak" => Some(Self::OffPeak),
                    _ => None,
                }
            }
        }
    }
}

/// The word by which Google tells that a call used capacity that is paid by the hour.
const PROVISIONED: &str = "provisioned_throughput";

/// Whether an answer with this word for its service tier has no price per token: it came from capacity that was
/// bought beforehand.
#[must_use]
pub fn is_prepaid(provider_type: ProviderType, word: Option<&str>) -> bool {
    match provider_type {
        ProviderType::VertexAi => word.is_some_and(|word| word.eq_ignore_ascii_case(PROVISIONED)),
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::Bedrock
        | ProviderType::AzureOpenAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{card_names, expected_card, is_fee, is_pinned, is_prepaid};
    use crate::{pricing::ServiceTier, provider::ProviderType};

    #[test]
    fn an_answers_name_comes_first_unless_an_admin_or_amazon_knows_better() {
        let names = |ty, price_as| card_names(ty, price_as, Some("asked"), Some("answered"));
        assert_eq!(
            names(ProviderType::OpenAi, None),
            [Some("answered"), Some("asked")]
        );
        assert_eq!(
            names(ProviderType::OpenAi, Some("as")),
            [Some("as"), Some("answered")]
        );
        assert_eq!(names(ProviderType::Bedrock, None), [Some("asked"), None]);
        assert_eq!(names(ProviderType::Bedrock, Some("as")), [Some("as"), None]);
        assert_eq!(
            names(ProviderType::AzureOpenAi, None),
            [None, Some("answered")]
        );
        assert_eq!(
            names(ProviderType::AzureOpenAi, Some("as")),
            [Some("as"), Some("answered")]
        );
    }

    #[test]
    fn a_fee_is_the_price_of_no_call() {
        let names =
            |price_as, replied| card_names(ProviderType::AzureOpenAi, price_as, None, replied);
        assert_eq!(names(None, Some("model-router")), [None, None]);
        assert_eq!(
            names(Some("model-router"), Some("gpt-5")),
            [None, Some("gpt-5")]
        );
        assert!(is_fee(ProviderType::AzureOpenAi, "model-router"));
        assert!(!is_fee(ProviderType::OpenAiCompatible, "model-router"));
    }

    #[test]
    fn what_a_deployment_is_called_says_nothing_of_its_price() {
        let card = |ty, price_as| expected_card(ty, price_as, "gpt-4o");
        assert_eq!(card(ProviderType::AzureOpenAi, None), None);
        assert_eq!(card(ProviderType::AzureOpenAi, Some("as")), Some("as"));
        assert_eq!(card(ProviderType::OpenAi, None), Some("gpt-4o"));
        assert_eq!(card(ProviderType::Bedrock, Some("as")), Some("as"));
    }

    #[test]
    fn only_one_geography_of_anthropic_costs_more() {
        assert!(is_pinned(ProviderType::Anthropic, "us"));
        assert!(!is_pinned(ProviderType::Anthropic, "global"));
        assert!(is_pinned(ProviderType::Bedrock, "us"));
        assert!(!is_pinned(ProviderType::Bedrock, "global"));
        assert!(is_pinned(ProviderType::OpenAi, "eu") && !is_pinned(ProviderType::OpenAi, ""));
    }

    #[test]
    fn a_location_of_vertex_costs_more_unless_it_is_global() {
        let pinned = |location| is_pinned(ProviderType::VertexAi, location);
        assert!(pinned("us-central1") && pinned("eu"));
        assert!(!pinned("global") && !pinned(""));
    }

    #[test]
    fn capacity_that_was_bought_has_no_price_per_token() {
        let prepaid = |ty, word| is_prepaid(ty, Some(word));
        assert!(prepaid(ProviderType::VertexAi, "PROVISIONED_THROUGHPUT"));
        assert!(!prepaid(ProviderType::VertexAi, "ON_DEMAND"));
        assert!(!prepaid(ProviderType::GoogleAi, "PROVISIONED_THROUGHPUT"));
        assert!(!is_prepaid(ProviderType::VertexAi, None));
    }

    #[test]
    fn a_word_means_the_tier_of_its_provider() {
        let tier = ServiceTier::named;
        assert_eq!(
            tier(ProviderType::OpenAi, "fast"),
            Some(ServiceTier::Priority)
        );
        assert_eq!(
            tier(ProviderType::Anthropic, "fast"),
            Some(ServiceTier::Fast)
        );
        assert_eq!(
            tier(ProviderType::GoogleAi, "ON_DEMAND_FLEX"),
            Some(ServiceTier::Flex)
        );
        assert_eq!(tier(ProviderType::Bedrock, "default"), None);
    }
}
