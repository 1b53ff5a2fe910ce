//! The form that makes and changes a provider.
//!
//! | file | what for |
//! |---|---|
//! | `steps` | what each button does to what was typed |
//! | `draft` | between the form's fields and admin's draft |
//! | `facts` | what the form must know: secrets, what the catalog found, prices of what is selected |
//! | `view` | the page; `types`, `models` and `pricing` are its larger cards |
//! | `create`, `edit` | the two pages with this form |

pub(super) mod create;
mod draft;
pub(super) mod edit;
mod facts;
mod models;
mod pricing;
mod steps;
mod types;
mod view;

use domain::provider::ProviderType;
use http::StatusCode;
use secrecy::SecretString;

use crate::{
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    provider_form::{notes::sentence, of_type},
};

pub(super) use types::use_when;

/// Saves the new secret that the form holds for a type, and refers to it from then on. So that a value,
/// which is never sent back, is not lost over an error elsewhere.
///
/// `Ok(None)`: the form has no new secret, or passthrough is switched on, so that none is wanted.
async fn save_new_secret(
    page: &Page,
    fields: &mut Fields,
    prefix: &str,
) -> Result<Option<Result<String, Wrong>>, Failure> {
    let field = |name: &str| of_type(prefix, name);
    let (name, value) = (
        fields.text(&field("new_key")).to_owned(),
        fields
            .get(&field("new_value"))
            .unwrap_or_default()
            .to_owned(),
    );
    let has_new =
        fields.text(&field("key_from")) == "new" && !(name.is_empty() && value.is_empty());
    if !has_new || passes_through(fields, prefix) {
        return Ok(None);
    }
    let who = page.who()?;
    let secrets = page.admin().secrets();
    if secrets
        .all(who)
        .await?
        .iter()
        .any(|secret| secret.name.as_str() == name)
    {
        let words = "There is a secret of this name. Choose it under Existing, or make one under another name.";
        return Ok(Some(Err(Wrong::one(field("new_key"), words))));
    }
    match secrets.put(who, &name, SecretString::from(value)).await {
        Ok(()) => {
            fields.set(&field("key"), name.clone());
            fields.set(&field("key_from"), "existing");
            fields.remove(&field("new_key"));
            fields.remove(&field("new_value"));
            Ok(Some(Ok(name)))
        }
        Err(error) => {
            let wrong = Wrong::read_as(error, |error| match error.field.as_str() {
                "name" => field("new_key"),
                _ => field("new_value"),
            })?;
            let close = closest_name(&name);
            let suggestion = close
                .filter(|_| wrong.any(&field("new_key")))
                .map(|close| format!("Did you mean {close}?"));
            let mut wrong = wrong;
            if let Some(words) = suggestion {
                wrong.add(field("new_key"), sentence(&words));
            }
            Ok(Some(Err(wrong)))
        }
    }
}

/// The name of a secret that somebody most likely meant.
fn closest_name(typed: &str) -> Option<String> {
    let name: String = typed
        .trim()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let name = name
        .trim_start_matches(|c: char| !c.is_ascii_uppercase())
        .to_owned();
    domain::SecretName::new(name).ok().map(String::from)
}

/// The type that the form has chosen.
fn chosen_type(fields: &Fields) -> Option<ProviderType> {
    fields.text("type").parse().ok()
}

/// Whether the caller's own credential is used, so that whatever the form holds of a key does not count:
/// the fields of the key are hidden then, and sent all the same.
fn passes_through(fields: &Fields, prefix: &str) -> bool {
    prefix == ProviderType::Anthropic.key() && fields.ticked(&of_type(prefix, "passthrough"))
}

/// The status of a form that is shown again: as it was, or with what is wrong.
fn status_of(wrong: &Wrong) -> StatusCode {
    if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

#[cfg(test)]
mod tests {
    use super::closest_name;

    #[test]
    fn a_name_that_is_nearly_right_is_offered() {
        assert_eq!(
            closest_name("aws_batch_secret_key").as_deref(),
            Some("AWS_BATCH_SECRET_KEY")
        );
        assert_eq!(closest_name(" openai key ").as_deref(), Some("OPENAI_KEY"));
        assert_eq!(closest_name("1-key").as_deref(), Some("KEY"));
        assert_eq!(closest_name("…"), None);
        assert_eq!(closest_name(""), None);
    }
}
