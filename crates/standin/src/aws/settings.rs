//! What the stand-in is told of AWS. It knows nothing of requests.

use std::path::PathBuf;
use std::time::Duration;

/// What the stand-in knows as Bedrock, STS, container and instance metadata.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// Path of `scripts/sigv4/check.py`, which recomputes signatures; it needs `python3` and
    /// botocore. `None`: signed calls are refused.
    pub sigv4_script: Option<PathBuf>,
    /// The region whose host this is; a signature for another one is refused. `None`: any.
    pub region: Option<String>,
    /// Bearer keys that are accepted beside [`crate::Settings::required_key`]. Where there is
    /// neither, any is.
    pub bearer_keys: Vec<String>,
    /// Keys that are accepted for good.
    pub access_keys: Vec<AccessKey>,
    /// How long issued credentials hold, rounded up to whole seconds. A request for another time
    /// is not listened to.
    pub credential_lifetime: Duration,
    /// The external id that assuming a role takes. `None`: any or none.
    pub external_id: Option<String>,
    /// The only token of a web identity that is accepted. `None`: any.
    pub web_identity_token: Option<String>,
    /// The `authorization` of a container that is accepted. `None`: any, but there must be one.
    pub container_token: Option<String>,
    /// The name of the instance's role.
    pub instance_role: String,
}

/// A key for signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The part that every call names.
    pub id: String,
    /// The part that is never sent.
    pub secret: String,
    /// What comes along with a temporary key.
    pub session_token: Option<String>,
}

impl AccessKey {
    /// The key of AWS' own examples: `AKIDEXAMPLE`.
    #[must_use]
    pub fn example() -> Self {
        Self {
            id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: None,
        }
    }
}

impl Default for AwsSettings {
    /// Any bearer key, no signatures; once there is a script, those of [`AccessKey::example`].
    /// Issued credentials hold for an hour.
    fn default() -> Self {
        Self {
            sigv4_script: None,
            region: None,
            bearer_keys: Vec::new(),
            access_keys: vec![AccessKey::example()],
            credential_lifetime: Duration::from_secs(3_600),
            external_id: None,
            web_identity_token: None,
            container_token: None,
            instance_role: "standin-role".to_owned(),
        }
    }
}
