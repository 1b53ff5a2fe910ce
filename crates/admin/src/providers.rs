//! Providers: create, read, change, delete, test.
//!
//! | file | what for |
//! |---|---|
//! | `draft` | what somebody sends, unchecked; the merge patch |
//! | `check` | every rule that a saved provider keeps |
//! | `address` | addresses that are refused |
//! | `aws` | what is asked of AWS when a provider is saved |
//! | `connection` | asking the upstream |
//! | `conflict`, `merge` | two changes at once: in what they differ, and what they become together |
//! | `health` | the endpoints of one that has several, as they are now |
//! | `ids` | which id a new provider gets |
//! | `import` | providers made of credentials as other gateways write them |
//! | `list` | reading, with filters |
//! | `its_transcripts` | what becomes of what was said to one that is deleted |
//! | `several` | the endpoints of one that has several |
//! | `view` | the JSON that is answered |
//! | `wanted` | what a provider would be if it were saved now |

mod address;
mod aws;
mod check;
mod conflict;
mod connection;
mod draft;
mod google;
mod health;
mod ids;
mod import;
mod instead;
mod its_transcripts;
mod list;
mod merge;
mod several;
mod view;
mod wanted;

use std::collections::HashSet;

use domain::{ProviderId, provider::Provider};
use serde_json::Value;
use store::{AuditEntry, StoreError};

pub use address::{is_refused, is_refused_host};
pub use check::VertexDefaults;
pub use conflict::{Conflict, Meanwhile};
pub use draft::{CredentialsDraft, GuardrailDraft, ModelDraft, ProviderDraft};
pub use health::{EndpointHealth, EndpointsHealth};
pub use import::{ImportDraft, ImportKind, Imported};
pub use its_transcripts::ItsTranscripts;
pub use list::{Attention, ProviderQuery, ProviderStatus, ProviderUse};
pub(crate) use list::{CALLS_COUNTED, IN_USE};
pub use merge::{Difference, Part, Side};
pub use several::{EndpointDraft, EndpointView};
pub use view::{CredentialsView, ModelView, ProviderView, RatesView, ServicePrincipalMode};

use crate::{
    Admin,
    audit::Change,
    error::{AdminError, FieldError, Thing},
    live,
    transcripts::Forget,
    who::Who,
};
use wanted::{Wanted, both};

/// What an admin can do with providers.
#[derive(Debug, Clone)]
pub struct Providers {
    pub(crate) admin: Admin,
}

/// Which version a change is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BasedOn {
    /// Whatever it is now.
    Newest,
    /// One of these; none where somebody gave only what can be no version.
    OneOf(Vec<u64>),
}

impl BasedOn {
    /// Based on one version.
    #[must_use]
    pub fn version(version: u64) -> Self {
        Self::OneOf(vec![version])
    }

    fn check(&self, current: u64) -> Result<(), AdminError> {
        match self {
            Self::OneOf(versions) if !versions.contains(&current) => {
                Err(AdminError::VersionConflict { current })
            }
            Self::Newest | Self::OneOf(_) => Ok(()),
        }
    }
}

impl Providers {
    /// Makes a provider. It takes calls as soon as this returns.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong; [`AdminError::Conflict`] where nothing but
    /// the id is at fault.
    pub async fn create(
        &self,
        who: &Who,
        draft: &ProviderDraft,
    ) -> Result<ProviderView, AdminError> {
        let this = self.clone();
        let who = who.clone();
        let draft = draft.clone();
        let made = self.made(&who, &draft).await?;
        self.check_service_account(&made, None).await?;
        let told = self.ask_aws(&made, None).await?;
        self.admin
            .whole(async move {
                let mut provider = this.made(&who, &draft).await?;
                provider.version = this.next_version(&provider.id).await?;
                told.fill_in(&mut provider);
                let secrets = live::secrets_of(this.admin.store(), &provider).await?;
                let entry = this.entry(&who, "create", None, Some(&provider))?;
                let providers = this.admin.store().providers();
                match providers.insert(&provider, &entry).await {
                    Err(StoreError::Taken { .. }) => return Err(ids::taken(&provider.id)),
                    other => other?,
                };
                this.admin.live().put_provider(provider.clone(), secrets);
                Ok(this.view(&provider))
            })
            .await
    }

    /// All that is wrong with a draft of a new provider; nothing is saved. For checks while typing.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn check(
        &self,
        who: &Who,
        draft: &ProviderDraft,
    ) -> Result<Vec<FieldError>, AdminError> {
        let checked = self.checked(draft, None, &HashSet::new()).await?;
        let id = self.free_id(who, draft).await;
        match both(checked, id) {
            Ok(_) => Ok(vec![]),
            Err(error) => Ok(error.problem().errors),
        }
    }

    /// Changes a provider by a JSON Merge Patch. Calls that begin later see the change.
    ///
    /// # Errors
    /// [`AdminError::NotFound`], [`AdminError::VersionConflict`], [`AdminError::Invalid`].
    pub async fn update(
        &self,
        who: &Who,
        id: &str,
        based_on: BasedOn,
        patch: Value,
    ) -> Result<ProviderView, AdminError> {
        self.change(who, id, based_on, Wanted::Patch(patch)).await
    }

    /// Replaces everything that can be changed of a provider by a draft, as the console's form does.
    ///
    /// # Errors
    /// As [`Providers::update`].
    pub async fn replace(
        &self,
        who: &Who,
        id: &str,
        based_on: BasedOn,
        draft: &ProviderDraft,
    ) -> Result<ProviderView, AdminError> {
        let wanted = Wanted::Draft(Box::new(draft.clone()));
        self.change(who, id, based_on, wanted).await
    }

    /// Switches a provider on or off; running calls end as they began. No change where it is so already.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn set_enabled(
        &self,
        who: &Who,
        id: &str,
        enabled: bool,
    ) -> Result<ProviderView, AdminError> {
        let this = self.clone();
        let who = who.clone();
        let id = known_form(id)?;
        self.admin
            .whole(async move {
                let current = this.stored(&id).await?;
                if current.enabled == enabled {
                    return Ok(this.view(&current));
                }
                let mut changed = current.clone();
                changed.enabled = enabled;
                this.put(
                    &who,
                    if enabled { "enable" } else { "disable" },
                    &current,
                    changed,
                )
                .await
            })
            .await
    }

    /// Deletes a provider; running calls end as they began, its calls stay in the ledger, and tokens that
    /// name it keep doing so. What was said to it stays or goes. [`Providers::used_by`] says beforehand what
    /// will break.
    ///
    /// That its transcripts go is written down before the provider is deleted, and taken back where that fails.
    /// Should Weir stop in between, they go with the next start, though the provider is still there: none stays
    /// that was to go.
    ///
    /// # Errors
    /// [`AdminError::NotFound`], [`AdminError::VersionConflict`]; [`AdminError::TranscriptsUnavailable`] where
    /// transcripts are to go and cannot; then the provider is still there.
    pub async fn delete(
        &self,
        who: &Who,
        id: &str,
        based_on: BasedOn,
        transcripts: ItsTranscripts,
    ) -> Result<(), AdminError> {
        let this = self.clone();
        let actor = who.clone();
        let id = known_form(id)?;
        let its = Forget::Provider(id.clone());
        let forgetting = match transcripts {
            ItsTranscripts::Keep => None,
            ItsTranscripts::Delete => Some(self.admin.transcripts().to_delete(&its).await?),
        };
        self.admin
            .whole(async move {
                let current = this.stored(&id).await?;
                based_on.check(current.version)?;
                let transcripts = this.admin.transcripts();
                let written = match forgetting {
                    None => None,
                    Some(count) => Some(transcripts.write_down(&actor, its, count).await?),
                };
                match (this.remove(&actor, &current).await, written) {
                    (Ok(()), Some(written)) => transcripts.have_done(written),
                    (Err(error), Some(written)) => {
                        transcripts.take_back(&actor, written).await?;
                        Err(error)
                    }
                    (removed, None) => removed,
                }
            })
            .await
    }

    /// Deletes a provider from the store and from what takes calls.
    async fn remove(&self, who: &Who, current: &Provider) -> Result<(), AdminError> {
        let entry = self.entry(who, "delete", Some(current), None)?;
        let providers = self.admin.store().providers();
        providers.delete(&current.id, &entry).await?;
        self.admin.live().remove_provider(&current.id);
        Ok(())
    }

    /// The view of a provider.
    #[must_use]
    pub fn view(&self, provider: &Provider) -> ProviderView {
        ProviderView::of(provider, self.admin.public_url())
    }

    async fn stored(&self, id: &ProviderId) -> Result<Provider, AdminError> {
        self.admin
            .store()
            .providers()
            .get(id)
            .await?
            .ok_or_else(|| not_found(id.as_str()))
    }

    async fn change(
        &self,
        who: &Who,
        id: &str,
        based_on: BasedOn,
        wanted: Wanted,
    ) -> Result<ProviderView, AdminError> {
        let this = self.clone();
        let who = who.clone();
        let id = known_form(id)?;
        let (before, after) = self.changed(&id, &based_on, &wanted).await?;
        self.check_service_account(&after, Some(&before)).await?;
        let told = self.ask_aws(&after, Some(&before)).await?;
        self.admin
            .whole(async move {
                let (current, mut changed) = this.changed(&id, &based_on, &wanted).await?;
                told.fill_in(&mut changed);
                if changed == current {
                    return Ok(this.view(&current));
                }
                this.put(&who, "update", &current, changed).await
            })
            .await
    }

    async fn put(
        &self,
        who: &Who,
        action: &'static str,
        current: &Provider,
        mut changed: Provider,
    ) -> Result<ProviderView, AdminError> {
        changed.updated_at = self.admin.now();
        changed.version = current.version.saturating_add(1);
        let secrets = live::secrets_of(self.admin.store(), &changed).await?;
        let entry = self.entry(who, action, Some(current), Some(&changed))?;
        let providers = self.admin.store().providers();
        changed.version = match providers.update(&changed, current.version, &entry).await {
            Err(StoreError::VersionConflict { current }) => {
                return Err(AdminError::VersionConflict { current });
            }
            Err(StoreError::NotFound { .. }) => return Err(not_found(changed.id.as_str())),
            other => other?,
        };
        self.admin.live().put_provider(changed.clone(), secrets);
        Ok(self.view(&changed))
    }

    /// The audit's row of a change of a provider.
    fn entry(
        &self,
        who: &Who,
        action: &'static str,
        before: Option<&Provider>,
        after: Option<&Provider>,
    ) -> Result<AuditEntry, AdminError> {
        let any = after.or(before).ok_or(AdminError::Internal)?;
        let json = |provider: &Provider| serde_json::to_value(self.view(provider)).ok();
        Ok(self.admin.entry(
            who,
            Change {
                action,
                kind: "provider",
                id: any.id.to_string(),
                before: before.and_then(json),
                after: after.and_then(json),
            },
        ))
    }
}

fn not_found(id: &str) -> AdminError {
    AdminError::NotFound {
        what: Thing::Provider,
        id: id.to_owned(),
    }
}

/// What has not even the form of an id is simply not found.
fn known_form(id: &str) -> Result<ProviderId, AdminError> {
    ProviderId::new(id).map_err(|_| not_found(id))
}
