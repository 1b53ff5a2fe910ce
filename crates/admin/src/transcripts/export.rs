//! A conversation as a file: its messages as OpenAI's chat API has them, or the recorded bodies as they are.
//!
//! It is made turn by turn while it is sent, so that a long conversation takes no more memory than its longest
//! turn.

use std::collections::VecDeque;

use domain::{CallId, ConversationId};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use serde_json::{Value, json};
use store::{Cursor, transcripts::Transcript};
use wire::transcript::OpenAiExport;

use super::{TranscriptView, Transcripts, trouble, turn::Reader};
use crate::{audit::Opening, error::AdminError, query::Params, who::Who};

/// Turns that are looked up at once.
const AT_ONCE: u64 = 100;

/// As what a conversation is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// What was said, as messages of OpenAI's chat API.
    OpenAi,
    /// Both bodies of each call as they were recorded.
    Raw,
}

/// A conversation as a file, on its way.
pub struct Export {
    /// What the file is called.
    pub file_name: String,
    /// Its JSON, piece by piece. Where one of the pieces is an error it has broken off, and what was sent must
    /// not end as if it were whole.
    pub pieces: ExportPieces,
}

/// Pieces of a file.
pub type ExportPieces = BoxStream<'static, Result<String, AdminError>>;

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("file_name", &self.file_name)
            .finish_non_exhaustive()
    }
}

impl ExportFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OpenAi, Self::Raw];

    /// The word for it in addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Raw => "raw",
        }
    }

    /// Reads `format`; OpenAI's messages unless given.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let keys = Self::ALL.iter().map(|format| format.key());
        let format = params.keyed("format", keys, |text| {
            Self::ALL.into_iter().find(|format| format.key() == text)
        });
        params.end()?;
        Ok(format.unwrap_or(Self::OpenAi))
    }
}

/// What is left to send.
struct Writing {
    transcripts: Transcripts,
    conversation: ConversationId,
    format: ExportFormat,
    said: Said,
    stage: Stage,
    /// Turns that are next.
    queue: VecDeque<CallId>,
    /// Whether something stands in the list already.
    has_items: bool,
}

/// What was read and written until now, by which new messages and the results of tools are told.
#[derive(Debug, Default)]
struct Said {
    reader: Reader,
    messages: OpenAiExport,
}

enum Stage {
    Head,
    /// More turns, from here on.
    Turns(Option<Cursor>),
    /// No turns but those in the queue.
    Last,
    End,
}

impl Transcripts {
    /// A conversation as a file.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::TranscriptsUnavailable`].
    pub async fn export(
        &self,
        who: &Who,
        id: &str,
        format: ExportFormat,
    ) -> Result<Export, AdminError> {
        let conversation = self.head(id).await?.id;
        self.admin
            .opened(who, Opening::Export(conversation))
            .await?;
        let writing = Writing {
            transcripts: self.clone(),
            conversation,
            format,
            said: Said::default(),
            stage: Stage::Head,
            queue: VecDeque::new(),
            has_items: false,
        };
        let pieces = stream::try_unfold(writing, |mut writing| async move {
            let piece = writing.next().await?;
            Ok(piece.map(|piece| (piece, writing)))
        });
        Ok(Export {
            file_name: format!("weir-conversation-{conversation}-{}.json", format.key()),
            pieces: pieces.boxed(),
        })
    }
}

impl Writing {
    /// The next piece. `None`: it is whole.
    async fn next(&mut self) -> Result<Option<String>, AdminError> {
        loop {
            if let Some(call) = self.queue.pop_front() {
                let kept = self.transcripts.kept()?;
                // What is deleted meanwhile is left out.
                let Some(transcript) = kept.transcript(call).await.map_err(trouble)? else {
                    continue;
                };
                let items = self.items(transcript).await?;
                if items.is_empty() {
                    continue;
                }
                return Ok(Some(self.listed(&items)));
            }
            match self.stage {
                Stage::Head => {
                    self.stage = Stage::Turns(None);
                    let list = match self.format {
                        ExportFormat::OpenAi => "messages",
                        ExportFormat::Raw => "calls",
                    };
                    let id = self.conversation;
                    return Ok(Some(format!("{{\"conversation_id\":\"{id}\",\"{list}\":[")));
                }
                Stage::Turns(from) => {
                    let kept = self.transcripts.kept()?;
                    let turns = kept.turns(self.conversation, AT_ONCE, from).await;
                    let turns = turns.map_err(trouble)?;
                    self.queue = turns.items.into_iter().map(|turn| turn.call).collect();
                    self.stage = match turns.next {
                        Some(next) => Stage::Turns(Some(next)),
                        None => Stage::Last,
                    };
                }
                Stage::Last => {
                    self.stage = Stage::End;
                    return Ok(Some("\n]}\n".to_owned()));
                }
                Stage::End => return Ok(None),
            }
        }
    }

    /// What a call adds to the list. Read beside the threads that serve calls.
    async fn items(&mut self, transcript: Transcript) -> Result<Vec<Value>, AdminError> {
        let format = self.format;
        let mut said = std::mem::take(&mut self.said);
        let reading = tokio::task::spawn_blocking(move || {
            let items = match format {
                ExportFormat::Raw => vec![json!(TranscriptView::of(transcript))],
                ExportFormat::OpenAi => said.in_call(transcript),
            };
            (said, items)
        });
        let (said, items) = reading
            .await
            .map_err(|error| AdminError::internal("read a transcript", &error))?;
        self.said = said;
        Ok(items)
    }

    fn listed(&mut self, items: &[Value]) -> String {
        let mut text = String::new();
        for item in items {
            text.push_str(if self.has_items { ",\n" } else { "\n" });
            text.push_str(&item.to_string());
            self.has_items = true;
        }
        text
    }
}

impl Said {
    /// The messages that are new in a call, and its answer's.
    fn in_call(&mut self, transcript: Transcript) -> Vec<Value> {
        let turn = self.reader.read(transcript, None);
        let asked = turn.asked.iter().flat_map(|asked| asked.new_messages());
        let answered = turn.answer.iter().flat_map(|said| &said.messages);
        self.messages.add(asked.chain(answered))
    }
}
