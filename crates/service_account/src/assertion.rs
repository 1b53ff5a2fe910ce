//! The statement that a service account proves itself with: a JWT, signed with its key (RFC 7523).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use serde_json::json;

use crate::key::ServiceAccountKey;

/// How long a statement holds: as long as Google allows.
const HOLDS: Duration = Duration::from_secs(3600);

/// The statement could not be signed, though the key is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the private key of the service account does not sign")]
pub struct CannotSign;

impl ServiceAccountKey {
    /// The statement that asks [`Self::token_uri`] for a token with a scope.
    ///
    /// # Errors
    /// [`CannotSign`]; what has been parsed signs.
    pub fn assertion(&self, scope: &str, now: SystemTime) -> Result<String, CannotSign> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.private_key_id()});
        let claims = json!({
            "iss": self.client_email(),
            "scope": scope,
            "aud": self.token_uri().as_str(),
            "iat": now.as_secs(),
            "exp": (now + HOLDS).as_secs(),
        });
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut statement = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let mut signature = vec![0; self.pair().public().modulus_len()];
        self.pair()
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                statement.as_bytes(),
                &mut signature,
            )
            .map_err(|_| CannotSign)?;
        statement.push('.');
        statement.push_str(&encode(&signature));
        Ok(statement)
    }
}
