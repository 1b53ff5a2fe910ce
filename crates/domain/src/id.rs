//! Ids and names as types, so that one cannot be passed for another.
//!
//! Ids that people type ([`ProviderId`], [`SecretName`]) check their form when they are made; holding
//! one proves that it was checked.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest provider id, in characters.
pub const PROVIDER_ID_MAX: usize = 63;
/// Longest name of a secret, in characters.
pub const SECRET_NAME_MAX: usize = 128;
/// Longest model id, in characters.
pub const MODEL_ID_MAX: usize = 512;

/// Why a text is not an id of its kind. The message says what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not `^[a-z][a-z0-9-]*$`, or too long.
    #[error(
        "use lower-case letters, digits and hyphens, beginning with a letter, 63 characters at most"
    )]
    Provider,
    /// Not `^[A-Z][A-Z0-9_]*$`, or too long.
    #[error(
        "use capitals, digits and underscores, beginning with a letter, such as OPENAI_API_KEY; 128 characters at most"
    )]
    Secret,
    /// Empty, too long, or with spaces at an end or control characters.
    #[error("a model id has 1 to 512 characters, without spaces around it or control characters")]
    Model,
    /// Not a UUID.
    #[error("not a valid id")]
    Uuid,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $error:expr, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text and makes an id of it.
            ///
            /// # Errors
            /// [`InvalidId`] where the text has not the form of this id.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err($error) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// Names one provider in URLs, in the API and in the ledger. `^[a-z][a-z0-9-]*$`, 63 characters at
    /// most; never changes and is never given again to another provider that could be mistaken for it.
    ProviderId,
    InvalidId::Provider,
    is_provider_id
);

text_id!(
    /// Names one secret: `^[A-Z][A-Z0-9_]*$`. Providers hold this name, never the value.
    SecretName,
    InvalidId::Secret,
    is_secret_name
);

text_id!(
    /// A model's id as the upstream knows it and as the client sends it; compared byte for byte.
    ModelId,
    InvalidId::Model,
    is_model_id
);

fn is_provider_id(text: &str) -> bool {
    text.len() <= PROVIDER_ID_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_secret_name(text: &str) -> bool {
    text.len() <= SECRET_NAME_MAX
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_model_id(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= MODEL_ID_MAX
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

impl ProviderId {
    /// Derives an id from a display name: lower case, runs of anything else become one hyphen.
    /// `None` where no Latin letter is left to begin with; the caller then numbers by type.
    #[must_use]
    pub fn derive(display_name: &str) -> Option<Self> {
        let mut text = String::new();
        for c in display_name.chars() {
            if c.is_ascii_alphanumeric() {
                text.push(c.to_ascii_lowercase());
            } else if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
        }
        let start = text.find(|c: char| c.is_ascii_lowercase())?;
        let text: String = text.chars().skip(start).take(PROVIDER_ID_MAX).collect();
        Self::new(text.trim_end_matches('-')).ok()
    }

    /// This id with `-{n}` behind it, cut so that the whole still fits.
    #[must_use]
    pub fn numbered(&self, n: u32) -> Self {
        let tail = format!("-{n}");
        let room = PROVIDER_ID_MAX.saturating_sub(tail.len());
        let head: String = self.0.chars().take(room).collect();
        Self(format!("{}{tail}", head.trim_end_matches('-')))
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self).map_err(|_| InvalidId::Uuid)
            }
        }
    };
}

uuid_id!(
    /// One call: a UUIDv7, made when the request arrives. Sent to the client as `x-weir-call-id`.
    CallId
);
uuid_id!(
    /// One gateway token. Not secret.
    TokenId
);
uuid_id!(
    /// One conversation of recorded calls: a UUIDv7 of when the first of them began.
    ConversationId
);
uuid_id!(
    /// One person who may sign in to the console.
    AdminId
);
uuid_id!(
    /// One API token of a person. Not secret.
    ApiTokenId
);

#[cfg(test)]
mod tests;
