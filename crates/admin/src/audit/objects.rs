//! The objects that rows of the audit tell of: what they are called, and whether they are still there.

use std::collections::{BTreeMap, BTreeSet};

use domain::AdminId;

use super::{Audit, AuditView};
use crate::{error::AdminError, who::Who};

/// Objects that are there, by kind and id, with what people call them.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    names: BTreeMap<&'static str, BTreeMap<String, String>>,
}

impl Objects {
    /// What people call an object. `None`: it is there no more, or is none that has a page.
    #[must_use]
    pub fn name(&self, kind: &str, id: &str) -> Option<&str> {
        let of_kind = self.names.get(kind)?;
        of_kind.get(id).map(String::as_str)
    }

    /// What they are called, in the order of their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.names.values().flat_map(BTreeMap::values).cloned();
        let names: BTreeSet<String> = names.collect();
        names.into_iter().collect()
    }

    /// The ids that a search means: those of objects whose name or id holds the text, letters of either
    /// case; and the text itself, by which what was deleted is found.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<String> {
        let wanted = text.to_lowercase();
        let holds = |hay: &str| hay.to_lowercase().contains(&wanted);
        let found = self
            .names
            .values()
            .flatten()
            .filter(|(id, name)| holds(id) || holds(name))
            .map(|(id, _)| id.clone());
        let ids: BTreeSet<String> = found.chain([text.to_owned()]).collect();
        ids.into_iter().collect()
    }
}

impl Audit {
    /// Every provider, secret and gateway token.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn objects(&self, who: &Who) -> Result<Objects, AdminError> {
        let snapshot = self.admin.live().keep();
        let providers = snapshot.providers.values().map(|live| {
            let provider = &live.provider;
            (provider.id.to_string(), provider.display_name.clone())
        });
        let secrets = snapshot
            .secrets
            .iter()
            .map(|name| (name.to_string(), name.to_string()));
        let tokens = self.admin.tokens().all(who).await?;
        let tokens = tokens
            .into_iter()
            .map(|token| (token.id.to_string(), token.name));
        Ok(Objects {
            names: BTreeMap::from([
                ("provider", providers.collect()),
                ("secret", secrets.collect()),
                ("token", tokens.collect()),
            ]),
        })
    }

    /// Adds the people that rows tell of.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn add_people(
        &self,
        _who: &Who,
        objects: &mut Objects,
        rows: &[AuditView],
    ) -> Result<(), AdminError> {
        let admins = self.admin.store().admins();
        let ids: BTreeSet<AdminId> = rows
            .iter()
            .filter(|row| row.object_kind == "person")
            .filter_map(|row| row.object_id.parse().ok())
            .collect();
        let people = admins
            .by_ids(ids)
            .await?
            .into_iter()
            .map(|person| (person.id.to_string(), person.name));
        objects.names.entry("person").or_default().extend(people);
        Ok(())
    }
}
