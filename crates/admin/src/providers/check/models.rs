//! Checking the models of a provider: ids, names, whose prices hold, overridden rates.

use std::collections::HashSet;

use domain::{
    Bucket, ModelId, UsdPerMtok,
    pricing::{RateOverrides, is_fee},
    provider::{DISPLAY_NAME_MAX, ProviderModel, ProviderType, vertex_model},
};

use super::Check;
use crate::{
    fields::{filled, label},
    providers::draft::ModelDraft,
};

/// Most models that a provider lists.
const MODELS_MAX: usize = 1_000;

impl Check<'_> {
    /// `kind`: the catalog's kind, once the type is known to be right.
    pub(super) fn models(&mut self, kind: Option<Option<&'static str>>) -> Vec<ProviderModel> {
        let draft = self.draft;
        if draft.models.len() > MODELS_MAX {
            self.wrong(
                "models",
                "too_many",
                format!("{MODELS_MAX} models at most; leave the list empty to allow every model"),
            );
            return vec![];
        }
        let mut seen = HashSet::new();
        let mut models = vec![];
        for (index, model) in draft.models.iter().enumerate() {
            let path = format!("models[{index}]");
            let id = self.model_id(&path, model, kind.flatten());
            if id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
                self.wrong(
                    &format!("{path}.id"),
                    "duplicate",
                    "this model is in the list already; keep one of them",
                );
            }
            let display_name = label(
                &format!("{path}.display_name"),
                model.display_name.as_deref(),
                DISPLAY_NAME_MAX,
                &mut self.errors,
            );
            let price_as = self.price_as(&path, model, kind);
            let rates = self.rates(&path, model);
            if let Some(id) = id {
                models.push(ProviderModel {
                    id,
                    display_name,
                    price_as,
                    rates,
                });
            }
        }
        models
    }

    fn model_id(
        &mut self,
        path: &str,
        model: &ModelDraft,
        kind: Option<&'static str>,
    ) -> Option<ModelId> {
        let field = format!("{path}.id");
        if model.id.is_empty() {
            // What is no object at all has been told already.
            if !self.is_unreadable(path) {
                self.require(&field, "write the model's id as the upstream knows it");
            }
            return None;
        }
        let vertex = kind == ProviderType::VertexAi.catalog_kind(None);
        if vertex && model.id.split('/').any(|name| name == "projects") {
            self.wrong(
                &field,
                "invalid_model_id",
                "leave out project and location, which are the provider's own: a tuned model is endpoints/ and its number",
            );
            return None;
        }
        // Calls are held against the one name that a model has, however they write it.
        let id = match vertex {
            true => vertex_model(&model.id),
            false => model.id.as_str().into(),
        };
        ModelId::new(&*id)
            .map_err(|error| self.wrong(&field, "invalid_model_id", error.to_string()))
            .ok()
    }

    fn price_as(
        &mut self,
        path: &str,
        model: &ModelDraft,
        kind: Option<Option<&'static str>>,
    ) -> Option<ModelId> {
        let text = filled(model.price_as.as_deref())?;
        let field = format!("{path}.price_as");
        let id = ModelId::new(text)
            .map_err(|error| self.wrong(&field, "invalid_model_id", error.to_string()))
            .ok()?;
        let azure = ProviderType::AzureOpenAi;
        if kind == Some(azure.catalog_kind(None)) && is_fee(azure, id.as_str()) {
            self.wrong(
                &field,
                "is_a_fee",
                format!("{id} is a fee on top of the price of the model that the router picks; leave this blank, and each call is priced as the model that its answer names"),
            );
            return None;
        }
        match kind {
            Some(Some(kind)) if !(self.facts.has_price)(kind, id.as_str()) => {
                self.wrong(
                    &field,
                    "not_in_catalog",
                    format!("the catalog of {kind} has no such model; search it for the id to price as, or set rates of your own"),
                );
                None
            }
            Some(None) => {
                self.wrong(
                    &field,
                    "no_catalog",
                    "without a preset there are no list prices to price by; choose a preset, or set rates of your own",
                );
                None
            }
            _ => Some(id),
        }
    }

    fn rates(&mut self, path: &str, model: &ModelDraft) -> RateOverrides {
        let mut rates = RateOverrides::default();
        for (key, text) in &model.rates {
            let field = format!("{path}.rates.{}", crate::error::shown(key));
            let Ok(bucket) = key.parse::<Bucket>() else {
                self.wrong(
                    &field,
                    "unknown_bucket",
                    format!("there is no such bucket; there are: {}", overridable()),
                );
                continue;
            };
            if !bucket.can_be_overridden() {
                self.wrong(
                    &field,
                    "not_overridable",
                    format!("this bucket keeps the catalog's rate; those that can be overridden are: {}", overridable()),
                );
                continue;
            }
            let Some(text) = filled(text.as_deref()) else {
                continue;
            };
            match text.parse::<UsdPerMtok>() {
                Ok(rate) => *rates.get_mut(bucket) = Some(rate),
                Err(error) => self.wrong(&field, "invalid_rate", error.to_string()),
            }
        }
        rates
    }
}

fn overridable() -> String {
    let keys: Vec<&str> = Bucket::ALL
        .iter()
        .filter(|bucket| bucket.can_be_overridden())
        .map(|bucket| bucket.key())
        .collect();
    keys.join(", ")
}
