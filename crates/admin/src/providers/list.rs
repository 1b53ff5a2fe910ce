//! Reading providers: one, a page of them, all; their status; what uses them.

use std::collections::HashMap;

use domain::{
    ProviderId, Timestamp,
    provider::{AnthropicAuth, Provider, ProviderType, Upstream},
};
use jiff::SignedDuration;
use serde::Serialize;
use store::{CallFilter, Choice};

use super::{ProviderView, Providers, known_form};
use crate::{
    error::AdminError,
    live::{LiveProvider, Snapshot},
    page::{Page, PageRequest, page_of},
    query::{Params, one_of},
    tokens::TokenView,
    who::Who,
};

/// How far back calls count as using something.
pub(crate) const IN_USE: SignedDuration = SignedDuration::from_hours(1);
/// Calls of the last hour are counted up to here: whoever is told so many knows that there may be more.
pub(crate) const CALLS_COUNTED: u64 = 1_001;

/// Whether a provider works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "why", rename_all = "snake_case")]
pub enum ProviderStatus {
    /// It takes calls.
    Active,
    /// It was switched off.
    Disabled,
    /// It takes calls, but somebody should look.
    NeedsAttention(Attention),
}

/// Why somebody should look at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Attention {
    /// The secret that it refers to is not there.
    SecretMissing {
        /// That secret.
        name: String,
    },
    /// The secret that it refers to is there, but its value cannot be decrypted: it has to be given anew.
    SecretUnreadable {
        /// That secret.
        name: String,
    },
    /// The upstream refused the credential of its last call.
    SignInFailed {
        /// 401 or 403.
        status: u16,
        /// When that was.
        at: Timestamp,
    },
}

impl ProviderStatus {
    const KEYS: &'static [&'static str] = &["active", "disabled", "needs_attention"];

    /// The name in addresses.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::NeedsAttention(_) => "needs_attention",
        }
    }
}

/// What uses a provider, and so breaks when it is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderUse {
    /// Calls that began in the last hour. 1,001 stands for more than a thousand.
    pub calls_last_hour: u64,
    /// Tokens that are limited to it and others, or to it alone.
    pub tokens: Vec<TokenView>,
}

/// Which providers are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderQuery {
    /// By type.
    pub types: Choice<ProviderType>,
    /// By status: keys of [`ProviderStatus`].
    pub statuses: Choice<&'static str>,
    /// A part of name or id, in capitals or not. Empty: whatever they are.
    pub text: String,
    /// Which page.
    pub page: PageRequest,
}

impl ProviderQuery {
    /// Reads `type`, `status` (each repeatable, each with `.not`), `q`, `limit` and `cursor`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let query = Self {
            types: params.matching(
                "type",
                &one_of(ProviderType::ALL.iter().map(|ty| ty.key())),
                |text| text.parse().ok(),
            ),
            statuses: params.matching(
                "status",
                &one_of(ProviderStatus::KEYS.iter().copied()),
                |text| {
                    ProviderStatus::KEYS
                        .iter()
                        .copied()
                        .find(|key| *key == text)
                },
            ),
            text: params.one("q").unwrap_or_default(),
            page: params.page(),
        };
        params.end()?;
        Ok(query)
    }

    fn takes(&self, provider: &Provider) -> bool {
        let text = self.text.trim().to_lowercase();
        self.types.takes(&provider.upstream.provider_type())
            && (provider.display_name.to_lowercase().contains(&text)
                || provider.id.as_str().contains(&text))
    }

    fn asks_for_status(&self) -> bool {
        !self.statuses.any_of.is_empty() || !self.statuses.none_of.is_empty()
    }
}

impl Providers {
    /// One provider.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn get(&self, _who: &Who, id: &str) -> Result<ProviderView, AdminError> {
        Ok(self.view(&self.stored(&known_form(id)?).await?))
    }

    /// The ids of deleted providers, in the order in which they were deleted.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn deleted(&self, _who: &Who) -> Result<Vec<String>, AdminError> {
        Ok(self.admin.store().providers().deleted().await?)
    }

    /// One page of the providers, by id.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] for a cursor that no page gave.
    pub async fn list(
        &self,
        who: &Who,
        query: &ProviderQuery,
    ) -> Result<Page<ProviderView>, AdminError> {
        let mut providers = self.found(who, query).await?;
        providers.sort_by(|a, b| a.id.cmp(&b.id));
        let is_key = |cursor: &str| ProviderId::new(cursor).is_ok();
        page_of(
            providers,
            &query.page,
            |provider| provider.id.to_string(),
            is_key,
        )
    }

    /// Every provider that is looked for, by display name; pages are left to whoever asks.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn found(
        &self,
        who: &Who,
        query: &ProviderQuery,
    ) -> Result<Vec<ProviderView>, AdminError> {
        let providers = self.admin.store().providers().list().await?;
        let found: Vec<ProviderView> = providers
            .iter()
            .filter(|provider| query.takes(provider))
            .map(|provider| self.view(provider))
            .collect();
        if !query.asks_for_status() {
            return Ok(found);
        }
        let statuses = self.statuses(who, &found).await?;
        Ok(found
            .into_iter()
            .zip(statuses)
            .filter(|(_, status)| query.statuses.takes(&status.key()))
            .map(|(view, _)| view)
            .collect())
    }

    /// Whether a provider works, and if somebody should look, why.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn status(
        &self,
        who: &Who,
        provider: &ProviderView,
    ) -> Result<ProviderStatus, AdminError> {
        let mut statuses = self.statuses(who, std::slice::from_ref(provider)).await?;
        statuses.pop().ok_or(AdminError::Internal)
    }

    /// Whether providers work, in their order. Asks the ledger once, however many there are.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn statuses(
        &self,
        who: &Who,
        providers: &[ProviderView],
    ) -> Result<Vec<ProviderStatus>, AdminError> {
        let ids: Vec<ProviderId> = providers.iter().map(|view| view.id.clone()).collect();
        self.statuses_of(who, &ids).await
    }

    /// As [`Providers::statuses`], by their ids alone. One that is not there any more takes no calls.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn statuses_of(
        &self,
        _who: &Who,
        ids: &[ProviderId],
    ) -> Result<Vec<ProviderStatus>, AdminError> {
        let snapshot = self.admin.live().keep();
        let told: Vec<Option<ProviderStatus>> = ids
            .iter()
            .map(|id| match snapshot.providers.get(id) {
                Some(live) => status_without_calls(live, &snapshot),
                None => Some(ProviderStatus::Disabled),
            })
            .collect();
        let open: Vec<ProviderId> = ids
            .iter()
            .zip(&told)
            .filter(|(_, told)| told.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        let latest = if open.is_empty() {
            HashMap::new()
        } else {
            self.admin.store().calls().latest_calls(&open).await?
        };
        let by_call = |id: &ProviderId| match (latest.get(id), snapshot.providers.get(id)) {
            (Some(row), Some(live))
                if matches!(row.call.status, 401 | 403)
                    && row.call.start.started_at > live.provider.updated_at =>
            {
                ProviderStatus::NeedsAttention(Attention::SignInFailed {
                    status: row.call.status,
                    at: row.call.start.started_at,
                })
            }
            _ => ProviderStatus::Active,
        };
        Ok(ids
            .iter()
            .zip(told)
            .map(|(id, told)| told.unwrap_or_else(|| by_call(id)))
            .collect())
    }

    /// What uses a provider: to be shown before it is deleted.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn used_by(&self, who: &Who, id: &str) -> Result<ProviderUse, AdminError> {
        let id = self.stored(&known_form(id)?).await?.id;
        let filter = CallFilter {
            providers: Choice::only(id.clone()),
            since: Some(self.admin.now() - IN_USE),
            ..CallFilter::default()
        };
        let calls_last_hour = self
            .admin
            .store()
            .calls()
            .count_up_to(&filter, CALLS_COUNTED)
            .await?;
        let mut tokens = self.admin.tokens().all(who).await?;
        tokens.retain(|token| token.providers.contains(&id));
        Ok(ProviderUse {
            calls_last_hour,
            tokens,
        })
    }
}

/// The status of a provider. `None`: its latest call tells.
fn status_without_calls(live: &LiveProvider, snapshot: &Snapshot) -> Option<ProviderStatus> {
    if !live.provider.enabled {
        return Some(ProviderStatus::Disabled);
    }
    if let Some(secret) = live.secret_missing() {
        let name = secret.to_string();
        return Some(ProviderStatus::NeedsAttention(
            if snapshot.secrets.contains(secret) {
                Attention::SecretUnreadable { name }
            } else {
                Attention::SecretMissing { name }
            },
        ));
    }
    // What a client's own credential is refused for is not for an admin to mend.
    let passes_on = matches!(
        live.provider.upstream,
        Upstream::Anthropic {
            auth: AnthropicAuth::Passthrough,
            ..
        }
    );
    passes_on.then_some(ProviderStatus::Active)
}
