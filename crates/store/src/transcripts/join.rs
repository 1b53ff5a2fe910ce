//! Which conversation a call belongs to.
//!
//! A name that is known leads to its conversation, however old; of several that are known, the strongest. A name
//! that was given to place the call decides alone. A call without a name continues the one whose
//! messages, with its answer, are the longest known beginning of its own, within a day. A call with a name
//! that nobody knows begins a conversation, whatever its messages are: its client says that it is another.
//!
//! Messages without the answer lead on only where the answer is not known: people who begin with the same
//! words are told apart by what they were answered. So a client that changes what it was answered before it
//! goes on begins another conversation, unless it has a name. In a conversation that is found by a name, messages
//! alone still tell what was said before.
//!
//! Links are looked up for many calls at once, the longest beginnings first: mostly the last few lead to
//! the call before. Of several calls with a link the one that was recorded last counts.

use std::collections::{HashMap, HashSet};

use domain::ConversationId;
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, UnionType},
};
use uuid::Uuid;

use super::{
    columns::TRANSCRIPTS,
    open::Transcripts,
    types::{Link, NewTranscript},
};
use crate::{StoreError, error::database, time::to_us};

/// The table of links.
pub(super) const LINKS: &str = "transcript_links";

/// How long messages lead to the call that they continue.
const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// So many of the longest beginnings are looked up before all others.
const FIRST: usize = 6;
/// So many others of a call are looked up, the longest: of one that begins as no other did, there may be
/// any number.
const FAR: usize = 512;
/// Links looked up by one query.
const AT_ONCE: usize = 64;
/// Calls of a link that are looked through for one of a certain conversation.
const LOOKED_THROUGH: u64 = 100;

/// Where a call belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) conversation: ConversationId,
    /// How many messages of its request were in an earlier call of the conversation.
    pub(super) known_messages: usize,
}

/// The newest call that has a link.
#[derive(Debug, Clone, Copy)]
struct Newest {
    conversation: ConversationId,
    at_us: i64,
}

/// Finds the conversations of calls that are added together, which may continue each other.
pub(super) struct Joiner<'a> {
    transaction: &'a DatabaseTransaction,
    newest: HashMap<Link, Newest>,
    /// Links of calls that were added together with this one, and where these belong.
    together: HashSet<(Link, ConversationId)>,
}

impl<'a> Joiner<'a> {
    /// Looks up what is known of the links of these calls.
    pub(super) async fn of(
        transaction: &'a DatabaseTransaction,
        calls: &[&NewTranscript],
    ) -> Result<Self, StoreError> {
        let mut joiner = Self {
            transaction,
            newest: HashMap::new(),
            together: HashSet::new(),
        };
        let names = calls.iter().flat_map(|call| call.names.iter().copied());
        let near = calls
            .iter()
            .flat_map(|call| beginnings(call).take(FIRST).map(|(_, link)| link));
        let named = calls.iter().filter(|call| !call.names.is_empty());
        let alone =
            named.flat_map(|call| beginnings(call).take(FIRST).map(|(_, link)| alone(link)));
        joiner
            .look_up(names.chain(near).chain(alone).collect())
            .await?;
        let mut far = HashSet::new();
        for call in calls {
            let unknown = |link: &Link| !joiner.newest.contains_key(link);
            if beginnings(call).take(FIRST).all(|(_, link)| unknown(&link)) {
                let rest = beginnings(call).skip(FIRST).take(FAR);
                far.extend(rest.map(|(_, link)| link));
            }
        }
        joiner.look_up(far).await?;
        Ok(joiner)
    }

    /// Where a call belongs; calls after it can continue it. `None`: it begins a conversation.
    pub(super) async fn place(&self, call: &NewTranscript) -> Result<Option<Place>, StoreError> {
        let named = deciding(call).iter().find_map(|name| self.newest.get(name));
        if let Some(named) = named {
            let conversation = named.conversation;
            let known_messages = self.known_messages(call, conversation).await?;
            return Ok(Some(Place {
                conversation,
                known_messages,
            }));
        }
        if !call.names.is_empty() {
            return Ok(None);
        }
        let at_us = to_us(call.call.start.started_at);
        let found = beginnings(call).find_map(|(known_messages, link)| {
            let newest = self.newest.get(&link)?;
            let is_near = at_us.abs_diff(newest.at_us) <= DAY_US.unsigned_abs();
            is_near.then_some(Place {
                conversation: newest.conversation,
                known_messages,
            })
        });
        Ok(found)
    }

    /// Makes a call known, so that the next ones can continue it.
    pub(super) fn add(&mut self, call: &NewTranscript, conversation: ConversationId) {
        let at_us = to_us(call.call.start.started_at);
        for link in own_links(call) {
            self.newest.insert(
                link,
                Newest {
                    conversation,
                    at_us,
                },
            );
            self.together.insert((link, conversation));
        }
    }

    /// The longest beginning that was in this conversation.
    async fn known_messages(
        &self,
        call: &NewTranscript,
        conversation: ConversationId,
    ) -> Result<usize, StoreError> {
        for (place, (known_messages, link)) in beginnings(call).enumerate() {
            for link in [link, alone(link)] {
                let Some(newest) = self.newest.get(&link) else {
                    continue;
                };
                if newest.conversation == conversation
                    || self.together.contains(&(link, conversation))
                {
                    return Ok(known_messages);
                }
                // Another conversation had the same messages since.
                if place < FIRST && self.was_in(link, conversation).await? {
                    return Ok(known_messages);
                }
            }
        }
        Ok(0)
    }

    async fn was_in(&self, link: Link, conversation: ConversationId) -> Result<bool, StoreError> {
        let mut query = Query::select();
        query
            .column("conversation")
            .from_subquery(newest(link, LOOKED_THROUGH), "newest")
            .and_where(Expr::col("conversation").eq(conversation.0))
            .limit(1);
        let row = self.transaction.query_one(&query).await.map_err(database)?;
        Ok(row.is_some())
    }

    async fn look_up(&mut self, links: HashSet<Link>) -> Result<(), StoreError> {
        let links: Vec<Link> = links.into_iter().collect();
        for part in links.chunks(AT_ONCE) {
            let Some(last) = part.last() else { continue };
            // Always as many, so that the statement stays the same.
            let rest = std::iter::repeat_n(last, AT_ONCE.saturating_sub(part.len()));
            let mut all: Option<SelectStatement> = None;
            for link in part.iter().chain(rest) {
                let mut one = Query::select();
                one.columns(["link", "conversation", "at_us"])
                    .from_subquery(newest(*link, 1), "newest");
                match &mut all {
                    Some(all) => {
                        all.union(UnionType::All, one);
                    }
                    None => all = Some(one),
                }
            }
            let Some(query) = all else { continue };
            for row in self.transaction.query_all(&query).await.map_err(database)? {
                let link = link_of(&row)?;
                let found = Newest {
                    conversation: ConversationId(
                        row.try_get_by_index::<Uuid>(1).map_err(database)?,
                    ),
                    at_us: row.try_get_by_index(2).map_err(database)?,
                };
                self.newest.insert(link, found);
            }
        }
        Ok(())
    }
}

/// The link that a row begins with.
fn link_of(row: &QueryResult) -> Result<Link, StoreError> {
    let link: Vec<u8> = row.try_get_by_index(0).map_err(database)?;
    let link = <[u8; 16]>::try_from(link);
    link.map(Link)
        .map_err(|_| StoreError::unreadable(LINKS, "a link of another length"))
}

/// The newest calls that have a link.
fn newest(link: Link, most: u64) -> SelectStatement {
    let mut query = Query::select();
    query
        .columns(["link", "conversation", "at_us"])
        .from(LINKS)
        .and_where(Expr::col("link").eq(link.0.to_vec()))
        .order_by("transcript", Order::Desc)
        .limit(most);
    query
}

/// The names that say where a call belongs.
fn deciding(call: &NewTranscript) -> &[Link] {
    let names = call.names.as_slice();
    names.get(..1).filter(|_| call.is_placed).unwrap_or(names)
}

/// What a call begins with, the longest first: so many messages, but not all.
fn beginnings(call: &NewTranscript) -> impl Iterator<Item = (usize, Link)> + '_ {
    let heard = call.asked.iter().enumerate().rev().skip(1);
    heard.map(|(place, heard)| {
        let messages = call.earlier_messages.saturating_add(place);
        (messages.saturating_add(1), heard.link)
    })
}

/// The link of messages alone, which leads nobody to a conversation.
fn alone(link: Link) -> Link {
    let Link(mut bytes) = link;
    let [first, ..] = &mut bytes;
    *first = !*first;
    Link(bytes)
}

/// The links by which later calls find this one.
pub(super) fn own_links(call: &NewTranscript) -> HashSet<Link> {
    let asked = call.asked.last().map(|heard| alone(heard.link));
    let asked = asked.filter(|_| !call.names.is_empty());
    let names = call.names.iter().copied();
    let continued_by = call.continued_by.iter().copied();
    names.chain(asked).chain(continued_by).collect()
}

impl NewTranscript {
    /// Whether one of these links would lead this call to its conversation.
    #[must_use]
    pub fn leads_to(&self, links: &HashSet<Link>) -> bool {
        if self.names.is_empty() {
            beginnings(self).any(|(_, link)| links.contains(&link))
        } else {
            deciding(self).iter().any(|name| links.contains(name))
        }
    }
}

impl Transcripts {
    /// The links by which calls find this conversation, the newest, `most` of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn links(
        &self,
        conversation: ConversationId,
        most: u64,
    ) -> Result<HashSet<Link>, StoreError> {
        let mut calls = Query::select();
        calls
            .column("seq")
            .from(TRANSCRIPTS)
            .and_where(Expr::col("conversation").eq(conversation.0))
            .order_by("started_at_us", Order::Desc)
            .limit(most);
        let mut query = Query::select();
        query
            .column("link")
            .from(LINKS)
            .and_where(Expr::col("transcript").in_subquery(calls))
            .order_by("transcript", Order::Desc)
            .limit(most);
        let rows = self.readers().query_all(&query).await.map_err(database)?;
        rows.iter().map(link_of).collect()
    }
}

/// The id of a conversation that begins at this time.
pub(super) fn new_conversation(started_at: Timestamp) -> ConversationId {
    let ms = u64::try_from(started_at.as_millisecond()).unwrap_or(0);
    let at = uuid::Timestamp::from_unix(
        uuid::NoContext,
        ms / 1_000,
        u32::try_from(ms % 1_000)
            .unwrap_or(0)
            .saturating_mul(1_000_000),
    );
    ConversationId(Uuid::new_v7(at))
}
