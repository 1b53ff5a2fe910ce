//! What the form must know to be shown.

use admin::{
    Who,
    catalog::{CatalogModelView, ModelQuery},
    page::PageRequest,
};
use domain::{
    Bucket,
    provider::{Preset, ProviderType},
};

use super::chosen_type;
use crate::{
    format::money,
    http::{failure::Failure, fields::Fields, page::Page},
    provider_form::price_as,
};

/// Models of the catalog that are counted.
const COUNTED: u32 = 1_000;
/// Models of the catalog that are shown at once.
const SHOWN: usize = 60;

/// What the form must know.
pub(super) struct Facts {
    /// The names of the secrets.
    pub(super) secrets: Vec<String>,
    /// What the catalog has for the search.
    pub(super) found: Found,
    /// The prices of what is selected.
    pub(super) selected: Vec<Selected>,
}

/// What the catalog has for the search.
pub(super) enum Found {
    /// No type is chosen, so there is no catalog to search.
    NoType,
    /// The server is none that the catalog knows.
    NoCatalog,
    /// These, of so many.
    Models {
        /// The first of them.
        models: Vec<CatalogModelView>,
        /// How many fit.
        fit: usize,
    },
}

/// A model that is selected.
pub(super) struct Selected {
    /// Its id.
    pub(super) id: String,
    /// Its entry in the catalog, or that of the model whose prices hold for it.
    pub(super) card: Option<CatalogModelView>,
    /// The buckets whose rates can be overridden, with the catalog's.
    pub(super) buckets: Vec<(Bucket, Option<String>)>,
}

/// The catalog's kind for what is chosen. `None`: there is none.
fn kind(fields: &Fields, ty: ProviderType) -> Option<&'static str> {
    let preset = fields.text("openai_compatible.preset");
    ty.catalog_kind(preset.parse::<Preset>().ok())
}

/// The buckets that a type bills, whatever the catalog knows of a model.
const fn billed(ty: ProviderType) -> &'static [Bucket] {
    match ty {
        ProviderType::OpenAi => &[
            Bucket::Input,
            Bucket::Output,
            Bucket::CachedInput,
            Bucket::CacheWrite30m,
            Bucket::CacheWrite12h,
        ],
        ProviderType::Anthropic => &[
            Bucket::Input,
            Bucket::Output,
            Bucket::CachedInput,
            Bucket::CacheWrite5m,
            Bucket::CacheWrite1h,
        ],
        ProviderType::OpenAiCompatible => &[Bucket::Input, Bucket::Output, Bucket::CachedInput],
    }
}

impl Facts {
    /// Gathers them.
    ///
    /// # Errors
    /// What admin says.
    pub(super) async fn gather(page: &Page, who: &Who, fields: &Fields) -> Result<Self, Failure> {
        let secrets = page.admin().secrets().all(who).await?;
        let ty = chosen_type(fields);
        let kind = ty.and_then(|ty| kind(fields, ty));
        let found = match (ty, kind) {
            (None, _) => Found::NoType,
            (Some(_), None) => Found::NoCatalog,
            (Some(_), Some(kind)) => {
                let query = ModelQuery {
                    kind: Some(kind),
                    text: fields.text("q").to_owned(),
                    page: PageRequest::first(COUNTED),
                };
                let mut models = page.admin().catalog().models(who, &query)?.items;
                if query.text.is_empty() {
                    // With nothing to go by, what one is likely to want comes first.
                    models.sort_by_key(|model| {
                        (
                            model.deprecation_date.is_some(),
                            !model.capabilities.iter().any(|it| it == "tools"),
                        )
                    });
                }
                let fit = models.len();
                models.truncate(SHOWN);
                Found::Models { models, fit }
            }
        };
        let selected = fields
            .all("model")
            .map(|id| selected(page, who, fields, ty, kind, id))
            .collect();
        Ok(Self {
            secrets: secrets
                .into_iter()
                .map(|secret| secret.name.to_string())
                .collect(),
            found,
            selected,
        })
    }
}

fn selected(
    page: &Page,
    who: &Who,
    fields: &Fields,
    ty: Option<ProviderType>,
    kind: Option<&'static str>,
    id: &str,
) -> Selected {
    let priced_as = match fields.text(&price_as(id)) {
        "" => id,
        other => other,
    };
    let card = kind.and_then(|kind| page.admin().catalog().model(who, kind, priced_as));
    let list = |bucket: Bucket| {
        card.as_ref()
            .and_then(|card| card.rates.get(bucket.key()))
            .map(|rate| money::rate(*rate))
    };
    let of_type = ty.map_or(&[][..], billed);
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
        card,
        buckets,
    }
}
