//! The file: what must stand in it, and what is wrong with one, field by field.

use std::{fmt, sync::Arc};

use ring::rsa::KeyPair;
use rustls_pki_types::{
    PrivateKeyDer,
    pem::{Error as PemError, PemObject},
};
use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

/// What `type` says of a service account's key.
const SERVICE_ACCOUNT: &str = "service_account";

/// A service account's key. Cheap to clone; does not show its private key.
#[derive(Clone)]
pub struct ServiceAccountKey {
    project_id: String,
    private_key_id: String,
    client_email: String,
    token_uri: Url,
    pair: Arc<KeyPair>,
}

/// What is wrong with a text that was to be a service account's key. Holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServiceAccountKey {
    /// It is no JSON object.
    #[error(
        "this is not the JSON file of a service account: paste the whole file that Google gave, from {{ to }}"
    )]
    NotAnObject,
    /// Fields of it are wrong or missing; at least one.
    #[error("{}", sentence(.0))]
    Fields(Vec<Wrong>),
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What is wrong, after the field's name: `is missing`.
    pub reason: String,
}

fn sentence(fields: &[Wrong]) -> String {
    let all: Vec<_> = fields
        .iter()
        .map(|wrong| format!("{} {}", wrong.field, wrong.reason))
        .collect();
    format!(
        "the service account's JSON cannot be used: {}",
        all.join("; ")
    )
}

impl ServiceAccountKey {
    /// Reads a key.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidServiceAccountKey> {
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Err(InvalidServiceAccountKey::NotAnObject);
        };
        let mut reader = Reader {
            members: &members,
            wrong: Vec::new(),
        };
        // What is of another kind lacks the rest as well; one word about it is enough.
        if !reader.is_service_account() {
            return Err(InvalidServiceAccountKey::Fields(reader.wrong));
        }
        let project_id = reader.text("project_id");
        let private_key_id = reader.text("private_key_id");
        let client_email = reader.text("client_email").filter(|email| {
            let good = email.contains('@') && !email.contains(char::is_whitespace);
            good || reader.refuse(
                "client_email",
                "is not an address such as name@project.iam.gserviceaccount.com",
            )
        });
        let token_uri = reader.text("token_uri").and_then(|uri| reader.url(&uri));
        let pair = reader.text("private_key").and_then(|pem| {
            let pem = Zeroizing::new(pem);
            pair(&pem)
                .map_err(|reason| reader.refuse("private_key", reason))
                .ok()
        });
        match (project_id, private_key_id, client_email, token_uri, pair) {
            (
                Some(project_id),
                Some(private_key_id),
                Some(client_email),
                Some(token_uri),
                Some(pair),
            ) => Ok(Self {
                project_id,
                private_key_id,
                client_email,
                token_uri,
                pair: Arc::new(pair),
            }),
            _ => Err(InvalidServiceAccountKey::Fields(reader.wrong)),
        }
    }

    /// The project that the account belongs to.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The key's own id.
    #[must_use]
    pub fn private_key_id(&self) -> &str {
        &self.private_key_id
    }

    /// The account's name: no secret.
    #[must_use]
    pub fn client_email(&self) -> &str {
        &self.client_email
    }

    /// Where tokens are asked for.
    #[must_use]
    pub fn token_uri(&self) -> &Url {
        &self.token_uri
    }

    pub(crate) fn pair(&self) -> &KeyPair {
        &self.pair
    }
}

impl fmt::Debug for ServiceAccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceAccountKey({}, hidden)", self.client_email)
    }
}

/// Reads fields and gathers what is wrong with them.
struct Reader<'a> {
    members: &'a Map<String, Value>,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn is_service_account(&mut self) -> bool {
        let kind = self.text("type");
        let Some(kind) = kind.as_deref().filter(|kind| *kind != SERVICE_ACCOUNT) else {
            return kind.is_some();
        };
        // Repeated only where it is one of Google's own words.
        let reason = match kind {
            "authorized_user"
            | "external_account"
            | "external_account_authorized_user"
            | "impersonated_service_account"
            | "gdch_service_account" => {
                format!("is {kind}: only the key of a service account can be kept as a secret")
            }
            _ => "must be service_account".to_owned(),
        };
        self.refuse("type", reason)
    }

    fn text(&mut self, field: &'static str) -> Option<String> {
        let reason = match self.members.get(field) {
            None | Some(Value::Null) => "is missing",
            Some(Value::String(text)) if text.trim().is_empty() => "is empty",
            Some(Value::String(text)) => return Some(text.trim().to_owned()),
            Some(_) => "must be a text",
        };
        self.refuse(field, reason);
        None
    }

    fn url(&mut self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none()
        });
        if url.is_none() {
            self.refuse(
                "token_uri",
                "is not an address such as https://oauth2.googleapis.com/token",
            );
        }
        url
    }

    /// Notes what is wrong. Always `false`, for filters.
    fn refuse(&mut self, field: &'static str, reason: impl Into<String>) -> bool {
        self.wrong.push(Wrong {
            field,
            reason: reason.into(),
        });
        false
    }
}

fn pair(pem: &str) -> Result<KeyPair, &'static str> {
    const NOT_PEM: &str = "is not a private key: it begins with -----BEGIN PRIVATE KEY----- and has \\n at the end of each line";
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| match error {
        PemError::NoItemsFound => NOT_PEM,
        _ => "is damaged: copy the file again, whole",
    })?;
    match &key {
        PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err("is of another kind: service accounts have RSA keys"),
    }
    .map_err(|_| "is damaged, or no RSA key of 2,048 bits or more: copy the file again, whole")
}

#[cfg(test)]
mod tests;
