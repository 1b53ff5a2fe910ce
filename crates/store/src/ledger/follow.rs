//! The journal as the writer follows it.
//!
//! Each run of the program begins a segment of its own, so the segment tells the calls of this run from
//! those of earlier ones. Files are read on threads that may block.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use journal::{Entry, JournalError, Position, Reader};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::time::Instant;

use crate::{Store, StoreError, error::database};

/// How long to wait before it is tried again to put the database on the disk.
const PUT_ON_DISK_AGAIN: Duration = Duration::from_secs(1);

/// Resolves when something was appended to the journal.
pub(super) type Appended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The journal's reading end.
#[derive(Debug)]
pub(super) struct Follower {
    reader: Arc<Mutex<Reader>>,
    /// Where the journal began when it was opened.
    oldest: Position,
    /// The segment that this run of the program began with.
    first_segment: u64,
    /// Segments before this one are gone.
    kept_from: u64,
    /// When the database was last found not to be on the disk yet.
    not_on_disk: Option<Instant>,
}

impl Follower {
    pub(super) fn new(mut reader: Reader) -> Result<Self, StoreError> {
        let oldest = reader.position();
        // Behind every segment there is the one that is being written.
        reader.seek(Position {
            segment: u64::MAX,
            offset: 0,
        })?;
        let first_segment = reader.position().segment;
        reader.seek(oldest)?;
        Ok(Self {
            reader: Arc::new(Mutex::new(reader)),
            oldest,
            first_segment,
            kept_from: oldest.segment,
            not_on_disk: None,
        })
    }

    /// Up to where the journal has been read.
    pub(super) fn position(&self) -> Result<Position, StoreError> {
        Ok(lock(&self.reader)?.position())
    }

    /// Resolves when something was appended.
    pub(super) fn appended(&self) -> Result<Appended, StoreError> {
        Ok(Box::pin(lock(&self.reader)?.wait()))
    }

    /// The oldest segment that was there when the journal was opened.
    pub(super) const fn oldest_segment(&self) -> u64 {
        self.oldest.segment
    }

    /// Goes to the last of the positions that the database has kept and that are of this journal, or to the
    /// journal's beginning where there is none. `false`: there is none.
    pub(super) async fn go_to(&self, kept: Vec<Position>) -> Result<bool, StoreError> {
        let oldest = self.oldest;
        let last = self
            .blocking(move |reader| {
                let segments = reader.segments()?;
                let of_this = |kept: &Position| segments.contains(&kept.segment);
                let last = kept.into_iter().filter(of_this).max();
                reader.seek(last.unwrap_or(oldest))?;
                Ok(last)
            })
            .await?;
        Ok(last.is_some())
    }

    /// Whether an earlier run of the program has left something.
    pub(super) const fn has_earlier(&self) -> bool {
        self.oldest.segment < self.first_segment
    }

    /// The entries that follow, `most` at the most.
    pub(super) async fn read(&self, most: usize) -> Result<Vec<Entry>, StoreError> {
        self.blocking(move |reader| {
            let before = reader.position();
            let entries = reader.read(most);
            if entries.is_err() {
                // Whatever was read until the error comes again.
                reader.seek(before)?;
            }
            entries
        })
        .await
    }

    /// As [`Follower::read`], but only entries of earlier runs of the program. None: there are no more, and
    /// what is read next is of this run.
    pub(super) async fn read_earlier(&self, most: usize) -> Result<Vec<Entry>, StoreError> {
        let first_segment = self.first_segment;
        self.blocking(move |reader| read_before(reader, first_segment, most))
            .await
    }

    /// Removes the segments that lie wholly before a position up to which everything is in the database,
    /// once the database has it on the disk.
    pub(super) async fn let_go(
        &mut self,
        store: &Store,
        position: Position,
    ) -> Result<(), StoreError> {
        let tried = self
            .not_on_disk
            .is_some_and(|at| at.elapsed() < PUT_ON_DISK_AGAIN);
        if position.segment <= self.kept_from || tried {
            return Ok(());
        }
        if !put_on_disk(store).await? {
            self.not_on_disk = Some(Instant::now());
            return Ok(());
        }
        self.blocking(move |reader| reader.forget_before(position))
            .await?;
        self.kept_from = position.segment;
        self.not_on_disk = None;
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Reader) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        let done = tokio::task::spawn_blocking(move || {
            let mut reader = lock(&reader)?;
            work(&mut reader).map_err(StoreError::from)
        });
        done.await
            .map_err(|_| StoreError::Journal(JournalError::Broken))?
    }
}

fn lock(reader: &Mutex<Reader>) -> Result<MutexGuard<'_, Reader>, StoreError> {
    reader
        .lock()
        .map_err(|_| StoreError::Journal(JournalError::Broken))
}

/// Reads entries of the segments before `end`. After the last of them the reader stands at its beginning.
fn read_before(reader: &mut Reader, end: u64, most: usize) -> Result<Vec<Entry>, JournalError> {
    let before = reader.position();
    if before.segment >= end {
        return Ok(vec![]);
    }
    let entries = reader.read(most)?;
    if reader.position().segment < end {
        return Ok(entries);
    }
    // The last ones may be of this run: once more, one by one.
    reader.seek(before)?;
    let mut earlier = vec![];
    loop {
        let entry = reader.read(1)?.pop();
        if reader.position().segment >= end {
            reader.seek(Position {
                segment: end,
                offset: 0,
            })?;
            return Ok(earlier);
        }
        match entry {
            Some(entry) => earlier.push(entry),
            None => return Ok(earlier),
        }
    }
}

/// Makes sure that what was committed survives the machine. `false`: readers are in the way at the moment.
async fn put_on_disk(store: &Store) -> Result<bool, StoreError> {
    if store.backend() != DbBackend::Sqlite {
        return Ok(true);
    }
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
    let row = store
        .writer()
        .query_one_raw(checkpoint)
        .await
        .map_err(database)?;
    let Some(row) = row else { return Ok(false) };
    let pages = |column| row.try_get_by_index::<i64>(column).map_err(database);
    Ok(pages(0)? == 0 && pages(1)? == pages(2)?)
}
