//! How recording is: which providers record what, what is kept and takes how much room, and what is wrong.

use domain::{ProviderId, Timestamp};
use serde::Serialize;
use store::transcripts::TranscriptsRoom;
use transcripts::{Recorder, Trouble};

use super::{DeletionView, Transcripts, trouble};
use crate::who::Who;

/// How recording is, and what is kept. Sizes and counts that cannot be told are null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SystemTranscripts)]
pub struct TranscriptsView {
    /// Whether the database of transcripts answers.
    pub answers: bool,
    /// Bytes on its disk. Null with Postgres.
    pub bytes: Option<u64>,
    /// How many calls have a body that is kept.
    pub transcripts: Option<u64>,
    /// How many conversations they make.
    pub conversations: Option<u64>,
    /// When the oldest of them began. Null: there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest_at: Option<Timestamp>,
    /// The providers that record something.
    pub recording: Vec<RecordingProvider>,
    /// Calls that wait to be written.
    pub waiting: u64,
    /// Bytes that they take in memory.
    pub waiting_bytes: u64,
    /// Calls that should have been recorded since Weir started and were not, since there was no room left.
    pub lost: u64,
    /// Why nothing can be written at the moment. Null: it can.
    pub trouble: Option<TroubleView>,
    /// Deletions that were asked for since Weir started.
    pub deletions: Vec<DeletionView>,
}

/// A provider that records something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RecordingProvider {
    /// Its id.
    #[schema(value_type = String)]
    pub id: ProviderId,
    /// What people call it.
    pub display_name: String,
    /// Whether it takes calls.
    pub enabled: bool,
    /// Whether request bodies are recorded.
    pub inputs: bool,
    /// Whether answers are.
    pub outputs: bool,
}

/// Why nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TranscriptsTrouble)]
pub struct TroubleView {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What the disk or the database says.
    pub message: String,
    /// Whether it is written all the same, but slowly.
    pub slow: bool,
}

impl TroubleView {
    fn of(trouble: Trouble) -> Self {
        Self {
            since: trouble.since,
            message: trouble.message,
            slow: trouble.is_slow,
        }
    }
}

impl Transcripts {
    /// How recording is. Answers even where the database of transcripts does not.
    pub async fn state(&self, _who: &Who) -> TranscriptsView {
        let room = match self.kept() {
            Ok(kept) => kept.room().await.map_err(trouble),
            Err(unavailable) => Err(unavailable),
        };
        let answers = room.is_ok();
        self.state_with(answers, room.ok())
    }

    /// How recording is, without what is kept, which takes long to count. That the database answers means only
    /// that it was opened.
    #[must_use]
    pub fn state_without_room(&self, _who: &Who) -> TranscriptsView {
        self.state_with(self.kept().is_ok(), None)
    }

    fn state_with(&self, answers: bool, room: Option<TranscriptsRoom>) -> TranscriptsView {
        let of_room = |told: fn(&TranscriptsRoom) -> u64| room.as_ref().map(told);
        let health = self.recorder().map(Recorder::health).unwrap_or_default();
        TranscriptsView {
            answers,
            transcripts: of_room(|room| room.transcripts),
            conversations: of_room(|room| room.conversations),
            bytes: room.as_ref().and_then(|room| room.bytes),
            oldest_at: room.and_then(|room| room.oldest_at),
            recording: self.recording_providers(),
            waiting: health.waiting,
            waiting_bytes: health.waiting_bytes,
            lost: health.lost,
            trouble: health.trouble.map(TroubleView::of),
            deletions: health.deletions.into_iter().map(DeletionView::of).collect(),
        }
    }

    /// The providers that record something, by name.
    fn recording_providers(&self) -> Vec<RecordingProvider> {
        let snapshot = self.admin.live().now();
        let providers = snapshot.providers.values().map(|live| &live.provider);
        let recording = providers.filter(|it| it.recording.inputs || it.recording.outputs);
        let mut recording: Vec<RecordingProvider> = recording
            .map(|provider| RecordingProvider {
                id: provider.id.clone(),
                display_name: provider.display_name.clone(),
                enabled: provider.enabled,
                inputs: provider.recording.inputs,
                outputs: provider.recording.outputs,
            })
            .collect();
        recording.sort_by(|a, b| (&a.display_name, &a.id).cmp(&(&b.display_name, &b.id)));
        recording
    }
}
