//! What becomes of credentials: the JSON of a provider as the API takes it, and secrets. So all that
//! holds for a provider that is made by hand holds for this one.

use std::collections::HashSet;

use domain::{ProviderId, SecretName};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{
    ImportDraft, free_name,
    kind::ImportKind,
    read::{self, ENDPOINTS_MAX, Endpoint},
};
use crate::{
    error::{AdminError, FieldError},
    fields::{Object, all_right, filled},
    providers::several::Owner,
};

/// More endpoints than there are of one region.
const MANY: u32 = 100;

/// What is to be made.
pub(super) struct Plan {
    pub(super) kind: ImportKind,
    pub(super) display_name: String,
    pub(super) id: Option<String>,
    endpoints: Vec<Endpoint>,
}

impl Plan {
    /// Reads what somebody sent.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub(super) fn of(draft: &ImportDraft) -> Result<Self, AdminError> {
        let mut errors = draft.unreadable.clone();
        let endpoints = endpoints(draft, &mut errors);
        let kind = kind(draft, endpoints.first(), &mut errors);
        let Some(kind) = kind else {
            return Err(AdminError::Invalid(errors));
        };
        let endpoints: Vec<_> = endpoints
            .into_iter()
            .enumerate()
            .map(|(index, json)| {
                read::endpoint(kind, &format!("endpoints[{index}]"), json, &mut errors)
            })
            .collect();
        shared_fields_differ(kind, &endpoints, &mut errors);
        all_right(errors)?;
        let display_name = filled(draft.display_name.as_deref());
        Ok(Self {
            kind,
            display_name: display_name.unwrap_or(kind.label()).to_owned(),
            id: filled(draft.id.as_deref()).map(ToOwned::to_owned),
            endpoints,
        })
    }

    /// The JSON of the provider, with the names of its secrets, and these.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub(super) fn named(
        &self,
        id: &ProviderId,
        there: &HashSet<SecretName>,
    ) -> Result<(Value, Vec<(SecretName, SecretString)>), AdminError> {
        let mut taken = there.clone();
        let mut secrets = vec![];
        let names = names(&self.endpoints)?;
        let mut several = vec![];
        for (endpoint, name) in self.endpoints.iter().zip(&names) {
            let mut fields = endpoint.fields.clone();
            let name = (self.endpoints.len() > 1).then_some(name.as_str());
            for secret in &endpoint.secrets {
                let called = free_name(id, name, secret.field, &taken)?;
                let place = if secret.in_credentials {
                    fields.get_mut("credentials").and_then(Value::as_object_mut)
                } else {
                    Some(&mut fields)
                };
                place
                    .ok_or(AdminError::Internal)?
                    .insert(secret.field.to_owned(), json!(called));
                taken.insert(called.clone());
                secrets.push((called, secret.value.clone()));
            }
            if let Some(name) = name {
                fields.insert("name".to_owned(), json!(name));
            }
            several.push(fields);
        }
        let mut provider = match <[Map<String, Value>; 1]>::try_from(several) {
            Ok([flat]) => flat,
            Err(several) => together(self.kind, several),
        };
        provider.insert("type".to_owned(), json!(self.kind.provider_type().key()));
        provider.insert("display_name".to_owned(), json!(self.display_name));
        // One that was sent stays as it is, so that it is checked.
        let id = self.id.as_deref().unwrap_or(id.as_str());
        provider.insert("id".to_owned(), json!(id));
        if let Some(preset) = self.kind.preset() {
            provider.insert("preset".to_owned(), json!(preset.key()));
        }
        Ok((Value::Object(provider), secrets))
    }

    /// What is wrong with the provider, told by the names of the fields that were sent.
    pub(super) fn told_by_its_own_fields(&self, error: AdminError) -> AdminError {
        match error {
            AdminError::Invalid(errors) => AdminError::Invalid(
                errors
                    .into_iter()
                    .map(|error| FieldError {
                        field: self.own_field(&error.field),
                        ..error
                    })
                    .collect(),
            ),
            other => other,
        }
    }

    fn own_field(&self, field: &str) -> String {
        let (endpoint, field) = match field.split_once('.') {
            Some((endpoint, field)) if endpoint.starts_with("endpoints[") => (endpoint, field),
            _ => ("endpoints[0]", field),
        };
        match field {
            "id" | "display_name" | "endpoints" => return field.to_owned(),
            "type" => return "kind".to_owned(),
            "base_url" if self.kind != ImportKind::Azure => return endpoint.to_owned(),
            _ => {}
        }
        let own = own_name(self.kind, field);
        format!("{endpoint}.{own}")
    }
}

/// Whether each of several endpoints has a field for itself.
fn is_own(kind: ImportKind, field: &str) -> bool {
    Owner::of(field, kind.provider_type()) != Owner::All
}

/// One provider of several endpoints: what is not each one's own stands beside them.
fn together(kind: ImportKind, several: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut provider = Map::new();
    let mut endpoints = vec![];
    for fields in several {
        let (own, shared): (Map<_, _>, Map<_, _>) = fields
            .into_iter()
            .partition(|(field, _)| field == "name" || is_own(kind, field));
        provider.extend(shared);
        endpoints.push(Value::Object(own));
    }
    provider.insert("endpoints".to_owned(), Value::Array(endpoints));
    provider
}

/// What all endpoints of a provider share must be the same.
fn shared_fields_differ(kind: ImportKind, endpoints: &[Endpoint], errors: &mut Vec<FieldError>) {
    let Some((first, others)) = endpoints.split_first() else {
        return;
    };
    for (index, other) in (1..).zip(others) {
        let fields = first.fields.keys().chain(other.fields.keys());
        let mut differing: Vec<_> = fields
            .filter(|field| !is_own(kind, field))
            .filter(|field| first.fields.get(*field) != other.fields.get(*field))
            .collect();
        differing.dedup();
        for field in differing {
            let field = format!("endpoints[{index}].{}", own_name(kind, field));
            // What is wrong for another reason differs for that.
            if !errors.iter().any(|error| error.field == field) {
                errors.push(FieldError::new(
                    field,
                    "endpoints_differ",
                    "all endpoints of one provider have this in common, and here it is not that of endpoints[0]; import those that differ on their own",
                ));
            }
        }
    }
}

/// What a field of a provider is called in what was sent.
fn own_name(kind: ImportKind, field: &str) -> &str {
    match field {
        "base_url" if kind == ImportKind::Azure => "api_base",
        "location" => "region",
        "project" => "service_account_info.project_id",
        "fips" => "use_fips_endpoint",
        "credentials.service_account" => "service_account_info",
        other => other.strip_prefix("credentials.").unwrap_or(other),
    }
}

fn endpoints(draft: &ImportDraft, errors: &mut Vec<FieldError>) -> Vec<Value> {
    let Some(json) = &draft.credentials else {
        if !errors.iter().any(|error| error.field == "credentials") {
            errors.push(FieldError::new(
                "credentials",
                "required",
                "give the credentials: {\"endpoints\": [{…}]}",
            ));
        }
        return vec![];
    };
    let mut object = Object::new("", json.clone());
    let endpoints = object.list("endpoints");
    let mut wrong = object.end();
    if !json.is_object() {
        for error in &mut wrong {
            "credentials".clone_into(&mut error.field);
        }
    } else if !wrong.iter().any(|error| error.field == "endpoints") {
        let (code, message) = match endpoints.as_deref() {
            None | Some([]) => ("required", "there must be one endpoint at least".to_owned()),
            Some(endpoints) if endpoints.len() > ENDPOINTS_MAX => {
                ("too_many", format!("{ENDPOINTS_MAX} endpoints at most"))
            }
            Some(_) => ("", String::new()),
        };
        if !code.is_empty() {
            wrong.push(FieldError::new("endpoints", code, message));
        }
    }
    errors.extend(wrong);
    endpoints.unwrap_or_default()
}

fn kind(
    draft: &ImportDraft,
    endpoint: Option<&Value>,
    errors: &mut Vec<FieldError>,
) -> Option<ImportKind> {
    let named = filled(draft.kind.as_deref());
    let kind = match named {
        Some(name) => ImportKind::named(name),
        None => endpoint.and_then(ImportKind::shown_by),
    };
    // Where there is no endpoint, that is what is wrong.
    if kind.is_none() && (named.is_some() || endpoint.is_some_and(Value::is_object)) {
        let (code, message) = if named.is_some() {
            ("invalid_kind", "this is none of")
        } else {
            (
                "required",
                "the fields do not tell whose credentials these are; choose one of",
            )
        };
        let message = format!("{message}: {}", ImportKind::names());
        errors.push(FieldError::new("kind", code, message));
    }
    kind
}

/// What the endpoints are called: their region, else `endpoint-` and a number; a later one of the same name gets a
/// number behind it.
fn names(endpoints: &[Endpoint]) -> Result<Vec<ProviderId>, AdminError> {
    let mut taken = HashSet::new();
    let mut names = vec![];
    for (number, endpoint) in (1_u32..).zip(endpoints) {
        // The rules of names are those of ids.
        let of_region = endpoint.region.as_deref().and_then(ProviderId::derive);
        let base = of_region.or_else(|| ProviderId::derive(&format!("endpoint-{number}")));
        let base = base.ok_or(AdminError::Internal)?;
        let others = (2..=MANY).map(|number| base.numbered(number));
        let name = std::iter::once(base.clone())
            .chain(others)
            .find(|name| !taken.contains(name))
            .ok_or(AdminError::Internal)?;
        taken.insert(name.clone());
        names.push(name);
    }
    Ok(names)
}
