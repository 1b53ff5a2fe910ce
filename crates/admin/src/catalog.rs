//! The catalog's models, with prices, for choosing them; and a newer catalog, see [`refresh`].

mod changes;
mod refresh;
mod refusal;
mod source;
mod view;

use std::collections::BTreeMap;

use catalog::CatalogModel;
pub use catalog::{Fit, Mode, fit};
use domain::{
    UsdPerMtok, UsdPerThousand,
    bucket::PerBucket,
    pricing::{LongContext, ServiceTier},
    provider::{Preset, PricePlace, ProviderType},
};
use serde::Serialize;

pub use changes::{
    AffectedModel, CatalogChanges, ChangedModel, KindChanges, PriceView, RepricedModel,
};
pub use refusal::CatalogRefusal;
pub use source::{CATALOG_MAX_BYTES, CatalogSource, FetchFailure};
pub use view::{
    ApplyRequest, CatalogStatus, DiscardRequest, KindCount, PendingCatalog, ProposedCatalog,
};

use crate::{
    Admin,
    error::AdminError,
    page::{Page, PageRequest, bad_cursor},
    query::Params,
    who::Who,
};

/// What an admin can do with the catalog.
#[derive(Debug, Clone)]
pub struct CatalogSearch {
    pub(crate) admin: Admin,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelQuery {
    /// The catalog's kind: a provider type's, or a preset's. `None`: a type without list prices.
    pub kind: Option<&'static str>,
    /// A part of the id or the display name. Empty: every model.
    pub text: String,
    /// The region whose prices are told, where a model has some of its own there.
    pub region: Option<String>,
    /// Which page.
    pub page: PageRequest,
}

impl ModelQuery {
    /// Reads `type`, `preset`, `q`, `region`, `limit` and `cursor`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let types: Vec<&str> = ProviderType::ALL.iter().map(|ty| ty.key()).collect();
        let wants = format!("use one of: {}", types.join(", "));
        let asked = params.all("type");
        let ty = match asked.as_slice() {
            [] => {
                params.wrong("type", "required", format!("say whose models; {wants}"));
                None
            }
            [one] => {
                let ty = one.parse::<ProviderType>().ok();
                if ty.is_none() {
                    params.wrong("type", "invalid_type", wants);
                }
                ty
            }
            _ => {
                params.wrong("type", "given_twice", "give this once");
                None
            }
        };
        let presets: Vec<&str> = Preset::ALL.iter().map(|preset| preset.key()).collect();
        let wants = format!("use one of: {}", presets.join(", "));
        let preset = params.read("preset", "invalid_preset", &wants, |text| {
            text.parse::<Preset>().ok()
        });
        if preset.is_some() && ty.is_some_and(|ty| ty != ProviderType::OpenAiCompatible) {
            params.wrong(
                "preset",
                "field_of_other_type",
                "only openai_compatible has presets",
            );
        }
        let kind = ty.and_then(|ty| ty.catalog_kind(preset));
        let text = params.one("q").unwrap_or_default();
        let region = params.one("region");
        let page = params.page();
        params.end()?;
        Ok(Self {
            kind,
            text,
            region,
            page,
        })
    }
}

/// One model of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CatalogModel)]
pub struct CatalogModelView {
    /// The id as it is sent upstream.
    #[schema(example = "gpt-4o")]
    pub id: String,
    /// Where these prices hold. Null: wherever the model has none of its own.
    #[schema(example = "eu-central-1")]
    pub region: Option<String>,
    /// What people read.
    pub display_name: String,
    /// What it is for: chat, responses, completion or embedding.
    #[schema(value_type = String, example = "chat")]
    pub mode: Mode,
    /// Tokens of the largest prompt. Null: not known.
    pub context_window: Option<u64>,
    /// Tokens of the longest answer. Null: not known.
    pub max_output_tokens: Option<u64>,
    /// Numbers in one embedding. Null: not known, or no embedding model.
    pub embedding_dimensions: Option<u64>,
    /// What it can do: tools, vision, reasoning …
    pub capabilities: Vec<String>,
    /// The day of its shutdown. Null: none is known.
    pub deprecation_date: Option<String>,
    /// Bucket → list price in dollars per million tokens. What is not there is not published.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub rates: BTreeMap<&'static str, UsdPerMtok>,
    /// Prices of prompts above a size.
    pub long_context: Option<LongContextView>,
    /// Tier → bucket → price. A bucket that is not there follows the tier's ratio of input prices.
    #[schema(value_type = std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>)]
    pub tiers: BTreeMap<&'static str, BTreeMap<&'static str, UsdPerMtok>>,
    /// What token prices are multiplied by for a call that is pinned to a geography.
    pub regional_multiplier: Option<String>,
    /// Dollars per thousand searches that the provider runs.
    #[schema(value_type = Option<String>)]
    pub searches_usd_per_thousand: Option<UsdPerThousand>,
}

/// Prices that hold for the whole call once its prompt has more tokens than the threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LongContext)]
pub struct LongContextView {
    /// Tokens of the whole prompt.
    pub threshold: u64,
    /// Bucket → price. A bucket that is not there keeps its ordinary price.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub rates: BTreeMap<&'static str, UsdPerMtok>,
}

impl From<CatalogModel> for CatalogModelView {
    fn from(model: CatalogModel) -> Self {
        let card = model.card;
        Self {
            id: model.id,
            region: model.region,
            display_name: model.display_name,
            mode: model.mode,
            context_window: model.context_window,
            max_output_tokens: model.max_output_tokens,
            embedding_dimensions: model.embedding_dimensions,
            capabilities: model.capabilities,
            deprecation_date: model.deprecation_date,
            rates: known(&card.standard),
            long_context: card.long_context.as_ref().map(LongContextView::of),
            tiers: card
                .tiers
                .iter()
                .map(|tier| (tier_key(tier.tier), known(&tier.rates)))
                .collect(),
            regional_multiplier: card
                .regional_multiplier
                .map(|factor| factor.normalize().to_string()),
            searches_usd_per_thousand: card.searches,
        }
    }
}

impl LongContextView {
    fn of(long: &LongContext) -> Self {
        Self {
            threshold: long.threshold,
            rates: known(&long.rates),
        }
    }
}

fn known(rates: &PerBucket<Option<UsdPerMtok>>) -> BTreeMap<&'static str, UsdPerMtok> {
    rates
        .iter()
        .filter_map(|(bucket, rate)| rate.map(|rate| (bucket.key(), rate)))
        .collect()
}

const fn tier_key(tier: ServiceTier) -> &'static str {
    match tier {
        ServiceTier::Batch => "batch",
        ServiceTier::Flex => "flex",
        ServiceTier::Priority => "priority",
        ServiceTier::Ultrafast => "ultrafast",
        ServiceTier::Fast => "fast",
        ServiceTier::OffPeak => "off_peak",
    }
}

impl CatalogSearch {
    /// The models that fit a query, the best first.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] for a cursor that no page gave.
    pub fn models(
        &self,
        _who: &Who,
        query: &ModelQuery,
    ) -> Result<Page<CatalogModelView>, AdminError> {
        let Some(kind) = query.kind else {
            return Ok(Page {
                items: vec![],
                next_cursor: None,
            });
        };
        let skip = match &query.page.cursor {
            None => 0,
            Some(cursor) => cursor.parse::<usize>().map_err(|_| bad_cursor())?,
        };
        let limit = usize::try_from(query.page.limit).unwrap_or(usize::MAX);
        let end = skip.saturating_add(limit);
        let snapshot = self.admin.live().keep();
        let mut found = snapshot
            .catalog
            .search(kind, &query.text, end.saturating_add(1));
        let next_cursor = (found.len() > end).then(|| end.to_string());
        found.truncate(end);
        let region = query.region.as_deref();
        let items = found
            .into_iter()
            .skip(skip)
            .map(|model| {
                let of_region = region.and_then(|_| snapshot.catalog.find(kind, &model.id, region));
                CatalogModelView::from(of_region.unwrap_or(model))
            })
            .collect();
        Ok(Page { items, next_cursor })
    }

    /// One model of a kind, for its prices beside an override: those that hold where an upstream is called.
    #[must_use]
    pub fn model(
        &self,
        _who: &Who,
        kind: &str,
        id: &str,
        place: &PricePlace,
    ) -> Option<CatalogModelView> {
        let catalog = &self.admin.live().keep().catalog;
        let mut found = catalog.find(kind, id, place.region.as_deref())?;
        found.card = found.card.at(place);
        Some(CatalogModelView::from(found))
    }

    /// Every model of a kind, or those that fit a text, the best first; with their default prices.
    #[must_use]
    pub fn of_kind(&self, _who: &Who, kind: &str, text: &str) -> Vec<CatalogModelView> {
        let catalog = &self.admin.live().keep().catalog;
        let found = catalog.search(kind, text, usize::MAX);
        found.into_iter().map(CatalogModelView::from).collect()
    }

    /// Every price of one model of a kind: the default ones, then those of each region that has its own.
    /// Empty: the catalog does not have it.
    #[must_use]
    pub fn regions(&self, _who: &Who, kind: &str, id: &str) -> Vec<CatalogModelView> {
        let rows = self.admin.live().keep().catalog.regions(kind, id);
        rows.into_iter().map(CatalogModelView::from).collect()
    }
}
