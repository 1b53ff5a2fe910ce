//! What can go wrong when an admin does something, and the one table that says how it is told.
//!
//! Messages say what happened, to what, and what to do. Internals are logged here, once, and never told.

use std::time::Duration;

use domain::ProviderId;
use serde::Serialize;
use store::StoreError;

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

/// An error as it is told: the same for the REST API and the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable name.
    pub code: &'static str,
    /// What kind of error it is; the same for each of this code.
    pub title: &'static str,
    /// What happened, to what, and what to do.
    pub detail: String,
    /// The fields at fault.
    pub errors: Vec<FieldError>,
    /// When to try again, where that helps.
    pub retry_after: Option<Duration>,
}

/// Status, stable code and title of one kind of error.
type Row = (u16, &'static str, &'static str);

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

    /// The table.
    const fn row(&self) -> Row {
        match self {
            Self::Invalid(_) => (422, "invalid", "Some fields are wrong"),
            Self::BadQuery(_) => (400, "invalid_query", "Some query parameters are wrong"),
            Self::NotFound {
                what: Thing::Provider,
                ..
            } => (404, "provider_not_found", "No such provider"),
            Self::NotFound {
                what: Thing::Secret,
                ..
            } => (404, "secret_not_found", "No such secret"),
            Self::NotFound {
                what: Thing::Token, ..
            } => (404, "token_not_found", "No such gateway token"),
            Self::NotFound {
                what: Thing::Person,
                ..
            } => (404, "person_not_found", "No such person"),
            Self::NotFound {
                what: Thing::ApiToken,
                ..
            } => (404, "api_token_not_found", "No such API token"),
            Self::NotFound {
                what: Thing::Repricing,
                ..
            } => (404, "repricing_not_found", "No such re-pricing"),
            Self::NotFound {
                what: Thing::Call, ..
            } => (404, "call_not_found", "No such call"),
            Self::NotFound {
                what: Thing::Conversation,
                ..
            } => (404, "conversation_not_found", "No such conversation"),
            Self::NotFound {
                what: Thing::Transcript,
                ..
            } => (404, "transcript_not_found", "No such transcript"),
            Self::Conflict { code, .. } => (409, code, "The id or name is not free"),
            Self::Refused { code, .. } => (409, code, "Not possible as things stand"),
            Self::NotAPerson => (403, "not_a_person", "Only people have this"),
            Self::SecretInUse { .. } => (409, "secret_in_use", "The secret is in use"),
            Self::VersionConflict { .. } => {
                (412, "version_conflict", "Somebody else has changed it")
            }
            Self::SignInFailed => (401, "sign_in_failed", "Not signed in"),
            Self::LinkInvalid => (403, "link_invalid", "The link is not valid"),
            Self::TooManySignIns { .. } => (429, "too_many_sign_ins", "Too many failed sign-ins"),
            Self::Catalog(refusal) => refusal.row(),
            Self::Unavailable => (
                503,
                "database_unavailable",
                "The database cannot be used at the moment",
            ),
            Self::TranscriptsUnavailable => (
                503,
                "transcripts_unavailable",
                "Transcripts cannot be used at the moment",
            ),
            Self::Busy => (503, "busy", "Too busy"),
            Self::Internal => (500, "internal", "Something went wrong inside Weir"),
        }
    }

    /// One of each kind, for describing them all.
    #[must_use]
    pub fn kinds() -> Vec<Self> {
        let not_found = |what| Self::NotFound {
            what,
            id: String::new(),
        };
        let conflict = |code| Self::Conflict {
            code,
            field: "id",
            message: String::new(),
        };
        let refused = |code| Self::Refused {
            code,
            message: String::new(),
        };
        let mut kinds = vec![
            Self::Invalid(vec![]),
            Self::BadQuery(vec![]),
            not_found(Thing::Provider),
            not_found(Thing::Secret),
            not_found(Thing::Token),
            not_found(Thing::Person),
            not_found(Thing::ApiToken),
            not_found(Thing::Repricing),
            not_found(Thing::Call),
            not_found(Thing::Conversation),
            not_found(Thing::Transcript),
            conflict("id_taken"),
            conflict("id_burnt"),
            conflict("name_taken"),
            refused("yourself"),
            refused("last_admin"),
            refused("person_disabled"),
            refused("yourself_by_api_token"),
            refused("too_many_api_tokens"),
            refused("rates_changed"),
            refused("repricing_not_ready"),
            refused("repricing_running"),
            refused("repricing_applied"),
            Self::NotAPerson,
            Self::VersionConflict { current: 0 },
            Self::SecretInUse {
                name: String::new(),
                by: vec![],
            },
            Self::SignInFailed,
            Self::LinkInvalid,
            Self::TooManySignIns {
                retry_after: Duration::ZERO,
            },
            Self::Unavailable,
            Self::TranscriptsUnavailable,
            Self::Busy,
            Self::Internal,
        ];
        kinds.extend(CatalogRefusal::kinds().map(Self::from));
        kinds
    }

    /// How the error is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, code, title) = self.row();
        Problem {
            status,
            code,
            title,
            detail: self.detail(),
            errors: self.field_errors(),
            retry_after: match self {
                Self::TooManySignIns { retry_after } => Some(*retry_after),
                Self::Busy | Self::Unavailable | Self::TranscriptsUnavailable => {
                    Some(Duration::from_secs(1))
                }
                _ => None,
            },
        }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors) | Self::BadQuery(errors) => errors.clone(),
            Self::Conflict {
                code,
                field,
                message,
            } => vec![FieldError::new(*field, code, message)],
            _ => vec![],
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Invalid(errors) | Self::BadQuery(errors) => told_together(errors),
            Self::NotFound { what: Thing::Transcript, id } => format!(
                "Nothing of a call “{}” is recorded. Either its provider was not told to record it, or what was recorded is deleted.",
                shown(id)
            ),
            Self::NotFound { what, id } => format!("There is no {what} “{}”. The list of them shows what there is.", shown(id)),
            Self::Conflict { message, .. } | Self::Refused { message, .. } => message.clone(),
            Self::NotAPerson => "API tokens belong to people. Whoever uses the admin token is none: sign in to the console, or use an API token of your own.".to_owned(),
            Self::VersionConflict { current } => format!(
                "Your change is based on an older version than {current}, which is the current one. Read it again, then repeat your change."
            ),
            Self::SecretInUse { name, by } => {
                let by: Vec<&str> = by.iter().map(ProviderId::as_str).collect();
                format!("{name} is used by {}. Let them use another secret, or delete them first.", by.join(", "))
            }
            Self::SignInFailed => "Name or password is wrong. Try again, or ask for a one-time link with `weir admin link`.".to_owned(),
            Self::TooManySignIns { retry_after } => format!(
                "Too many sign-ins from your address have failed. Try again in {} seconds.",
                retry_after.as_secs().max(1)
            ),
            Self::LinkInvalid => {
                "This link was used before, is older than 24 hours, or was never given out. `weir admin link` prints a new one.".to_owned()
            }
            Self::Catalog(refusal) => refusal.detail(),
            Self::Unavailable => "The database is locked, full or away; the log says more. Try again in a moment.".to_owned(),
            Self::TranscriptsUnavailable => "The database of transcripts is locked, full or away; the log says more. Calls go on, and the ledger has them. Try again in a moment.".to_owned(),
            Self::Busy => "Weir has more sign-ins to check than it takes on at once. Try again in a moment.".to_owned(),
            Self::Internal => "Something failed inside Weir; its log says what. Nothing is known to be wrong with what you sent.".to_owned(),
        }
    }
}

/// All field errors in one sentence each, so that whoever reads only the detail knows what to do.
fn told_together(errors: &[FieldError]) -> String {
    let told: Vec<String> = errors
        .iter()
        .map(|error| match error.field.as_str() {
            "" => error.message.clone(),
            field => format!("{field}: {}", error.message),
        })
        .collect();
    told.join("; ")
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
        if matches!(error, StoreError::Unavailable(_)) {
            Self::Unavailable
        } else {
            internal
        }
    }
}
