//! Deletions, one after the other and in steps: those that were asked for, and, once an hour, of what is
//! older than it is to be kept.
//!
//! One is over when its rows are gone and the files are scrubbed. Whoever reads may be in the way of that;
//! it is then tried again, and recording goes on meanwhile.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{Timestamp, call::CallStart};
use jiff::SignedDuration;
use store::{
    StoreError,
    transcripts::{Forget, Transcripts},
};
use tokio::time::Instant;

use crate::{Keeping, recorder::Shared};

/// How many calls' bodies a step deletes at most. What is recorded meanwhile waits for it.
const STEP_CALLS: u64 = 500;
/// When scrubbing is tried again that somebody was in the way of.
const SCRUB_AGAIN: Duration = Duration::from_secs(1);
/// How often it is looked whether something is too old.
const RETENTION_EVERY: Duration = Duration::from_secs(3_600);
/// How many deletions are remembered, for calls that were running when they were asked for.
const REMEMBERED: usize = 1_000;

/// A deletion.
#[derive(Debug)]
pub(crate) struct Asked {
    /// `None`: nobody asked, it is too old.
    pub(crate) id: Option<u64>,
    pub(crate) what: Forget,
    /// When.
    pub(crate) at: Timestamp,
}

/// The deletions that are to be done.
#[derive(Debug)]
pub(crate) struct Forgetting {
    shared: Arc<Shared>,
    under_way: VecDeque<UnderWay>,
    /// What somebody asked for, done or not.
    remembered: VecDeque<(Forget, Timestamp)>,
    retention_due: Instant,
}

#[derive(Debug)]
struct UnderWay {
    asked: Asked,
    /// When the files are to be scrubbed, since its rows are gone. `None`: they are not.
    scrub_at: Option<Instant>,
    transcripts: u64,
}

impl Forgetting {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            under_way: VecDeque::new(),
            remembered: VecDeque::new(),
            retention_due: Instant::now(),
        }
    }

    /// Whether a call ends that began before everything of its provider, or of its time, was to be forgotten.
    pub(crate) fn has_forgotten(&self, call: &CallStart) -> bool {
        self.remembered.iter().any(|(what, at)| match what {
            Forget::Provider(provider) => *provider == call.provider && call.started_at < *at,
            Forget::Before(time) => call.started_at < *time,
            Forget::Conversation(_) => false,
        })
    }

    pub(crate) fn ask(&mut self, asked: Asked) {
        if asked.id.is_some() {
            if self.remembered.len() >= REMEMBERED {
                self.remembered.pop_front();
            }
            self.remembered.push_back((asked.what.clone(), asked.at));
        }
        self.under_way.push_back(UnderWay {
            asked,
            scrub_at: None,
            transcripts: 0,
        });
    }

    /// Another time to keep what there is holds from now on.
    pub(crate) fn keeping_changed(&mut self) {
        self.retention_due = Instant::now();
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Instant {
        self.under_way.front().map_or(self.retention_due, |front| {
            front.scrub_at.unwrap_or_else(Instant::now)
        })
    }

    /// Whether nothing is under way that somebody asked for.
    pub(crate) fn is_over(&self) -> bool {
        self.under_way.iter().all(|it| it.asked.id.is_none())
    }

    /// Does what is due, a step of it. `ending`: only what somebody asked for.
    ///
    /// # Errors
    /// [`StoreError`]; the same is due again then.
    pub(crate) async fn step(
        &mut self,
        transcripts: &Transcripts,
        ending: bool,
    ) -> Result<(), StoreError> {
        if ending {
            self.under_way.retain(|it| it.asked.id.is_some());
        } else if self.under_way.is_empty() && self.retention_due <= Instant::now() {
            self.retention_due = Instant::now() + RETENTION_EVERY;
            let keeping = *self.shared.keeping.borrow();
            let at = Timestamp::now();
            if let Some(what) = too_old(keeping, at) {
                self.ask(Asked { id: None, what, at });
            }
        }
        let Some(front) = self.under_way.front_mut() else {
            return Ok(());
        };
        let Some(scrub_at) = front.scrub_at else {
            let forgotten = transcripts.forget(&front.asked.what, STEP_CALLS).await?;
            front.transcripts = front.transcripts.saturating_add(forgotten.transcripts);
            if forgotten.is_over {
                front.scrub_at = Some(Instant::now());
            }
            if let Some(id) = front.asked.id {
                let transcripts = front.transcripts;
                self.shared
                    .note_deletion(id, |deletion| deletion.transcripts = transcripts);
            } else if forgotten.is_over && front.transcripts == 0 {
                self.under_way.pop_front();
            }
            return Ok(());
        };
        if scrub_at > Instant::now() {
            return Ok(());
        }
        if !transcripts.scrub().await? {
            front.scrub_at = Some(Instant::now() + SCRUB_AGAIN);
            return Ok(());
        }
        if let Some(done) = self.under_way.pop_front() {
            tracing::info!(
                transcripts = done.transcripts,
                "Transcripts were deleted for good"
            );
            if let Some(id) = done.asked.id {
                self.shared
                    .note_deletion(id, |it| it.ended_at = Some(Timestamp::now()));
            }
        }
        Ok(())
    }
}

/// What is older than it is to be kept. `None`: nothing ever is.
fn too_old(keeping: Keeping, now: Timestamp) -> Option<Forget> {
    let age = SignedDuration::from_hours(i64::from(keeping.keep_days?).saturating_mul(24));
    // Nothing is older than time itself.
    now.checked_sub(age).ok().map(Forget::Before)
}
