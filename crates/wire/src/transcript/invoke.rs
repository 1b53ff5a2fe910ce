//! Bedrock's `InvokeModel`: requests and answers of the model makers' own APIs.
//!
//! The id of a model does not always tell whose it is, but its bodies do.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Said, Talk, anthropic, chat, converse,
    json::{self, Json},
    reader::{self, Reader},
    vendor,
};
use crate::json as bytes;

/// Reads a request.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let first = body.get("messages").list().first();
    let content = first.map(|message| message.get("content"));
    // Nova's parts say what they are by their only member, everybody else's by their type.
    let is_nova = content.is_some_and(|content| {
        let part = content.list().first();
        part.is_some_and(|part| part.is_object() && part.get("type").is_null())
    });
    if !body.get("anthropic_version").is_null() {
        anthropic::request(body)
    } else if is_nova {
        converse::request(body)
    } else if first.is_some() {
        chat::request(body)
    } else {
        vendor::request(body)
    }
}

/// The request that is in a request to count its tokens.
pub(super) fn wrapped(invoke: &Json<'_>) -> Option<Talk> {
    let body = STANDARD.decode(invoke.get("body").text()?).ok()?;
    let text = bytes::text(reader::without_open_character(&body));
    request(&json::read(&text)?.0)
}

/// What has been read of an answer so far.
#[derive(Default)]
pub(super) struct Answer {
    /// `None`: nothing has come yet.
    reader: Option<Box<dyn Reader>>,
    ended: bool,
}

impl Reader for Answer {
    fn whole(&mut self, answer: &Json<'_>) {
        self.reader_of(answer).whole(answer);
    }

    /// A frame: an event of the maker's API in base64.
    fn piece(&mut self, _name: &str, piece: &Json<'_>) {
        let data = piece.get("bytes").text();
        let Some(data) = data.and_then(|base64| STANDARD.decode(base64).ok()) else {
            return;
        };
        let text = bytes::text(&data);
        let Some((event, false)) = json::read(&text) else {
            return;
        };
        self.ended |= event.get("amazon-bedrock-invocationMetrics").is_object();
        let reader = self.reader_of(&event);
        // Nova's events have their names around them.
        match event.members().first() {
            Some((name, inner)) if is_nova(name) => reader.piece(name, inner),
            _ => reader.piece("", &event),
        }
    }

    fn ended(&self) -> bool {
        self.ended || self.reader.as_ref().is_some_and(|reader| reader.ended())
    }

    fn said(self: Box<Self>) -> Said {
        self.reader
            .map_or_else(Said::default, |reader| reader.said())
    }
}

impl Answer {
    /// Who reads it, going by the answer or its first piece.
    fn reader_of(&mut self, first: &Json<'_>) -> &mut dyn Reader {
        let choose = || -> Box<dyn Reader> {
            let kind = first.get("type").text().unwrap_or_default();
            let claude = ["message", "content_block", "ping", "error"];
            let mut names = first.members().iter().map(|(name, _)| name);
            if first.get("choices").is_list() {
                Box::<chat::Chat>::default()
            } else if first.get("output").is_object() || names.any(|name| is_nova(name)) {
                Box::<converse::Answer>::default()
            } else if claude.iter().any(|start| kind.starts_with(start)) {
                Box::<anthropic::Answer>::default()
            } else {
                Box::<vendor::Answer>::default()
            }
        };
        self.reader.get_or_insert_with(choose).as_mut()
    }
}

fn is_nova(name: &str) -> bool {
    matches!(
        name,
        "messageStart"
            | "contentBlockStart"
            | "contentBlockDelta"
            | "contentBlockStop"
            | "messageStop"
            | "metadata"
    )
}
