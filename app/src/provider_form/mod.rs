//! The form that makes and changes a provider, as names and values: what the page asks, what the browser
//! checks while one types, and what the server reads are the same code.
//!
//! | field | holds |
//! |---|---|
//! | `display_name`, `id`, `type` | as the API has them; an empty `id` is derived from the name |
//! | `{type}.base_url`, `{type}.organization`, … | what each type needs; fields of other types are kept, not used |
//! | `bedrock.mode`, `bedrock.role_arn`, … | what each credential mode needs; fields of other modes are kept, not used |
//! | `vertex_ai.mode` | the same for Vertex AI |
//! | `azure_openai.mode`, `azure_openai.client_id`, … | the same for Azure OpenAI's two ways |
//! | `{secret}.key_from` | `existing` or `new`; `{secret}` is a type, or one of the keys of `bedrock`, `vertex_ai` and `azure_openai` |
//! | `{secret}.key` | name of the secret that is referred to |
//! | `{secret}.new_key`, `{secret}.new_value` | name and value of the secret to be made |
//! | `model` (repeated) | the ids that were selected, in order |
//! | `model_name.{id}`, `price_as.{id}`, `rate.{bucket}.{id}` | what goes with a selected model |
//! | `q`, `pick` (repeated) | search of the catalog, and what is ticked in what it found |
//! | `listed` (repeated), `listed_by`, `listed_in_all` | what the upstream listed when it was asked, who that was, and how many it listed |
//! | `first_endpoint`, `endpoint` (repeated), `endpoint.{n}.name`, … | further endpoints; see the form's `endpoints` |
//! | `version` | the version that a provider had when its form was opened |
//! | `do` | which button: `save`, `enter`, `search`, `pick`, `add`, `fetch`, `catalog`, `show`, `remove:{id}`, `clear:{id}`, `add_endpoint`, `remove_endpoint:{n}`, `secret:{secret}` |

pub(crate) mod azure_mode;
pub(crate) mod filled;
pub(crate) mod google_mode;
pub(crate) mod mode;
pub(crate) mod notes;
pub(crate) mod secret_field;

use secret_field::SecretField;

use crate::fields::Fields;

#[cfg(test)]
mod tests;

/// The name of a field that goes with one provider type.
pub(crate) fn of_type(ty: &str, field: &str) -> String {
    format!("{ty}.{field}")
}

/// What a form holds without the values of new secrets: they leave the browser once, to be saved.
pub(crate) fn without_new_values(fields: &Fields) -> Fields {
    SecretField::ALL.iter().fold(fields.clone(), |fields, of| {
        fields.with(&of.part("new_value"), "")
    })
}

/// Whether the form holds the value of a new secret that counts for what it has chosen.
pub(crate) fn has_new_value(fields: &Fields) -> bool {
    SecretField::that_count(fields)
        .iter()
        .any(|of| of.is_new(fields) && !fields.text(&of.part("new_value")).is_empty())
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

/// Bucket and model of a rate's field.
pub(crate) fn rate_of(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("rate.")?.split_once('.')
}
