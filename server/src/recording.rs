//! The transcripts in the running program: their database is opened, their writer runs, and both end.
//!
//! None of it can keep Weir from starting or from ending in time: a database that cannot be opened is
//! tried again while Weir runs, and what cannot be written until the end is lost, as is said in the log.

use std::time::Duration;

use store::{StoreError, transcripts::TranscriptsOptions};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use transcripts::{Clock, Recorder};

/// Connections for reading the database.
const READERS: u32 = 2;
/// The least time that is left for what waits, should the end of calls have taken all the time there was.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// What writes transcripts down.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The way in.
    pub(crate) recorder: Recorder,
    stop: CancellationToken,
    writing: JoinHandle<Result<(), StoreError>>,
}

impl Recording {
    /// Opens the database at an address, and begins to write.
    pub(crate) async fn begin(database_url: String, clock: Clock) -> Self {
        let (recorder, writer) = Recorder::open(TranscriptsOptions {
            database_url,
            readers: READERS,
        })
        .await;
        recorder.go_by(clock);
        let stop = CancellationToken::new();
        let writing = tokio::spawn(writer.run(stop.clone()));
        Self {
            recorder,
            stop,
            writing,
        }
    }

    /// Writes what waits and closes the database, until a moment. No call may be running any more.
    pub(crate) async fn end(self, deadline: Instant) {
        let deadline = deadline.max(Instant::now() + LEAST_TIME);
        let Self {
            recorder,
            stop,
            mut writing,
        } = self;
        stop.cancel();
        match timeout_at(deadline, &mut writing).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => {
                tracing::error!(%error, "The writer of the transcripts ended with an error");
            }
            Ok(Err(error)) => tracing::error!(%error, "The writer of the transcripts died"),
            Err(_) => writing.abort(),
        }
        let health = recorder.health();
        if health.waiting > 0 {
            tracing::error!(
                transcripts.lost = health.waiting,
                "Transcripts could not be written before the end, and are lost"
            );
        }
        if health.deletions.iter().any(|it| it.ended_at.is_none()) {
            tracing::error!(
                "Transcripts were being deleted when Weir ended; it goes on at the next start"
            );
        }
        let Some(transcripts) = recorder.transcripts() else {
            return;
        };
        match timeout_at(deadline, transcripts.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "The database of transcripts could not be closed");
            }
            Err(_) => tracing::warn!("The database of transcripts took too long to close"),
        }
    }
}
