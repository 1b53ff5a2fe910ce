//! Which models to call in place of one that the upstream does not serve as it was asked.

use catalog::Catalog;
use domain::{
    ModelId,
    provider::{Geography, Upstream},
};

/// So few models are offered whole, whatever they are called.
const FEW: usize = 3;
/// So many models of a list are compared.
const COMPARED_MAX: usize = 5_000;
/// How alike two ids must be, from 0 to 1.
const ALIKE: f64 = 0.6;

/// The inference profiles of a model that the catalog knows and the provider's region can call: those that
/// keep to a geography first.
pub(super) fn profiles(catalog: &Catalog, upstream: &Upstream, model: &str) -> Vec<String> {
    let (Some(region), Some(kind)) = (upstream.region(), upstream.catalog_kind()) else {
        return vec![];
    };
    // The ARN of a foundation model ends in its id.
    let bare = model.rsplit('/').next().unwrap_or(model);
    let (global, local): (Vec<Geography>, Vec<Geography>) = Geography::ALL
        .iter()
        .filter(|geography| geography.is_called_from(region.as_str()))
        .partition(|geography| **geography == Geography::Global);
    local
        .into_iter()
        .chain(global)
        .map(|geography| geography.profile(bare))
        .filter(|profile| catalog.find(kind, profile, None).is_some())
        .collect()
}

/// Those of the upstream's own models whose ids are like one that it does not know, the likest first; all of
/// them where there are few. What can be no model's id is not offered, and of a very long list only its
/// beginning.
pub(super) fn close_to(model: &str, listed: Vec<String>) -> Vec<String> {
    let asked = model.to_lowercase();
    let likeness = |id: &str| {
        let id = id.to_lowercase();
        if id.contains(&asked) || asked.contains(&id) {
            return 1.0;
        }
        strsim::normalized_damerau_levenshtein(&asked, &id)
    };
    let listed: Vec<String> = listed
        .into_iter()
        .filter(|id| ModelId::new(id.as_str()).is_ok())
        .take(COMPARED_MAX)
        .collect();
    let few = listed.len() <= FEW;
    let mut close: Vec<(f64, String)> = listed
        .into_iter()
        .filter(|id| id != model)
        .map(|id| (likeness(&id), id))
        .filter(|(likeness, _)| few || *likeness >= ALIKE)
        .collect();
    close.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    close.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use domain::provider::AwsCredentials;

    use super::*;

    #[test]
    fn profiles_that_the_region_can_call_are_offered() {
        let catalog = Catalog::builtin().unwrap();
        let offered = |region: &str, model: &str| {
            let upstream = Upstream::Bedrock {
                region: region.parse().unwrap(),
                base_url: None,
                credentials: AwsCredentials::DefaultChain,
                fips: false,
                guardrail: None,
            };
            profiles(&catalog, &upstream, model)
        };
        assert_eq!(
            offered("eu-central-1", "anthropic.claude-opus-5-5"),
            [
                "eu.anthropic.claude-opus-5-5",
                "global.anthropic.claude-opus-5-5"
            ]
        );
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-5-5";
        assert_eq!(
            offered("us-east-1", arn).first().unwrap(),
            "us.anthropic.claude-opus-5-5"
        );
        assert!(offered("us-east-1", "nobody.knows-it").is_empty());
    }

    #[track_caller]
    fn check(model: &str, listed: &[&str], expected: &[&str]) {
        let listed = listed.iter().map(ToString::to_string).collect();
        assert_eq!(close_to(model, listed), expected);
    }

    #[test]
    fn ids_that_are_like_the_one_asked_for_are_offered() {
        let listed = ["gpt-5-mini", "gpt-5.6", "whisper-1", "Qwen/Qwen3-32B", "o3"];
        check("gpt-5-mni", &listed, &["gpt-5-mini"]);
        check("qwen3-32b", &listed, &["Qwen/Qwen3-32B"]);
        check("claude-opus", &listed, &[]);
        check("llama", &["qwen3:8b"], &["qwen3:8b"]);
        check("o3", &["o3"], &[]);
    }

    #[test]
    fn what_is_no_id_is_not_offered_and_a_long_list_is_cut() {
        let long = "x".repeat(domain::id::MODEL_ID_MAX + 1);
        check("x", &[&long, "a\nb", "", "xy"], &["xy"]);
        let mut listed: Vec<String> = (0..COMPARED_MAX).map(|at| format!("x{at}")).collect();
        listed.push("x".to_owned() + "-last");
        let offered = close_to("x", listed);
        assert_eq!(offered.len(), COMPARED_MAX);
        assert!(!offered.contains(&"x-last".to_owned()));
    }
}
