//! The rates of one moment, and what a call costs by them.
//!
//! While it is computed what would change, cards are looked up in the catalog and kept; when it is applied,
//! they come from what was kept. So every call gets the price that was shown, also after a restart, whatever
//! rates have changed meanwhile.

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
    sync::Arc,
};

use catalog::Catalog;
use domain::{
    ProviderId, Timestamp,
    call::{Call, Outcome},
    pricing::{
        Charge, PriceRequest, PriceState, Priced, RateCard, RateOverrides, ServiceTier, card_names,
        is_pinned, price,
    },
    provider::{Provider, ProviderType, host},
    usage::Usage,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::ledger::is_believable;

use super::{
    Selection,
    place::{self, Places, PriceRegion},
    write_json,
};
use crate::{error::AdminError, live::Snapshot};

/// The rates of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rates {
    catalog_version: String,
    /// How many re-pricings were applied before: each changes what calls cost.
    applied: u64,
    /// Those of configured providers.
    providers: BTreeMap<ProviderId, ProviderRates>,
    /// The catalog's cards that were asked for, by [`key`]. What is not there has none.
    #[serde(default)]
    cards: BTreeMap<String, RateCard>,
}

/// What of a provider decides what its calls cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ProviderRates {
    kind: Option<String>,
    region: PriceRegion,
    /// The host at which it is called, where it could be taken for the name of an endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// The regions of its endpoints by their names, where it has several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    endpoints: BTreeMap<String, PriceRegion>,
    /// Only models for which an admin has said something.
    models: BTreeMap<String, ModelRates>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ModelRates {
    price_as: Option<String>,
    rates: RateOverrides,
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Again {
    /// It costs the same, or it is still not known what it costs.
    Same,
    /// It has a price, and there is no rate for it any more, or its provider is deleted: it keeps its price.
    Kept,
    /// It costs something else.
    Changed(Box<Call>),
}

impl Rates {
    /// The rates of now for a selection.
    pub(super) fn today(snapshot: &Snapshot, selection: &Selection, applied: u64) -> Self {
        let chosen = &selection.providers;
        Self::of(snapshot, applied, |id| {
            chosen.is_empty() || chosen.contains(id)
        })
    }

    /// The rates of now for one provider.
    pub(super) fn of_provider(snapshot: &Snapshot, provider: &ProviderId) -> Self {
        Self::of(snapshot, 0, |id| id == provider)
    }

    /// The rates of now for the same providers.
    pub(super) fn again(&self, snapshot: &Snapshot, applied: u64) -> Self {
        Self::of(snapshot, applied, |id| self.providers.contains_key(id))
    }

    fn of(snapshot: &Snapshot, applied: u64, is_chosen: impl Fn(&ProviderId) -> bool) -> Self {
        let providers = snapshot
            .providers
            .iter()
            .filter(|(id, _)| is_chosen(id))
            .map(|(id, live)| (id.clone(), ProviderRates::of(&live.provider)))
            .collect();
        Self {
            catalog_version: snapshot.catalog.version().to_owned(),
            applied,
            providers,
            cards: BTreeMap::new(),
        }
    }

    /// What the rates are known by: others have another one. The catalog counts by its version.
    pub(super) fn fingerprint(&self) -> Result<String, AdminError> {
        let decisive = (&self.catalog_version, self.applied, &self.providers);
        let json = write_json("rates", &decisive)?;
        let digest = Sha256::digest(json.to_string());
        Ok(digest.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

impl ProviderRates {
    fn of(provider: &Provider) -> Self {
        let upstream = &provider.upstream;
        let said = provider
            .models
            .iter()
            .filter(|model| model.price_as.is_some() || model.rates != RateOverrides::default());
        Self {
            kind: upstream.catalog_kind().map(str::to_owned),
            region: upstream.price_region().map(str::to_owned),
            host: host(&upstream.base_url())
                .filter(|host| !place::tells_a_host(host))
                .map(str::to_owned),
            endpoints: provider
                .endpoints()
                .map(|(name, upstream)| {
                    (name.to_string(), upstream.price_region().map(str::to_owned))
                })
                .collect(),
            models: said
                .map(|model| {
                    let rates = ModelRates {
                        price_as: model.price_as.as_ref().map(ToString::to_string),
                        rates: model.rates,
                    };
                    (model.id.to_string(), rates)
                })
                .collect(),
        }
    }

    /// Of a deleted provider only its type is known.
    fn of_deleted(provider_type: ProviderType) -> Self {
        Self {
            kind: provider_type.catalog_kind(None).map(str::to_owned),
            region: None,
            host: None,
            endpoints: BTreeMap::new(),
            models: BTreeMap::new(),
        }
    }
}

/// Prices calls by the rates of one moment.
#[derive(Debug)]
pub(super) struct Pricing {
    rates: Rates,
    /// Where cards are looked up that were not asked for yet. `None`: all were.
    catalog: Option<Arc<Catalog>>,
    /// What the catalog does not have.
    unknown: HashSet<String>,
}

/// What decides what a call costs, beside the rates.
struct Asked<'a> {
    provider: &'a ProviderId,
    provider_type: ProviderType,
    endpoint: Option<&'a str>,
    requested: Option<&'a str>,
    replied: Option<&'a str>,
    usage: &'a Usage,
    tier: Option<&'a str>,
    geography: Option<&'a str>,
    at: Timestamp,
    billed_beside: bool,
    estimated: bool,
}

/// Names that the catalog does not have and that are remembered. Clients make up names.
const UNKNOWN_MOST: usize = 10_000;

impl Pricing {
    /// By rates whose cards are still to be looked up.
    pub(super) fn looking_up(rates: Rates, catalog: Arc<Catalog>) -> Self {
        Self {
            rates,
            catalog: Some(catalog),
            unknown: HashSet::new(),
        }
    }

    /// By rates that are complete.
    pub(super) fn by(rates: Rates) -> Self {
        Self {
            rates,
            catalog: None,
            unknown: HashSet::new(),
        }
    }

    /// The rates, with every card that was looked up.
    pub(super) fn into_rates(self) -> Rates {
        self.rates
    }

    /// What becomes of a call.
    pub(super) fn price(&mut self, call: &Call) -> Again {
        if call.price_state == PriceState::NotBilled || !call.usage.is_reported() {
            return Again::Same;
        }
        let unchanged = match call.price_state {
            PriceState::Unpriced => Again::Same,
            _ => Again::Kept,
        };
        let start = &call.start;
        let is_deleted = !self.rates.providers.contains_key(&start.provider);
        // The overrides by which it was priced went with the provider.
        let has_price = call.price_state != PriceState::Unpriced;
        if (is_deleted && has_price) || !is_believable(call) {
            return unchanged;
        }
        let priced = self.priced(&Asked {
            provider: &start.provider,
            provider_type: start.provider_type,
            endpoint: start.endpoint.as_deref(),
            requested: start.model.as_deref(),
            replied: call.replied_model.as_deref(),
            usage: &call.usage,
            tier: call.service_tier.as_deref(),
            geography: call.geography.as_deref(),
            at: start.started_at,
            billed_beside: was_billed_beside(call),
            estimated: was_estimated(call),
        });
        let Some(priced) = priced.filter(|priced| priced.state != PriceState::Unpriced) else {
            return unchanged;
        };
        if is_same(call, priced.state, &priced.charge) {
            return Again::Same;
        }
        let mut after = call.clone();
        after.usage = priced.usage;
        after.price_state = priced.state;
        after.charge = priced.charge;
        after
            .start
            .catalog_version
            .clone_from(&self.rates.catalog_version);
        if !is_believable(&after) {
            return unchanged;
        }
        Again::Changed(Box::new(after))
    }

    /// Whether a call of a model of a provider has a price, as far as the answer names no other.
    pub(super) fn has_rate(&mut self, provider: &Provider, model: &str, at: Timestamp) -> bool {
        let mut usage = Usage::default();
        (usage.tokens.input, usage.tokens.output) = (Some(1), Some(1));
        let priced = self.priced(&Asked {
            provider: &provider.id,
            provider_type: provider.upstream.provider_type(),
            endpoint: None,
            requested: Some(model),
            replied: None,
            usage: &usage,
            tier: None,
            geography: None,
            at,
            billed_beside: false,
            estimated: false,
        });
        priced.is_some_and(|priced| priced.state != PriceState::Unpriced)
    }

    /// What something costs. `None`: nobody knows where it was billed.
    fn priced(&mut self, asked: &Asked<'_>) -> Option<Priced> {
        let ty = asked.provider_type;
        let known = self.rates.providers.get(asked.provider);
        let deleted = ProviderRates::of_deleted(ty);
        let provider = known.unwrap_or(&deleted);
        let places = Places {
            ty,
            now: known.map(|known| &known.region),
            host: provider.host.as_deref(),
            endpoints: &provider.endpoints,
        };
        let region = places.of(asked.endpoint).ok()?.unwrap_or_default();
        let (requested, replied) = (asked.requested, asked.replied);
        let said = |model: Option<&str>| provider.models.get(model?);
        let overrides = [said(requested), said(replied)].map(|model| Some(model?.rates));
        let price_as = said(requested).and_then(|model| model.price_as.as_deref());
        let keys = card_names(ty, price_as, requested, replied)
            .map(|name| Some((provider.kind.clone()?, name?.to_owned())));
        for (kind, name) in keys.iter().flatten() {
            self.look_up(kind, &region, name);
        }
        let cards = keys.map(|names| {
            let (kind, name) = names?;
            self.rates.cards.get(&key(&kind, &region, &name))
        });
        Some(price(&PriceRequest {
            usage: asked.usage,
            overrides: overrides.each_ref().map(Option::as_ref),
            cards,
            tier: asked.tier.and_then(|word| ServiceTier::named(ty, word)),
            at: asked.at,
            pinned_geography: asked
                .geography
                .is_some_and(|geography| is_pinned(ty, geography)),
            billed_beside: asked.billed_beside,
            estimated: asked.estimated,
        }))
    }

    fn look_up(&mut self, kind: &str, region: &str, model: &str) {
        let Some(catalog) = &self.catalog else { return };
        let key = key(kind, region, model);
        if self.rates.cards.contains_key(&key) || self.unknown.contains(&key) {
            return;
        }
        let region = Some(region).filter(|region| !region.is_empty());
        match catalog.find(kind, model, region) {
            Some(found) => {
                self.rates.cards.insert(key, found.card);
            }
            None => {
                if self.unknown.len() >= UNKNOWN_MOST {
                    self.unknown.clear();
                }
                self.unknown.insert(key);
            }
        }
    }
}

/// What a card is kept under. No kind and no region has a line break.
fn key(kind: &str, region: &str, model: &str) -> String {
    format!("{kind}\n{region}\n{model}")
}

/// Whether a call costs the same, bucket by bucket.
fn is_same(call: &Call, state: PriceState, charge: &Charge) -> bool {
    let was = &call.charge;
    (
        call.price_state,
        was.total,
        was.cost,
        was.reasoning,
        was.searches,
    ) == (
        state,
        charge.total,
        charge.cost,
        charge.reasoning,
        charge.searches,
    )
}

/// Whether Weir counted the tokens. Older rows of unpriced calls do not say so, but of a call that a crash
/// has swallowed nobody else did.
fn was_estimated(call: &Call) -> bool {
    call.charge.estimated
        || call.price_state == PriceState::Estimated
        || call.outcome == Outcome::Interrupted
}

/// Whether something was billed that is in no bucket. Older rows do not say so, but only that leaves a call
/// unpriced that has a rate for everything.
fn was_billed_beside(call: &Call) -> bool {
    call.charge.billed_beside
        || (call.price_state == PriceState::Unpriced
            && call.outcome != Outcome::Interrupted
            && has_every_rate(&call.usage, &call.charge))
}

fn has_every_rate(usage: &Usage, charge: &Charge) -> bool {
    let some = |count: Option<u64>| count.is_some_and(|count| count > 0);
    usage
        .tokens
        .iter()
        .all(|(bucket, tokens)| !some(*tokens) || charge.rates.get(bucket).is_some())
        && (!some(usage.searches) || charge.search_rate.is_some())
}
