//! Keys that were pasted where the name of a secret belongs: the form comes back without them, so that no page holds
//! one. What is wrong is told beside the field all the same.

use admin::providers::CredentialsDraft;
use domain::SecretName;

use super::endpoints;
use crate::{http::fields::Fields, provider_form::secret_field::SecretField};

/// The fields without what was pasted.
pub(super) fn without_pasted(fields: &Fields) -> Fields {
    let mut kept = fields.clone();
    kept.keep(|name, value| {
        let value = value.trim();
        if names_a_secret(name) {
            value.is_empty() || SecretName::new(value).is_ok()
        } else if endpoints::is_credentials(name) {
            value.is_empty() || has_only_names(value)
        } else {
            true
        }
    });
    kept
}

fn names_a_secret(field: &str) -> bool {
    endpoints::is_key(field) || SecretField::ALL.iter().any(|of| field == of.part("key"))
}

/// Whether it is credentials whose secrets are names of secrets.
fn has_only_names(text: &str) -> bool {
    let Ok(draft) = CredentialsDraft::typed("", text) else {
        return false;
    };
    [
        draft.access_key_id,
        draft.secret_access_key,
        draft.session_token,
        draft.api_key,
        draft.service_account,
        draft.client_secret,
    ]
    .into_iter()
    .flatten()
    .all(|name| SecretName::new(name.trim()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_keys_do_not() {
        for (name, value, comes_back) in [
            ("openai.key", "OPENAI_KEY", true),
            ("openai.key", "sk-proj-1234", false),
            ("openai.base_url", "https://eu.example/v1", true),
            ("endpoint.2.key", "KEY_EU", true),
            ("endpoint.2.key", "sk-proj-1234", false),
            ("endpoint.2.name", "sk-proj-1234", true),
            (
                "endpoint.2.credentials",
                r#"{"mode": "default_chain"}"#,
                true,
            ),
            (
                "endpoint.2.credentials",
                r#"{"mode": "service_account", "service_account": "VERTEX_KEY"}"#,
                true,
            ),
            (
                "endpoint.2.credentials",
                r#"{"mode": "static_keys", "secret_access_key": "wJalr/XUtnFEMI"}"#,
                false,
            ),
            (
                "endpoint.2.credentials",
                r#"{"type": "service_account", "private_key": "-----BEGIN"}"#,
                false,
            ),
            (
                "endpoint.2.credentials",
                "-----BEGIN PRIVATE KEY-----",
                false,
            ),
        ] {
            let fields = Fields::from([("type", "openai"), (name, value)]);
            let kept = without_pasted(&fields);
            assert_eq!(kept.get(name).is_some(), comes_back, "{name}={value}");
            assert_eq!(kept.text("type"), "openai");
        }
    }
}
