//! Texts that are shown once and kept only hashed: gateway tokens and one-time links.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRng, rngs::SysRng};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::error::AdminError;

/// Makes a text of 256 random bits behind a prefix.
pub(crate) fn random_text(prefix: &str) -> Result<SecretString, AdminError> {
    let mut bytes = [0u8; 32];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| AdminError::internal("get random bytes from the system", &error))?;
    Ok(SecretString::from(format!(
        "{prefix}{}",
        URL_SAFE_NO_PAD.encode(bytes)
    )))
}

/// The SHA-256 of a text.
pub(crate) fn hash(text: &SecretString) -> [u8; 32] {
    Sha256::digest(text.expose_secret().as_bytes()).into()
}
