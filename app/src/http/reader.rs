//! Who has signed in, for parts of the server that are no pages of the console.

use std::{fmt, net::IpAddr, sync::Arc};

use admin::{Admin, ClientAddress, Who};
use http::{header::COOKIE, request::Parts};
use tower_sessions::{Session, SessionStore};

use super::session::{self, Asking};

/// Reads the console's sessions. To be used for reading only: a browser sends its cookie unasked.
#[derive(Clone)]
pub struct SessionReader<S> {
    admin: Admin,
    sessions: Arc<S>,
    secure_cookies: bool,
}

impl<S> fmt::Debug for SessionReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionReader").finish_non_exhaustive()
    }
}

impl<S: SessionStore> SessionReader<S> {
    /// A reader of the sessions in this store.
    #[must_use]
    pub fn new(admin: Admin, sessions: S, secure_cookies: bool) -> Self {
        Self {
            admin,
            sessions: Arc::new(sessions),
            secure_cookies,
        }
    }

    /// Who sends the request. `None`: nobody who has signed in, or the database does not answer.
    pub async fn who(&self, request: &Parts) -> Option<Who> {
        let name = session::cookie_name(self.secure_cookies);
        let cookies = request
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let id = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find_map(|(found, id)| (found == name).then(|| id.parse().ok()))??;
        let session = Session::new(Some(id), self.sessions.clone(), None);
        let (person, stamp) = session::held(&session, Asking::of(&request.headers))
            .await
            .ok()??;
        let actor = self.admin.people().resume(person, &stamp).await.ok()??;
        let address: Option<IpAddr> = request
            .extensions
            .get::<ClientAddress>()
            .map(|address| address.0);
        Some(Who::checked(actor, address))
    }
}
