//! What providers look like on the page: the hue of their type, a hatch by their place among those of it, and
//! whether they are gone.

use std::collections::HashMap;

use admin::{calls::CallQuery, page::PageRequest, usage::Choice};
use domain::{ProviderId, Timestamp, provider::ProviderType};

use crate::http::{failure::Failure, page::Page};

/// How a provider is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Its type. `None`: it is gone, and so are its calls.
    pub(super) ty: Option<ProviderType>,
    /// Its place among those of its type, by when they were made; those that are gone come last.
    pub(super) place: usize,
    /// Whether it still exists.
    pub(super) is_there: bool,
}

/// Every provider that there is, and those that are gone and were asked for, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(HashMap<String, Known>);

impl Names {
    /// Reads them. The type of one that is gone is that of its newest call.
    ///
    /// # Errors
    /// What admin says.
    pub(super) async fn read(
        page: &Page,
        asked_for: impl Iterator<Item = &str>,
    ) -> Result<Self, Failure> {
        let who = page.who()?;
        let snapshot = page.admin().live().keep();
        let mut made: Vec<(Timestamp, &ProviderId, ProviderType)> = snapshot
            .providers
            .values()
            .map(|live| {
                let provider = &live.provider;
                (
                    provider.created_at,
                    &provider.id,
                    provider.upstream.provider_type(),
                )
            })
            .collect();
        made.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut names = Self::default();
        let mut places: HashMap<Option<ProviderType>, usize> = HashMap::new();
        let mut add = |names: &mut Self, id: &str, ty: Option<ProviderType>, is_there: bool| {
            let place = places.entry(ty).or_default();
            let known = Known {
                ty,
                place: *place,
                is_there,
            };
            names.0.insert(id.to_owned(), known);
            *place += 1;
        };
        for (_, id, ty) in made {
            add(&mut names, id.as_str(), Some(ty), true);
        }
        let mut gone: Vec<&str> = asked_for.filter(|id| !names.0.contains_key(*id)).collect();
        gone.sort_unstable();
        gone.dedup();
        for id in gone {
            let Ok(provider) = ProviderId::new(id) else {
                continue;
            };
            let mut newest = CallQuery::default();
            newest.filter.providers = Choice::only(provider);
            newest.page = PageRequest {
                limit: 1,
                cursor: None,
            };
            let calls = page.admin().calls().list(who, &newest).await?;
            let ty = calls.items.first().map(|call| call.provider_type);
            add(&mut names, id, ty, false);
        }
        Ok(names)
    }

    /// What is known of one.
    pub(super) fn of(&self, id: &str) -> Option<Known> {
        self.0.get(id).copied()
    }

    /// Whether a provider is gone.
    pub(super) fn is_gone(&self, id: &str) -> bool {
        !self.of(id).is_some_and(|known| known.is_there)
    }
}
