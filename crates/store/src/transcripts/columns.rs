//! Columns of conversations and of their calls, written and read in one order.

use domain::{
    CallId, ConversationId, TokenId,
    call::{Call, Outcome},
    money::NanoUsd,
};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::types::{BodyInfo, Conversation, NewTranscript, PackedBody, Turn};
use crate::{StoreError, row::Columns, time::to_us};

/// The table of conversations, and its columns without `seq`, which the database gives.
pub(super) const CONVERSATIONS: &str = "conversations";
pub(super) const OF_CONVERSATION: [&str; 14] = [
    "id",
    "started_at_us",
    "last_at_us",
    "agent",
    "user_name",
    "token",
    "provider",
    "model",
    "outcome",
    "calls",
    "tokens",
    "cost_nano",
    "unpriced",
    "title",
];

/// The table of calls, and its columns without `seq`, which the database gives.
pub(super) const TRANSCRIPTS: &str = "transcripts";
pub(super) const OF_TRANSCRIPT: [&str; 25] = [
    "call",
    "conversation",
    "started_at_us",
    "provider",
    "provider_type",
    "model",
    "operation",
    "streamed",
    "agent",
    "user_name",
    "token",
    "outcome",
    "status",
    "latency_us",
    "tokens",
    "cost_nano",
    "price_state",
    "known_messages",
    "request_type",
    "request_bytes",
    "request_kept",
    "response_type",
    "response_bytes",
    "response_kept",
    "title",
];

/// The longest title that is kept, in bytes.
const TITLE_BYTES: usize = 1_024;

/// All tokens of a call. `None`: not reported.
pub(super) fn tokens(call: &Call) -> Option<u64> {
    call.usage.is_reported().then(|| call.usage.total_tokens())
}

/// A count, held at the largest that the database can have.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A conversation in the order of [`OF_CONVERSATION`].
pub(super) fn of_conversation(conversation: &Conversation) -> Vec<Value> {
    vec![
        conversation.id.0.into(),
        to_us(conversation.started_at).into(),
        to_us(conversation.last_at).into(),
        conversation.agent.clone().into(),
        conversation.user.clone().into(),
        conversation.token.map(|token| token.0).into(),
        conversation.provider.as_str().into(),
        conversation.model.clone().into(),
        conversation.outcome.key().into(),
        count(conversation.calls).into(),
        count(conversation.tokens).into(),
        conversation.cost.0.into(),
        count(conversation.unpriced).into(),
        conversation.title.clone().into(),
    ]
}

/// A call in the order of [`OF_TRANSCRIPT`].
pub(super) fn of_transcript(
    new: &NewTranscript,
    conversation: ConversationId,
    known_messages: u64,
) -> Vec<Value> {
    let (call, start) = (&new.call, &new.call.start);
    let mut values: Vec<Value> = vec![
        start.id.0.into(),
        conversation.0.into(),
        to_us(start.started_at).into(),
        start.provider.as_str().into(),
        start.provider_type.key().into(),
        start.model.clone().into(),
        start.operation.key().into(),
        start.streamed.into(),
        start.agent.clone().into(),
        start.user.clone().into(),
        start.token.map(|token| token.0).into(),
        call.outcome.key().into(),
        i64::from(call.status).into(),
        count(call.latency_us).into(),
        tokens(call).map(count).into(),
        call.charge.total.map(|total| total.0).into(),
        call.price_state.key().into(),
        count(known_messages).into(),
    ];
    for body in [&new.request, &new.response] {
        let of = |number: fn(&PackedBody) -> u64| body.as_ref().map(|body| count(number(body)));
        let content_type = body.as_ref().and_then(|body| body.content_type.as_deref());
        values.push(content_type.map(clean).into());
        values.push(of(|body| body.bytes).into());
        values.push(of(|body| body.kept_bytes).into());
    }
    values.push(title(new).into());
    values
}

/// What stands for a conversation that begins with this call.
pub(super) fn title(new: &NewTranscript) -> Option<String> {
    new.title.as_deref().map(clean)
}

/// A text that Postgres takes, and not a very long one.
fn clean(text: &str) -> String {
    let text = text.get(..text.floor_char_boundary(TITLE_BYTES));
    text.unwrap_or_default().replace('\0', " ")
}

/// What is known of a body. `None`: there is none.
fn body(columns: &mut Columns<'_>) -> Result<Option<BodyInfo>, StoreError> {
    let content_type = columns.take()?;
    let (bytes, kept_bytes) = (columns.count()?, columns.count()?);
    Ok(bytes.map(|bytes| BodyInfo {
        content_type,
        bytes,
        kept_bytes: kept_bytes.unwrap_or(bytes),
    }))
}

/// Reads a row whose columns are `seq` and then those of [`OF_CONVERSATION`].
pub(super) fn read_conversation(row: &QueryResult) -> Result<(i64, Conversation), StoreError> {
    let columns = &mut Columns::of(row, CONVERSATIONS);
    let seq = columns.take()?;
    let conversation = Conversation {
        id: ConversationId(columns.take()?),
        started_at: columns.at()?,
        last_at: columns.at()?,
        agent: columns.take()?,
        user: columns.take()?,
        token: columns.take::<Option<Uuid>>()?.map(TokenId),
        provider: columns.parsed()?,
        model: columns.take()?,
        outcome: columns.parsed::<Outcome>()?,
        calls: columns.count()?.unwrap_or_default(),
        tokens: columns.count()?.unwrap_or_default(),
        cost: NanoUsd(columns.take()?),
        unpriced: columns.count()?.unwrap_or_default(),
        title: columns.take()?,
    };
    Ok((seq, conversation))
}

/// Reads a row whose columns are `seq` and then those of [`OF_TRANSCRIPT`].
pub(super) fn read_turn(row: &QueryResult) -> Result<(i64, Turn), StoreError> {
    let columns = &mut Columns::of(row, TRANSCRIPTS);
    let seq = columns.take()?;
    let call = CallId(columns.take()?);
    let conversation = ConversationId(columns.take()?);
    let started_at = columns.at()?;
    let provider = columns.parsed()?;
    let provider_type = columns.parsed()?;
    let model = columns.take()?;
    let operation = columns.parsed()?;
    let streamed = columns.take()?;
    let _agent: Option<String> = columns.take()?;
    let _user: Option<String> = columns.take()?;
    let _token: Option<Uuid> = columns.take()?;
    let outcome = columns.parsed()?;
    let status = columns.status()?;
    let turn = Turn {
        call,
        conversation,
        started_at,
        provider,
        provider_type,
        model,
        operation,
        streamed,
        outcome,
        status,
        latency_us: columns.count()?.unwrap_or_default(),
        tokens: columns.count()?,
        cost: columns.money()?,
        price_state: columns.price_state()?,
        known_messages: columns.count()?.unwrap_or_default(),
        request: body(columns)?,
        response: body(columns)?,
    };
    Ok((seq, turn))
}
