//! The catalog's rate cards, looked up once per model and kept.
//!
//! The catalog parses a row when it is asked for; a call must not wait for that each time.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock, Weak},
};

use catalog::{Catalog, CatalogModel};
use domain::provider::Upstream;

/// Models that are kept. A client that makes up names must not fill the memory.
const CARDS_MAX: usize = 4096;

/// Kind, region (empty for none) and model.
type Key = (&'static str, String, String);

/// Rate cards by kind and model.
#[derive(Debug, Default)]
pub(crate) struct Cards {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The catalog that the cards are of. Not its version, which another one may have too.
    catalog: Weak<Catalog>,
    cards: HashMap<Key, Option<Arc<CatalogModel>>>,
}

impl Known {
    fn are_of(&self, catalog: &Arc<Catalog>) -> bool {
        std::ptr::eq(self.catalog.as_ptr(), Arc::as_ptr(catalog))
    }
}

impl Cards {
    /// The catalog's row for a model of an upstream. `None`: it has none.
    pub(crate) fn find(
        &self,
        catalog: &Arc<Catalog>,
        upstream: &Upstream,
        model: &str,
    ) -> Option<Arc<CatalogModel>> {
        let region = upstream.price_region();
        let key = (
            upstream.catalog_kind()?,
            region.unwrap_or_default().to_owned(),
            model.to_owned(),
        );
        if let Ok(known) = self.known.read()
            && known.are_of(catalog)
            && let Some(card) = known.cards.get(&key)
        {
            return card.clone();
        }
        let card = catalog.find(key.0, model, region).map(Arc::new);
        if let Ok(mut known) = self.known.write() {
            if !known.are_of(catalog) || known.cards.len() >= CARDS_MAX {
                known.cards.clear();
                known.catalog = Arc::downgrade(catalog);
            }
            known.cards.insert(key, card.clone());
        }
        card
    }
}
