//! Saving the new secrets that the form holds, so that a value, which is never sent back, is not lost over an
//! error elsewhere.

use secrecy::SecretString;

use crate::{
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    kit::note::Tone,
    provider_form::{
        notes::{SECRET_TAKEN, meant},
        secret_field::SecretField,
    },
};

/// What came of saving secrets.
#[derive(Default)]
pub(super) struct Saved {
    /// What to say above the form of those that were saved.
    pub(super) notes: Vec<(Tone, String)>,
    /// What is wrong with those that were not.
    pub(super) wrong: Wrong,
    /// The fields whose secret was not saved.
    refused: Vec<SecretField>,
}

impl Saved {
    /// Whether a field of the form belongs to a secret that was refused, so that nothing else need be said
    /// of it.
    pub(super) fn has_refused(&self, field: &str) -> bool {
        self.refused.iter().any(|of| {
            ["key", "new_key", "new_value"]
                .iter()
                .any(|part| of.part(part) == field)
        })
    }
}

/// The fields that count and hold a new secret with its name and its value.
fn complete(fields: &Fields) -> Vec<SecretField> {
    let is_filled = |of: &SecretField, part| !fields.text(&of.part(part)).is_empty();
    SecretField::that_count(fields)
        .iter()
        .copied()
        .filter(|of| of.is_new(fields) && is_filled(of, "new_key") && is_filled(of, "new_value"))
        .collect()
}

/// Saves the new secrets that are complete before the form is shown again, since their values are not sent back; and
/// that of the field for which it was asked, last and even if it is not.
///
/// # Errors
/// As [`save`].
pub(super) async fn keep(
    page: &Page,
    fields: &mut Fields,
    asked: Option<SecretField>,
) -> Result<Saved, Failure> {
    let mut of_fields = complete(fields);
    of_fields.retain(|of| Some(*of) != asked);
    of_fields.extend(asked);
    save(page, fields, &of_fields).await
}

/// Saves the new secrets of these fields, and refers to them from then on.
///
/// # Errors
/// What admin says, but of the secrets.
pub(super) async fn save(
    page: &Page,
    fields: &mut Fields,
    of_fields: &[SecretField],
) -> Result<Saved, Failure> {
    let mut saved = Saved::default();
    for of in of_fields {
        match save_one(page, fields, *of).await? {
            None => {}
            Some(Ok(name)) => saved.notes.push((
                Tone::Good,
                format!("{name} is saved and chosen. Its value will not be shown again."),
            )),
            Some(Err(wrong)) => {
                saved.wrong.extend(wrong);
                saved.refused.push(*of);
            }
        }
    }
    Ok(saved)
}

/// `Ok(None)`: the field has no new secret.
async fn save_one(
    page: &Page,
    fields: &mut Fields,
    of: SecretField,
) -> Result<Option<Result<String, Wrong>>, Failure> {
    let (new_key, new_value) = (of.part("new_key"), of.part("new_value"));
    let name = fields.text(&new_key).to_owned();
    let value = fields.get(&new_value).unwrap_or_default().to_owned();
    if !of.is_new(fields) || (name.is_empty() && value.is_empty()) {
        return Ok(None);
    }
    let who = page.who()?;
    let secrets = page.admin().secrets();
    let there_are = secrets.all(who).await?;
    if there_are.iter().any(|secret| secret.name.as_str() == name) {
        return Ok(Some(Err(Wrong::one(new_key, SECRET_TAKEN))));
    }
    match secrets.put(who, &name, SecretString::from(value)).await {
        Ok(()) => {
            fields.set(&of.part("key"), name.clone());
            fields.set(&of.part("key_from"), "existing");
            fields.remove(&new_key);
            fields.remove(&new_value);
            Ok(Some(Ok(name)))
        }
        Err(error) => {
            let mut wrong = Wrong::read_as(error, |error| match error.field.as_str() {
                "name" => new_key.clone(),
                _ => new_value.clone(),
            })?;
            if wrong.any(&new_key)
                && let Some(question) = meant(&name)
            {
                wrong.add(new_key, question);
            }
            Ok(Some(Err(wrong)))
        }
    }
}
