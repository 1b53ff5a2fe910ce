//! What the form must know to be shown.

use admin::{
    Who,
    catalog::{CatalogModelView, ModelQuery},
    page::PageRequest,
};
use domain::{
    Bucket,
    pricing::{expected_card, is_fee},
    provider::{Preset, PricePlace, ProviderType, vertex_model},
};

use super::{
    chosen_type,
    geography::{self, Geography},
    place::{bedrock_address, price_place, vertex_address},
};
use crate::{
    format::money,
    http::{failure::Failure, fields::Fields, page::Page},
    provider_form::price_as,
};

/// Models of the catalog that are counted.
const COUNTED: u32 = 1_000;
/// Models that are shown at once.
const SHOWN: usize = 60;

/// What the form must know.
pub(super) struct Facts {
    /// The names of the secrets.
    pub(super) secrets: Vec<String>,
    /// Where calls go without a base URL.
    pub(super) own_addresses: OwnAddresses,
    /// The models to choose from.
    pub(super) found: Found,
    /// The prices of what is selected.
    pub(super) selected: Vec<Selected>,
}

/// Where calls go without a base URL, where that is not the same for every provider of a type.
#[derive(Debug, Clone)]
pub(super) struct OwnAddresses {
    /// Of Bedrock.
    pub(super) bedrock: String,
    /// Of Vertex AI.
    pub(super) vertex: String,
}

/// The models to choose from.
pub(super) enum Found {
    /// No type is chosen, so there is no catalog to search.
    NoType,
    /// The server is none that the catalog knows.
    NoCatalog,
    /// These, of so many.
    Models {
        /// Whose list it is.
        of: ListOf,
        /// The first of them.
        models: Vec<Offered>,
        /// How many fit.
        fit: usize,
    },
}

/// Whose list of models it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListOf {
    /// The catalog's.
    Catalog,
    /// The upstream's own; the catalog has one too, or has none.
    Upstream { has_catalog: bool },
}

/// A model to choose.
pub(super) struct Offered {
    /// Its id.
    pub(super) id: String,
    /// Its entry in the catalog.
    pub(super) card: Option<CatalogModelView>,
    /// Where it runs. `None`: the type has no such thing.
    pub(super) runs: Option<Runs>,
}

/// Where a model of Bedrock runs.
pub(super) struct Runs {
    /// `None`: in the provider's own region.
    pub(super) geography: Option<Geography>,
    /// What that costs more than anywhere: `+10 %`. `None`: one of the prices is not known.
    pub(super) premium: Option<String>,
}

/// A model that is selected.
pub(super) struct Selected {
    /// Its id.
    pub(super) id: String,
    /// Its entry in the catalog, or that of the model whose prices hold for it.
    pub(super) card: Option<CatalogModelView>,
    /// The buckets whose rates can be overridden, with the catalog's.
    pub(super) buckets: Vec<(Bucket, Option<String>)>,
    /// Whether AWS will refuse it by this id.
    pub(super) needs_profile: bool,
    /// Whether it is priced as the model that answers name, unless it is said what it is priced as.
    pub(super) told_by_answers: bool,
}

/// Where models and their prices are looked up.
struct Shelf<'a> {
    page: &'a Page,
    who: &'a Who,
    ty: ProviderType,
    /// The catalog's kind. `None`: there is none.
    kind: Option<&'static str>,
    place: PricePlace,
}

/// The buckets that a type bills, whatever the catalog knows of a model.
fn billed(ty: ProviderType, model: &str) -> &'static [Bucket] {
    const SHORT_AND_HOUR: &[Bucket] = &[
        Bucket::Input,
        Bucket::Output,
        Bucket::CachedInput,
        Bucket::CacheWrite5m,
        Bucket::CacheWrite1h,
    ];
    const HALF_HOUR_AND_HALF_DAY: &[Bucket] = &[
        Bucket::Input,
        Bucket::Output,
        Bucket::CachedInput,
        Bucket::CacheWrite30m,
        Bucket::CacheWrite12h,
    ];
    match ty {
        ProviderType::OpenAi | ProviderType::AzureOpenAi => HALF_HOUR_AND_HALF_DAY,
        ProviderType::Anthropic => SHORT_AND_HOUR,
        ProviderType::Bedrock => {
            let model = Geography::split(model).map_or(model, |(_, model)| model);
            if model.starts_with("openai.") {
                HALF_HOUR_AND_HALF_DAY
            } else {
                SHORT_AND_HOUR
            }
        }
        ProviderType::VertexAi if model.starts_with("claude-") => SHORT_AND_HOUR,
        ProviderType::GoogleAi
        | ProviderType::VertexAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => &[Bucket::Input, Bucket::Output, Bucket::CachedInput],
    }
}

impl Facts {
    /// Gathers them.
    ///
    /// # Errors
    /// What admin says.
    pub(super) async fn gather(page: &Page, who: &Who, fields: &Fields) -> Result<Self, Failure> {
        let secrets = page.admin().secrets().all(who).await?;
        let secrets = secrets
            .into_iter()
            .map(|secret| secret.name.to_string())
            .collect();
        let (page_too, who, fields) = (page.clone(), who.clone(), fields.clone());
        page.aside(move || Self::look_up(&page_too, &who, &fields, secrets))
            .await?
    }

    fn look_up(
        page: &Page,
        who: &Who,
        fields: &Fields,
        secrets: Vec<String>,
    ) -> Result<Self, Failure> {
        let shelf = chosen_type(fields).map(|ty| Shelf::of(page, who, ty, fields));
        let found = match &shelf {
            None => Found::NoType,
            Some(shelf) => shelf.find(fields)?,
        };
        let selected = fields
            .all("model")
            .map(|id| selected(shelf.as_ref(), fields, id))
            .collect();
        Ok(Self {
            secrets,
            own_addresses: OwnAddresses {
                bedrock: bedrock_address(page, fields),
                vertex: vertex_address(fields),
            },
            found,
            selected,
        })
    }
}

impl<'a> Shelf<'a> {
    fn of(page: &'a Page, who: &'a Who, ty: ProviderType, fields: &'a Fields) -> Self {
        let preset = fields.text("openai_compatible.preset");
        Self {
            page,
            who,
            ty,
            kind: ty.catalog_kind(preset.parse::<Preset>().ok()),
            place: price_place(ty, fields),
        }
    }

    /// The catalog's entry of a model.
    fn card(&self, id: &str) -> Option<CatalogModelView> {
        let catalog = self.page.admin().catalog();
        catalog.model(self.who, self.kind?, id, &self.place)
    }

    fn find(&self, fields: &Fields) -> Result<Found, Failure> {
        let text = fields.text("q");
        let (of, mut ids) = if fields.ticked("listed") {
            let has_catalog = self.kind.is_some();
            let mut ids = listed(fields, text);
            ids.sort_by_key(|id| self.distance(id));
            (ListOf::Upstream { has_catalog }, ids)
        } else if self.kind.is_some() {
            (ListOf::Catalog, self.search(text)?)
        } else {
            return Ok(Found::NoCatalog);
        };
        let fit = ids.len();
        ids.truncate(SHOWN);
        let models = ids.into_iter().map(|id| self.offered(id)).collect();
        Ok(Found::Models { of, models, fit })
    }

    /// The ids of what the catalog has for a search.
    fn search(&self, text: &str) -> Result<Vec<String>, Failure> {
        let query = ModelQuery {
            kind: self.kind,
            text: text.to_owned(),
            page: PageRequest::first(COUNTED),
            ..ModelQuery::default()
        };
        let mut models = self.page.admin().catalog().models(self.who, &query)?.items;
        // Among equals the search's own order holds: the best first.
        models.sort_by_key(|model| self.distance(&model.id));
        if text.is_empty() {
            // With nothing to go by, what one is likely to want comes first.
            models.sort_by_key(|model| {
                (
                    model.deprecation_date.is_some(),
                    self.distance(&model.id),
                    !model.capabilities.iter().any(|it| it == "tools"),
                )
            });
        }
        let ids = models.into_iter().map(|model| model.id);
        Ok(ids
            .filter(|id| !self.only_by_profile(id) && self.is_its_name(id) && !is_fee(self.ty, id))
            .collect())
    }

    /// How near a model is to the provider's region.
    fn distance(&self, id: &str) -> u8 {
        self.place
            .region
            .as_deref()
            .filter(|_| self.ty == ProviderType::Bedrock)
            .map_or(0, |region| geography::distance(id, region))
    }

    /// Whether a model is saved by this id: price lists have some of Vertex AI by two.
    fn is_its_name(&self, id: &str) -> bool {
        self.ty != ProviderType::VertexAi || vertex_model(id) == id
    }

    /// Whether AWS serves a model by one of the profiles that the catalog has, and not by this id.
    fn only_by_profile(&self, id: &str) -> bool {
        self.ty == ProviderType::Bedrock
            && geography::needs_profile(id)
            && Geography::profiles_of(id).any(|profile| self.card(&profile).is_some())
    }

    fn offered(&self, id: String) -> Offered {
        let card = self.card(&id);
        let runs = (self.ty == ProviderType::Bedrock).then(|| {
            let split = Geography::split(&id);
            let premium = split
                .filter(|(geography, _)| *geography != Geography::Global)
                .and_then(|(_, model)| {
                    let global = self.card(&Geography::Global.profile(model))?;
                    geography::premium(&card.as_ref()?.rates, &global.rates)
                });
            Runs {
                geography: split.map(|(geography, _)| geography),
                premium,
            }
        });
        Offered { id, card, runs }
    }
}

/// What the upstream listed and the search finds.
fn listed(fields: &Fields, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    fields
        .all("listed")
        .filter(|id| id.to_lowercase().contains(&text))
        .map(str::to_owned)
        .collect()
}

fn selected(shelf: Option<&Shelf<'_>>, fields: &Fields, id: &str) -> Selected {
    let price_as = Some(fields.text(&price_as(id))).filter(|price_as| !price_as.is_empty());
    let priced_as = price_as.unwrap_or(id);
    let card = shelf.and_then(|shelf| shelf.card(expected_card(shelf.ty, price_as, id)?));
    let list = |bucket: Bucket| {
        card.as_ref()
            .and_then(|card| card.rates.get(bucket.key()))
            .map(|rate| money::rate(*rate))
    };
    let of_type = shelf.map_or(&[][..], |shelf| billed(shelf.ty, priced_as));
    let buckets = Bucket::ALL
        .iter()
        .copied()
        .filter(|bucket| bucket.can_be_overridden())
        .map(|bucket| (bucket, list(bucket)))
        .filter(|(bucket, rate)| {
            let typed = fields.text(&crate::provider_form::rate(bucket.key(), id));
            of_type.contains(bucket) || rate.is_some() || !typed.is_empty()
        })
        .collect();
    Selected {
        id: id.to_owned(),
        told_by_answers: shelf.is_some_and(|shelf| shelf.ty == ProviderType::AzureOpenAi),
        needs_profile: shelf.is_some_and(|shelf| shelf.only_by_profile(id)),
        card,
        buckets,
    }
}

#[cfg(test)]
mod tests {
    use domain::{Bucket, provider::ProviderType};

    use super::billed;

    #[test]
    fn each_type_bills_its_own_cache_writes() {
        let writes = |ty, model| {
            let of_writes = billed(ty, model)
                .iter()
                .filter(|bucket| bucket.key().starts_with("cache_write"));
            of_writes.copied().collect::<Vec<Bucket>>()
        };
        let (short, long) = (
            vec![Bucket::CacheWrite5m, Bucket::CacheWrite1h],
            vec![Bucket::CacheWrite30m, Bucket::CacheWrite12h],
        );
        let bedrock = ProviderType::Bedrock;
        assert_eq!(writes(bedrock, "eu.anthropic.claude-sonnet-5"), short);
        assert_eq!(writes(bedrock, "us.openai.gpt-6-sol"), long);
        assert_eq!(writes(bedrock, "openai.gpt-6-sol"), long);
        assert_eq!(writes(ProviderType::OpenAi, "gpt-6-sol"), long);
        assert_eq!(writes(ProviderType::Anthropic, "claude-sonnet-5"), short);
        assert_eq!(writes(ProviderType::GoogleAi, "gemini-3-pro"), vec![]);
        let vertex = ProviderType::VertexAi;
        assert_eq!(writes(vertex, "claude-opus-5@default"), short);
        assert_eq!(writes(vertex, "gemini-3-pro"), vec![]);
    }
}
