//! What can go wrong with credentials, in words for whoever runs Weir: what was tried, what to do.
//!
//! aws-config tells in chains of errors whose `Debug` may hold whole answers; nothing but the few known
//! words of the chain is taken over, and never an answer's body.

use std::{error::Error, io, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use aws_smithy_types::error::ErrorMetadata;
use credentials::{CallFailed, WhyNone};

/// Characters of AWS' own words that are repeated.
const WORDS_MAX: usize = 500;

/// Why there is no credential. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The default chain has nothing.
    #[error(
        "found no AWS credentials: looked in the environment (AWS_ACCESS_KEY_ID), the shared config and credentials files (AWS_PROFILE), the web identity token (AWS_WEB_IDENTITY_TOKEN_FILE), the container's and the instance's metadata service; set one of them up where Weir runs, or give the provider credentials of its own"
    )]
    NoneFound,
    /// The profile names a program to run.
    #[error(
        "the AWS profile gets its credentials from a program (credential_process), and Weir runs none; put keys, a role or a web identity into the profile"
    )]
    ProgramRefused,
    /// The profile wants a person to sign in.
    #[error(
        "the AWS profile signs a person in ({0}), which a server cannot do; put keys, a role or a web identity into the profile"
    )]
    PersonNeeded(&'static str),
    /// The token for a web identity or for the container's metadata service cannot be read.
    #[error(
        "cannot read the token to ask for AWS credentials with: {0}; check the file that AWS_WEB_IDENTITY_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names"
    )]
    NoToken(String),
    /// AWS' Security Token Service refused.
    #[error("AWS STS refused: {code}: {message}{advice}")]
    Refused {
        /// Its name of the error, such as `AccessDenied`.
        code: String,
        /// Its own words.
        message: String,
        /// What to look at, with a semicolon before. Empty: unknown.
        advice: &'static str,
    },
    /// The service that gives credentials did not answer.
    #[error("cannot reach {host} for AWS credentials: {reason}")]
    Unreachable {
        /// Its name or address.
        host: String,
        /// What happened.
        reason: String,
    },
    /// All of it took too long.
    #[error("got no AWS credentials within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// What came is no longer good.
    #[error(
        "the AWS credentials that came have already ended; check this machine's clock, and whatever writes them"
    )]
    Ended,
    /// Anything else, in AWS' own words.
    #[error("cannot load AWS credentials: {0}")]
    Other(String),
    /// Weir is shutting down.
    #[error("AWS credentials are no longer renewed: Weir is shutting down")]
    Stopped,
}

impl WhyNone for CredentialError {
    const WHAT: &'static str = "AWS credentials";

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

impl From<&CredentialsError> for CredentialError {
    fn from(error: &CredentialsError) -> Self {
        let mut words = Vec::new();
        let mut link: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = link {
            if let Some(known) = known(error) {
                return known;
            }
            // Its own words are the same for every cause.
            if !error.is::<CredentialsError>() {
                words.push(error.to_string());
            }
            link = error.source();
        }
        Self::Other(cut(&words.join(": ")))
    }
}

/// What one link of a chain of errors says, where it says enough.
fn known(error: &(dyn Error + 'static)) -> Option<CredentialError> {
    if let Some(CredentialsError::CredentialsNotLoaded(_)) = error.downcast_ref() {
        return Some(CredentialError::NoneFound);
    }
    if let Some(CallFailed { host, reason, .. }) = error.downcast_ref() {
        return Some(CredentialError::Unreachable {
            host: host.clone(),
            reason: cut(reason),
        });
    }
    if let Some(error) = error.downcast_ref::<AssumeRoleError>() {
        return refused(error.meta());
    }
    if let Some(error) = error.downcast_ref::<AssumeRoleWithWebIdentityError>() {
        return refused(error.meta());
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Some(CredentialError::NoToken(error.to_string()));
    }
    // What the build leaves out is told in a text only.
    let text = error.to_string();
    let left_out = |feature: &str| text.contains(&format!("feature(s) enabled: {feature}"));
    if left_out("credentials-process") {
        Some(CredentialError::ProgramRefused)
    } else if left_out("sso") {
        Some(CredentialError::PersonNeeded("IAM Identity Center"))
    } else if left_out("credentials-login") {
        Some(CredentialError::PersonNeeded("a console session"))
    } else {
        None
    }
}

/// `None`: the answer was none of STS', so the rest of the chain tells more.
fn refused(answer: &ErrorMetadata) -> Option<CredentialError> {
    let code = answer.code()?;
    let advice = match code {
        "AccessDenied" => {
            "; check the role's trust policy, the external id, and that the base credentials may assume the role"
        }
        "ExpiredToken" | "ExpiredTokenException" => {
            "; the credentials or the token it was asked with have ended"
        }
        "InvalidIdentityToken" | "IDPRejectedClaim" => {
            "; check the identity provider and the audience in the role's trust policy"
        }
        "InvalidClientTokenId" | "SignatureDoesNotMatch" => "; check the access key and its secret",
        "RegionDisabledException" => {
            "; let the account's administrator activate STS in this region, or use another one"
        }
        // The code and the words of AWS must do.
        _ => "",
    };
    Some(CredentialError::Refused {
        code: cut(code),
        message: cut(answer.message().unwrap_or("no reason given")),
        advice,
    })
}

/// One line of bounded length.
fn cut(text: &str) -> String {
    text.chars()
        .take(WORDS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
