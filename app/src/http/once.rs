//! Forms that count once, however often they are sent: a page that was answered to one is reloaded, a
//! button is pressed twice, one goes back and sends it again.
//!
//! The form carries an id. Whoever takes it first may go on; whoever comes later is told what came of it. The
//! session keeps the last ids that were taken, so that a restart between the two does no harm.

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tower_sessions::{Session, session::Error};

/// The name of the form's hidden field.
pub(crate) const FIELD: &str = "once";
const KEY: &str = "once";
/// How many a session keeps: more than anybody has in open pages of forms that count once.
const KEPT: usize = 32;

/// Two requests with one id are told apart one after the other.
static TAKING: Mutex<()> = Mutex::const_new(());

/// An id that was taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    id: String,
    /// The address of what was made. Not there before it is.
    made: Option<String>,
}

/// Whether a form may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was not sent before.
    First,
    /// It was, and this is the address of what was made. `None`: it is still being made, or was left half done.
    Again(Option<String>),
}

/// An id for a form that is about to be shown.
pub(crate) fn issue() -> String {
    let bytes: [u8; 16] = rand::random();
    bytes
        .iter()
        .fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
}

/// Takes the id of a form that was sent. A form without one, which no page of this console makes, is always
/// the first.
///
/// # Errors
/// Where the session cannot be read or written: then nothing may be made.
pub(crate) async fn take(session: &Session, id: &str) -> Result<Taken, Error> {
    if id.is_empty() {
        return Ok(Taken::First);
    }
    let _one_by_one = TAKING.lock().await;
    let mut held = newest(session).await?;
    if let Some(before) = held.iter().find(|held| held.id == id) {
        return Ok(Taken::Again(before.made.clone()));
    }
    held.push(Held {
        id: id.to_owned(),
        made: None,
    });
    let too_many = held.len().saturating_sub(KEPT);
    held.drain(..too_many);
    keep(session, &held).await?;
    Ok(Taken::First)
}

/// Says what was made of a form, for whoever sends it again. What was made is there, whatever becomes of the
/// note.
pub(crate) async fn note_made(session: &Session, id: &str, made: &str) {
    if let Err(error) = note(session, id, made).await {
        tracing::warn!(%error, "Could not note what was made of a form");
    }
}

async fn note(session: &Session, id: &str, made: &str) -> Result<(), Error> {
    let _one_by_one = TAKING.lock().await;
    let mut held = newest(session).await?;
    for held in held.iter_mut().filter(|held| held.id == id) {
        held.made = Some(made.to_owned());
    }
    keep(session, &held).await
}

/// Gives the id of a form back from which nothing was made: it may be sent again.
///
/// # Errors
/// Where the session cannot be read or written.
pub(crate) async fn give_back(session: &Session, id: &str) -> Result<(), Error> {
    let _one_by_one = TAKING.lock().await;
    let mut held = newest(session).await?;
    held.retain(|held| held.id != id);
    keep(session, &held).await
}

/// What the session holds now, whatever it held when this request began.
async fn newest(session: &Session) -> Result<Vec<Held>, Error> {
    session.load().await?;
    Ok(session.get(KEY).await?.unwrap_or_default())
}

async fn keep(session: &Session, held: &[Held]) -> Result<(), Error> {
    session.insert(KEY, held).await?;
    session.save().await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use store::{MasterKey, Sessions, Store};
    use tempfile::TempDir;
    use tower_sessions::Session;

    use super::{KEPT, Taken, give_back, issue, note, take};

    /// A session, and whatever it takes to have it once more, as another request has it.
    struct Fixture {
        session: Session,
        sessions: Arc<Sessions>,
        _folder: TempDir,
    }

    impl Fixture {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(store::Options {
                database_url: format!("sqlite:{}", folder.path().join("weir.db").display()),
                master_key: MasterKey::generate().unwrap(),
                readers: 2,
            })
            .await
            .unwrap();
            let sessions = Arc::new(store.sessions());
            let session = Session::new(None, sessions.clone(), None);
            session.save().await.unwrap();
            Self {
                session,
                sessions,
                _folder: folder,
            }
        }

        fn once_more(&self) -> Session {
            Session::new(self.session.id(), self.sessions.clone(), None)
        }
    }

    #[tokio::test]
    async fn a_form_counts_once() {
        let fixture = Fixture::new().await;
        let session = &fixture.session;
        let id = issue();
        assert_eq!(take(session, &id).await.unwrap(), Taken::First);
        assert_eq!(take(session, &id).await.unwrap(), Taken::Again(None));
        note(session, &id, "/tokens/7").await.unwrap();
        let other = fixture.once_more();
        let again = Taken::Again(Some("/tokens/7".to_owned()));
        assert_eq!(take(&other, &id).await.unwrap(), again);
        assert_eq!(take(&other, &issue()).await.unwrap(), Taken::First);
    }

    #[tokio::test]
    async fn two_requests_at_once_cannot_both_be_first() {
        let fixture = Fixture::new().await;
        let (session, other) = (&fixture.session, fixture.once_more());
        // Both have read the session before either takes the id.
        let _: Option<String> = other.get("anything").await.unwrap();
        let id = issue();
        let (one, two) = tokio::join!(take(session, &id), take(&other, &id));
        let firsts = [one.unwrap(), two.unwrap()];
        assert_eq!(firsts.iter().filter(|it| **it == Taken::First).count(), 1);
    }

    #[tokio::test]
    async fn a_form_from_which_nothing_was_made_may_be_sent_again() {
        let fixture = Fixture::new().await;
        let session = &fixture.session;
        let id = issue();
        take(session, &id).await.unwrap();
        give_back(session, &id).await.unwrap();
        assert_eq!(take(session, &id).await.unwrap(), Taken::First);
    }

    #[tokio::test]
    async fn a_session_keeps_a_bounded_number() {
        let fixture = Fixture::new().await;
        let session = &fixture.session;
        let first = issue();
        take(session, &first).await.unwrap();
        for _ in 0..KEPT {
            take(session, &issue()).await.unwrap();
        }
        assert_eq!(take(session, &first).await.unwrap(), Taken::First);
        assert_eq!(take(session, "").await.unwrap(), Taken::First);
    }
}
