//! Sessions: a random id in a cookie, everything else in the database.
//!
//! A session ends after twelve hours without a request by hand, after seven days, when its owner signs out, and
//! when the password that it began with is changed. Signing in gives it a new id.

use admin::people::SignedIn;
use domain::AdminId;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::{SameSite, time::Duration},
    session::Error,
};

use crate::format::time;

const IDLE: Duration = Duration::hours(12);
const LONGEST_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How stale the last sign of life may be before it is written again: not every request is a write.
const SIGN_OF_LIFE_SECONDS: i64 = 5 * 60;
const KEY: &str = "signed_in";

/// Sent by a script that asks by itself, again and again: an open page is no sign that somebody is there.
pub(crate) const BY_ITSELF: &str = "x-weir-by-itself";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Somebody, by hand.
    Somebody,
    /// A page that is open.
    ByItself,
}

impl Asking {
    /// Who sends a request.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        if headers.contains_key(BY_ITSELF) {
            Self::ByItself
        } else {
            Self::Somebody
        }
    }
}

/// What a session holds of whoever signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    id: AdminId,
    stamp: String,
    since: i64,
    seen: i64,
}

/// The name of the cookie. With the prefix browsers take it only over TLS, and from this host alone.
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-weir_session"
    } else {
        "weir_session"
    }
}

/// The layer that reads and writes the cookie.
pub(crate) fn layer<S: SessionStore>(store: S, secure: bool) -> SessionManagerLayer<S> {
    SessionManagerLayer::new(store)
        .with_name(cookie_name(secure))
        .with_path("/")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(secure)
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// Who the session says it belongs to, with the stamp of the password that it began with. Whether that
/// still holds is for admin to say.
pub(crate) async fn held(
    session: &Session,
    asking: Asking,
) -> Result<Option<(AdminId, String)>, Error> {
    let Some(mut held) = session.get::<Held>(KEY).await? else {
        return Ok(None);
    };
    let now = time::now().as_second();
    if now.saturating_sub(held.since) > LONGEST_SECONDS {
        session.flush().await?;
        return Ok(None);
    }
    if asking == Asking::Somebody && now.saturating_sub(held.seen) > SIGN_OF_LIFE_SECONDS {
        held.seen = now;
        session.insert(KEY, &held).await?;
    }
    Ok(Some((held.id, held.stamp)))
}

/// Begins a session for somebody who has just signed in, under a new id and with nothing in it of before.
pub(crate) async fn begin(session: &Session, signed_in: &SignedIn) -> Result<(), Error> {
    session.clear().await;
    session.cycle_id().await?;
    let now = time::now().as_second();
    let held = Held {
        id: signed_in.id,
        stamp: signed_in.stamp.clone(),
        since: now,
        seen: now,
    };
    session.insert(KEY, &held).await
}

/// Goes on with the session under a new id after its owner has changed the password.
pub(crate) async fn renew(session: &Session, signed_in: &SignedIn) -> Result<(), Error> {
    begin(session, signed_in).await
}

/// Ends the session.
pub(crate) async fn end(session: &Session) -> Result<(), Error> {
    session.flush().await
}
