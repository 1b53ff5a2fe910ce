//! What the credentials of all types that have modes are checked for.

use domain::SecretName;

use super::Check;
use crate::{fields::filled, providers::draft::CredentialsDraft};

/// The modes of a type's credentials, each with the fields that it has.
pub(super) type Modes = &'static [(&'static str, &'static [&'static str])];

impl Check<'_> {
    /// The mode that a draft names, one of these. Fields of other modes are refused.
    pub(super) fn credential_mode(
        &mut self,
        draft: &CredentialsDraft,
        modes: Modes,
    ) -> Option<&'static str> {
        let names = || {
            let names: Vec<&str> = modes.iter().map(|(name, _)| *name).collect();
            names.join(", ")
        };
        let Some(mode) = filled(draft.mode.as_deref()) else {
            self.require("credentials.mode", format!("say one of: {}", names()));
            return None;
        };
        let Some((mode, fields)) = modes.iter().find(|(name, _)| *name == mode) else {
            self.wrong(
                "credentials.mode",
                "invalid_mode",
                format!("there is no such mode; use one of: {}", names()),
            );
            return None;
        };
        for (field, text) in [
            ("access_key_id", &draft.access_key_id),
            ("secret_access_key", &draft.secret_access_key),
            ("session_token", &draft.session_token),
            ("role_arn", &draft.role_arn),
            ("external_id", &draft.external_id),
            ("session_name", &draft.session_name),
            ("api_key", &draft.api_key),
            ("service_account", &draft.service_account),
            ("client_id", &draft.client_id),
            ("client_secret", &draft.client_secret),
            ("token_url", &draft.token_url),
            ("scope", &draft.scope),
        ] {
            if filled(text.as_deref()).is_some() && !fields.contains(&field) {
                self.wrong(
                    &format!("credentials.{field}"),
                    "field_of_other_mode",
                    format!("mode {mode} has no such field; leave it out"),
                );
            }
        }
        Some(mode)
    }

    /// The secret that a field names, which must name one.
    pub(super) fn needed_reference(
        &mut self,
        field: &str,
        text: Option<&str>,
        message: &str,
    ) -> Option<SecretName> {
        let name = self.reference(field, text);
        if name.is_none() {
            self.require(field, message);
        }
        name
    }
}
