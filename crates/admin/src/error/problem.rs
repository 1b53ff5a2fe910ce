//! The one table that says how each error is told: status, code, and a message of what happened, to what, and what
//! to do.

use std::time::Duration;

use domain::ProviderId;

use super::{AdminError, FieldError, Thing, shown};
use crate::catalog::CatalogRefusal;

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
            Self::DatabaseDamaged => (
                503,
                "database_damaged",
                "The database’s files are damaged or gone",
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
            conflict("id_reserved"),
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
            Self::DatabaseDamaged,
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
            Self::DatabaseDamaged => "A file of the database is damaged, or was removed while Weir runs; the log names it and says what to do. Calls go on, and are kept in the journal until the database is mended.".to_owned(),
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
