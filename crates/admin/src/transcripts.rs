//! What was said in calls, where a provider is told to record it: conversations, their turns, raw bodies;
//! taking them out, deleting them for good, and how recording is.
//!
//! | file | what for |
//! |---|---|
//! | `list` | the list of conversations: filters, search, pages |
//! | `turn` | a recorded call, its bodies read into messages |
//! | `view` | the JSON that is answered |
//! | `export` | a conversation as a file |
//! | `forget` | deleting for good |
//! | `state` | how recording is, what it takes on the disk |
//! | `keeping` | how much is kept, for how long |
//!
//! Whoever opens or takes out a conversation or a transcript is in the audit before they see it.

mod export;
mod forget;
mod keeping;
mod list;
mod state;
mod turn;
mod view;

use std::{collections::HashSet, time::Duration};

use domain::{CallId, ConversationId};
use store::{
    StoreError,
    ledger::PricedAgain,
    transcripts::{Transcript, Transcripts as Kept, Turn as KeptTurn},
};
use transcripts::Recorder;

pub use export::{Export, ExportFormat, ExportPieces};
pub use forget::{DeletionView, DeletionsView, ForgetRequest};
pub use keeping::BODY_BYTES;
pub(crate) use keeping::{KEEP_DAYS, MAX_BODY_BYTES, keeping_in};
pub use list::{ConversationQuery, ConversationView, ConversationsPage, SnippetPiece};
pub use state::{RecordingProvider, TranscriptsView, TroubleView};
pub use store::transcripts::{BodyInfo, Forget};
pub use transcripts::Keeping;
pub use turn::{Asked, AskedMessage, Turn};
pub use view::{BodyView, ConversationDetailView, MessageView, PartView, TranscriptView, TurnView};
pub use wire::transcript::{File, FileKind, Message, Part, Role, Said};

use crate::{
    Admin,
    audit::{AuditView, Opening},
    error::{AdminError, Thing},
    page::PageRequest,
    who::Who,
};

/// Bodies that a page reads, in bytes as they are kept; a page has one turn at least.
const PAGE_BYTES: u64 = 8 * 1024 * 1024;
/// Turns that are looked through at once for a call.
const LOOKED_THROUGH: u64 = 500;

/// How long a list of calls waits to be told which of them have a transcript.
const TOLD_WITHIN: Duration = Duration::from_millis(250);

/// What was said in calls.
#[derive(Debug, Clone)]
pub struct Transcripts {
    pub(crate) admin: Admin,
}

/// A conversation with a page of its turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationDetail {
    /// The conversation.
    pub conversation: ConversationView,
    /// Turns, oldest first.
    pub turns: Vec<Turn>,
    /// What to ask the next page with. `None`: this is the last one.
    pub next_cursor: Option<String>,
}

/// Where a call is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its conversation.
    pub conversation: ConversationId,
    /// The page of turns that it is on. `None`: the first one.
    pub cursor: Option<String>,
}

/// Which of the two bodies of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The request's.
    Request,
    /// The answer's.
    Response,
}

/// A body as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBody {
    /// What is known of it.
    pub info: BodyInfo,
    /// Its bytes up to the cut.
    pub bytes: Vec<u8>,
}

impl Transcripts {
    /// Turns of a page where nobody says.
    pub const TURNS_DEFAULT: u32 = 20;

    /// A conversation with a page of its turns, oldest first, and what was said in them. A page that would
    /// have to read very long bodies ends earlier.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::BadQuery`] for a cursor that no page gave;
    /// [`AdminError::TranscriptsUnavailable`].
    pub async fn conversation(
        &self,
        who: &Who,
        id: &str,
        page: &PageRequest,
    ) -> Result<ConversationDetail, AdminError> {
        let conversation = self.head(id).await?;
        let (turns, next_cursor) = self.page(conversation.id, page).await?;
        self.admin
            .opened(who, Opening::Conversation(conversation.id))
            .await?;
        Ok(ConversationDetail {
            turns: self.read(turns).await?,
            conversation,
            next_cursor,
        })
    }

    /// A conversation without its turns. Shows nothing that the list does not show.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::TranscriptsUnavailable`].
    pub async fn summary(&self, _who: &Who, id: &str) -> Result<ConversationView, AdminError> {
        self.head(id).await
    }

    /// One recorded call, all its messages with it.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::TranscriptsUnavailable`].
    pub async fn turn(&self, who: &Who, call: &str) -> Result<Turn, AdminError> {
        let transcript = self.transcript_of(call).await?;
        let conversation = transcript.turn.conversation;
        self.admin
            .opened(who, Opening::Conversation(conversation))
            .await?;
        let mut turns = self.read(vec![transcript]).await?;
        turns.pop().ok_or(AdminError::Internal)
    }

    /// Both bodies of a call as they were recorded.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::TranscriptsUnavailable`].
    pub async fn transcript(&self, who: &Who, call: &str) -> Result<TranscriptView, AdminError> {
        let transcript = self.transcript_of(call).await?;
        self.admin
            .opened(who, Opening::Transcript(transcript.turn.call))
            .await?;
        Ok(TranscriptView::of(transcript))
    }

    /// One body of a call as it was recorded.
    ///
    /// # Errors
    /// [`AdminError::NotFound`], also where the call has only the other one;
    /// [`AdminError::TranscriptsUnavailable`].
    pub async fn body(&self, who: &Who, call: &str, side: Side) -> Result<RawBody, AdminError> {
        let transcript = self.transcript_of(call).await?;
        let body = match side {
            Side::Request => transcript.request,
            Side::Response => transcript.response,
        };
        let body = body.ok_or_else(|| not_found(Thing::Transcript, call))?;
        self.admin
            .opened(who, Opening::Transcript(transcript.turn.call))
            .await?;
        Ok(RawBody {
            info: body.info,
            bytes: body.bytes,
        })
    }

    /// Where a call is found. Shows nothing of it.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::TranscriptsUnavailable`].
    pub async fn place(&self, _who: &Who, call: &str) -> Result<Place, AdminError> {
        let wanted = self.transcript_of(call).await?.turn;
        let conversation = wanted.conversation;
        let first = PageRequest::first(Self::TURNS_DEFAULT);
        let (turns, _) = self.places(conversation, &first).await?;
        let is_wanted = |turn: &KeptTurn| turn.call == wanted.call;
        if turns.iter().any(is_wanted) {
            let cursor = None;
            return Ok(Place {
                conversation,
                cursor,
            });
        }
        // The page that begins with it: where a page ends that has all before it.
        let kept = self.kept()?;
        let mut from = None;
        loop {
            let turns = kept.turns(conversation, LOOKED_THROUGH, from).await;
            let turns = turns.map_err(trouble)?;
            if let Some(before) = turns.items.iter().position(is_wanted) {
                let before = u64::try_from(before).unwrap_or(0);
                let cursor = if before == 0 {
                    from
                } else {
                    let page = kept.turns(conversation, before, from).await;
                    page.map_err(trouble)?.next
                };
                let cursor = cursor.map(|cursor| cursor.to_string());
                return Ok(Place {
                    conversation,
                    cursor,
                });
            }
            if turns.next.is_none() {
                return Err(not_found(Thing::Transcript, call));
            }
            from = turns.next;
        }
    }

    /// The ids of the conversations, and of the calls with a transcript, that rows of the audit tell of and
    /// that are there. What cannot be told is not in it.
    pub async fn there(&self, _who: &Who, rows: &[AuditView]) -> HashSet<String> {
        let of = |kind: &'static str| rows.iter().filter(move |row| row.object_kind == kind);
        let calls: HashSet<CallId> = of("transcript")
            .filter_map(|row| row.object_id.parse().ok())
            .collect();
        let calls: Vec<CallId> = calls.into_iter().collect();
        let having = self.of_calls(&calls).await.unwrap_or_default();
        let mut there: HashSet<String> = having.iter().map(ToString::to_string).collect();
        let conversations: HashSet<&str> = of("conversation").map(|row| &*row.object_id).collect();
        for id in conversations {
            if self.head(id).await.is_ok() {
                there.insert(id.to_owned());
            }
        }
        there
    }

    /// Which of these calls have a transcript. `None`: that cannot be told at the moment.
    pub(crate) async fn of_calls(&self, calls: &[CallId]) -> Option<HashSet<CallId>> {
        let kept = self.kept().ok()?;
        let having = tokio::time::timeout(TOLD_WITHIN, kept.has(calls)).await;
        match having {
            Ok(Ok(having)) => Some(having.into_iter().collect()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "It cannot be told which calls have a transcript");
                None
            }
            Err(_) => {
                tracing::warn!("It takes too long to tell which calls have a transcript");
                None
            }
        }
    }

    /// Puts right what calls that are priced again cost in the list of conversations. That is a copy: where
    /// it cannot be written, the ledger is still right.
    pub(crate) async fn note_prices(&self, calls: &[PricedAgain]) {
        let Ok(kept) = self.kept() else {
            return;
        };
        let prices: Vec<_> = calls
            .iter()
            .map(|call| {
                let after = &call.after;
                (after.start.id, after.charge.total, after.price_state)
            })
            .collect();
        if !prices.is_empty()
            && let Err(error) = kept.refresh_costs(&prices).await
        {
            tracing::error!(%error, "Conversations still show what calls cost before they were priced again");
        }
    }

    /// The database of transcripts.
    fn kept(&self) -> Result<Kept, AdminError> {
        let kept = self.recorder()?.transcripts();
        kept.ok_or(AdminError::TranscriptsUnavailable)
    }

    fn recorder(&self) -> Result<&Recorder, AdminError> {
        let recorder = self.admin.recorder();
        recorder.ok_or(AdminError::TranscriptsUnavailable)
    }

    async fn head(&self, id: &str) -> Result<ConversationView, AdminError> {
        let missing = || not_found(Thing::Conversation, id);
        let known: ConversationId = id.parse().map_err(|_| missing())?;
        let found = self.kept()?.conversation(known).await.map_err(trouble)?;
        let found = found.ok_or_else(missing)?;
        Ok(ConversationView::of(found, None))
    }

    async fn transcript_of(&self, call: &str) -> Result<Transcript, AdminError> {
        let missing = || not_found(Thing::Transcript, call);
        let known: CallId = call.parse().map_err(|_| missing())?;
        let found = self.kept()?.transcript(known).await.map_err(trouble)?;
        found.ok_or_else(missing)
    }

    /// The turns of a page without their bodies, and where the next one begins.
    async fn places(
        &self,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<(Vec<KeptTurn>, Option<String>), AdminError> {
        let cursor = page.store_cursor()?;
        let kept = self.kept()?;
        let limit = u64::from(page.limit);
        let mut turns = kept.turns(id, limit, cursor).await.map_err(trouble)?;
        let fit = fitting(&turns.items);
        if fit < turns.items.len() {
            let limit = u64::try_from(fit).unwrap_or(limit);
            turns = kept.turns(id, limit, cursor).await.map_err(trouble)?;
        }
        let next = turns.next.map(|cursor| cursor.to_string());
        Ok((turns.items, next))
    }

    /// The turns of a page with their bodies. What is deleted meanwhile is left out.
    async fn page(
        &self,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<(Vec<Transcript>, Option<String>), AdminError> {
        let (turns, next) = self.places(id, page).await?;
        let kept = self.kept()?;
        let mut transcripts = vec![];
        for turn in turns {
            transcripts.extend(kept.transcript(turn.call).await.map_err(trouble)?);
        }
        Ok((transcripts, next))
    }

    /// Reads what was said, beside the threads that serve calls.
    async fn read(&self, transcripts: Vec<Transcript>) -> Result<Vec<Turn>, AdminError> {
        let ids: Vec<CallId> = transcripts.iter().map(|it| it.turn.call).collect();
        let mut rows = self.admin.calls().by_ids(&ids).await?;
        let reading = tokio::task::spawn_blocking(move || {
            let mut reader = turn::Reader::default();
            let read = transcripts.into_iter().map(|transcript| {
                let row = rows.remove(&transcript.turn.call);
                reader.read(transcript, row)
            });
            read.collect()
        });
        reading
            .await
            .map_err(|error| AdminError::internal("read transcripts", &error))
    }
}

/// How many of these turns a page has, so that it does not read too much: one at least.
fn fitting(turns: &[KeptTurn]) -> usize {
    let mut bytes = 0_u64;
    let fit = turns.iter().take_while(|turn| {
        let bodies = [&turn.request, &turn.response];
        for body in bodies.into_iter().flatten() {
            bytes = bytes.saturating_add(body.kept_bytes);
        }
        bytes <= PAGE_BYTES
    });
    fit.count().max(1)
}

fn not_found(what: Thing, id: &str) -> AdminError {
    AdminError::NotFound {
        what,
        id: id.to_owned(),
    }
}

/// What is told where the database of transcripts fails.
fn trouble(error: StoreError) -> AdminError {
    tracing::error!(%error, "Could not read or write the database of transcripts");
    AdminError::TranscriptsUnavailable
}
