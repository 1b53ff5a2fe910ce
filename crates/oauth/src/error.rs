//! What can go wrong with tokens, in words for whoever runs Weir: what was tried, what to do.

use std::time::Duration;

use credentials::WhyNone;

/// Characters of an endpoint's own words that are repeated.
const WORDS_MAX: usize = 500;

/// Why there is no token. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The application default credentials have nothing.
    #[error(
        "found no Google credentials: looked for the file that GOOGLE_APPLICATION_CREDENTIALS names, gcloud's application_default_credentials.json, and the metadata server ({0}); set one of them up where Weir runs, or give the provider a service account"
    )]
    NoneFound(String),
    /// The credentials name a program to run.
    #[error(
        "the Google credentials in {0} come from a program (external_account with an executable), and Weir runs none; use the key of a service account, or the metadata server"
    )]
    ProgramRefused(String),
    /// The credentials are of a kind that is not supported.
    #[error(
        "the Google credentials in {path} are of the type {kind}, which Weir does not support; use the key of a service account (service_account), a person's own (authorized_user), or the metadata server"
    )]
    NotSupported {
        /// The file.
        path: String,
        /// Its `type`.
        kind: String,
    },
    /// A file of credentials cannot be used.
    #[error("cannot use the Google credentials in {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The token endpoint refused.
    #[error("{host} gave no access token: {code}: {message}{advice}")]
    Refused {
        /// Its name.
        host: String,
        /// Its name of the error, such as `invalid_client`.
        code: String,
        /// Its own words.
        message: String,
        /// What to look at, with a semicolon before. Empty: unknown.
        advice: &'static str,
    },
    /// The token endpoint did not answer.
    #[error("cannot reach {host} for an access token: {reason}")]
    Unreachable {
        /// Its name or address.
        host: String,
        /// What happened.
        reason: String,
    },
    /// What answered is no token endpoint.
    #[error(
        "{host} answered with status {status}, but {reason}; check that the address is the one of a token endpoint"
    )]
    NotAToken {
        /// Its name or address.
        host: String,
        /// Of its answer.
        status: u16,
        /// What is wrong with it.
        reason: String,
    },
    /// The service account's key does not sign.
    #[error("the service account's private key does not sign; make a new key and save it again")]
    CannotSign,
    /// All of it took too long.
    #[error("got no access token within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// What came is no longer good.
    #[error("the access token that came has already ended")]
    Ended,
    /// Weir is shutting down.
    #[error("access tokens are no longer renewed: Weir is shutting down")]
    Stopped,
}

impl TokenError {
    pub(crate) fn refused(host: &str, code: &str, message: &str) -> Self {
        Self::Refused {
            host: host.to_owned(),
            code: cut(code),
            // Entra goes on with trace ids on further lines.
            message: cut(message.lines().next().unwrap_or_default()),
            advice: advice(code, message),
        }
    }
}

fn advice(code: &str, message: &str) -> &'static str {
    let of_entra = [
        (
            "AADSTS7000215",
            "; the secret is wrong: it must be the client secret's value, not its id",
        ),
        (
            "AADSTS7000222",
            "; the client secret has ended: make a new one and replace the secret's value in Weir",
        ),
        (
            "AADSTS700016",
            "; check the client id, and that the tenant in the token URL is the application's",
        ),
        ("AADSTS90002", "; check the tenant in the token URL"),
    ];
    let known = of_entra
        .into_iter()
        .find(|(number, _)| message.contains(number));
    if let Some((_, advice)) = known {
        return advice;
    }
    match code {
        "invalid_client" => "; check the client id and its secret",
        "unauthorized_client" => "; the client may not ask for tokens in this way",
        "invalid_grant" => {
            "; check that the key or the sign-in has not been deleted or disabled, and this machine's clock"
        }
        "invalid_scope" => "; check the scope",
        // The code and the endpoint's words must do.
        _ => "",
    }
}

impl WhyNone for TokenError {
    const WHAT: &'static str = "access tokens";

    fn timed_out(after: Duration) -> Self {
        Self::TimedOut(after)
    }

    fn ended() -> Self {
        Self::Ended
    }

    fn stopped() -> Self {
        Self::Stopped
    }
}

/// One line of bounded length.
pub(crate) fn cut(text: &str) -> String {
    text.chars()
        .take(WORDS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
