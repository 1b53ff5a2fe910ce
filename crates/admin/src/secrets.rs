//! Secrets: put, list, delete. The value comes in and never goes out again, but to the data plane.

use domain::{ProviderId, SecretName, Timestamp, secret::SecretInfo};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use store::StoreError;

use crate::{
    Admin,
    audit::Change,
    error::{AdminError, FieldError, Thing},
    fields::{Object, all_right},
    page::{Page, PageRequest, page_of},
    who::Who,
};

/// Longest value, in bytes; what servers take as a header.
const VALUE_MAX: usize = 8_192;

/// What an admin can do with secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    pub(crate) admin: Admin,
}

/// One secret: everything but its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Secret)]
pub struct SecretView {
    /// Its name.
    #[schema(value_type = String, example = "OPENAI_API_KEY")]
    pub name: SecretName,
    /// The providers that refer to it.
    #[schema(value_type = Vec<String>)]
    pub used_by: Vec<ProviderId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its value was last set.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// When a call last used it. Null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<SecretInfo> for SecretView {
    fn from(info: SecretInfo) -> Self {
        Self {
            name: info.name,
            used_by: info.used_by,
            created_at: info.created_at,
            updated_at: info.updated_at,
            last_used_at: info.last_used_at,
        }
    }
}

/// Reads `{"value": "…"}`.
///
/// # Errors
/// [`AdminError::Invalid`] with every field that is wrong; never with the value.
pub fn read_value(json: Value) -> Result<SecretString, AdminError> {
    let mut object = Object::new("", json);
    let value = object.text("value").map(SecretString::from);
    let mut errors = object.end();
    if value.is_none() && !errors.iter().any(|error| error.field == "value") {
        errors.push(FieldError::new(
            "value",
            "required",
            "give the secret's value",
        ));
    }
    all_right(errors)?;
    value.ok_or(AdminError::Internal)
}

fn check_name(name: &str) -> Result<SecretName, AdminError> {
    SecretName::new(name)
        .map_err(|error| AdminError::field("name", "invalid_name", error.to_string()))
}

fn check_value(value: &SecretString) -> Result<(), AdminError> {
    check_value_of("value", value).map_err(|error| AdminError::Invalid(vec![error]))
}

/// Checks a value that stands in a field. Never repeats it.
pub(crate) fn check_value_of(field: &str, value: &SecretString) -> Result<(), FieldError> {
    let text = value.expose_secret();
    let wrong = |code, message: &str| Err(FieldError::new(field, code, message));
    if text.trim().is_empty() {
        return wrong("required", "a secret cannot be empty");
    }
    if text.len() > VALUE_MAX {
        return wrong("too_long", "8,192 bytes at most");
    }
    if text.chars().any(char::is_control) {
        return wrong(
            "control_character",
            "the value has a line break or another control character, so it cannot be sent as a header; often one is copied along at the end",
        );
    }
    if text.trim() != text {
        return wrong(
            "space_around",
            "the value begins or ends with a space, most likely copied along; leave it out",
        );
    }
    if !text.is_ascii() {
        return wrong(
            "not_ascii",
            "the value has characters that keys do not have, such as curly quotes or invisible spaces; copy it again",
        );
    }
    Ok(())
}

/// A JSON object, such as the key of a service account, in one line, as secrets are: line breaks between its parts
/// mean nothing, and inside of its texts there are none. Any other value stays as it is.
fn in_one_line(value: SecretString) -> SecretString {
    let text = value.expose_secret();
    let breaks = text.contains(['\n', '\r', '\t']) && text.trim_start().starts_with('{');
    if !breaks || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return value;
    }
    let line: String = text.trim().chars().filter(|c| !c.is_control()).collect();
    SecretString::from(line)
}

impl Secrets {
    /// One page of the secrets, by name.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn list(
        &self,
        who: &Who,
        page: &PageRequest,
    ) -> Result<Page<SecretView>, AdminError> {
        page_of(
            self.all(who).await?,
            page,
            |secret| secret.name.to_string(),
            |cursor| SecretName::new(cursor).is_ok(),
        )
    }

    /// Every secret, by name.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn all(&self, _who: &Who) -> Result<Vec<SecretView>, AdminError> {
        let secrets = self.admin.store().secrets().list().await?;
        Ok(secrets.into_iter().map(SecretView::from).collect())
    }

    /// Makes a secret or replaces its value. Calls that begin later use it.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] where the name or the value cannot be taken.
    pub async fn put(&self, who: &Who, name: &str, value: SecretString) -> Result<(), AdminError> {
        let name = check_name(name)?;
        let value = in_one_line(value);
        check_value(&value)?;
        let admin = self.admin.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let was_there = admin
                    .store()
                    .secrets()
                    .list()
                    .await?
                    .iter()
                    .any(|info| info.name == name);
                let row = json!({ "name": name });
                let entry = admin.entry(
                    &who,
                    Change {
                        action: if was_there { "replace_value" } else { "create" },
                        kind: "secret",
                        id: name.to_string(),
                        before: was_there.then(|| row.clone()),
                        after: Some(row),
                    },
                );
                let secrets = admin.store().secrets();
                secrets.put(&name, value.clone(), &entry).await?;
                admin.live().put_secret(&name, &value);
                Ok(())
            })
            .await
    }

    /// Deletes a secret that no provider refers to.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::SecretInUse`] with the providers that refer to it.
    pub async fn delete(&self, who: &Who, name: &str) -> Result<(), AdminError> {
        let not_found = AdminError::NotFound {
            what: Thing::Secret,
            id: name.to_owned(),
        };
        let Ok(name) = SecretName::new(name) else {
            return Err(not_found);
        };
        let admin = self.admin.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let entry = admin.entry(
                    &who,
                    Change {
                        action: "delete",
                        kind: "secret",
                        id: name.to_string(),
                        before: Some(json!({ "name": name })),
                        after: None,
                    },
                );
                match admin.store().secrets().delete(&name, &entry).await {
                    Ok(true) => {}
                    Ok(false) => return Err(not_found),
                    Err(StoreError::InUse { by }) => {
                        return Err(AdminError::SecretInUse {
                            name: name.to_string(),
                            by,
                        });
                    }
                    Err(error) => return Err(error.into()),
                }
                admin.live().remove_secret(&name);
                Ok(())
            })
            .await
    }
}
