//! Writes down what is recorded, in batches, one after the other; deletions stand in the same queue.
//!
//! What cannot be written is kept and tried again every second. What is recorded meanwhile waits in the
//! queue, as far as there is room.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use store::{
    StoreError,
    transcripts::{NewTranscript, Transcripts, TranscriptsOptions},
};
use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    task::spawn_blocking,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Keeping,
    forgetting::{Asked, Forgetting},
    read::Reader,
    recorder::{Errand, Place, Shared, Waiting, length},
};

/// Calls that one transaction takes at most.
const BATCH_CALLS: usize = 200;
/// Bytes of their bodies after which no more are taken.
const BATCH_BYTES: u64 = 8 << 20;
/// How long calls may gather before they are written.
const GATHER: Duration = Duration::from_millis(100);
/// When what failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// Writing a batch that takes longer than this is trouble, even if nothing fails.
const SLOW: Duration = Duration::from_secs(5);
/// How long errors are tolerated once the program is ending.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(10);

/// Writes down what is recorded.
pub struct Writer {
    shared: Arc<Shared>,
    queue: UnboundedReceiver<Errand>,
    /// What was taken from the queue while there was nothing to do.
    ahead: Option<Errand>,
    database: Database,
    keeping: watch::Receiver<Keeping>,
    /// Calls that are read and still to be written, each with its place.
    batch: Vec<NewTranscript>,
    places: Vec<Place>,
    forgetting: Forgetting,
}

/// The database of transcripts, as far as it is there.
pub(crate) enum Database {
    Open(Transcripts),
    /// It could not be opened yet.
    Away(TranscriptsOptions),
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        queue: UnboundedReceiver<Errand>,
        database: Database,
    ) -> Self {
        Self {
            keeping: shared.keeping.subscribe(),
            forgetting: Forgetting::new(Arc::clone(&shared)),
            shared,
            queue,
            ahead: None,
            database,
            batch: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Writes until it is stopped and nothing waits any more. Errors of the database are waited out.
    ///
    /// # Errors
    /// Only after it was stopped, when the database cannot be used for long: what waits is then lost.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), StoreError> {
        let mut patience = Patience::default();
        let transcripts = loop {
            match self.open().await {
                Ok(transcripts) => break transcripts,
                Err(error) => patience.wait_out(error, &self.shared, &stop).await?,
            }
        };
        self.shared.is_well();
        loop {
            let then = self.take_in().await;
            let mut done = self.write(&transcripts).await;
            if done.is_ok() {
                if let Some(asked) = then {
                    self.forgetting.ask(asked);
                }
                done = self
                    .forgetting
                    .step(&transcripts, stop.is_cancelled())
                    .await;
            } else if let Some(asked) = then {
                self.ahead = Some(Errand::Forget(asked));
            }
            match done {
                Err(error) => patience.wait_out(error, &self.shared, &stop).await?,
                Ok(()) => {
                    self.shared.is_well();
                    patience = Patience::default();
                    if !self.wait(&stop).await {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The database, opened where it is not.
    async fn open(&mut self) -> Result<Transcripts, StoreError> {
        let transcripts = match &self.database {
            Database::Open(transcripts) => return Ok(transcripts.clone()),
            Database::Away(options) => Transcripts::open(options).await?,
        };
        self.database = Database::Open(transcripts.clone());
        // It is empty: nobody else opens it.
        let _set = self.shared.transcripts.set(transcripts.clone());
        Ok(transcripts)
    }

    /// Waits until there is something to do. Whether there will ever be.
    async fn wait(&mut self, stop: &CancellationToken) -> bool {
        // Also where there is always a call that waits.
        if self.keeping.has_changed().unwrap_or(false) {
            self.keeping.mark_unchanged();
            self.forgetting.keeping_changed();
        }
        if self.ahead.is_none() {
            self.ahead = self.queue.try_recv().ok();
        }
        if self.ahead.is_some() {
            return true;
        }
        if stop.is_cancelled() {
            if self.forgetting.is_over() {
                return false;
            }
            sleep_until(self.forgetting.due()).await;
            return true;
        }
        tokio::select! {
            errand = self.queue.recv() => {
                self.ahead = errand;
                // More calls end soon, and are written together.
                stop.run_until_cancelled(sleep(GATHER)).await;
            }
            changed = self.keeping.changed() => {
                // The sender lives as long as this writer.
                if changed.is_ok() {
                    self.forgetting.keeping_changed();
                }
            }
            () = sleep_until(self.forgetting.due()) => {}
            () = stop.cancelled() => {}
        }
        true
    }

    /// Reads what waits, as far as it fits into a batch, up to a deletion.
    async fn take_in(&mut self) -> Option<Asked> {
        let mut calls: Vec<Box<Waiting>> = Vec::new();
        let mut bytes: u64 = self.places.iter().map(Place::bytes).sum();
        let mut then = None;
        while self.batch.len().saturating_add(calls.len()) < BATCH_CALLS && bytes < BATCH_BYTES {
            match self.next() {
                Some(Errand::Write(waiting))
                    if self.forgetting.has_forgotten(&waiting.recorded.call.start) => {}
                Some(Errand::Write(waiting)) => {
                    bytes = bytes.saturating_add(waiting.place.bytes());
                    calls.push(waiting);
                }
                Some(Errand::Forget(asked)) => {
                    then = Some(asked);
                    break;
                }
                None => break,
            }
        }
        if calls.is_empty() {
            return then;
        }
        let keeping = *self.keeping.borrow();
        let most = calls.len();
        let reading = spawn_blocking(move || {
            let mut reader = Reader::new(keeping)?;
            let read = calls.into_iter().map(|waiting| {
                let Waiting { recorded, place } = *waiting;
                Ok((reader.read(recorded)?, place))
            });
            read.collect::<std::io::Result<Vec<_>>>()
        });
        match reading.await {
            Ok(Ok(mut read)) => {
                read.retain(|(call, _)| !self.forgetting.has_forgotten_conversation(call));
                let (batch, places): (Vec<_>, Vec<_>) = read.into_iter().unzip();
                self.batch.extend(batch);
                self.places.extend(places);
            }
            Ok(Err(error)) => self.unreadable(most, &error),
            Err(error) => self.unreadable(most, &error),
        }
        then
    }

    /// What waits longest.
    pub(crate) fn next(&mut self) -> Option<Errand> {
        self.ahead.take().or_else(|| self.queue.try_recv().ok())
    }

    fn unreadable(&self, calls: usize, error: &dyn std::fmt::Display) {
        tracing::error!(%error, calls, "Recorded calls could not be read and are lost");
        self.shared.lose(length(calls));
    }

    /// Writes the batch.
    async fn write(&mut self, transcripts: &Transcripts) -> Result<(), StoreError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let added = self.add(transcripts).await;
        match added {
            Ok(()) => {
                self.batch.clear();
                self.places.clear();
                Ok(())
            }
            // The same may well work later.
            Err(error) if is_of_all(&error) => Err(error),
            Err(error) => self.write_singly(transcripts, error).await,
        }
    }

    /// Adds the batch. That it takes long shows while it does.
    async fn add(&self, transcripts: &Transcripts) -> Result<(), StoreError> {
        let mut adding = pin!(transcripts.add(&self.batch));
        match timeout(SLOW, &mut adding).await {
            Ok(added) => added,
            Err(_) => {
                let seconds = SLOW.as_secs();
                self.shared
                    .is_slow(format!("writing takes longer than {seconds} seconds"));
                adding.await
            }
        }
    }

    /// The database refuses the batch. Where that is because of some calls alone, these are given up.
    async fn write_singly(
        &mut self,
        transcripts: &Transcripts,
        mut why: StoreError,
    ) -> Result<(), StoreError> {
        let mut refused = Vec::new();
        let mut written = 0_usize;
        for (call, place) in self.batch.drain(..).zip(self.places.drain(..)) {
            match transcripts.add(std::slice::from_ref(&call)).await {
                Ok(()) => written = written.saturating_add(1),
                Err(error) => {
                    refused.push((call, place));
                    why = error;
                }
            }
        }
        if written > 0 && !is_of_all(&why) {
            for (call, _) in &refused {
                tracing::error!(error = %why, call.id = %call.call.start.id, "The transcript of a call is refused by the database and is lost");
            }
            self.shared.lose(length(refused.len()));
            return Ok(());
        }
        (self.batch, self.places) = refused.into_iter().unzip();
        Err(why)
    }
}

/// Whether an error is of the database rather than of what was to be written.
const fn is_of_all(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_)) || error.needs_somebody()
}

/// How long errors have been tolerated since the program is ending.
#[derive(Debug, Default)]
struct Patience {
    since: Option<Instant>,
}

impl Patience {
    /// Shows an error and waits, unless the program has been ending for too long.
    async fn wait_out(
        &mut self,
        error: StoreError,
        shared: &Shared,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        shared.in_trouble(&error);
        if stop.is_cancelled() {
            let since = self.since.get_or_insert_with(Instant::now);
            if since.elapsed() > PATIENCE_AT_THE_END {
                return Err(error);
            }
            sleep(AGAIN).await;
        } else {
            stop.run_until_cancelled(sleep(AGAIN)).await;
        }
        Ok(())
    }
}
