//! What a provider would be if it were saved now: a new one, and one that is changed.

use std::collections::HashSet;

use domain::{ProviderId, SecretName, provider::Provider};
use serde_json::Value;

use super::{
    BasedOn, ProviderDraft, Providers,
    check::{self, Checked, Facts},
    draft,
};
use crate::{
    error::{AdminError, FieldError},
    fields::filled,
    who::Who,
};

/// What a provider is to become.
#[derive(Debug)]
pub(super) enum Wanted {
    /// This is to be changed of it: a JSON Merge Patch.
    Patch(Value),
    /// All of it but id and type.
    Draft(Box<ProviderDraft>),
}

impl Providers {
    /// Checks a draft against the secrets and the catalog as they are, and secrets that come with it. What the current provider refers to
    /// in the catalog stays good even where a newer catalog has dropped it.
    pub(super) async fn checked(
        &self,
        draft: &ProviderDraft,
        current: Option<&Provider>,
        new_secrets: &HashSet<SecretName>,
    ) -> Result<Result<Checked, Vec<FieldError>>, AdminError> {
        let secrets = self.admin.store().secrets().list().await?;
        let snapshot = self.admin.live().keep();
        // Some models have prices in some regions only.
        let regions: Vec<Option<&str>> = match draft.endpoints.as_slice() {
            [] => vec![region_or_zone(&draft.region, &draft.data_zone)],
            several => several
                .iter()
                .map(|each| region_or_zone(&each.region, &each.data_zone))
                .collect(),
        };
        let has_price = |kind: &str, model: &str| {
            let kept = current.is_some_and(|current| {
                current
                    .models
                    .iter()
                    .filter_map(|entry| entry.price_as.as_ref())
                    .any(|id| id.as_str() == model)
            });
            let mut regions = regions.iter();
            kept || regions.any(|region| snapshot.catalog.find(kind, model, *region).is_some())
        };
        let facts = Facts {
            has_secret: &|name: &SecretName| {
                new_secrets.contains(name) || secrets.iter().any(|secret| secret.name == *name)
            },
            has_price: &has_price,
            allow_link_local: self.admin.allows_link_local(),
            vertex: self.admin.vertex_defaults(),
        };
        Ok(check::check(draft, &facts))
    }

    /// A new provider as it would be saved now.
    pub(super) async fn made(
        &self,
        who: &Who,
        draft: &ProviderDraft,
    ) -> Result<Provider, AdminError> {
        self.made_with(who, draft, &HashSet::new()).await
    }

    /// The same where secrets come with it.
    pub(super) async fn made_with(
        &self,
        who: &Who,
        draft: &ProviderDraft,
        new_secrets: &HashSet<SecretName>,
    ) -> Result<Provider, AdminError> {
        let checked = self.checked(draft, None, new_secrets).await?;
        let id = self.free_id(who, draft).await;
        let (checked, id) = both(checked, id)?;
        let now = self.admin.now();
        Ok(Provider {
            id,
            display_name: checked.display_name,
            enabled: checked.enabled,
            upstream: checked.upstream,
            several: checked.several,
            other_paths: checked.other_paths,
            models: checked.models,
            recording: checked.recording,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// A provider as it is, and as it would be saved now.
    pub(super) async fn changed(
        &self,
        id: &ProviderId,
        based_on: &BasedOn,
        wanted: &Wanted,
    ) -> Result<(Provider, Provider), AdminError> {
        let current = self.stored(id).await?;
        based_on.check(current.version)?;
        let draft = match wanted {
            Wanted::Patch(patch) => {
                let json = serde_json::to_value(self.view(&current))
                    .map_err(|error| AdminError::internal("write a provider as JSON", &error))?;
                draft::patched(json, patch.clone())?
            }
            Wanted::Draft(draft) => {
                let mut draft = draft.as_ref().clone();
                draft.id = Some(current.id.to_string());
                draft.provider_type = Some(current.upstream.provider_type().key().to_owned());
                draft
            }
        };
        let checked = self
            .checked(&draft, Some(&current), &HashSet::new())
            .await?;
        let checked = checked.map_err(AdminError::Invalid)?;
        let changed = Provider {
            display_name: checked.display_name,
            enabled: checked.enabled,
            upstream: checked.upstream,
            several: checked.several,
            other_paths: checked.other_paths,
            models: checked.models,
            recording: checked.recording,
            ..current.clone()
        };
        Ok((current, changed))
    }
}

/// Brings what is wrong with the fields and with the id together.
pub(super) fn both(
    checked: Result<Checked, Vec<FieldError>>,
    id: Result<ProviderId, AdminError>,
) -> Result<(Checked, ProviderId), AdminError> {
    match (checked, id) {
        (Ok(checked), Ok(id)) => Ok((checked, id)),
        (Ok(_), Err(conflict)) => Err(conflict),
        (Err(errors), Ok(_)) => Err(AdminError::Invalid(errors)),
        (Err(mut errors), Err(conflict)) => {
            errors.extend(conflict.problem().errors);
            Err(AdminError::Invalid(errors))
        }
    }
}

/// Whose list prices hold where a draft says this.
fn region_or_zone<'a>(region: &'a Option<String>, zone: &'a Option<String>) -> Option<&'a str> {
    filled(region.as_deref()).or_else(|| filled(zone.as_deref()))
}
