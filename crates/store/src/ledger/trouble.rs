//! What goes wrong when the ledger is written: told once, and waited out.

use std::{future::Future, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{LedgerTrouble, Store, StoreError};

/// Waits after errors double from the first to the last of these.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// How long errors are tolerated once the program is ending. The journal keeps what is left.
const PATIENCE_AT_THE_END: Duration = Duration::from_secs(10);
/// How long a database may take for one step: far longer than any takes, since the step is begun anew after that.
/// A server whose machine vanished between a statement and its answer would else be waited for for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// Does one step with a database that may never answer.
pub(super) async fn answered<T>(
    step: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let done = tokio::time::timeout(PATIENCE, step).await;
    done.unwrap_or_else(|_| Err(no_answer()))
}

fn no_answer() -> StoreError {
    StoreError::Unavailable("it does not answer".to_owned())
}

/// What goes wrong, told once, and how long to wait before the next try.
pub(super) struct Trouble {
    store: Store,
    wait: Option<Duration>,
    ends: Option<Instant>,
}

impl Trouble {
    pub(super) fn of(store: &Store) -> Self {
        Self {
            store: store.clone(),
            wait: None,
            ends: None,
        }
    }

    /// Does something with a database that may never answer, and breaks it off when the program is ending and
    /// has waited for long enough.
    pub(super) async fn unless_it_ends<T>(
        &mut self,
        cancel: &CancellationToken,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let end = async {
            cancel.cancelled().await;
            tokio::time::sleep_until(self.ends()).await;
        };
        tokio::select! {
            biased;
            done = step => done,
            () = end => Err(no_answer()),
        }
    }

    /// Waits before the next try. Gives up only when the program is ending.
    pub(super) async fn wait_out(
        &mut self,
        error: StoreError,
        cancel: &CancellationToken,
    ) -> Result<(), StoreError> {
        let error = self.store.or_held(error).of_file(self.store.file());
        self.note(&error);
        let wait = self
            .wait
            .map_or(BACK_OFF.0, |wait| wait.saturating_mul(2).min(BACK_OFF.1));
        self.wait = Some(wait);
        if cancel.is_cancelled() {
            let ends = self.ends();
            if Instant::now() >= ends {
                tracing::error!(%error, "Calls are left in the journal; they are written at the next start");
                return Err(error);
            }
            tokio::time::sleep(wait.min(ends.saturating_duration_since(Instant::now()))).await;
        } else {
            cancel.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
        Ok(())
    }

    /// Tells it where it is new, or is of another kind than what was told.
    fn note(&self, error: &StoreError) {
        let needs_somebody = error.needs_somebody();
        let mut noted = self.store.noted_trouble();
        let before = noted.take();
        *noted = Some(LedgerTrouble {
            since: before
                .as_ref()
                .map_or_else(Timestamp::now, |before| before.since),
            message: error.to_string(),
            needs_somebody,
            finds_damage: error.finds_damage(),
        });
        drop(noted);
        if before.is_some_and(|before| before.needs_somebody == needs_somebody) {
            return;
        }
        if needs_somebody {
            tracing::error!(
                %error,
                "Calls cannot be written to the database until somebody mends it; they are in the journal"
            );
        } else {
            tracing::error!(
                %error,
                "Calls cannot be written to the database; they are in the journal, and it is tried again until it works"
            );
        }
    }

    /// When it gives up, where the program is ending: so long after it last went well.
    fn ends(&mut self) -> Instant {
        *self
            .ends
            .get_or_insert_with(|| Instant::now() + PATIENCE_AT_THE_END)
    }

    pub(super) fn is_over(&mut self) {
        self.ends = None;
        if self.wait.take().is_some() {
            *self.store.noted_trouble() = None;
            tracing::info!("Calls are written to the database again");
        }
    }
}
