//! What another catalog would change, for people and programs to read before it is applied.

use std::collections::BTreeMap;

use catalog::{Catalog, CatalogModel, Difference, ModelChange, Price, PriceChange};
use domain::{
    Bucket, ModelId, ProviderId, UsdPerMtok,
    pricing::{RateCard, RateOverrides, expected_card},
    provider::ProviderModel,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::tier_key;
use crate::live::{LiveProvider, Snapshot};

/// What another catalog would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CatalogChanges {
    /// How many rows come, go and change, for each kind that has any.
    pub kinds: Vec<KindChanges>,
    /// Models on providers' lists whose prices change; those that lose theirs first.
    pub affected: Vec<AffectedModel>,
    /// Providers that allow every model, and whose calls of a model that changes would be priced anew.
    #[schema(value_type = Vec<String>)]
    pub open_providers: Vec<ProviderId>,
    /// Rows whose prices change, the largest change first.
    pub repriced: Vec<RepricedModel>,
    /// Rows that come.
    pub added: Vec<ChangedModel>,
    /// Rows that go.
    pub removed: Vec<ChangedModel>,
    /// Rows that change in something else than prices: a name, a limit, an ability.
    pub other: Vec<ChangedModel>,
}

/// How many rows of a kind come, go and change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindChanges {
    /// The host whose prices these are.
    #[schema(example = "openai")]
    pub kind: String,
    /// Rows that come.
    pub added: usize,
    /// Rows that go.
    pub removed: usize,
    /// Rows whose prices change.
    pub repriced: usize,
    /// Rows that change in something else.
    pub other: usize,
}

/// A row of the catalog, by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChangedModel {
    /// The host whose prices these are.
    #[schema(example = "openai")]
    pub kind: String,
    /// The id as it is sent upstream.
    #[schema(example = "gpt-4o")]
    pub id: String,
    /// Where these prices hold. Null: wherever no row of its own says otherwise.
    pub region: Option<String>,
}

/// A row whose prices change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RepricedModel {
    /// Which one.
    #[serde(flatten)]
    pub model: ChangedModel,
    /// Its prices that change, the largest change first.
    pub prices: Vec<PriceView>,
}

/// A model on a provider's list whose prices change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AffectedModel {
    /// Whose list it is on.
    #[schema(value_type = String, example = "openai-main")]
    pub provider: ProviderId,
    /// The provider's display name.
    pub provider_name: String,
    /// The model, as it is on the list.
    #[schema(example = "gpt-4o")]
    pub model: String,
    /// Whether calls of it would be unpriced: its rate of input or output goes, and no override holds.
    pub loses_price: bool,
    /// The prices that change. What an override holds for is left out.
    pub prices: Vec<PriceView>,
}

/// One price, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = PriceChange)]
pub struct PriceView {
    /// A bucket, `threshold` (tokens above which a prompt is long), `hours` (of a tier; no values),
    /// `regional_multiplier`, or `searches` (dollars per thousand).
    #[schema(example = "input")]
    pub price: &'static str,
    /// Of which service tier. Null: the standard one.
    #[schema(value_type = Option<String>)]
    pub tier: Option<&'static str>,
    /// Whether it is the price of long prompts.
    pub long_context: bool,
    /// As it was. Null: there was none.
    pub before: Option<String>,
    /// As it is. Null: there is none.
    pub after: Option<String>,
}

impl PriceView {
    fn of(change: &PriceChange) -> Self {
        let (price, tier, long_context) = match change.price {
            Price::Rate { tier, long, bucket } => (bucket.key(), tier, long),
            Price::Threshold { tier } => ("threshold", tier, true),
            Price::Hours { tier } => ("hours", Some(tier), false),
            Price::RegionalMultiplier => ("regional_multiplier", None, false),
            Price::Searches => ("searches", None, false),
        };
        Self {
            price,
            tier: tier.map(tier_key),
            long_context,
            before: change.before.map(|usd| usd.normalize().to_string()),
            after: change.after.map(|usd| usd.normalize().to_string()),
        }
    }

    fn all(changes: &[PriceChange]) -> Vec<Self> {
        changes.iter().map(Self::of).collect()
    }
}

impl From<&CatalogModel> for ChangedModel {
    fn from(model: &CatalogModel) -> Self {
        Self {
            kind: model.kind.clone(),
            id: model.id.clone(),
            region: model.region.clone(),
        }
    }
}

impl CatalogChanges {
    /// What `next` would change against the catalog in use. Takes long where much differs; not for threads
    /// that carry calls.
    pub(super) fn between(snapshot: &Snapshot, next: &Catalog) -> Self {
        let in_use = &snapshot.catalog;
        let difference = Difference::between(in_use, next);
        let kinds = counted(&difference);
        let keys = |models: &[CatalogModel]| models.iter().map(ChangedModel::from).collect();
        let (repriced, other): (Vec<_>, Vec<_>) = difference
            .changed
            .iter()
            .partition(|change: &&ModelChange| !change.prices.is_empty());
        let mut providers: Vec<&LiveProvider> =
            snapshot.providers.values().map(AsRef::as_ref).collect();
        providers.sort_by_key(|live| &live.provider.id);
        let mut affected: Vec<AffectedModel> = providers
            .iter()
            .flat_map(|live| affected(live, in_use, next))
            .collect();
        affected.sort_by_key(|model| !model.loses_price);
        let is_open = |live: &&&LiveProvider| {
            let kind = live.provider.upstream.catalog_kind();
            let changes = kinds.iter().any(|of| {
                Some(of.kind.as_str()) == kind && of.removed + of.repriced + of.added > 0
            });
            live.provider.models.is_empty() && changes
        };
        Self {
            affected,
            open_providers: providers
                .iter()
                .filter(is_open)
                .map(|live| live.provider.id.clone())
                .collect(),
            repriced: repriced
                .into_iter()
                .map(|change| RepricedModel {
                    model: ChangedModel::from(&change.after),
                    prices: PriceView::all(&change.prices),
                })
                .collect(),
            added: keys(&difference.added),
            removed: keys(&difference.removed),
            other: other
                .into_iter()
                .map(|change| ChangedModel::from(&change.after))
                .collect(),
            kinds,
        }
    }

    /// The counts of all kinds together, for the audit.
    pub(super) fn totals(&self) -> Value {
        let sum = |of: fn(&KindChanges) -> usize| self.kinds.iter().map(of).sum::<usize>();
        json!({
            "models_added": sum(|kind| kind.added),
            "models_removed": sum(|kind| kind.removed),
            "models_repriced": sum(|kind| kind.repriced),
            "models_changed_otherwise": sum(|kind| kind.other),
        })
    }

    /// Whether nothing would change but the version.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}

fn counted(difference: &Difference) -> Vec<KindChanges> {
    let mut kinds: BTreeMap<&str, KindChanges> = BTreeMap::new();
    for model in &difference.added {
        kinds.entry(&model.kind).or_default().added += 1;
    }
    for model in &difference.removed {
        kinds.entry(&model.kind).or_default().removed += 1;
    }
    for change in &difference.changed {
        let of = kinds.entry(&change.after.kind).or_default();
        if change.prices.is_empty() {
            of.other += 1;
        } else {
            of.repriced += 1;
        }
    }
    kinds
        .into_iter()
        .map(|(kind, counts)| KindChanges {
            kind: kind.to_owned(),
            ..counts
        })
        .collect()
}

/// The models of a provider's list whose prices change.
fn affected(live: &LiveProvider, in_use: &Catalog, next: &Catalog) -> Vec<AffectedModel> {
    let provider = &live.provider;
    let Some(kind) = provider.upstream.catalog_kind() else {
        return vec![];
    };
    let mut regions: Vec<Option<&str>> = vec![];
    for upstream in provider.upstreams() {
        let region = upstream.price_region();
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    let card = |catalog: &Catalog, model: &ProviderModel, region: Option<&str>| {
        let price_as = model.price_as.as_ref().map(ModelId::as_str);
        let ty = provider.upstream.provider_type();
        let found = expected_card(ty, price_as, model.id.as_str())
            .and_then(|name| catalog.find(kind, name, region));
        found.map(|found| found.card).unwrap_or_default()
    };
    provider
        .models
        .iter()
        .filter_map(|model| {
            // Where endpoints are in several regions, the first in which it changes tells.
            regions.iter().find_map(|region| {
                let (before, after) = (card(in_use, model, *region), card(next, model, *region));
                let mut prices = catalog::prices(&before, &after);
                prices.retain(|change| !is_overridden(&model.rates, change));
                (!prices.is_empty()).then(|| AffectedModel {
                    provider: provider.id.clone(),
                    provider_name: provider.display_name.clone(),
                    model: model.id.to_string(),
                    loses_price: loses_price(&before, &after, &model.rates),
                    prices: PriceView::all(&prices),
                })
            })
        })
        .collect()
}

/// Whether an override holds for a price, so that calls do not notice its change. It holds for every prompt
/// size and tier.
fn is_overridden(rates: &RateOverrides, change: &PriceChange) -> bool {
    match change.price {
        Price::Rate { bucket, .. } => rates.get(bucket).is_some(),
        Price::Threshold { .. }
        | Price::Hours { .. }
        | Price::RegionalMultiplier
        | Price::Searches => false,
    }
}

fn loses_price(before: &RateCard, after: &RateCard, overrides: &RateOverrides) -> bool {
    let rate =
        |card: &RateCard, bucket: Bucket| -> Option<UsdPerMtok> { *card.standard.get(bucket) };
    [Bucket::Input, Bucket::Output].into_iter().any(|bucket| {
        rate(before, bucket).is_some()
            && rate(after, bucket).is_none()
            && overrides.get(bucket).is_none()
    })
}
