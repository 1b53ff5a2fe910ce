//! What is asked of AWS when a Bedrock provider is saved: whether its guardrail exists, and which model is
//! behind an ARN, so that its calls have a price. Where AWS cannot be asked, or not in time, the provider
//! is saved all the same: the first call will tell.
//!
//! It is asked before the change begins: no other change waits for AWS.

use std::{collections::HashMap, time::Duration};

use domain::{
    ModelId,
    provider::{Guardrail, Provider, Region, Upstream},
};
use tokio::time::{Instant, timeout_at};

use super::Providers;
use crate::{
    error::{AdminError, FieldError},
    live::{self, LiveProvider},
    probe::GuardrailCheck,
};

/// How long all questions of one change may take together.
const PATIENCE: Duration = Duration::from_secs(8);

/// What AWS said of a provider that is about to be saved.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Of whom it was asked. `None`: nothing was asked.
    upstream: Option<Upstream>,
    /// The models of the catalog whose prices hold for ARNs.
    priced_as: HashMap<ModelId, ModelId>,
}

impl Told {
    /// Fills in what only AWS knows, if the provider is still the one that was asked about.
    pub(super) fn fill_in(mut self, provider: &mut Provider) {
        if self.upstream.as_ref() != Some(&provider.upstream) {
            return;
        }
        for model in &mut provider.models {
            if model.price_as.is_none() {
                model.price_as = self.priced_as.remove(&model.id);
            }
        }
    }
}

impl Providers {
    /// The address of Bedrock that calls go to where a provider names none: the region's, unless the machine is set
    /// up for another.
    #[must_use]
    pub fn bedrock_address(&self, region: &Region, fips: bool) -> String {
        match self.admin.probe().bedrock_runtime() {
            Some(everywhere) if !fips => everywhere.to_owned(),
            _ => region.bedrock_runtime(fips),
        }
    }

    /// Asks AWS about a provider that is about to be saved. `before`: the provider as it is now; what did
    /// not change is not asked again.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] where AWS says that there is no such guardrail.
    pub(super) async fn ask_aws(
        &self,
        provider: &Provider,
        before: Option<&Provider>,
    ) -> Result<Told, AdminError> {
        let Upstream::Bedrock { region, .. } = &provider.upstream else {
            return Ok(Told::default());
        };
        let guarded: Vec<_> = provider
            .new_upstreams(before)
            .filter_map(|(index, upstream)| Some((index, guardrail_of(upstream)?)))
            .collect();
        let arns: Vec<&str> = provider
            .models
            .iter()
            .filter(|model| model.price_as.is_none())
            .map(|model| model.id.as_str())
            .filter(|id| is_arn(id) && before.is_none_or(|before| before.model(id).is_none()))
            .collect();
        if guarded.is_empty() && arns.is_empty() {
            return Ok(Told::default());
        }
        let secrets = live::secrets_of(self.admin.store(), provider).await?;
        let live = LiveProvider::new(provider.clone(), secrets);
        let deadline = Instant::now() + PATIENCE;
        for (index, (region, guardrail)) in guarded {
            let each = live.endpoints().map(|endpoints| &endpoints.each);
            let endpoint = each.and_then(|each| each.get(index));
            let there = endpoint.map_or(&live, |endpoint| &endpoint.provider);
            let checked = self.admin.probe().check_guardrail(there, guardrail);
            if let Ok(GuardrailCheck::Missing { message }) = timeout_at(deadline, checked).await {
                return Err(no_such_guardrail(region, message));
            }
        }
        let mut priced_as = HashMap::new();
        for arn in arns {
            // What comes too late is not known; names that need no question still are.
            let named = timeout_at(deadline, self.priced_as(&live, region, arn)).await;
            if let (Ok(Some(named)), Ok(id)) = (named, ModelId::new(arn)) {
                priced_as.insert(id, named);
            }
        }
        Ok(Told {
            upstream: Some(provider.upstream.clone()),
            priced_as,
        })
    }

    /// The model of the catalog whose price holds for an ARN. `None`: nobody can tell.
    async fn priced_as(&self, live: &LiveProvider, region: &Region, arn: &str) -> Option<ModelId> {
        let named = match named_model(arn) {
            Some(named) => named.to_owned(),
            None => self.admin.probe().model_behind(live, arn).await?,
        };
        let snapshot = self.admin.live().keep();
        let kind = live.provider.upstream.catalog_kind()?;
        snapshot.catalog.find(kind, &named, Some(region.as_str()))?;
        ModelId::new(named).ok()
    }
}

/// The guardrail of an upstream that has one, and where it must exist.
fn guardrail_of(upstream: &Upstream) -> Option<(&Region, &Guardrail)> {
    match upstream {
        Upstream::Bedrock {
            region, guardrail, ..
        } => Some((region, guardrail.as_ref()?)),
        _ => None,
    }
}

fn no_such_guardrail(region: &Region, message: Option<String>) -> AdminError {
    let words = message.map(|words| format!(" AWS says: {words}"));
    AdminError::Invalid(vec![FieldError::new(
        "guardrail.id",
        "guardrail_not_found",
        format!(
            "there is no such guardrail in this version in {region}.{}",
            words.unwrap_or_default()
        ),
    )])
}

fn is_arn(id: &str) -> bool {
    id.starts_with("arn:")
}

/// The model or profile that an ARN names itself. `None`: one of the account's own, which does not say.
fn named_model(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let (kind, name) = resource.split_once('/')?;
    matches!(kind, "foundation-model" | "inference-profile").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_name_models_or_do_not() {
        let region = "arn:aws:bedrock:us-east-1";
        for (arn, named) in [
            (
                format!("{region}::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"),
                Some("anthropic.claude-3-haiku-20240307-v1:0"),
            ),
            (
                format!("{region}:123456789012:inference-profile/us.anthropic.claude-opus-5-5"),
                Some("us.anthropic.claude-opus-5-5"),
            ),
            (
                format!("{region}:123456789012:application-inference-profile/abc123"),
                None,
            ),
            (format!("{region}:123456789012:provisioned-model/x"), None),
            ("arn:aws".to_owned(), None),
        ] {
            assert_eq!(named_model(&arn), named, "{arn}");
        }
    }
}
