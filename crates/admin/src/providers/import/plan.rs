//! What becomes of credentials: the JSON of a provider as the API takes it, and secrets. So all that
//! holds for a provider that is made by hand holds for this one.

use std::collections::{BTreeSet, HashSet};

use domain::{
    ProviderId, SecretName,
    provider::{ENDPOINTS_MAX, Preset, ProviderType},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use service_account::ServiceAccountKey;

use super::{
    ImportDraft, free_name, is_told,
    kind::ImportKind,
    read::{self, Endpoint, Place},
    tell,
};
use crate::{
    error::{AdminError, FieldError},
    fields::{Object, filled},
    providers::{
        ProviderDraft,
        address::REFUSED_ADDRESS,
        several::{ENDPOINTS, Owner},
    },
};

/// So many errors are told at once.
const ERRORS_TOLD: usize = 200;

/// More endpoints than there are of one region.
const MANY: u32 = 100;

/// The field of what was pasted.
const CREDENTIALS: &str = "credentials";

/// What is to be made, as far as it could be read.
pub(super) struct Plan {
    /// Whose credentials they are. `None`: that is wrong.
    kind: Option<ImportKind>,
    display_name: Option<String>,
    id: Option<String>,
    endpoints: Vec<Endpoint>,
    /// All that reading found wrong.
    pub(super) errors: Vec<FieldError>,
}

impl Plan {
    /// Reads what somebody sent. What is wrong is kept, to be told with what the check of providers finds in the
    /// rest.
    pub(super) fn of(draft: &ImportDraft) -> Self {
        let mut errors = draft.unreadable.clone();
        let endpoints = endpoints(draft, &mut errors);
        let (kind, form) = kind(draft, &endpoints, &mut errors);
        let endpoints: Vec<_> = endpoints
            .into_iter()
            .enumerate()
            .map(|(index, json)| {
                let path = format!("{ENDPOINTS}[{index}]");
                match form {
                    Some(form) => read::endpoint(form, &path, json, &mut errors),
                    None => {
                        must_be_an_object(&path, &json, &mut errors);
                        Endpoint::default()
                    }
                }
            })
            .collect();
        if let Some(kind) = kind {
            shared_fields_differ(kind, &endpoints, &mut errors);
        }
        let name = filled(draft.display_name.as_deref()).or(kind.map(ImportKind::label));
        Self {
            kind,
            display_name: name.map(ToOwned::to_owned),
            id: filled(draft.id.as_deref()).map(ToOwned::to_owned),
            endpoints,
            errors,
        }
    }

    /// The type of the provider that it becomes.
    pub(super) fn provider_type(&self) -> Option<ProviderType> {
        self.kind.map(ImportKind::provider_type)
    }

    /// What is known of the provider before it has an id: all that the id depends on.
    pub(super) fn without_id(&self) -> ProviderDraft {
        ProviderDraft {
            display_name: self.display_name.clone(),
            id: self.id.clone(),
            provider_type: self.provider_type().map(|ty| ty.key().to_owned()),
            ..ProviderDraft::default()
        }
    }

    /// The JSON of the provider, with the names of its secrets, and these. What reading found wrong is left out.
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
        let mut several = vec![];
        let names = names(&self.endpoints)?;
        for (endpoint, name) in self.endpoints.iter().zip(&names) {
            let mut fields = endpoint.fields.clone();
            let name = (self.endpoints.len() > 1).then_some(name.as_str());
            for secret in &endpoint.secrets {
                let called = free_name(id, name, secret.field, &taken)?;
                let place = match secret.place {
                    Place::Beside => Some(&mut fields),
                    Place::Credentials => {
                        fields.get_mut(CREDENTIALS).and_then(Value::as_object_mut)
                    }
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
        let mut provider = match self.kind {
            Some(kind) => together(kind, several),
            // Of no type there are no fields.
            None => Map::new(),
        };
        // One that was sent stays as it is, so that it is checked.
        let id = self.id.as_deref().unwrap_or(id.as_str());
        let ty = self.provider_type().map(ProviderType::key);
        let preset = self.kind.and_then(ImportKind::preset);
        for (field, text) in [
            ("id", Some(id)),
            ("type", ty),
            ("display_name", self.display_name.as_deref()),
            ("preset", preset.map(Preset::key)),
        ] {
            if let Some(text) = text {
                provider.insert(field.to_owned(), json!(text));
            }
        }
        Ok((Value::Object(provider), secrets))
    }

    /// Tells of keys that ask for their tokens where Weir does not connect to.
    pub(super) fn refuse_token_uris(&mut self, refuses: impl Fn(&ServiceAccountKey) -> bool) {
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let mut keys = endpoint
                .secrets
                .iter()
                .filter_map(|secret| ServiceAccountKey::parse(secret.value.expose_secret()).ok());
            if keys.any(|key| refuses(&key)) {
                let field = format!("{ENDPOINTS}[{index}].service_account_info.token_uri");
                let error = FieldError::new(field, "refused_address", REFUSED_ADDRESS);
                tell(&mut self.errors, [error]);
            }
        }
    }

    /// What came of making the provider, with all that reading found wrong, by the names of the fields that were
    /// sent.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong; the error as it is where none but the id is, or where
    /// no field is at fault.
    pub(super) fn told<T>(&self, made: Result<T, AdminError>) -> Result<T, AdminError> {
        let more = match made {
            Ok(made) if self.errors.is_empty() => return Ok(made),
            Ok(_) => vec![],
            Err(AdminError::Invalid(errors)) => self.by_its_own_fields(errors),
            Err(conflict @ AdminError::Conflict { .. }) if !self.errors.is_empty() => {
                conflict.problem().errors
            }
            Err(other) => return Err(other),
        };
        let mut errors = self.errors.clone();
        tell(&mut errors, more);
        let all = errors.len();
        errors.truncate(ERRORS_TOLD);
        if all > ERRORS_TOLD {
            let rest = all.saturating_sub(ERRORS_TOLD);
            errors.push(FieldError::new(
                CREDENTIALS,
                "too_many_errors",
                format!("{rest} more are wrong; mend these first"),
            ));
        }
        Err(AdminError::Invalid(errors))
    }

    fn by_its_own_fields(&self, errors: Vec<FieldError>) -> Vec<FieldError> {
        let errors = errors.into_iter();
        let errors = errors
            // Reading asks for all that is needed. What it refused is left out, and so missing to the check.
            .filter(|error| error.code != "required" || self.errors.is_empty());
        let errors = errors.map(|error| FieldError {
            field: self.own_field(&error.field),
            ..error
        });
        errors.collect()
    }

    fn own_field(&self, field: &str) -> String {
        let (endpoint, field) = match field.split_once('.') {
            Some((endpoint, field)) if endpoint.starts_with("endpoints[") => (endpoint, field),
            _ => ("endpoints[0]", field),
        };
        match field {
            "id" | "display_name" | ENDPOINTS => return field.to_owned(),
            "type" => return "kind".to_owned(),
            "base_url" if self.kind != Some(ImportKind::Azure) => return endpoint.to_owned(),
            _ => {}
        }
        format!("{endpoint}.{}", own_name(self.kind, field))
    }
}

/// Whether each of several endpoints has a field for itself.
fn is_own(kind: ImportKind, field: &str) -> bool {
    Owner::of(field, kind.provider_type()) != Owner::All
}

/// One provider of its endpoints: of several, what is not each one's own stands beside them.
fn together(kind: ImportKind, endpoints: Vec<Map<String, Value>>) -> Map<String, Value> {
    let several = match <[Map<String, Value>; 1]>::try_from(endpoints) {
        Ok([flat]) => return flat,
        Err(several) => several,
    };
    let mut provider = Map::new();
    let mut endpoints = vec![];
    for fields in several {
        let (own, shared): (Map<_, _>, Map<_, _>) = fields
            .into_iter()
            .partition(|(field, _)| field == "name" || is_own(kind, field));
        provider.extend(shared);
        endpoints.push(Value::Object(own));
    }
    if !endpoints.is_empty() {
        provider.insert(ENDPOINTS.to_owned(), Value::Array(endpoints));
    }
    provider
}

/// What all endpoints of a provider share must be the same.
fn shared_fields_differ(kind: ImportKind, endpoints: &[Endpoint], errors: &mut Vec<FieldError>) {
    let Some((first, others)) = endpoints.split_first() else {
        return;
    };
    let at = |index: usize, field: &str| {
        let field = own_name(Some(kind), field);
        format!("{ENDPOINTS}[{index}].{field}")
    };
    for (index, other) in (1..).zip(others) {
        let fields: BTreeSet<_> = first.fields.keys().chain(other.fields.keys()).collect();
        let differing: Vec<_> = fields
            .into_iter()
            .filter(|field| !is_own(kind, field))
            .filter(|field| first.fields.get(*field) != other.fields.get(*field))
            // What is wrong for another reason, here or there, differs for that.
            .filter(|field| !is_told(errors, &at(0, field)))
            .map(|field| FieldError::new(
                at(index, field),
                "endpoints_differ",
                "all endpoints of one provider have this in common, and here it is not that of endpoints[0]; import those that differ on their own",
            ))
            .collect();
        tell(errors, differing);
    }
}

/// What a field of a provider is called in what was sent.
fn own_name(kind: Option<ImportKind>, field: &str) -> &str {
    match field {
        "base_url" if kind == Some(ImportKind::Azure) => "api_base",
        "location" => "region",
        "project" => "service_account_info.project_id",
        "fips" => "use_fips_endpoint",
        "credentials.service_account" => "service_account_info",
        other => other.strip_prefix("credentials.").unwrap_or(other),
    }
}

fn must_be_an_object(path: &str, json: &Value, errors: &mut Vec<FieldError>) {
    if !json.is_object() {
        tell(errors, Object::new(path, json.clone()).end());
    }
}

/// The endpoints, as many as a provider may have.
fn endpoints(draft: &ImportDraft, errors: &mut Vec<FieldError>) -> Vec<Value> {
    let Some(json) = &draft.credentials else {
        let missing = FieldError::new(
            CREDENTIALS,
            "required",
            "give the credentials: {\"endpoints\": [{…}]}",
        );
        tell(errors, [missing]);
        return vec![];
    };
    let mut object = Object::new(CREDENTIALS, json.clone());
    let listed = object.list(ENDPOINTS);
    let at = object.at(ENDPOINTS);
    let mut wrong = object.end();
    for error in &mut wrong {
        // Endpoints are named as they stand in what was pasted.
        if error.field == at {
            ENDPOINTS.clone_into(&mut error.field);
        }
    }
    let mut listed = match listed {
        Some(listed) => listed,
        None if is_told(&wrong, ENDPOINTS) || !json.is_object() => {
            tell(errors, wrong);
            return vec![];
        }
        None => vec![],
    };
    tell(errors, wrong);
    let (code, message) = match listed.len() {
        0 => ("required", "there must be one endpoint at least".to_owned()),
        1..=ENDPOINTS_MAX => return listed,
        _ => (
            "too_many",
            format!("{ENDPOINTS_MAX} endpoints at most; import the rest as another provider"),
        ),
    };
    tell(errors, [FieldError::new(ENDPOINTS, code, message)]);
    // Those beyond belong to another provider; what is wrong with them is told when they are imported as that.
    listed.truncate(ENDPOINTS_MAX);
    listed
}

/// Whose credentials they are, and whose they are read as: where that is wrong, the fields may still tell what else is.
fn kind(
    draft: &ImportDraft,
    endpoints: &[Value],
    errors: &mut Vec<FieldError>,
) -> (Option<ImportKind>, Option<ImportKind>) {
    let shown = endpoints.iter().find_map(ImportKind::shown_by);
    let named = filled(draft.kind.as_deref());
    let kind = match named {
        Some(name) => ImportKind::named(name),
        None => shown,
    };
    if kind.is_some() {
        return (kind, kind);
    }
    let (code, message) = if named.is_some() {
        ("invalid_kind", "this is none of")
    } else {
        (
            "required",
            "the fields do not tell whose credentials these are; choose one of",
        )
    };
    // Where there is no endpoint, that is what is wrong.
    if named.is_some() || endpoints.iter().any(Value::is_object) {
        let message = format!("{message}: {}", ImportKind::names());
        tell(errors, [FieldError::new("kind", code, message)]);
    }
    let has_key = |endpoint: &Value| endpoint.get("api_key").is_some();
    // All kinds that cannot be told apart have the same fields.
    let keyed = endpoints.iter().any(has_key).then_some(ImportKind::OpenAi);
    (None, shown.or(keyed))
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
