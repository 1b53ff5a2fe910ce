//! Providers made of credentials as other gateways write them: `{"endpoints": […]}`.
//!
//! | file | what for |
//! |---|---|
//! | `kind` | whose credentials they are, and how that shows |
//! | `read` | the fields of an endpoint, and all that is wrong with them |
//! | `plan` | what becomes of them: the JSON of a provider, and secrets |
//!
//! A provider and its secrets are made together or not at all. What is wrong is told by the names of the
//! fields that were sent, never with a value.

mod kind;
mod plan;
mod read;

use std::{collections::HashSet, fmt};

use domain::{ProviderId, SecretName, id::SECRET_NAME_MAX, provider::ProviderType};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};
use store::{NewSecret, StoreError};

pub use self::kind::ImportKind;
use self::plan::Plan;
use super::{ProviderDraft, ProviderView, Providers, ids};
use crate::{
    Admin,
    audit::Change,
    error::{AdminError, FieldError},
    fields::{Object, filled},
    live,
    who::Who,
};

/// Credentials to be imported, as somebody sent them.
#[derive(Clone, PartialEq, Default, utoipa::ToSchema)]
#[schema(
    as = ImportedCredentials,
    description = "Credentials as other gateways write them, to be made a provider with its secrets."
)]
pub struct ImportDraft {
    /// azure, aws, google, anthropic, cerebras, togetherai, cohere, openai or groq. May be left out for the
    /// first three, whose fields tell.
    #[schema(example = "azure")]
    pub kind: Option<String>,
    /// What people read; 1 to 253 characters. Left out: the kind's name.
    pub display_name: Option<String>,
    /// The provider's id. Left out: derived from the display name.
    pub id: Option<String>,
    /// `{"endpoints": [{…}]}`.
    #[schema(value_type = Object, required = true, example = json!({"endpoints": [{"region": "global", "api_key": "…"}]}))]
    pub credentials: Option<Value>,
    /// Fields that could not even be read. Empty in a draft made by hand.
    #[schema(ignore)]
    pub unreadable: Vec<FieldError>,
}

/// What was made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// The provider.
    pub provider: ProviderView,
    /// The names of the secrets that it refers to, which are new.
    #[schema(value_type = Vec<String>, example = json!(["AZURE_OPENAI_API_KEY"]))]
    pub secrets: Vec<SecretName>,
}

impl ImportDraft {
    /// Reads the JSON. What cannot be read is kept as errors, to be told together with all others.
    #[must_use]
    pub fn read(json: Value) -> Self {
        let mut object = Object::new("", json);
        let kind = object.text("kind");
        Self {
            kind,
            display_name: object.text("display_name"),
            id: object.text("id"),
            credentials: object.take("credentials"),
            unreadable: object.end(),
        }
    }

    /// The same with credentials as the text that somebody pasted.
    #[must_use]
    pub fn with_pasted(mut self, text: &str) -> Self {
        if let Some(text) = filled(Some(text)) {
            // Some editors put a mark before the text.
            match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
                Ok(json) => self.credentials = Some(json),
                Err(error) => self.unreadable.push(FieldError::new(
                    "credentials",
                    "not_json",
                    format!(
                        "this is not JSON: {} at line {}, column {}; paste all of it, from {{ to }}",
                        words(&error),
                        error.line(),
                        error.column()
                    ),
                )),
            }
        }
        self
    }
}

/// What is wrong with a text as JSON, without anything of the text.
fn words(error: &serde_json::Error) -> &'static str {
    if error.is_eof() {
        "it ends too early"
    } else if error.to_string().starts_with("trailing comma") {
        "a comma stands before a closing bracket"
    } else {
        "something is out of place"
    }
}

impl fmt::Debug for ImportDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The credentials hold secrets.
        f.debug_struct("ImportDraft")
            .field("kind", &self.kind)
            .field("display_name", &self.display_name)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Providers {
    /// Makes a provider and its secrets of credentials. It takes calls as soon as this returns.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong, [`AdminError::Conflict`] where nothing but
    /// the id is at fault; then nothing is made.
    pub async fn import(&self, who: &Who, draft: &ImportDraft) -> Result<Imported, AdminError> {
        let mut plan = Plan::of(draft);
        plan.refuse_token_uris(|key| self.refuses_token_uri(key));
        let (this, who) = (self.clone(), who.clone());
        self.admin
            .whole(async move { this.make_imported(&who, plan).await })
            .await
    }

    async fn make_imported(&self, who: &Who, plan: Plan) -> Result<Imported, AdminError> {
        let id = match self.free_id(who, &plan.without_id()).await {
            // It is told with all else; until then secrets are named by any.
            Err(AdminError::Conflict { .. }) => {
                ids::of_type(plan.provider_type().unwrap_or(ProviderType::OpenAi))
            }
            other => other,
        }?;
        let there = self.admin.store().secrets().list().await?;
        let there: HashSet<_> = there.into_iter().map(|secret| secret.name).collect();
        let (json, secrets) = plan.named(&id, &there)?;
        let names: HashSet<_> = secrets.iter().map(|(name, _)| name.clone()).collect();
        let draft = ProviderDraft::read(json);
        let made = self.made_with(who, &draft, &names).await;
        let mut provider = plan.told(made)?;
        provider.version = self.next_version(&provider.id).await?;
        let entry = self.entry(who, "create", None, Some(&provider))?;
        let new: Vec<_> = secrets
            .iter()
            .map(|(name, value)| new_secret(&self.admin, who, name, value))
            .collect();
        let providers = self.admin.store().providers();
        providers
            .insert_with(&provider, &entry, &new)
            .await
            .map_err(|error| not_inserted(error, &provider.id))?;
        let live = self.admin.live();
        for (name, value) in &secrets {
            live.put_secret(name, value);
        }
        let values = live::secrets_of(self.admin.store(), &provider).await?;
        live.put_provider(provider.clone(), values);
        Ok(Imported {
            provider: self.view(&provider),
            secrets: secrets.into_iter().map(|(name, _)| name).collect(),
        })
    }
}

/// Why the store did not take what was free a moment ago: another program works on the same database.
fn not_inserted(error: StoreError, id: &ProviderId) -> AdminError {
    match error {
        StoreError::Taken {
            what: NewSecret::WHAT,
        } => AdminError::Conflict {
            code: "name_taken",
            field: "credentials",
            message: "a secret of the name that one of these was to get has been made in the meantime; import them again".to_owned(),
        },
        StoreError::Taken { .. } => ids::taken(id),
        other => other.into(),
    }
}

/// Adds what is wrong. A field that was told before is not told again: the first word about it is the one to act on.
fn tell(errors: &mut Vec<FieldError>, more: impl IntoIterator<Item = FieldError>) {
    let mut told: HashSet<_> = errors.iter().map(|error| error.field.clone()).collect();
    let more = more.into_iter();
    errors.extend(more.filter(|error| told.insert(error.field.clone())));
}

fn is_told(errors: &[FieldError], field: &str) -> bool {
    errors.iter().any(|error| error.field == field)
}

fn new_secret(admin: &Admin, who: &Who, name: &SecretName, value: &SecretString) -> NewSecret {
    let change = Change {
        action: "create",
        kind: "secret",
        id: name.to_string(),
        before: None,
        after: Some(json!({ "name": name })),
    };
    NewSecret {
        name: name.clone(),
        value: value.clone(),
        entry: admin.entry(who, change),
    }
}

/// The name of a secret of a provider that no other has.
fn free_name(
    id: &ProviderId,
    endpoint: Option<&str>,
    what: &str,
    taken: &HashSet<SecretName>,
) -> Result<SecretName, AdminError> {
    /// More secrets of one name there will not be.
    const NUMBERS: u32 = 10_000;
    let whose = std::iter::once(id.as_str()).chain(endpoint);
    let whose = whose.collect::<Vec<_>>().join("_");
    let upper = |text: &str| text.to_ascii_uppercase().replace('-', "_");
    let whose = upper(&whose);
    (1..NUMBERS)
        .map(|number| match number {
            1 => upper(&format!("_{what}")),
            number => upper(&format!("_{what}_{number}")),
        })
        .filter_map(|end| {
            // Long ids and names of endpoints are cut, so that what it is can still be read.
            let room = SECRET_NAME_MAX.saturating_sub(end.len());
            let begin: String = whose.chars().take(room).collect();
            SecretName::new(begin + &end).ok()
        })
        .find(|name| !taken.contains(name))
        .ok_or(AdminError::Internal)
}

#[cfg(test)]
mod tests;
