//! What a service account proves itself with, taken apart and checked with the public half of its key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::settings::OAuthSettings;

/// The key of the stand-in's service account. It opens nothing but the stand-in.
pub(super) const PRIVATE_KEY: &str = include_str!("service_account.pem");

const CLOUD_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long a statement may hold.
const LONGEST: u64 = 3_600;
/// How far a client's clock may be ahead.
const MOST_SKEW: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    scope: String,
    aud: String,
    iat: u64,
    exp: u64,
}

/// Whether the statement is the service account's, for this endpoint and for now.
pub(super) fn check(
    settings: &OAuthSettings,
    statement: &str,
    audience: &str,
) -> Result<(), String> {
    let malformed = || "Invalid JWT: Token must be a JWT with three parts.".to_owned();
    let (signed, signature) = statement.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
    let header: Header = decoded(header).ok_or_else(malformed)?;
    let claims: Claims = decoded(claims).ok_or_else(malformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    let wrong = if header.alg != "RS256" {
        "Invalid JWT: Algorithm is not RS256."
    } else if header.kid != settings.key_id || claims.iss != settings.client_email {
        "Invalid grant: account not found"
    } else if !is_signed(signed.as_bytes(), &signature) {
        "Invalid JWT Signature."
    } else if claims.aud != audience {
        "Invalid JWT: Failed audience check."
    } else if claims.exp.saturating_sub(claims.iat) > LONGEST
        || claims.exp <= now.as_secs()
        || claims.iat > (now + MOST_SKEW).as_secs()
    {
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
         Check your iat and exp values in the JWT claim."
    } else if claims.scope != CLOUD_SCOPE {
        "Invalid OAuth scope or ID token audience provided."
    } else {
        return Ok(());
    };
    Err(wrong.to_owned())
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn is_signed(signed: &[u8], signature: &[u8]) -> bool {
    let pair = PrivatePkcs8KeyDer::from_pem_slice(PRIVATE_KEY.as_bytes())
        .ok()
        .and_then(|der| KeyPair::from_pkcs8(der.secret_pkcs8_der()).ok());
    pair.is_some_and(|pair| {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref())
            .verify(signed, signature)
            .is_ok()
    })
}
