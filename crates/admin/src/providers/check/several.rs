//! Several endpoints: each keeps every rule of a provider that has only it.

use std::collections::HashSet;

use domain::provider::{ENDPOINTS_MAX, Endpoint, EndpointName, ProviderType, Several, Upstream};

use super::{
    super::several::{ENDPOINTS, EndpointDraft, Owner},
    Check,
};
use crate::fields::filled;

impl Check<'_> {
    /// The first endpoint's upstream, and the others.
    pub(super) fn several(&mut self, ty: ProviderType) -> Option<(Upstream, Option<Several>)> {
        let draft = self.draft;
        if draft.endpoints.is_empty() {
            return Some((self.upstream(ty)?, None));
        }
        self.fields_beside(ty);
        if draft.endpoints.len() > ENDPOINTS_MAX {
            self.wrong(
                ENDPOINTS,
                "too_many",
                format!("{ENDPOINTS_MAX} endpoints at most; make another provider for the rest"),
            );
        }
        let names = self.names();
        let each: Vec<_> = (0..)
            .zip(&draft.endpoints)
            .zip(names)
            .map(|((index, endpoint), name)| {
                let upstream = self.endpoint(ty, index, endpoint);
                Some(Endpoint {
                    name: name?,
                    upstream: upstream?,
                })
            })
            .collect();
        let mut each = each.into_iter().collect::<Option<Vec<_>>>()?.into_iter();
        let first = each.next()?;
        let several = Several {
            first: first.name,
            others: each.collect(),
        };
        Some((first.upstream, Some(several)))
    }

    /// What stands beside endpoints, though each has it for itself.
    fn fields_beside(&mut self, ty: ProviderType) {
        let draft = self.draft;
        for field in Owner::fields_of_endpoints() {
            if Owner::of(field, ty) == Owner::Each && draft.gives_of_endpoint(field) {
                self.wrong(
                    field,
                    "endpoint_field",
                    "with endpoints, each of them has this for itself: write it there, or leave endpoints out",
                );
            }
        }
    }

    fn names(&mut self) -> Vec<Option<EndpointName>> {
        let draft = self.draft;
        let mut known = HashSet::new();
        let mut names = vec![];
        for (index, endpoint) in draft.endpoints.iter().enumerate() {
            let field = format!("{ENDPOINTS}[{index}].name");
            let Some(text) = filled(endpoint.name.as_deref()) else {
                self.require(
                    &field,
                    "give the endpoint a name, such as eu-west; calls and reports tell it by that",
                );
                names.push(None);
                continue;
            };
            let name: Option<EndpointName> = text
                .parse()
                .map_err(|error: domain::provider::InvalidEndpointName| {
                    self.wrong(&field, "invalid_name", error.to_string());
                })
                .ok();
            if let Some(name) = &name
                && !known.insert(name.clone())
            {
                self.wrong(
                    &field,
                    "duplicate",
                    format!("another endpoint is called {name}; give each a name of its own"),
                );
            }
            names.push(name);
        }
        names
    }

    /// Checks one endpoint as a provider that has only it.
    fn endpoint(
        &mut self,
        ty: ProviderType,
        index: usize,
        endpoint: &EndpointDraft,
    ) -> Option<Upstream> {
        let mut alone = endpoint.alone(self.draft);
        let path = format!("{ENDPOINTS}[{index}].");
        // What could not even be read of it need not be told missing as well.
        for error in &mut alone.unreadable {
            if let Some(field) = error.field.strip_prefix(&path) {
                error.field = field.to_owned();
            }
        }
        let mut check = Check {
            draft: &alone,
            facts: self.facts,
            errors: vec![],
        };
        for (field, owners) in super::FIELDS_OF_SOME_TYPES {
            if !endpoint.gives(field) {
                continue;
            }
            if !owners.contains(&ty) {
                check.of_other_type(field, owners, ty);
            } else if Owner::of(field, ty) == Owner::All {
                check.wrong(
                    field,
                    "provider_field",
                    "all endpoints of such a provider have this in common: write it beside endpoints",
                );
            }
        }
        let upstream = check.upstream(ty);
        for mut error in check.errors {
            let root = error.field.split(['.', '[']).next().unwrap_or_default();
            let own = match Owner::of(root, ty) {
                Owner::Each => true,
                Owner::All => endpoint.gives(root),
            };
            if own {
                error.field = format!("{path}{}", error.field);
            }
            // What is common to all is told once.
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
        upstream
    }
}
