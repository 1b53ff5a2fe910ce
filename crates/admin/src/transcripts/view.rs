//! Conversations, turns and transcripts as programs see them: the JSON of the API.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    CallId, NanoUsd, ProviderId, Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
    provider::ProviderType,
};
use serde::Serialize;
use store::transcripts::{Body, BodyInfo, Transcript};
use wire::transcript::{File, FileKind, Message, Part, Role, Said};

use super::{Asked, ConversationDetail, ConversationView, Turn, turn::is_cut};
use crate::calls::CallView;

/// The recorded bodies of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Transcript)]
pub struct TranscriptView {
    /// The call.
    #[schema(value_type = String, format = "uuid")]
    pub call_id: CallId,
    /// What the client sent. Null: not recorded.
    pub request: Option<BodyView>,
    /// What it was answered; a stream as its frames. Null: not recorded, or there was none.
    pub response: Option<BodyView>,
}

/// A body as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TranscriptBody)]
pub struct BodyView {
    /// Its `content-type`. Null: it had none.
    #[schema(example = "application/json")]
    pub content_type: Option<String>,
    /// How it is written here: `utf-8`, or `base64` where it is no text.
    #[schema(example = "utf-8")]
    pub encoding: &'static str,
    /// The body, without the compression that it was sent with.
    pub body: String,
    /// How many bytes it had, those that are cut too.
    pub bytes: u64,
    /// Whether its end was cut, since it was longer than is kept.
    pub truncated: bool,
}

/// What is known of a body that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RecordedBody)]
pub struct RecordedBodyView {
    /// Its `content-type`. Null: it had none.
    pub content_type: Option<String>,
    /// How many bytes it had.
    pub bytes: u64,
    /// How many of them are kept.
    pub kept_bytes: u64,
    /// Whether its end was cut.
    pub truncated: bool,
}

/// A conversation with a page of its turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ConversationDetail)]
pub struct ConversationDetailView {
    /// The conversation.
    pub conversation: ConversationView,
    /// Its recorded calls, oldest first.
    pub turns: Vec<TurnView>,
    /// What to ask the next page with. Null: this is the last one.
    pub next_cursor: Option<String>,
}

/// A recorded call of a conversation, and what is new in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Turn)]
pub struct TurnView {
    /// The call.
    #[schema(value_type = String, format = "uuid")]
    pub call_id: CallId,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// The provider.
    #[schema(value_type = String)]
    pub provider: ProviderId,
    /// That provider's type at the time.
    #[schema(value_type = String)]
    pub provider_type: ProviderType,
    /// The model that was asked for.
    pub model: Option<String>,
    /// What was asked for.
    #[schema(value_type = String, example = "chat")]
    pub operation: Operation,
    /// Whether a stream was asked for.
    pub streamed: bool,
    /// The status that the client got.
    pub status: u16,
    /// How it ended.
    #[schema(value_type = String, example = "ok")]
    pub outcome: Outcome,
    /// Whether the cost is known: priced, estimated, unpriced or not_billed.
    #[schema(value_type = String, example = "priced")]
    pub price_state: PriceState,
    /// From the request's head to the end of the answer, in milliseconds.
    pub latency_ms: u64,
    /// All its tokens. Null: not reported.
    pub tokens: Option<u64>,
    /// What it cost, in dollars, as the ledger has it now. Null: not known, or nothing to bill.
    #[schema(value_type = Option<String>, example = "0.001234567")]
    pub cost_usd: Option<NanoUsd>,
    /// Its row in the ledger, with tokens and cost by bucket. Null: the row is deleted.
    pub call: Option<CallView>,
    /// How many messages of the request were in earlier turns; they are not repeated.
    pub earlier_messages: usize,
    /// The messages that are new in the request. Null: inputs were not recorded, or cannot be read.
    pub messages: Option<Vec<MessageView>>,
    /// The names of the tools that the request offers.
    pub tools: Vec<String>,
    /// The answer's messages, one for each choice. Null: outputs were not recorded, or cannot be read.
    pub answer: Option<Vec<MessageView>>,
    /// Why the answer ended, in the provider's word.
    pub stopped_by: Option<String>,
    /// What went wrong, in the provider's words.
    pub error: Option<String>,
    /// The request's body. Null: not recorded.
    pub request: Option<RecordedBodyView>,
    /// The answer's body. Null: not recorded, or there was none.
    pub response: Option<RecordedBodyView>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    /// Who speaks: system, user, assistant or tool.
    #[schema(example = "user")]
    pub role: &'static str,
    /// What is said, in order.
    pub parts: Vec<PartView>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = MessagePart)]
pub enum PartView {
    /// Text.
    Text {
        /// As it was written.
        text: String,
    },
    /// What the model thought.
    Reasoning {
        /// Null: it is there, but sealed by the provider.
        text: Option<String>,
    },
    /// A refusal.
    Refusal {
        /// As it was written.
        text: String,
    },
    /// The model calls a tool.
    ToolCall {
        /// By which the result refers to it.
        id: Option<String>,
        /// The tool.
        name: String,
        /// Mostly JSON, as it was written.
        arguments: String,
    },
    /// What a tool gave.
    ToolResult {
        /// The call that it answers.
        id: Option<String>,
        /// The tool, where it is named.
        name: Option<String>,
        /// Whether it says of itself that it failed.
        failed: bool,
        /// What it gave.
        #[schema(no_recursion)]
        parts: Vec<PartView>,
    },
    /// An image or another file, without its content.
    File {
        /// image, audio, video or document.
        kind: &'static str,
        /// Its media type.
        media_type: Option<String>,
        /// Its size. Null: it was not in the body.
        bytes: Option<u64>,
        /// Its name, id or address.
        name: Option<String>,
    },
    /// Something else.
    Other {
        /// What it calls itself.
        kind: String,
        /// All of it, as JSON.
        json: String,
    },
}

impl TranscriptView {
    pub(super) fn of(transcript: Transcript) -> Self {
        Self {
            call_id: transcript.turn.call,
            request: transcript.request.map(BodyView::of),
            response: transcript.response.map(BodyView::of),
        }
    }
}

impl BodyView {
    fn of(body: Body) -> Self {
        let truncated = is_cut(&body.info);
        let (encoding, text) = match text_of(body.bytes, truncated) {
            Ok(text) => ("utf-8", text),
            Err(bytes) => ("base64", STANDARD.encode(bytes)),
        };
        Self {
            content_type: body.info.content_type,
            encoding,
            body: text,
            bytes: body.info.bytes,
            truncated,
        }
    }
}

/// The text of a body; one that is cut may end inside a character, which is left out then. `Err`: it is none.
fn text_of(bytes: Vec<u8>, is_cut: bool) -> Result<String, Vec<u8>> {
    String::from_utf8(bytes).or_else(|error| {
        let broken = error.utf8_error();
        let mut bytes = error.into_bytes();
        if !is_cut || broken.error_len().is_some() {
            return Err(bytes);
        }
        bytes.truncate(broken.valid_up_to());
        String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)
    })
}

impl RecordedBodyView {
    fn of(info: BodyInfo) -> Self {
        Self {
            truncated: is_cut(&info),
            content_type: info.content_type,
            bytes: info.bytes,
            kept_bytes: info.kept_bytes,
        }
    }
}

impl From<ConversationDetail> for ConversationDetailView {
    fn from(detail: ConversationDetail) -> Self {
        Self {
            conversation: detail.conversation,
            turns: detail.turns.into_iter().map(TurnView::from).collect(),
            next_cursor: detail.next_cursor,
        }
    }
}

impl From<Turn> for TurnView {
    fn from(turn: Turn) -> Self {
        let earlier_messages = turn.asked.as_ref().map_or(0, Asked::earlier);
        let (messages, tools) = match turn.asked {
            None => (None, vec![]),
            Some(asked) => {
                let new = asked.messages.into_iter().filter(|asked| asked.is_new);
                let new = new.map(|asked| asked.message.into()).collect();
                (Some(new), asked.tools)
            }
        };
        let said = turn.answer.map(|said| {
            let Said {
                messages,
                stopped_by,
                error,
                response_id: _,
                cut: _,
            } = said;
            let messages: Vec<MessageView> = messages.into_iter().map(MessageView::from).collect();
            (messages, stopped_by, error)
        });
        let (answer, stopped_by, error) = said.map_or((None, None, None), |(said, by, error)| {
            (Some(said), by, error)
        });
        Self {
            call_id: turn.call_id,
            started_at: turn.started_at,
            provider: turn.provider,
            provider_type: turn.provider_type,
            model: turn.model,
            operation: turn.operation,
            streamed: turn.streamed,
            status: turn.status,
            outcome: turn.outcome,
            price_state: turn.price_state,
            latency_ms: crate::calls::milliseconds(turn.latency_us),
            tokens: turn.tokens,
            cost_usd: turn.cost,
            call: turn.row,
            earlier_messages,
            messages,
            tools,
            answer,
            stopped_by,
            error,
            request: turn.request.map(RecordedBodyView::of),
            response: turn.response.map(RecordedBodyView::of),
        }
    }
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            role: match message.role {
                Role::System => "system",
                Role::User => "user",
                Role::Assistant => "assistant",
                Role::Tool => "tool",
            },
            parts: message.parts.into_iter().map(PartView::from).collect(),
        }
    }
}

impl From<Part> for PartView {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(text) => Self::Text { text },
            Part::Reasoning(text) => Self::Reasoning { text },
            Part::Refusal(text) => Self::Refusal { text },
            Part::ToolCall {
                id,
                name,
                arguments,
            } => Self::ToolCall {
                id,
                name,
                arguments,
            },
            Part::ToolResult {
                id,
                name,
                parts,
                failed,
            } => Self::ToolResult {
                id,
                name,
                failed,
                parts: parts.into_iter().map(Self::from).collect(),
            },
            Part::File(File {
                kind,
                media_type,
                bytes,
                name,
            }) => Self::File {
                kind: match kind {
                    FileKind::Image => "image",
                    FileKind::Audio => "audio",
                    FileKind::Video => "video",
                    FileKind::Document => "document",
                },
                media_type,
                bytes,
                name,
            },
            Part::Other { kind, json } => Self::Other { kind, json },
        }
    }
}

#[cfg(test)]
mod tests;
