//! Gateway tokens: what applications show to Weir.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ProviderId, TokenId};

/// How every gateway token begins.
pub const TOKEN_PREFIX: &str = "wr_";

/// The SHA-256 of a whole token (prefix included); the only form that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(hidden)")
    }
}

/// One gateway token as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayToken {
    /// Its id. Not secret.
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// The first characters of the token, for telling it apart.
    pub first_characters: String,
    /// Whom its calls are for. `None`: the request may say.
    pub agent: Option<String>,
    /// Whom its calls are for. `None`: the request may say.
    pub user: Option<String>,
    /// The providers it may call. Empty: every one.
    pub providers: Vec<ProviderId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused. `None`: never.
    pub expires_at: Option<Timestamp>,
    /// When a call last used it. `None`: never.
    pub last_used_at: Option<Timestamp>,
}
