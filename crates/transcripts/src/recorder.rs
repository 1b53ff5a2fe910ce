//! The way in: what waits to be written, and the room that it may take. Nothing here waits.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use domain::Timestamp;
use store::transcripts::{Forget, Transcripts, TranscriptsOptions};
use tokio::sync::{
    mpsc::{self, UnboundedSender},
    watch,
};

use crate::{
    Keeping, Recorded, RecordedBody,
    forgetting::Asked,
    health::{Deletion, Health, Trouble},
    writer::{Database, Writer},
};

/// What all recordings together may take: bodies that are being collected, and those that wait.
const ROOM_BYTES: u64 = 64 << 20;
/// What a recording takes beside its bodies, roughly.
const ROW_BYTES: u64 = 2 << 10;
/// A body up to this size is copied when it begins to wait: it may be a part of a buffer that is much larger.
const COPIED_BYTES: usize = 64 << 10;
/// Deletions that have ended are told as long as there are no more than this.
const DELETIONS_TOLD: usize = 100;
/// How many lost ones there are between two lines of the log.
const LOST_BETWEEN_LINES: u64 = 1_000;

/// The way to the transcripts. Clones share it.
#[derive(Debug, Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// What time it is, to go by where something is deleted since it is too old. `None`: not known at the moment.
pub type Clock = Box<dyn Fn() -> Option<Timestamp> + Send + Sync>;

/// What recorder and writer share.
pub(crate) struct Shared {
    queue: UnboundedSender<Errand>,
    held_bytes: AtomicU64,
    running: AtomicU64,
    waiting: AtomicU64,
    waiting_bytes: AtomicU64,
    lost: AtomicU64,
    told: Mutex<Told>,
    pub(crate) keeping: watch::Sender<Keeping>,
    clock: OnceLock<Clock>,
    pub(crate) transcripts: OnceLock<Transcripts>,
}

#[derive(Debug, Default)]
struct Told {
    trouble: Option<Trouble>,
    deletions: Vec<(u64, Deletion)>,
    next_deletion: u64,
}

/// Something for the writer.
#[derive(Debug)]
pub(crate) enum Errand {
    Write(Box<Waiting>),
    Forget(Asked),
}

/// A call that waits to be written.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) recorded: Recorded,
    pub(crate) place: Place,
}

/// A share of the room for all recordings; given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    shared: Arc<Shared>,
    bytes: u64,
}

/// A call that runs and is recorded, as long as this is there.
#[derive(Debug)]
pub struct Running(Arc<Shared>);

/// A place among those that wait; given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Room);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Recorder {
    /// The way to the transcripts, and what writes them down.
    #[must_use]
    pub fn new(transcripts: Transcripts) -> (Self, Writer) {
        let open = OnceLock::from(transcripts.clone());
        Self::make(open, Database::Open(transcripts))
    }

    /// The same where the database is still to be opened. Where that fails, the writer goes on trying, and
    /// meanwhile it shows ([`Recorder::health`]).
    pub async fn open(options: TranscriptsOptions) -> (Self, Writer) {
        match Transcripts::open(&options).await {
            Ok(transcripts) => Self::new(transcripts),
            Err(error) => {
                let (recorder, writer) = Self::make(OnceLock::new(), Database::Away(options));
                recorder.shared.in_trouble(&error);
                (recorder, writer)
            }
        }
    }

    /// Has what is too old told by this clock, rather than by the system's. Holds from the first time on.
    pub fn go_by(&self, clock: Clock) {
        let _first = self.shared.clock.set(clock);
    }

    #[cfg(test)]
    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    fn make(transcripts: OnceLock<Transcripts>, database: Database) -> (Self, Writer) {
        let (queue, errands) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queue,
            held_bytes: AtomicU64::new(0),
            running: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            waiting_bytes: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            told: Mutex::default(),
            keeping: watch::Sender::new(Keeping::default()),
            clock: OnceLock::new(),
            transcripts,
        });
        let writer = Writer::new(Arc::clone(&shared), errands, database);
        (Self { shared }, writer)
    }

    /// The database. `None`: it could not be opened yet.
    #[must_use]
    pub fn transcripts(&self) -> Option<Transcripts> {
        self.shared.transcripts.get().cloned()
    }

    /// Sets how much is kept, and for how long.
    pub fn keep(&self, keeping: Keeping) {
        self.shared.keeping.send_replace(keeping);
    }

    /// A call begins to be recorded.
    #[must_use]
    pub fn begin(&self) -> Running {
        self.shared.running.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(&self.shared))
    }

    /// Room for so many bytes that are being collected. `None`: there is none, and the call is lost.
    #[must_use]
    pub fn room(&self, bytes: u64) -> Option<Room> {
        let room = Room::take(&self.shared, bytes);
        if room.is_none() {
            self.shared.lose(1);
        }
        room
    }

    /// A call whose recording was given up for lack of room.
    pub fn lost(&self) {
        self.shared.lose(1);
    }

    /// Takes what was recorded of a call. Never waits.
    pub fn take(&self, mut recorded: Recorded) {
        let bodies = [&mut recorded.request, &mut recorded.response];
        let bytes = bodies
            .into_iter()
            .flatten()
            .map(settle)
            .fold(ROW_BYTES, u64::saturating_add);
        let Some(room) = self.room(bytes) else {
            return;
        };
        let waiting = Box::new(Waiting {
            recorded,
            place: Place::of(room),
        });
        if self.shared.queue.send(Errand::Write(waiting)).is_err() {
            self.lost();
        }
    }

    /// How recording is.
    #[must_use]
    pub fn health(&self) -> Health {
        let told = self.shared.told();
        Health {
            running: self.shared.running.load(Ordering::Acquire),
            waiting: self.shared.waiting.load(Ordering::Relaxed),
            waiting_bytes: self.shared.waiting_bytes.load(Ordering::Relaxed),
            lost: self.shared.lost.load(Ordering::Relaxed),
            trouble: told.trouble.clone(),
            deletions: told.deletions.iter().map(|(_, it)| it.clone()).collect(),
        }
    }

    /// Deletes for good, whatever was recorded until now. Of a provider, and of before a time, calls that
    /// still run are not recorded either. It is over when [`Health::deletions`] says so. Of
    /// what is recorded while it is under way some may go with it.
    pub fn forget(&self, what: Forget) {
        let at = Timestamp::now();
        let id = Some(self.shared.asked(&what, at));
        // Without a writer nothing is written either; it stays under way, which is true.
        let _unwritten = self
            .shared
            .queue
            .send(Errand::Forget(Asked { id, what, at }));
    }
}

/// Makes a body take no more than its own bytes. How many that are.
fn settle(body: &mut RecordedBody) -> u64 {
    if body.kept.len() <= COPIED_BYTES {
        body.kept = Bytes::copy_from_slice(&body.kept);
    }
    length(body.kept.len())
}

pub(crate) fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl Shared {
    /// What time it is, to go by where something is deleted since it is too old.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        match self.clock.get() {
            Some(clock) => clock(),
            None => Some(Timestamp::now()),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts calls that are not recorded.
    pub(crate) fn lose(&self, calls: u64) {
        let before = self.lost.fetch_add(calls, Ordering::Relaxed);
        if before.is_multiple_of(LOST_BETWEEN_LINES) {
            tracing::warn!(
                lost = before.saturating_add(calls),
                "Calls are not recorded: what waits to be written takes all the memory for it"
            );
        }
    }

    /// Nothing can be written.
    pub(crate) fn in_trouble(&self, why: &impl ToString) {
        let (message, is_slow) = (why.to_string(), false);
        let mut told = self.told();
        match &mut told.trouble {
            Some(trouble) if !trouble.is_slow => trouble.message = message,
            trouble => {
                tracing::error!(
                    error = message,
                    "Transcripts cannot be written; calls go on, and it is tried again"
                );
                let since = Timestamp::now();
                *trouble = Some(Trouble {
                    since,
                    is_slow,
                    message,
                });
            }
        }
    }

    /// It can be written, but takes long. Where nothing could be written just now, that is not over yet.
    pub(crate) fn is_slow(&self, message: String) {
        let mut told = self.told();
        if told.trouble.is_none() {
            tracing::warn!(message, "Transcripts are written slowly; calls go on");
            told.trouble = Some(Trouble {
                since: Timestamp::now(),
                is_slow: true,
                message,
            });
        }
    }

    /// It can be written.
    pub(crate) fn is_well(&self) {
        if self.told().trouble.take().is_some() {
            tracing::info!("Transcripts are written again as they should be");
        }
    }

    fn asked(&self, what: &Forget, at: Timestamp) -> u64 {
        let mut told = self.told();
        let id = told.next_deletion;
        told.next_deletion = id.saturating_add(1);
        if told.deletions.len() >= DELETIONS_TOLD
            && let Some(old) = told
                .deletions
                .iter()
                .position(|(_, deletion)| deletion.ended_at.is_some())
        {
            told.deletions.remove(old);
        }
        let deletion = Deletion {
            what: what.clone(),
            asked_at: at,
            transcripts: 0,
            ended_at: None,
        };
        told.deletions.push((id, deletion));
        id
    }

    /// Notes on a deletion how far it is.
    pub(crate) fn note_deletion(&self, id: u64, note: impl FnOnce(&mut Deletion)) {
        let mut told = self.told();
        let found = told.deletions.iter_mut().find(|(known, _)| *known == id);
        if let Some((_, deletion)) = found {
            note(deletion);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Release);
    }
}

impl Room {
    fn take(shared: &Arc<Shared>, bytes: u64) -> Option<Self> {
        let mut room = Self {
            shared: Arc::clone(shared),
            bytes: 0,
        };
        room.grow(bytes).then_some(room)
    }

    /// Takes more. Whether there is so much; if not, the share stays as it was.
    pub fn grow(&mut self, bytes: u64) -> bool {
        let held = &self.shared.held_bytes;
        let before = held.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > ROOM_BYTES {
            held.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        true
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shared
            .held_bytes
            .fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Place {
    fn of(room: Room) -> Self {
        room.shared.waiting.fetch_add(1, Ordering::Relaxed);
        room.shared
            .waiting_bytes
            .fetch_add(room.bytes, Ordering::Relaxed);
        Self(room)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Room { shared, bytes } = &self.0;
        shared.waiting.fetch_sub(1, Ordering::Relaxed);
        shared.waiting_bytes.fetch_sub(*bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
pub(crate) mod tests;
