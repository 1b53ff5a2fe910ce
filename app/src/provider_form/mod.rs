//! The form that makes and changes a provider, as names and values: what the page asks, what the browser
//! checks while one types, and what the server reads are the same code.
//!
//! | field | holds |
//! |---|---|
//! | `display_name`, `id`, `type` | as the API has them; an empty `id` is derived from the name |
//! | `{type}.base_url`, `{type}.organization`, … | what each type needs; fields of other types are kept, not used |
//! | `{type}.key_from` | `existing` or `new` |
//! | `{type}.key` | name of the secret that is referred to |
//! | `{type}.new_key`, `{type}.new_value` | name and value of the secret to be made |
//! | `model` (repeated) | the ids that were selected, in order |
//! | `model_name.{id}`, `price_as.{id}`, `rate.{bucket}.{id}` | what goes with a selected model |
//! | `q`, `pick` (repeated) | search of the catalog, and what is ticked in what it found |
//! | `do` | which button: `save`, `enter`, `search`, `pick`, `add`, `show`, `remove:{id}`, `clear:{id}`, `secret:{type}` |

pub(crate) mod filled;
pub(crate) mod notes;

use domain::provider::ProviderType;

use crate::fields::Fields;

#[cfg(test)]
mod tests;

/// The name of a field that goes with one provider type.
pub(crate) fn of_type(ty: &str, field: &str) -> String {
    format!("{ty}.{field}")
}

/// What a form holds without the values of new secrets: they leave the browser once, to be saved.
pub(crate) fn without_new_values(fields: &Fields) -> Fields {
    ProviderType::ALL.iter().fold(fields.clone(), |fields, ty| {
        fields.with(&of_type(ty.key(), "new_value"), "")
    })
}

/// The name of the field with the display name of a model.
pub(crate) fn model_name(id: &str) -> String {
    format!("model_name.{id}")
}

/// The name of the field with the id whose prices hold for a model.
pub(crate) fn price_as(id: &str) -> String {
    format!("price_as.{id}")
}

/// The name of the field with the override of a bucket's rate for a model.
pub(crate) fn rate(bucket: &str, id: &str) -> String {
    format!("rate.{bucket}.{id}")
}
