//! Passwords: argon2id, off the async threads, a few at a time.
//!
//! | | |
//! |---|---|
//! | hash | argon2id, 19 MiB, 2 passes, 1 lane: what OWASP advises |
//! | at once | two are worked on, 32 more wait; further ones are told that Weir is busy |
//! | unknown names | are checked against a hash that no password has, so that they take as long |

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use self::guessable::is_guessable;
use crate::error::{AdminError, FieldError};

mod guessable;

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// Most characters of a password.
pub const PASSWORD_MAX: usize = 256;
/// Hashes that are computed at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Hashes that may be computed or waited for.
const WAITING: usize = 34;
/// A hash with the parameters in use that no password has.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Computes and checks hashes.
#[derive(Debug)]
pub(crate) struct Passwords {
    running: Semaphore,
    waiting: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            running: Semaphore::new(AT_ONCE),
            waiting: Semaphore::new(WAITING),
        }
    }
}

/// Checks that a text may be a password.
pub(crate) fn check(field: &str, password: &SecretString) -> Result<(), FieldError> {
    let length = password.expose_secret().chars().count();
    if length < PASSWORD_MIN {
        return Err(FieldError::new(
            field,
            "too_short",
            format!("a password has {PASSWORD_MIN} characters at least"),
        ));
    }
    if length > PASSWORD_MAX {
        return Err(FieldError::new(
            field,
            "too_long",
            format!("a password has {PASSWORD_MAX} characters at most"),
        ));
    }
    if is_guessable(password.expose_secret()) {
        return Err(FieldError::new(
            field,
            "too_common",
            "a password is none of the first that anybody tries, such as a common word with digits; a few unrelated words are good",
        ));
    }
    Ok(())
}

impl Passwords {
    /// The hash of a password, in PHC form.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, AdminError> {
        self.compute(move || {
            Argon2::default()
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| AdminError::internal("hash a password", &error))
        })
        .await?
    }

    /// Whether a password is the one that was hashed. `None`: there is no such account; takes as long.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, AdminError> {
        if password.expose_secret().chars().count() > PASSWORD_MAX {
            return Ok(false);
        }
        self.compute(move || {
            let known = hash.is_some();
            let hash = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY))
                .map_err(|error| AdminError::internal("read a stored password hash", &error))?;
            let right = Argon2::default()
                .verify_password(password.expose_secret().as_bytes(), &hash)
                .is_ok();
            Ok(right && known)
        })
        .await?
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AdminError> {
        let _place = self.waiting.try_acquire().map_err(|_| AdminError::Busy)?;
        let _turn = self.running.acquire().await.map_err(|_| AdminError::Busy)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| AdminError::internal("finish hashing a password", &error))
    }
}

#[cfg(test)]
mod tests;
