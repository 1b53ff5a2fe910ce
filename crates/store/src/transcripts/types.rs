//! What is kept and read of calls that were recorded.

use domain::{
    CallId, ConversationId, ProviderId, TokenId,
    call::{Call, Operation, Outcome},
    money::NanoUsd,
    pricing::PriceState,
    provider::ProviderType,
};
use jiff::Timestamp;

use crate::{Choice, page::Cursor};

/// Something by which calls of one conversation know each other: 128 bits of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link(pub [u8; 16]);

/// What was recorded of a call, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTranscript {
    /// The call's row.
    pub call: Call,
    /// The conversation's own names, the strongest first. They lead to it however old it is.
    pub names: Vec<Link>,
    /// Whether the first of them was given so that this call is put in that conversation and in no other.
    pub is_placed: bool,
    /// How many messages it was asked before those in `asked`.
    pub earlier_messages: usize,
    /// What it was asked, message by message; of very many the last ones. Empty: that was not recorded, or
    /// cannot be read.
    pub asked: Vec<Heard>,
    /// Other links by which a later call finds this one: its messages together with its answer, its messages
    /// alone where the answer is not known, and the answer's own id.
    pub continued_by: Vec<Link>,
    /// The answer's text, for the search.
    pub answer: String,
    /// What stands for the conversation in lists, should this be its first call.
    pub title: Option<String>,
    /// The request's body. `None`: inputs were not recorded.
    pub request: Option<PackedBody>,
    /// The answer's body. `None`: outputs were not recorded, or there was none.
    pub response: Option<PackedBody>,
}

/// A message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// All messages up to this one and with it.
    pub link: Link,
    /// Its text, for the search.
    pub text: String,
}

/// A body as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedBody {
    /// Its `content-type`.
    pub content_type: Option<String>,
    /// Its bytes up to the cut, without content coding, compressed by zstd.
    pub packed: Vec<u8>,
    /// How long it was before the cut.
    pub bytes: u64,
    /// How much of it is kept.
    pub kept_bytes: u64,
}

/// A body that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// What is known of it.
    pub info: BodyInfo,
    /// Its bytes up to the cut.
    pub bytes: Vec<u8>,
}

/// What is known of a body without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyInfo {
    /// Its `content-type`.
    pub content_type: Option<String>,
    /// How long it was.
    pub bytes: u64,
    /// How much of it is kept; less, where it was cut.
    pub kept_bytes: u64,
}

/// A conversation in a list. What it has of its calls is what they told when they were recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// It.
    pub id: ConversationId,
    /// When its first recorded call began.
    pub started_at: Timestamp,
    /// When its last one began.
    pub last_at: Timestamp,
    /// The application.
    pub agent: Option<String>,
    /// The person.
    pub user: Option<String>,
    /// The gateway token.
    pub token: Option<TokenId>,
    /// The provider of the last call.
    pub provider: ProviderId,
    /// The model of the last call that names one.
    pub model: Option<String>,
    /// How the last call ended.
    pub outcome: Outcome,
    /// How many calls it has.
    pub calls: u64,
    /// Tokens of all of them.
    pub tokens: u64,
    /// What those cost whose price is known.
    pub cost: NanoUsd,
    /// Calls whose price is not known.
    pub unpriced: u64,
    /// How it begins.
    pub title: Option<String>,
}

/// Which conversations are looked for: those with a call that fits all of it. `None` inside a choice is
/// "nobody said".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConversationFilter {
    /// By provider.
    pub providers: Choice<ProviderId>,
    /// By the model that was asked for.
    pub models: Choice<Option<String>>,
    /// By the application.
    pub agents: Choice<Option<String>>,
    /// By the person.
    pub users: Choice<Option<String>>,
    /// By gateway token.
    pub tokens: Choice<Option<TokenId>>,
    /// By how a call ended.
    pub outcomes: Choice<Outcome>,
    /// With a call that began at this time or later.
    pub since: Option<Timestamp>,
    /// With a call that began before this time.
    pub until: Option<Timestamp>,
    /// With a call in which every one of these words was said; the last one may be a beginning.
    pub text: Option<String>,
}

/// Conversations, the one that was last spoken in first, as far as they were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// Each with the words around what was found, where text was looked for.
    pub items: Vec<(Conversation, Option<String>)>,
    /// Where to go on. `None`: there is nothing further back.
    pub next: Option<Cursor>,
    /// How far back was looked, where that took too long to go on.
    pub searched_back_to: Option<Timestamp>,
}

/// A call of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The call.
    pub call: CallId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// When it began.
    pub started_at: Timestamp,
    /// The provider.
    pub provider: ProviderId,
    /// Its type.
    pub provider_type: ProviderType,
    /// The model that was asked for.
    pub model: Option<String>,
    /// What was asked for.
    pub operation: Operation,
    /// Whether a stream was asked for.
    pub streamed: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The status that the client got.
    pub status: u16,
    /// How long it took, in microseconds.
    pub latency_us: u64,
    /// All its tokens. `None`: not reported.
    pub tokens: Option<u64>,
    /// What it cost when it was recorded. `None`: not known.
    pub cost: Option<NanoUsd>,
    /// Whether that is known.
    pub price_state: PriceState,
    /// How many messages of its request were in an earlier call of the conversation.
    pub known_messages: u64,
    /// The request's body. `None`: not recorded.
    pub request: Option<BodyInfo>,
    /// The answer's body. `None`: not recorded, or there was none.
    pub response: Option<BodyInfo>,
}

/// A call with its bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The call.
    pub turn: Turn,
    /// The request's body.
    pub request: Option<Body>,
    /// The answer's body.
    pub response: Option<Body>,
}

/// What is to be deleted for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forget {
    /// One conversation.
    Conversation(ConversationId),
    /// Whatever was said to one provider.
    Provider(ProviderId),
    /// Whatever was said in calls that began before this.
    Before(Timestamp),
}

/// A step of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// How many calls' bodies it deleted.
    pub transcripts: u64,
    /// Whether nothing is left to delete.
    pub is_over: bool,
}

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TranscriptsRoom {
    /// Bytes on the disk. `None`: it cannot be told, or it is a part of Postgres.
    pub bytes: Option<u64>,
    /// How many calls have a body.
    pub transcripts: u64,
    /// How many conversations they make.
    pub conversations: u64,
    /// When the oldest began. `None`: there is none.
    pub oldest_at: Option<Timestamp>,
}
