//! A token. Does not show its text in `Debug`.

use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};

/// What a call proves itself with: sent as `Authorization: Bearer`. Cheap to clone.
#[derive(Clone)]
pub struct AccessToken {
    pub(crate) text: Arc<SecretString>,
    pub(crate) whose: Arc<str>,
    pub(crate) quota_project: Option<Arc<str>>,
}

impl AccessToken {
    /// The secret text, for the header.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.expose_secret()
    }

    /// Who calls with it, in words: `the service account weir@project.iam.gserviceaccount.com`.
    #[must_use]
    pub fn whose(&self) -> &str {
        &self.whose
    }

    /// The project that Google bills for it, where a person's own credentials name one: sent as
    /// `x-goog-user-project`.
    #[must_use]
    pub fn quota_project(&self) -> Option<&str> {
        self.quota_project.as_deref()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken(of {}, hidden)", self.whose)
    }
}
