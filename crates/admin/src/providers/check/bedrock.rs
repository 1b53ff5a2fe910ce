//! Checking what only Bedrock providers have: region, credentials, guardrail.
//!
//! Forms: the reference of STS and of Bedrock's API, November 2026.

use domain::provider::{AwsCredentials, Guardrail, Region, RoleArn, Upstream};

use super::{Check, credentials::Modes};
use crate::{
    fields::filled,
    providers::draft::{CredentialsDraft, GuardrailDraft},
};

/// The modes of credentials, each with the fields that it has.
const MODES: Modes = &[
    ("default_chain", &[]),
    (
        "static_keys",
        &["access_key_id", "secret_access_key", "session_token"],
    ),
    ("assume_role", &["role_arn", "external_id", "session_name"]),
    ("web_identity", &["role_arn"]),
    ("bearer", &["api_key"]),
];
/// Longest id or ARN of a guardrail, in characters.
const GUARDRAIL_ID_MAX: usize = 2048;

impl Check<'_> {
    pub(super) fn bedrock(&mut self) -> Option<Upstream> {
        let region = self.region();
        let base_url = self.base_url();
        let fips = self.draft.fips.unwrap_or(false);
        if fips && base_url.is_some() {
            self.wrong(
                "fips",
                "must_be_absent",
                "a base URL of one's own and the FIPS address exclude each other: clear one of them",
            );
        }
        if filled(self.draft.api_key.as_deref()).is_some() {
            self.wrong(
                "api_key",
                "must_be_absent",
                "Bedrock's key belongs into credentials: {\"mode\": \"bearer\", \"api_key\": …}",
            );
        }
        let credentials = match self.draft.credentials.clone() {
            None => Some(AwsCredentials::DefaultChain),
            Some(draft) => self.credentials(&draft),
        };
        let guardrail = self
            .draft
            .guardrail
            .clone()
            .map(|draft| self.guardrail(&draft));
        Some(Upstream::Bedrock {
            region: region?,
            base_url,
            credentials: credentials?,
            fips,
            guardrail: match guardrail {
                None => None,
                Some(checked) => Some(checked?),
            },
        })
    }

    fn region(&mut self) -> Option<Region> {
        let Some(text) = filled(self.draft.region.as_deref()) else {
            self.require(
                "region",
                "name the AWS region that is called, such as us-east-1",
            );
            return None;
        };
        text.parse()
            .map_err(|error: domain::provider::InvalidRegion| {
                self.wrong("region", "invalid_region", error.to_string());
            })
            .ok()
    }

    fn credentials(&mut self, draft: &CredentialsDraft) -> Option<AwsCredentials> {
        match self.credential_mode(draft, MODES)? {
            "static_keys" => {
                let access_key_id = self.needed_reference(
                    "credentials.access_key_id",
                    draft.access_key_id.as_deref(),
                    "name the secret that holds the access key's id",
                );
                let secret_access_key = self.needed_reference(
                    "credentials.secret_access_key",
                    draft.secret_access_key.as_deref(),
                    "name the secret that holds the secret access key",
                );
                let session_token =
                    self.reference("credentials.session_token", draft.session_token.as_deref());
                Some(AwsCredentials::StaticKeys {
                    access_key_id: access_key_id?,
                    secret_access_key: secret_access_key?,
                    session_token,
                })
            }
            "assume_role" => {
                let role_arn = self.role_arn(draft);
                let external_id = self.external_id(draft);
                let session_name = self.session_name(draft);
                Some(AwsCredentials::AssumeRole {
                    role_arn: role_arn?,
                    external_id,
                    session_name,
                })
            }
            "web_identity" => Some(AwsCredentials::WebIdentity {
                role_arn: self.role_arn(draft)?,
            }),
            "bearer" => {
                let api_key = self.needed_reference(
                    "credentials.api_key",
                    draft.api_key.as_deref(),
                    "name the secret that holds the Bedrock API key",
                );
                Some(AwsCredentials::Bearer { api_key: api_key? })
            }
            _ => Some(AwsCredentials::DefaultChain),
        }
    }

    fn role_arn(&mut self, draft: &CredentialsDraft) -> Option<RoleArn> {
        let field = "credentials.role_arn";
        let Some(text) = filled(draft.role_arn.as_deref()) else {
            self.require(
                field,
                "write the ARN of the role, such as arn:aws:iam::123456789012:role/bedrock-caller",
            );
            return None;
        };
        text.parse()
            .map_err(|error: domain::provider::InvalidRoleArn| {
                self.wrong(field, "invalid_role_arn", error.to_string());
            })
            .ok()
    }

    /// 2 to 1,224 characters of those that STS takes.
    fn external_id(&mut self, draft: &CredentialsDraft) -> Option<String> {
        let text = filled(draft.external_id.as_deref())?;
        let fits = (2..=1224).contains(&text.len())
            && text
                .bytes()
                .all(|byte| named(byte) || matches!(byte, b':' | b'/'));
        if !fits {
            self.wrong(
                "credentials.external_id",
                "invalid_external_id",
                "an external id has 2 to 1,224 letters, digits and any of = , . @ : / _ + -",
            );
        }
        fits.then(|| text.to_owned())
    }

    /// 2 to 64 characters of those that STS takes.
    fn session_name(&mut self, draft: &CredentialsDraft) -> Option<String> {
        let text = filled(draft.session_name.as_deref())?;
        let fits = (2..=64).contains(&text.len()) && text.bytes().all(named);
        if !fits {
            self.wrong(
                "credentials.session_name",
                "invalid_session_name",
                "a session name has 2 to 64 letters, digits and any of = , . @ _ + -",
            );
        }
        fits.then(|| text.to_owned())
    }

    fn guardrail(&mut self, draft: &GuardrailDraft) -> Option<Guardrail> {
        let id = filled(draft.id.as_deref());
        if id.is_none() {
            self.require("guardrail.id", "write the guardrail's id or ARN");
        }
        let version = filled(draft.version.as_deref());
        if version.is_none() {
            self.require("guardrail.version", "write the version: a number, or DRAFT");
        }
        let (id, version) = (id?, version?);
        let id_fits =
            id.len() <= GUARDRAIL_ID_MAX && id.bytes().all(|byte| byte.is_ascii_graphic());
        if !id_fits {
            self.wrong(
                "guardrail.id",
                "invalid_guardrail",
                "a guardrail's id or ARN has letters, digits and punctuation of ASCII only, without spaces",
            );
        }
        let number = version.len() <= 8
            && !version.starts_with('0')
            && version.bytes().all(|byte| byte.is_ascii_digit());
        if version != "DRAFT" && !number {
            self.wrong(
                "guardrail.version",
                "invalid_version",
                "a version is a number from 1 on, or DRAFT",
            );
        }
        Some(Guardrail {
            id: id.to_owned(),
            version: version.to_owned(),
        })
    }
}

/// A character that STS takes in names.
fn named(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b',' | b'.' | b'@' | b'_' | b'+' | b'-')
}
