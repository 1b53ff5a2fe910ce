//! What providers look like on the page: how they are marked, and whether they are gone.

use std::collections::HashMap;

use admin::{calls::CallQuery, page::PageRequest, usage::Choice};
use domain::ProviderId;

use crate::{
    http::{failure::Failure, page::Page},
    kit::marks::Mark,
    pages::providers::places::Places,
};

/// Every provider that there is, and those that are gone and were asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    places: Places,
    /// The marks of those that are gone; none where no call of theirs is left.
    gone: HashMap<String, Mark>,
}

impl Names {
    /// Reads them. The type of one that is gone is that of its newest call.
    ///
    /// # Errors
    /// What admin says.
    pub(super) async fn read(
        page: &Page,
        asked_for: impl Iterator<Item = &str>,
    ) -> Result<Self, Failure> {
        let places = Places::read(page).await?;
        let mut gone = HashMap::new();
        for id in asked_for {
            if places.here(id).is_some() || gone.contains_key(id) {
                continue;
            }
            let Ok(provider) = ProviderId::new(id) else {
                continue;
            };
            let mut newest = CallQuery::default();
            newest.filter.providers = Choice::only(provider);
            newest.page = PageRequest {
                limit: 1,
                cursor: None,
            };
            let calls = page.admin().calls().list(page.who()?, &newest).await?;
            let call = calls.items.first();
            let mark = call.map_or(Mark::REST, |call| places.mark(id, call.provider_type));
            gone.insert(id.to_owned(), mark);
        }
        Ok(Self { places, gone })
    }

    /// The mark of one; grey where its type is not known any more.
    pub(super) fn mark(&self, id: &str) -> Mark {
        let gone = || self.gone.get(id).copied();
        self.places.here(id).or_else(gone).unwrap_or(Mark::REST)
    }

    /// Whether a provider is gone.
    pub(super) fn is_gone(&self, id: &str) -> bool {
        self.places.here(id).is_none()
    }
}
