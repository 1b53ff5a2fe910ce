//! The place of each provider among those of its type, by which it is marked the same on every page.

use std::collections::HashMap;

use domain::{Timestamp, provider::ProviderType};

use crate::{
    http::{failure::Failure, page::Page},
    kit::marks::Mark,
};

/// The places of all providers, deleted ones included: first those that there are, by when they were made, then
/// the deleted ones, by when that was done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    here: HashMap<String, (ProviderType, usize)>,
    /// How many there are of each type.
    count: HashMap<ProviderType, usize>,
    /// Nobody remembers the types of these: they have places in one order.
    gone: HashMap<String, usize>,
}

impl Places {
    /// Reads them.
    ///
    /// # Errors
    /// What admin says.
    pub(crate) async fn read(page: &Page) -> Result<Self, Failure> {
        let gone = page.admin().providers().deleted(page.who()?).await?;
        let snapshot = page.admin().live().keep();
        let mut made: Vec<(Timestamp, String, ProviderType)> = snapshot
            .providers
            .values()
            .map(|live| {
                let provider = &live.provider;
                let ty = provider.upstream.provider_type();
                (provider.created_at, provider.id.to_string(), ty)
            })
            .collect();
        made.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let mut places = Self::default();
        for (_, id, ty) in made {
            let count = places.count.entry(ty).or_default();
            places.here.insert(id, (ty, *count));
            *count += 1;
        }
        places.gone = gone
            .into_iter()
            .enumerate()
            .map(|(place, id)| (id, place))
            .collect();
        Ok(places)
    }

    /// The mark of a provider. `None`: it is deleted.
    pub(crate) fn here(&self, id: &str) -> Option<Mark> {
        let (ty, place) = self.here.get(id)?;
        Some(Mark::of_provider(*ty, *place))
    }

    /// The mark of a provider whose calls are of this type.
    pub(crate) fn mark(&self, id: &str, ty: ProviderType) -> Mark {
        self.here(id).unwrap_or_else(|| {
            let before = self.count.get(&ty).copied().unwrap_or_default();
            let place = self.gone.get(id).copied().unwrap_or_default();
            Mark::of_provider(ty, before + place)
        })
    }
}
