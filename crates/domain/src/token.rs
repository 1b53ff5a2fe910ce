//! Tokens: what applications show to Weir, and what people show to its REST API.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{AdminId, ApiTokenId, ProviderId, TokenId};

/// How every gateway token begins.
pub const TOKEN_PREFIX: &str = "wr_";

/// How every API token of a person begins. No gateway token begins so.
pub const API_TOKEN_PREFIX: &str = "wra_";

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

/// A person's own token for the REST API, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its id. Not secret.
    pub id: ApiTokenId,
    /// Whose it is, and in whose name it acts.
    pub person: AdminId,
    /// What its owner calls it.
    pub name: String,
    /// The first characters of the token, for telling it apart.
    pub first_characters: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused. `None`: never.
    pub expires_at: Option<Timestamp>,
    /// When it was last shown, to the minute. `None`: never.
    pub last_used_at: Option<Timestamp>,
}
