//! A turn: a recorded call, with what was said in it read from its bodies.

use domain::{
    CallId, ConversationId, NanoUsd, ProviderId, Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
    provider::ProviderType,
};
use store::transcripts::{Body, BodyInfo, Transcript};
use wire::{
    meter::Shape,
    transcript::{self, Api, Message, Role, Said},
};

use crate::calls::CallView;

/// A recorded call of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The call.
    pub call_id: CallId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// When it began.
    pub started_at: Timestamp,
    /// The provider.
    pub provider: ProviderId,
    /// Its type at the time.
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
    /// What it cost, as the ledger has it now; where its row is deleted, as it was recorded. `None`: not
    /// known, or nothing to bill.
    pub cost: Option<NanoUsd>,
    /// Whether that is known.
    pub price_state: PriceState,
    /// Its row in the ledger, with tokens and cost by bucket. `None`: the row is deleted.
    pub row: Option<CallView>,
    /// The request's body. `None`: not recorded.
    pub request: Option<BodyInfo>,
    /// The answer's body. `None`: not recorded, or there was none.
    pub response: Option<BodyInfo>,
    /// What was asked. `None`: not recorded, or it cannot be read.
    pub asked: Option<Asked>,
    /// What was answered. `None`: not recorded, or it cannot be read.
    pub answer: Option<Said>,
}

/// What a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its messages, the system's first.
    pub messages: Vec<AskedMessage>,
    /// The names of the tools that it offers.
    pub tools: Vec<String>,
    /// Whether the body was cut before its end: messages may be missing.
    pub cut: bool,
}

/// A message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedMessage {
    /// The message.
    pub message: Message,
    /// Whether it was said for the first time in its conversation.
    pub is_new: bool,
}

impl Asked {
    /// Messages that are new.
    pub fn new_messages(&self) -> impl Iterator<Item = &Message> {
        let new = self.messages.iter().filter(|asked| asked.is_new);
        new.map(|asked| &asked.message)
    }

    /// How many messages were said in earlier turns.
    #[must_use]
    pub fn earlier(&self) -> usize {
        self.messages.iter().filter(|asked| !asked.is_new).count()
    }
}

/// Reads turns one after the other, in the order in which they were.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The applications' instructions that earlier turns had.
    instructions: Vec<Message>,
    /// Whether a turn was read before.
    has_begun: bool,
}

impl Reader {
    /// Reads what was said in a call.
    pub(super) fn read(&mut self, transcript: Transcript, row: Option<CallView>) -> Turn {
        let Transcript {
            turn,
            request,
            response,
        } = transcript;
        let api = Api {
            operation: turn.operation,
            provider_type: turn.provider_type,
            model: turn.model.as_deref(),
        };
        let asked = request.as_ref().and_then(|body| {
            let talk = transcript::request(api, &body.bytes)?;
            Some(Asked {
                messages: self.marked(talk.messages, turn.known_messages),
                tools: talk.tools,
                cut: talk.cut || is_cut(&body.info),
            })
        });
        let answer = response.as_ref().and_then(|body| {
            let said =
                transcript::answer(api, shape(turn.operation, turn.streamed, body), &body.bytes)?;
            let cut = said.cut || is_cut(&body.info);
            Some(Said { cut, ..said })
        });
        let of_row = row.as_ref();
        Turn {
            call_id: turn.call,
            conversation: turn.conversation,
            started_at: turn.started_at,
            provider: turn.provider,
            provider_type: turn.provider_type,
            model: turn.model.clone(),
            operation: turn.operation,
            streamed: turn.streamed,
            outcome: turn.outcome,
            status: turn.status,
            latency_us: turn.latency_us,
            tokens: of_row.map_or(turn.tokens, |row| {
                let usage = row.tokens.0;
                usage.is_reported().then(|| usage.total_tokens())
            }),
            cost: of_row.map_or(turn.cost, |row| row.cost_usd.total),
            price_state: of_row.map_or(turn.price_state, |row| row.price_state),
            row,
            request: turn.request,
            response: turn.response,
            asked,
            answer,
        }
    }

    /// Messages, each with whether it is new. The first `known` of those that are no instructions were said
    /// before. Instructions are new where no turn that was read had them, except in a first turn that goes on
    /// from one which was not read: else they would be new again on each page.
    fn marked(&mut self, messages: Vec<Message>, known: u64) -> Vec<AskedMessage> {
        let goes_on = !self.has_begun && known > 0;
        self.has_begun = true;
        let mut left = known;
        let mark = |message: Message| {
            let is_new = if message.role == Role::System {
                let is_new = !self.instructions.contains(&message);
                if is_new {
                    self.instructions.push(message.clone());
                }
                is_new && !goes_on
            } else {
                let is_new = left == 0;
                left = left.saturating_sub(1);
                is_new
            };
            AskedMessage { message, is_new }
        };
        messages.into_iter().map(mark).collect()
    }
}

/// Whether not all of a body is kept.
pub(super) const fn is_cut(info: &BodyInfo) -> bool {
    info.kept_bytes < info.bytes
}

/// How an answer came.
fn shape(operation: Operation, streamed: bool, body: &Body) -> Shape {
    Shape::of(operation, streamed, body.info.content_type.as_deref())
}
