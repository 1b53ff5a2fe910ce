//! Checking which mode of credentials a draft says, and that it has no fields of another one.

use domain::SecretName;

use super::Check;
use crate::{fields::filled, providers::draft::CredentialsDraft};

/// A mode, and the fields that it has.
pub(super) type Mode = (&'static str, &'static [&'static str]);

impl Check<'_> {
    /// The mode that the draft says, of those that there are.
    pub(super) fn credentials_mode(
        &mut self,
        draft: &CredentialsDraft,
        modes: &'static [Mode],
    ) -> Option<Mode> {
        let names: Vec<&str> = modes.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let Some(said) = filled(draft.mode.as_deref()) else {
            self.require("credentials.mode", format!("say one of: {names}"));
            return None;
        };
        let mode = modes.iter().find(|(name, _)| *name == said);
        if mode.is_none() {
            self.wrong(
                "credentials.mode",
                "invalid_mode",
                format!("there is no such mode; use one of: {names}"),
            );
        }
        mode.copied()
    }

    /// Refuses what a mode has no place for.
    pub(super) fn fields_of_other_modes(
        &mut self,
        draft: &CredentialsDraft,
        mode: &str,
        fields: &[&str],
    ) {
        for (field, text) in [
            ("access_key_id", &draft.access_key_id),
            ("secret_access_key", &draft.secret_access_key),
            ("session_token", &draft.session_token),
            ("role_arn", &draft.role_arn),
            ("external_id", &draft.external_id),
            ("session_name", &draft.session_name),
            ("api_key", &draft.api_key),
            ("service_account", &draft.service_account),
        ] {
            if filled(text.as_deref()).is_some() && !fields.contains(&field) {
                self.wrong(
                    &format!("credentials.{field}"),
                    "field_of_other_mode",
                    format!("mode {mode} has no such field; leave it out"),
                );
            }
        }
    }

    /// The secret that a field must name.
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
