//! Deleting what was said for good: one conversation, one provider's, or whatever is older than a date. What
//! the calls cost stays, since the ledger is another database.
//!
//! A deletion that was asked for is written down with its row in the audit, and crossed out when nothing of it
//! is left in any file; so a stop of Weir in between only delays it.

use std::time::Duration;

use domain::{ConversationId, ProviderId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AuditEntry, transcripts::Forget};
use transcripts::{Deletion, Recorder};

use super::{Transcripts, trouble};
use crate::{
    audit::Change,
    error::{AdminError, FieldError},
    fields::{Object, all_right, filled},
    who::Who,
};

/// Where deletions stand that are not over.
const PENDING: &str = "transcripts.deletions";
/// How often it is looked whether a deletion is over.
const LOOKED_EVERY: Duration = Duration::from_secs(1);
/// How long to wait after something went wrong.
const PATIENCE: Duration = Duration::from_secs(5);
/// Transcripts that are counted at most.
const COUNTED_MAX: u64 = 10_000_000;

/// What is to be deleted, as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = NewTranscriptsDeletion)]
pub struct ForgetRequest {
    /// Whatever was said to the provider of this id, deleted ones too. Either this or `before`.
    pub provider: Option<String>,
    /// Whatever was said in calls that began before this time, RFC 3339. Either this or `provider`.
    #[schema(format = DateTime)]
    pub before: Option<String>,
}

/// A deletion, asked for since Weir started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TranscriptsDeletion)]
pub struct DeletionView {
    /// The conversation that is deleted. Null: it is something else.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub conversation: Option<ConversationId>,
    /// The provider whose transcripts are deleted. Null: it is something else.
    #[schema(value_type = Option<String>)]
    pub provider: Option<ProviderId>,
    /// Transcripts of calls that began before it are deleted. Null: it is something else.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub before: Option<Timestamp>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// How many calls' bodies are deleted.
    pub transcripts: u64,
    /// When nothing of it was left in any file. Null: it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// Deletions that were asked for since Weir started, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TranscriptsDeletions)]
pub struct DeletionsView {
    /// The deletions.
    pub items: Vec<DeletionView>,
}

/// A deletion that is not over, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    #[serde(flatten)]
    what: What,
    asked_at: Timestamp,
}

/// What is deleted, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Conversation(ConversationId),
    Provider(ProviderId),
    Before(Timestamp),
}

impl ForgetRequest {
    /// Reads the JSON of a request.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let mut object = Object::new("", json);
        let request = Self {
            provider: object.text("provider"),
            before: object.text("before"),
        };
        all_right(object.end())?;
        Ok(request)
    }

    /// What it asks for.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn what(&self) -> Result<Forget, AdminError> {
        let fields = [&self.provider, &self.before];
        let [provider, before] = fields.map(|text| filled(text.as_deref()));
        match (provider, before) {
            (Some(id), None) => ProviderId::new(id).map(Forget::Provider).map_err(|_| {
                AdminError::field("provider", "invalid_value", "write a provider's id")
            }),
            (None, Some(text)) => text.parse().map(Forget::Before).map_err(|_| {
                let wants = "write date, time and offset as in 2026-11-01T00:00:00Z";
                AdminError::field("before", "invalid_time", wants)
            }),
            (None, None) => Err(AdminError::field(
                "",
                "missing",
                "say what is to be deleted: provider or before",
            )),
            (Some(_), Some(_)) => Err(AdminError::Invalid(vec![FieldError::new(
                "before",
                "not_together",
                "leave out either provider or before",
            )])),
        }
    }
}

impl DeletionView {
    pub(super) fn of(deletion: Deletion) -> Self {
        let mut view = Self {
            conversation: None,
            provider: None,
            before: None,
            asked_at: deletion.asked_at,
            transcripts: deletion.transcripts,
            ended_at: deletion.ended_at,
        };
        match deletion.what {
            Forget::Conversation(id) => view.conversation = Some(id),
            Forget::Provider(id) => view.provider = Some(id),
            Forget::Before(moment) => view.before = Some(moment),
        }
        view
    }
}

impl From<Forget> for What {
    fn from(what: Forget) -> Self {
        match what {
            Forget::Conversation(id) => Self::Conversation(id),
            Forget::Provider(id) => Self::Provider(id),
            Forget::Before(moment) => Self::Before(moment),
        }
    }
}

impl From<What> for Forget {
    fn from(what: What) -> Self {
        match what {
            What::Conversation(id) => Self::Conversation(id),
            What::Provider(id) => Self::Provider(id),
            What::Before(moment) => Self::Before(moment),
        }
    }
}

impl Transcripts {
    /// How many calls' bodies a deletion would delete now.
    ///
    /// # Errors
    /// [`AdminError::TranscriptsUnavailable`].
    pub async fn count(&self, _who: &Who, what: &Forget) -> Result<u64, AdminError> {
        let counted = self.kept()?.count(what, COUNTED_MAX).await;
        counted.map_err(trouble)
    }

    /// Deletes for good, in the background; see [`Transcripts::deletions`]. How many calls' bodies there are
    /// to delete.
    ///
    /// # Errors
    /// [`AdminError::NotFound`] where there is no such conversation; [`AdminError::Invalid`] where there is
    /// no such provider, nor anything that was said to one; [`AdminError::TranscriptsUnavailable`].
    pub async fn forget(&self, who: &Who, what: &Forget) -> Result<u64, AdminError> {
        let count = self.count(who, what).await?;
        match what {
            Forget::Conversation(id) => drop(self.head(&id.to_string()).await?),
            Forget::Provider(id) => {
                if count == 0 && !self.admin.live().now().providers.contains_key(id) {
                    let message =
                        "there is no such provider, and nothing that was said to one of this id";
                    return Err(AdminError::field("provider", "unknown_provider", message));
                }
            }
            Forget::Before(_) => {}
        }
        let (this, who, asked) = (self.clone(), who.clone(), what.clone());
        let asking = async move { this.ask_to_forget(&who, asked, count).await };
        self.admin.whole(asking).await?;
        Ok(count)
    }

    /// Writes down that so many transcripts are to be deleted, and has it done. A part of a change, see
    /// [`crate::Admin::whole`].
    pub(crate) async fn ask_to_forget(
        &self,
        who: &Who,
        what: Forget,
        count: u64,
    ) -> Result<(), AdminError> {
        let recorder = self.recorder()?;
        let entry = self.deletion_entry(who, "delete", &what, count);
        let mut all = self.pending().await?;
        all.push(Pending {
            what: what.clone().into(),
            asked_at: self.admin.now(),
        });
        self.set_pending(&all, &entry).await?;
        recorder.forget(what);
        Ok(())
    }

    /// Deletes one conversation for good.
    ///
    /// # Errors
    /// As [`Transcripts::forget`].
    pub async fn forget_conversation(&self, who: &Who, id: &str) -> Result<u64, AdminError> {
        let conversation = self.head(id).await?;
        self.forget(who, &Forget::Conversation(conversation.id))
            .await
    }

    /// Deletions that were asked for since Weir started, the newest first.
    ///
    /// # Errors
    /// [`AdminError::TranscriptsUnavailable`].
    pub fn deletions(&self, _who: &Who) -> Result<DeletionsView, AdminError> {
        let mut deletions = self.recorder()?.health().deletions;
        deletions.sort_by_key(|deletion| std::cmp::Reverse(deletion.asked_at));
        Ok(DeletionsView {
            items: deletions.into_iter().map(DeletionView::of).collect(),
        })
    }

    /// Sees deletions to their end, those first that a stop of Weir has interrupted. For ever; to be run once.
    pub async fn run(self) {
        let Ok(recorder) = self.recorder() else {
            return;
        };
        loop {
            let rest = match self.look_after(recorder).await {
                Ok(()) => LOOKED_EVERY,
                Err(error) => {
                    tracing::error!(%error, "It cannot be seen whether deletions of transcripts are over");
                    PATIENCE
                }
            };
            tokio::time::sleep(rest).await;
        }
    }

    /// Crosses out deletions that are over, and asks for those again that nobody has heard of since the start.
    async fn look_after(&self, recorder: &Recorder) -> Result<(), AdminError> {
        for pending in self.pending().await? {
            let what: Forget = pending.what.clone().into();
            let mut same = recorder.health().deletions;
            same.retain(|it| it.what == what && it.asked_at >= pending.asked_at);
            let over = same.iter().find(|it| it.ended_at.is_some()).cloned();
            if let Some(over) = over {
                self.cross_out(pending, over).await?;
            } else if same.is_empty() {
                recorder.forget(what);
            }
        }
        Ok(())
    }

    /// Crosses a deletion out that is over, with a row in the audit that tells how much it was.
    async fn cross_out(&self, pending: Pending, over: Deletion) -> Result<(), AdminError> {
        let count = over.transcripts;
        let entry = self.deletion_entry(&Who::system(), "finish", &over.what, count);
        let this = self.clone();
        let crossing = self.admin.whole(async move {
            let mut all = this.pending().await?;
            all.retain(|it| *it != pending);
            this.set_pending(&all, &entry).await
        });
        crossing.await
    }

    async fn pending(&self) -> Result<Vec<Pending>, AdminError> {
        let kept = self.admin.store().settings().get(PENDING).await?;
        let Some(kept) = kept else {
            return Ok(vec![]);
        };
        serde_json::from_value(kept)
            .map_err(|error| AdminError::internal("read the deletions of transcripts", &error))
    }

    async fn set_pending(&self, all: &[Pending], entry: &AuditEntry) -> Result<(), AdminError> {
        let settings = self.admin.store().settings();
        Ok(settings.set(PENDING, &json!(all), entry).await?)
    }

    fn deletion_entry(
        &self,
        who: &Who,
        action: &'static str,
        what: &Forget,
        count: u64,
    ) -> AuditEntry {
        let (kind, id) = match what {
            Forget::Conversation(id) => ("conversation", id.to_string()),
            Forget::Provider(id) => ("transcripts", id.to_string()),
            Forget::Before(moment) => ("transcripts", format!("before {moment}")),
        };
        let told = Some(json!({ "transcripts": count }));
        let (before, after) = match action {
            "finish" => (None, told),
            _ => (told, None),
        };
        let change = Change {
            action,
            kind,
            id,
            before,
            after,
        };
        self.admin.entry(who, change)
    }
}
