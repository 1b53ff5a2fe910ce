//! Deletions, step by step: those that were asked for, and, once an hour, of what is older than it is to be
//! kept.
//!
//! One is over when its rows are gone and the files are scrubbed. Scrubbing reads the whole file: it is a task of
//! its own, and recording goes on meanwhile. Whoever reads may be in the way of it; it is then tried again.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use domain::{Timestamp, call::CallStart};
use jiff::SignedDuration;
use store::{
    StoreError,
    transcripts::{Forget, Link, NewTranscript, Transcripts},
};
use tokio::{task::JoinSet, time::Instant};

use crate::{Keeping, recorder::Shared};

/// How many calls' bodies a step deletes at most. What is recorded meanwhile waits for it.
const STEP_CALLS: u64 = 50;
/// How often it is looked whether scrubbing has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// When scrubbing is tried again that somebody was in the way of, or that failed.
const SCRUB_AGAIN: Duration = Duration::from_secs(1);
/// How often it is looked whether something is too old.
const RETENTION_EVERY: Duration = Duration::from_secs(3_600);
/// How many deletions are remembered, for calls that were running when they were asked for.
const REMEMBERED: usize = 1_000;
/// How many links of a conversation are remembered, the newest, and of how many conversations.
const REMEMBERED_LINKS: u64 = 4_000;
const REMEMBERED_CONVERSATIONS: usize = 100;

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
    /// Those whose rows are to be deleted.
    rows: VecDeque<UnderWay>,
    /// Those whose rows are gone, and of which the files may still have something.
    files: VecDeque<UnderWay>,
    scrub: Scrub,
    /// What somebody asked for, done or not.
    remembered: VecDeque<(Forget, Timestamp)>,
    /// By what calls of conversations that were deleted are known.
    remembered_links: VecDeque<(HashSet<Link>, Timestamp)>,
    retention_due: Instant,
}

#[derive(Debug)]
struct UnderWay {
    asked: Asked,
    transcripts: u64,
}

/// The scrubbing of the files.
#[derive(Debug)]
struct Scrub {
    /// The task, while it runs.
    running: JoinSet<Result<bool, StoreError>>,
    /// So many of `files` are over when it has ended.
    covers: usize,
    /// When the next one is to begin. `None`: nothing is to be scrubbed.
    due: Option<Instant>,
    /// Whether the last one failed.
    fails: bool,
}

impl Forgetting {
    /// What a run deleted that ended before its files were scrubbed is scrubbed first.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            rows: VecDeque::new(),
            files: VecDeque::new(),
            scrub: Scrub {
                running: JoinSet::new(),
                covers: 0,
                due: Some(Instant::now()),
                fails: false,
            },
            remembered: VecDeque::new(),
            remembered_links: VecDeque::new(),
            retention_due: Instant::now(),
        }
    }

    /// Whether a call ends that began before everything of its provider, or of its time, was to be forgotten.
    pub(crate) fn has_forgotten(&self, call: &CallStart) -> bool {
        self.remembered.iter().any(|(what, at)| match what {
            Forget::Provider(provider) => *provider == call.provider && call.started_at < *at,
            // What began since is recorded, also where the time is still to come.
            Forget::Before(time) => call.started_at < *time && call.started_at < *at,
            Forget::Conversation(_) => false,
        })
    }

    /// Whether a call ends that goes on with a conversation which was to be forgotten after it began.
    pub(crate) fn has_forgotten_conversation(&self, call: &NewTranscript) -> bool {
        let started_at = call.call.start.started_at;
        self.remembered_links
            .iter()
            .any(|(links, at)| started_at < *at && call.leads_to(links))
    }

    pub(crate) fn ask(&mut self, asked: Asked) {
        if asked.id.is_some() {
            if self.remembered.len() >= REMEMBERED {
                self.remembered.pop_front();
            }
            self.remembered.push_back((asked.what.clone(), asked.at));
        }
        let transcripts = 0;
        self.rows.push_back(UnderWay { asked, transcripts });
    }

    /// Another time to keep what there is holds from now on.
    pub(crate) fn keeping_changed(&mut self) {
        self.retention_due = Instant::now();
    }

    /// When there is something to do.
    pub(crate) fn due(&self) -> Instant {
        let now = Instant::now();
        if !self.rows.is_empty() {
            now
        } else if !self.scrub.running.is_empty() {
            now + LOOK_EVERY
        } else {
            self.scrub.due.unwrap_or(self.retention_due)
        }
    }

    /// Whether nothing is under way that somebody asked for.
    pub(crate) fn is_over(&self) -> bool {
        let mut under_way = self.rows.iter().chain(&self.files);
        under_way.all(|it| it.asked.id.is_none())
    }

    /// Does what is due, a step of it. `ending`: only what somebody asked for, and that is waited for.
    ///
    /// # Errors
    /// [`StoreError`]; the same is due again then.
    pub(crate) async fn step(
        &mut self,
        transcripts: &Transcripts,
        ending: bool,
    ) -> Result<(), StoreError> {
        if ending {
            self.rows.retain(|it| it.asked.id.is_some());
        } else if self.rows.is_empty() && self.retention_due <= Instant::now() {
            self.retention_due = Instant::now() + RETENTION_EVERY;
            let keeping = *self.shared.keeping.borrow();
            if let Some(at) = self.shared.now()
                && let Some(what) = too_old(keeping, at)
            {
                self.ask(Asked { id: None, what, at });
            }
        }
        self.delete(transcripts).await?;
        if ending && self.is_over() {
            return Ok(());
        }
        let ended = if ending && self.rows.is_empty() {
            self.scrub.running.join_next().await
        } else {
            self.scrub.running.try_join_next()
        };
        if let Some(ended) = ended {
            let scrubbed =
                ended.unwrap_or_else(|error| Err(StoreError::Database(error.to_string())));
            if let Err(error) = self.scrubbed(scrubbed)
                && ending
            {
                return Err(error);
            }
        }
        if self.scrub.running.is_empty() && self.scrub.due.is_some_and(|due| due <= Instant::now())
        {
            let transcripts = transcripts.clone();
            self.scrub.due = None;
            self.scrub.covers = self.files.len();
            self.scrub
                .running
                .spawn(async move { transcripts.scrub().await });
        }
        Ok(())
    }

    /// Deletes some rows of the deletion that was asked for first.
    async fn delete(&mut self, transcripts: &Transcripts) -> Result<(), StoreError> {
        let Some(front) = self.rows.front_mut() else {
            return Ok(());
        };
        let links = match &front.asked.what {
            Forget::Conversation(id) if front.transcripts == 0 => {
                transcripts.links(*id, REMEMBERED_LINKS).await?
            }
            _ => HashSet::new(),
        };
        let forgotten = transcripts.forget(&front.asked.what, STEP_CALLS).await?;
        if !links.is_empty() {
            if self.remembered_links.len() >= REMEMBERED_CONVERSATIONS {
                self.remembered_links.pop_front();
            }
            self.remembered_links.push_back((links, front.asked.at));
        }
        front.transcripts = front.transcripts.saturating_add(forgotten.transcripts);
        if let Some(id) = front.asked.id {
            let transcripts = front.transcripts;
            self.shared
                .note_deletion(id, |deletion| deletion.transcripts = transcripts);
        }
        if forgotten.is_over
            && let Some(deleted) = self.rows.pop_front()
            && (deleted.asked.id.is_some() || deleted.transcripts > 0)
        {
            self.files.push_back(deleted);
            self.scrub.due.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Scrubbing has ended: the deletions whose rows were gone when it began are over, unless somebody
    /// was in the way.
    fn scrubbed(&mut self, scrubbed: Result<bool, StoreError>) -> Result<(), StoreError> {
        let is_clean = match scrubbed {
            Ok(is_clean) => is_clean,
            Err(error) => {
                if !self.scrub.fails {
                    tracing::warn!(%error, "The files of the transcripts could not be scrubbed; it is tried again");
                }
                self.scrub.fails = true;
                self.scrub.due = Some(Instant::now() + SCRUB_AGAIN);
                return Err(error);
            }
        };
        self.scrub.fails = false;
        if !is_clean {
            self.scrub.due = Some(Instant::now() + SCRUB_AGAIN);
            return Ok(());
        }
        let covers = self.scrub.covers.min(self.files.len());
        for done in self.files.drain(..covers) {
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

#[cfg(test)]
mod tests;
