//! What can go wrong when an admin does something. Internals are logged here, once, and never told.

mod problem;

use std::time::Duration;

use domain::ProviderId;
use serde::Serialize;
use store::StoreError;

pub use self::problem::Problem;
use crate::catalog::CatalogRefusal;

/// One field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where it stands in the JSON or the query, such as `models[0].rates.input`. Empty: the whole.
    #[schema(example = "models[0].rates.input")]
    pub field: String,
    /// Stable name of what is wrong.
    #[schema(value_type = String, example = "invalid_rate")]
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    #[schema(example = "a rate is 0 or more")]
    pub message: String,
}

impl FieldError {
    /// Makes one.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Fields of what was sent are wrong; all of them are named.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// Parameters of a query are wrong; all of them are named.
    #[error("{} parameters are wrong", .0.len())]
    BadQuery(Vec<FieldError>),
    /// There is no such thing.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The kind of thing.
        what: Thing,
        /// As it was asked for.
        id: String,
    },
    /// An id or name that cannot be given.
    #[error("{message}")]
    Conflict {
        /// Stable name of what is wrong.
        code: &'static str,
        /// The field at fault.
        field: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// Somebody else has changed it since it was read.
    #[error("it has been changed: it is at version {current} now")]
    VersionConflict {
        /// The version that it has now.
        current: u64,
    },
    /// A secret that providers refer to cannot be deleted.
    #[error("secret {name} is in use")]
    SecretInUse {
        /// The secret.
        name: String,
        /// Who refers to it.
        by: Vec<ProviderId>,
    },
    /// What would leave nobody, or the wrong ones, able to sign in.
    #[error("{message}")]
    Refused {
        /// Stable name of the reason.
        code: &'static str,
        /// Why it cannot be done, and what to do.
        message: String,
    },
    /// Only a person has this; the admin token and Weir itself are none.
    #[error("only a person has this")]
    NotAPerson,
    /// Name or password is wrong; which of them is not told.
    #[error("name or password is wrong")]
    SignInFailed,
    /// Too many failed sign-ins from this address.
    #[error("too many failed sign-ins")]
    TooManySignIns {
        /// From when on the next one is looked at.
        retry_after: Duration,
    },
    /// A one-time link that is unknown, used up or too old.
    #[error("the one-time link is not valid")]
    LinkInvalid,
    /// A catalog that was not taken or applied.
    #[error(transparent)]
    Catalog(#[from] CatalogRefusal),
    /// The database is away or locked. It has been logged.
    #[error("the database cannot be used at the moment")]
    Unavailable,
    /// A file of the database is damaged, or was removed while Weir runs. It has been logged.
    #[error("the database is damaged")]
    DatabaseDamaged,
    /// The database of transcripts is away, locked or full, or nothing is recorded here. It has been logged.
    #[error("the database of transcripts cannot be used at the moment")]
    TranscriptsUnavailable,
    /// There is more to do than Weir takes on at once.
    #[error("too busy")]
    Busy,
    /// Something of Weir's own failed. It has been logged.
    #[error("internal error")]
    Internal,
}

/// The kinds of thing that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A provider.
    Provider,
    /// A secret.
    Secret,
    /// A gateway token.
    Token,
    /// A person.
    Person,
    /// A person's own API token.
    ApiToken,
    /// A re-pricing.
    Repricing,
    /// A call.
    Call,
    /// A recorded conversation.
    Conversation,
    /// The recorded bodies of a call.
    Transcript,
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Provider => "provider",
            Self::Secret => "secret",
            Self::Token => "gateway token",
            Self::Person => "person",
            Self::ApiToken => "API token of yours",
            Self::Repricing => "re-pricing",
            Self::Call => "call",
            Self::Conversation => "conversation",
            Self::Transcript => "transcript of a call",
        })
    }
}

impl AdminError {
    /// A single wrong field.
    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// Logs what failed inside Weir and gives the error that may be told.
    pub(crate) fn internal(what: &str, error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "Could not {what}");
        Self::Internal
    }
}

/// A text that somebody sent, made short and harmless for a message.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().count() > MOST {
        shown.push('…');
    }
    shown
}

impl From<StoreError> for AdminError {
    /// What callers expect of the store is matched before; whatever comes here is a failure.
    fn from(error: StoreError) -> Self {
        let internal = Self::internal("read or write the database", &error);
        match error {
            StoreError::Unavailable(_) | StoreError::Held { .. } => Self::Unavailable,
            StoreError::Damaged { .. } | StoreError::Gone { .. } | StoreError::Stopped(_) => {
                Self::DatabaseDamaged
            }
            _ => internal,
        }
    }
}
