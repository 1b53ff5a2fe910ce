//! Rows of what was recorded, many at a time.

use std::collections::HashMap;

use domain::CallId;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, Value,
    sea_query::{Expr, InsertStatement, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    columns::{
        CONVERSATIONS, OF_CONVERSATION, OF_TRANSCRIPT, TRANSCRIPTS, of_conversation, of_transcript,
    },
    dialect,
    join::{LINKS, Place, own_links},
    types::{Conversation, NewTranscript},
    words::indexed,
};
use crate::{StoreError, error::database, time::to_us};

/// The table of bodies.
pub(super) const BODIES: &str = "transcript_bodies";

/// Rows that one statement inserts.
const ROWS: usize = 50;
/// What one statement inserts of bodies and texts, in bytes.
const BYTES: usize = 4 << 20;
/// What of the new messages of a call, and of its answer, can be searched, in bytes.
const ASKED_BYTES: usize = 192 << 10;
const ANSWER_BYTES: usize = 64 << 10;

/// Inserts calls, each in its place, with everything that hangs on it.
pub(super) async fn transcripts(
    transaction: &DatabaseTransaction,
    calls: &[(&NewTranscript, Place)],
) -> Result<(), StoreError> {
    let seqs = heads(transaction, calls).await?;
    let mut bodies = vec![];
    let mut texts = vec![];
    let mut links = vec![];
    for (new, place) in calls {
        let Some(seq) = seqs.get(&new.call.start.id).copied() else {
            return Err(StoreError::unreadable(
                TRANSCRIPTS,
                "a row without its number",
            ));
        };
        let [request, response] =
            [&new.request, &new.response].map(|body| body.as_ref().map(|body| body.packed.clone()));
        if request.is_some() || response.is_some() {
            bodies.push(vec![seq.into(), request.into(), response.into()]);
        }
        let text = said(new, place.known_messages);
        if !text.is_empty() {
            texts.push((seq, text));
        }
        let at_us = to_us(new.call.start.started_at);
        links.extend(own_links(new).into_iter().map(|link| {
            let conversation = place.conversation.0;
            vec![
                link.0.to_vec().into(),
                seq.into(),
                conversation.into(),
                at_us.into(),
            ]
        }));
    }
    for part in parts(bodies, |row| row.iter().map(size).sum()) {
        let columns = ["seq", "request", "response"];
        run(transaction, &rows(BODIES, &columns, part)?).await?;
    }
    for part in parts(texts, |(_, text)| text.len()) {
        let statement = dialect::insert(transaction.get_database_backend(), &part);
        transaction.execute_raw(statement).await.map_err(database)?;
    }
    for part in parts(links, |_| 0) {
        let columns = ["link", "transcript", "conversation", "at_us"];
        run(transaction, &rows(LINKS, &columns, part)?).await?;
    }
    Ok(())
}

/// Inserts the rows of calls. Returns the number that each got.
async fn heads(
    transaction: &DatabaseTransaction,
    calls: &[(&NewTranscript, Place)],
) -> Result<HashMap<CallId, i64>, StoreError> {
    let mut seqs = HashMap::new();
    for part in calls.chunks(ROWS) {
        let values = part
            .iter()
            .map(|(new, place)| {
                let known = u64::try_from(place.known_messages).unwrap_or(u64::MAX);
                of_transcript(new, place.conversation, known)
            })
            .collect();
        let mut insert = rows(TRANSCRIPTS, &OF_TRANSCRIPT, values)?;
        insert.returning(Query::returning().columns(["seq", "call"]));
        for row in transaction.query_all(&insert).await.map_err(database)? {
            let call = CallId(row.try_get_by_index::<Uuid>(1).map_err(database)?);
            seqs.insert(call, row.try_get_by_index(0).map_err(database)?);
        }
    }
    Ok(seqs)
}

/// Puts conversations down as they are now, new ones and others.
pub(super) async fn conversations(
    transaction: &DatabaseTransaction,
    all: impl IntoIterator<Item = &Conversation>,
) -> Result<(), StoreError> {
    let values: Vec<Vec<Value>> = all.into_iter().map(of_conversation).collect();
    for part in parts(values, |_| 0) {
        let mut insert = rows(CONVERSATIONS, &OF_CONVERSATION, part)?;
        let changed = OF_CONVERSATION.iter().skip(1).copied();
        insert.on_conflict(OnConflict::column("id").update_columns(changed).to_owned());
        run(transaction, &insert).await?;
    }
    Ok(())
}

/// What is new in a call and can be searched: its own messages and the answer.
fn said(new: &NewTranscript, known_messages: usize) -> String {
    let mut asked = String::new();
    let known = known_messages.saturating_sub(new.earlier_messages);
    for heard in new.asked.iter().skip(known) {
        if asked.len() >= ASKED_BYTES {
            break;
        }
        if !asked.is_empty() {
            asked.push_str("\n\n");
        }
        asked.push_str(clip(&heard.text, ASKED_BYTES));
    }
    let mut text = clip(&asked, ASKED_BYTES).to_owned();
    if !text.is_empty() && !new.answer.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(clip(&new.answer, ANSWER_BYTES));
    indexed(&text)
}

fn clip(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes))
        .unwrap_or_default()
}

fn size(value: &Value) -> usize {
    match value {
        Value::Bytes(Some(bytes)) => bytes.len(),
        _ => 0,
    }
}

/// Rows in parts that one statement can take.
fn parts<T>(rows: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = vec![];
    let mut bytes = 0;
    for row in rows {
        let size = size(&row);
        match parts.last_mut() {
            Some(part) if part.len() < ROWS && size.saturating_add(bytes) <= BYTES => {
                bytes = bytes.saturating_add(size);
                part.push(row);
            }
            _ => {
                bytes = size;
                parts.push(vec![row]);
            }
        }
    }
    parts
}

fn rows(
    table: &'static str,
    columns: &[&'static str],
    values: Vec<Vec<Value>>,
) -> Result<InsertStatement, StoreError> {
    let mut insert = Query::insert();
    insert.into_table(table).columns(columns.iter().copied());
    for row in values {
        let added = insert.values(row.into_iter().map(Expr::val));
        added.map_err(|error| StoreError::Database(error.to_string()))?;
    }
    Ok(insert)
}

async fn run(
    transaction: &DatabaseTransaction,
    statement: &InsertStatement,
) -> Result<(), StoreError> {
    transaction.execute(statement).await.map_err(database)?;
    Ok(())
}
