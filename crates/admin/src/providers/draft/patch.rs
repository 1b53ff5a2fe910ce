//! The merge patch: what a provider becomes by what somebody sends of it.

use serde_json::Value;

use super::{FIELDS_OF_SOME_TYPES, ProviderDraft, READ_ONLY};
use crate::{
    error::{AdminError, FieldError},
    providers::several::ENDPOINTS,
};

/// Applies a JSON Merge Patch (RFC 7396) to the JSON of a provider.
///
/// # Errors
/// [`AdminError::Invalid`] where the patch is no object, names unknown fields, or changes what cannot be
/// changed; [`AdminError::VersionConflict`] where it carries an older version.
pub(crate) fn patched(current: Value, patch: Value) -> Result<ProviderDraft, AdminError> {
    let Value::Object(patch) = patch else {
        return Err(AdminError::field(
            "",
            "wrong_type",
            "a patch must be a JSON object, in braces",
        ));
    };
    let Value::Object(mut json) = current else {
        return Err(AdminError::Internal);
    };
    let version = json.get("version").cloned();
    if let (Some(given), Some(current)) = (
        patch.get("version").and_then(Value::as_u64),
        version.as_ref().and_then(Value::as_u64),
    ) && given != current
    {
        return Err(AdminError::VersionConflict { current });
    }
    let mut errors = vec![];
    for (name, value) in patch {
        let name = name.as_str();
        let same = json.get(name) == Some(&value);
        if READ_ONLY.contains(&name) {
            if !same {
                errors.push(FieldError::new(
                    name,
                    "read_only",
                    "Weir fills this in itself; leave it out",
                ));
            }
        } else if matches!(name, "id" | "type") {
            if !same {
                errors.push(FieldError::new(
                    name,
                    "immutable",
                    "this never changes; make another provider instead",
                ));
            }
        } else if value.is_null() && ProviderDraft::knows(name) {
            json.remove(name);
        } else {
            json.insert(name.to_owned(), value);
        }
    }
    for name in READ_ONLY {
        json.remove(*name);
    }
    let mut draft = ProviderDraft::read_editable(Value::Object(json));
    draft.unreadable.extend(errors);
    Ok(draft)
}

impl ProviderDraft {
    fn knows(name: &str) -> bool {
        const COMMON: &[&str] = &[
            "display_name",
            "enabled",
            "base_url",
            "api_key",
            "other_paths",
            ENDPOINTS,
            "models",
            "record_inputs",
            "record_outputs",
        ];
        COMMON.contains(&name) || FIELDS_OF_SOME_TYPES.iter().any(|(field, _)| *field == name)
    }
}

#[cfg(test)]
mod tests;
