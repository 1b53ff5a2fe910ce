//! A database of transcripts, and what is said in it.

use std::path::Path;

use domain::{Timestamp, call::Call};
use sha2::{Digest, Sha256};
use store::{
    Cursor,
    transcripts::{
        Conversation, ConversationFilter, ConversationPage, Heard, Link, NewTranscript, PackedBody,
        Transcripts, TranscriptsOptions,
    },
};
use weir_store as store;

use super::{Place, call};

/// An empty database of transcripts.
pub async fn open(place: &Place) -> Transcripts {
    open_at(match &place.server {
        Some(database) => database.url(),
        None => sqlite(place.dir.path()),
    })
    .await
}

pub async fn open_at(database_url: String) -> Transcripts {
    Transcripts::open(&TranscriptsOptions {
        database_url,
        readers: 2,
    })
    .await
    .unwrap()
}

pub fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("transcripts.db").display())
}

pub fn link(of: &str) -> Link {
    let hash = Sha256::digest(of);
    Link(hash[..16].try_into().unwrap())
}

/// Links of messages, each with all before it.
pub fn heard(messages: &[&str]) -> Vec<Heard> {
    let mut all = String::new();
    messages
        .iter()
        .map(|text| {
            all.push('\n');
            all.push_str(text);
            Heard {
                link: link(&all),
                text: (*text).to_owned(),
            }
        })
        .collect()
}

pub fn packed(text: &str) -> PackedBody {
    let bytes = u64::try_from(text.len()).unwrap();
    PackedBody {
        content_type: Some("application/json".to_owned()),
        packed: zstd::bulk::compress(text.as_bytes(), 3).unwrap(),
        bytes,
        kept_bytes: bytes,
    }
}

/// Call `n`, which was asked these messages, the whole history, and answered.
pub fn said(n: u64, at: Timestamp, messages: &[&str], answer: &str) -> NewTranscript {
    let with_answer: Vec<&str> = messages.iter().copied().chain([answer]).collect();
    let title = messages.first().map(|first| (*first).to_owned());
    NewTranscript {
        call: call(n, at),
        names: vec![],
        is_placed: false,
        earlier_messages: 0,
        asked: heard(messages),
        continued_by: heard(&with_answer)
            .into_iter()
            .rev()
            .take(1)
            .map(|heard| heard.link)
            .collect(),
        answer: answer.to_owned(),
        title,
        request: Some(packed(&messages.join("\n"))),
        response: Some(packed(answer)),
    }
}

/// As [`said`], for a call that differs.
pub fn said_by(
    n: u64,
    at: Timestamp,
    messages: &[&str],
    answer: &str,
    change: impl FnOnce(&mut Call),
) -> NewTranscript {
    let mut new = said(n, at, messages, answer);
    change(&mut new.call);
    new
}

/// All pages of a list, `limit` at a time.
pub async fn listed(
    transcripts: &Transcripts,
    filter: &ConversationFilter,
    limit: u64,
) -> Vec<(Conversation, Option<String>)> {
    let mut all = vec![];
    let mut cursor: Option<Cursor> = None;
    loop {
        let page: ConversationPage = transcripts
            .conversations(filter, limit, cursor)
            .await
            .unwrap();
        all.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

pub fn looking_for(text: &str) -> ConversationFilter {
    ConversationFilter {
        text: Some(text.to_owned()),
        ..ConversationFilter::default()
    }
}
