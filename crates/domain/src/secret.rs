//! Secrets: named upstream credentials, as everything but their value.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ProviderId, SecretName};

/// One secret as people see it. The value never leaves the store but for the data plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretInfo {
    /// Its name.
    pub name: SecretName,
    /// The providers that refer to it.
    pub used_by: Vec<ProviderId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its value was last set.
    pub updated_at: Timestamp,
    /// When a call last used it. `None`: never.
    pub last_used_at: Option<Timestamp>,
}
