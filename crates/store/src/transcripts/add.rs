//! Adding calls: each to its conversation, with what that has of its calls, in one transaction.

use std::collections::{HashMap, HashSet};

use domain::{CallId, ConversationId, money::NanoUsd, pricing::PriceState};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    columns::{CONVERSATIONS, OF_CONVERSATION, TRANSCRIPTS, read_conversation, title, tokens},
    insert,
    join::{Joiner, Place, new_conversation},
    open::Transcripts,
    types::{Conversation, NewTranscript},
};
use crate::{StoreError, error::database};

/// Ids that one query asks for.
pub(super) const IDS: usize = 500;

impl Transcripts {
    /// Adds calls, all or none, each to its conversation. One that is there already is left as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(&self, calls: &[NewTranscript]) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let mut there = there(&transaction, calls).await?;
        let new: Vec<&NewTranscript> = calls
            .iter()
            .filter(|new| there.insert(new.call.start.id))
            .collect();
        let mut joiner = Joiner::of(&transaction, &new).await?;
        let mut placed = vec![];
        for new in new {
            let place = joiner.place(new).await?.unwrap_or_else(|| Place {
                conversation: new_conversation(new.call.start.started_at),
                known_messages: 0,
            });
            joiner.add(new, place.conversation);
            placed.push((new, place));
        }
        let ids: HashSet<Uuid> = placed
            .iter()
            .map(|(_, place)| place.conversation.0)
            .collect();
        let mut conversations = read(&transaction, ids.into_iter().collect()).await?;
        for (new, place) in &placed {
            conversations
                .entry(place.conversation)
                .and_modify(|conversation| goes_on(conversation, new))
                .or_insert_with(|| begin(place.conversation, new));
        }
        insert::conversations(&transaction, conversations.values()).await?;
        insert::transcripts(&transaction, &placed).await?;
        transaction.commit().await.map_err(database)
    }
}

/// Which of these calls are there.
async fn there(
    transaction: &DatabaseTransaction,
    calls: &[NewTranscript],
) -> Result<HashSet<CallId>, StoreError> {
    let mut there = HashSet::new();
    for part in calls.chunks(IDS) {
        let mut query = Query::select();
        query
            .column("call")
            .from(TRANSCRIPTS)
            .and_where(Expr::col("call").is_in(part.iter().map(|new| new.call.start.id.0)));
        for row in transaction.query_all(&query).await.map_err(database)? {
            there.insert(CallId(row.try_get_by_index::<Uuid>(0).map_err(database)?));
        }
    }
    Ok(there)
}

/// Those of these conversations that are there.
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<ConversationId, Conversation>, StoreError> {
    let mut conversations = HashMap::new();
    for part in ids.chunks(IDS) {
        let mut query = Query::select();
        query
            .column("seq")
            .columns(OF_CONVERSATION)
            .from(CONVERSATIONS)
            .and_where(Expr::col("id").is_in(part.iter().copied()));
        for row in connection.query_all(&query).await.map_err(database)? {
            let (_, conversation) = read_conversation(&row)?;
            conversations.insert(conversation.id, conversation);
        }
    }
    Ok(conversations)
}

/// A conversation of one call.
fn begin(id: ConversationId, new: &NewTranscript) -> Conversation {
    let start = &new.call.start;
    let mut conversation = Conversation {
        id,
        started_at: start.started_at,
        last_at: start.started_at,
        agent: None,
        user: None,
        token: None,
        provider: start.provider.clone(),
        model: None,
        outcome: new.call.outcome,
        calls: 0,
        tokens: 0,
        cost: NanoUsd(0),
        unpriced: 0,
        title: None,
    };
    goes_on(&mut conversation, new);
    conversation
}

/// Another call of a conversation. Who it is for is told by its last call, and its title by the first that
/// has one.
fn goes_on(conversation: &mut Conversation, new: &NewTranscript) {
    let call = &new.call;
    let start = &call.start;
    if conversation.title.is_none() || start.started_at < conversation.started_at {
        conversation.title = title(new).or_else(|| conversation.title.take());
    }
    if start.started_at >= conversation.last_at {
        conversation.last_at = start.started_at;
        conversation.agent.clone_from(&start.agent);
        conversation.user.clone_from(&start.user);
        conversation.token = start.token;
        conversation.provider = start.provider.clone();
        conversation.outcome = call.outcome;
        if start.model.is_some() {
            conversation.model.clone_from(&start.model);
        }
    }
    conversation.started_at = Ord::min(conversation.started_at, start.started_at);
    conversation.calls = conversation.calls.saturating_add(1);
    let tokens = tokens(call).unwrap_or_default();
    conversation.tokens = conversation.tokens.saturating_add(tokens);
    let cost = call.charge.total.map_or(0, |total| total.0);
    conversation.cost = NanoUsd(conversation.cost.0.saturating_add(cost));
    if call.price_state == PriceState::Unpriced {
        conversation.unpriced = conversation.unpriced.saturating_add(1);
    }
}
