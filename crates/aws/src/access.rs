//! What a provider is configured with: a region, and where its credentials come from.
//!
//! Secrets stand here as their values; looking them up by name is done elsewhere.

use domain::provider::{Region, RoleArn};
use secrecy::SecretString;

/// A region and the credentials that are used there.
#[derive(Debug, Clone)]
pub struct Access {
    /// Also the region of the STS that roles are assumed at.
    pub region: Region,
    /// Whether STS is called at its FIPS address.
    pub fips: bool,
    /// Where the credentials come from.
    pub source: Source,
}

/// Where credentials come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// What the machine has, the first of: a bearer key in `AWS_BEARER_TOKEN_BEDROCK`, keys in the
    /// environment, the shared config and credentials files, web identity, the container's and the
    /// instance's metadata service.
    DefaultChain,
    /// Keys that do not change.
    Static {
        /// The access key's id.
        access_key_id: SecretString,
        /// The key itself.
        secret_access_key: SecretString,
        /// Of temporary keys.
        session_token: Option<SecretString>,
    },
    /// A role, assumed with what the default chain gives.
    AssumeRole {
        /// The role.
        role_arn: RoleArn,
        /// What the role's owner asks for, 2 to 1,224 characters.
        external_id: Option<String>,
        /// How the sessions are called in the logs of AWS, 2 to 64 characters of `A-Z a-z 0-9 _ + = , . @ -`.
        session_name: String,
    },
    /// A role, assumed with the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names.
    WebIdentity {
        /// The role.
        role_arn: RoleArn,
        /// As above.
        session_name: String,
    },
    /// A Bedrock API key.
    Bearer(SecretString),
}
