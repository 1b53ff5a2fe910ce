//! Plain answers: a bounded copy of the body, read when it is whole.
//!
//! Of embeddings the vectors are not copied: one answer can hold a hundred megabytes of them, and the
//! usage stands behind them, or between them.

use memchr::memchr2;
use serde::de::IgnoredAny;

use crate::meter::{
    Context, Reading,
    chat::Chat,
    cohere::{self, Cohere},
    converse::Converse,
    embeddings,
    google::Google,
    invoke::Invoke,
    messages::Messages,
    responses::Responses,
};

use pieces::Pieces;

mod pieces;

/// The members of an embeddings answer that hold its vectors: OpenAI's, and Google's and Cohere's.
const VECTORS: [&[u8]; 2] = [b"data", b"embeddings"];

/// The one of them that may be an object: Cohere's vectors, by the type of their numbers.
const VECTORS_BY_TYPE: &[u8] = b"embeddings";

/// Members that hold vectors and other things: what Vertex AI predicts, with the tokens that each text took, and
/// Google's one vector.
const MIXED: [&[u8]; 2] = [b"predictions", b"embedding"];

/// Members in them, however deep, that are a vector: of a text, and of the text, picture and pieces of film of
/// models that take all of these.
const VECTORS_IN_MIXED: [&[u8]; 4] = [b"values", b"textEmbedding", b"imageEmbedding", b"embedding"];

/// The longest of these names.
const VECTORS_NAME_MAX: usize = 14;

/// Which API's answer a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Chat,
    Responses,
    StoredResponse,
    Embeddings,
    Messages,
    Generate,
    Converse,
    Invoke,
    Cohere,
    Rerank,
}

/// A body that is being collected.
#[derive(Debug)]
pub(super) struct Plain {
    context: Context,
    answer: Answer,
    limit: usize,
    copy: Pieces,
    pruner: Option<Pruner>,
    /// Bytes of a body that was above the limit and is not kept.
    beyond: usize,
}

impl Plain {
    pub(super) fn new(context: Context, answer: Answer, limit: usize) -> Self {
        let pruner = match answer {
            Answer::Embeddings => Some(Pruner::default()),
            Answer::Chat
            | Answer::Responses
            | Answer::StoredResponse
            | Answer::Messages
            | Answer::Generate
            | Answer::Converse
            | Answer::Invoke
            | Answer::Cohere
            | Answer::Rerank => None,
        };
        Self {
            context,
            answer,
            limit,
            copy: Pieces::default(),
            pruner,
            beyond: 0,
        }
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(super) const fn held_bytes(&self) -> usize {
        self.copy.capacity()
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        if self.beyond == 0 {
            match &mut self.pruner {
                Some(pruner) => pruner.push(chunk, &mut self.copy),
                None if self.copy.len().saturating_add(chunk.len()) <= self.limit => {
                    self.copy.extend(chunk)
                }
                None => self.beyond = chunk.len(),
            }
        } else {
            self.beyond = self.beyond.saturating_add(chunk.len());
        }
        if self.beyond > 0 || self.copy.len() > self.limit {
            self.beyond = self.beyond.saturating_add(self.copy.len());
            self.copy = Pieces::default();
        }
    }

    pub(super) fn finish(self) -> Reading {
        if self.beyond > 0 {
            return Reading::unread(self.beyond, true);
        }
        let body = self.copy.joined();
        read(self.answer, &self.context, &body).unwrap_or_else(|| no_json(&body))
    }
}

/// What the body told. `None`: it is no JSON.
fn read(answer: Answer, context: &Context, body: &[u8]) -> Option<Reading> {
    match answer {
        Answer::Chat => {
            let mut chat = Chat::new(context.provider_type);
            chat.take(body).then(|| chat.finish_plain())
        }
        Answer::Responses | Answer::StoredResponse => {
            let mut responses = Responses::new(context.provider_type);
            responses
                .take(body)
                .then(|| responses.finish_plain(answer == Answer::StoredResponse))
        }
        Answer::Embeddings => embeddings::read(context.provider_type, body),
        Answer::Messages => {
            let mut messages = Messages::default();
            messages.take(body).then(|| messages.finish_plain())
        }
        Answer::Generate => {
            let mut google = Google::new(context.model.as_deref());
            google.take(body).then(|| google.finish_plain())
        }
        Answer::Converse => {
            let mut converse = Converse::new(context.maker);
            converse.take(body).then(|| converse.finish_plain())
        }
        Answer::Invoke => {
            let mut invoke = Invoke::new(context.maker);
            invoke.take(body).then(|| invoke.finish_plain())
        }
        Answer::Cohere => {
            let mut cohere = Cohere::default();
            cohere.take(body).then(|| cohere.finish_plain())
        }
        Answer::Rerank => cohere::ranked(body),
    }
}

/// JSON that breaks off was delivered in part; anything else is not the API's.
fn no_json(body: &[u8]) -> Reading {
    let broken_off = serde_json::from_slice::<IgnoredAny>(body).is_err_and(|error| error.is_eof());
    if broken_off && body.trim_ascii_start().first() == Some(&b'{') {
        Reading::unread(body.len(), false)
    } else {
        Reading {
            error: true,
            ..Reading::default()
        }
    }
}

/// Copies a JSON object without what is in the arrays and objects that are its vectors.
///
/// Works on bytes cut anywhere. What it leaves out is not checked; the rest stays as it was.
#[derive(Debug, Default)]
struct Pruner {
    depth: usize,
    string: InString,
    /// The last string where names are looked at: before a colon, the name of a member.
    name: Vec<u8>,
    /// A colon was the last thing but white space, where names are looked at.
    after_colon: bool,
    /// Within a member that holds vectors and other things.
    mixed: bool,
    /// What is left out ends where this depth is reached again. `None`: nothing is.
    dropping: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum InString {
    #[default]
    Outside,
    Inside,
    AfterBackslash,
}

impl Pruner {
    fn push(&mut self, bytes: &[u8], copy: &mut Pieces) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (dull, after) = rest
                .split_at_checked(self.dull(rest))
                .unwrap_or((rest, &[]));
            if self.dropping.is_none() {
                copy.extend(dull);
            }
            if self.has_names()
                && self.string != InString::Outside
                && self.name.len() <= VECTORS_NAME_MAX
            {
                self.name.extend(dull.iter().take(1 + VECTORS_NAME_MAX));
            }
            let Some((byte, after)) = after.split_first() else {
                return;
            };
            let was_dropping = self.dropping.is_some();
            self.step(*byte);
            if !(was_dropping && self.dropping.is_some()) {
                copy.push(*byte);
            }
            rest = after;
        }
    }

    /// Whether the names of the members here are looked at.
    const fn has_names(&self) -> bool {
        self.dropping.is_none() && (self.depth == 1 || self.mixed)
    }

    /// Whether the array or object that this byte opens holds vectors, and nothing else.
    fn holds_vectors(&self, byte: u8) -> bool {
        let names: &[&[u8]] = match (self.mixed, byte) {
            (false, b'[') => &VECTORS,
            (false, _) => &[VECTORS_BY_TYPE],
            (true, b'[') => &VECTORS_IN_MIXED,
            (true, _) => &[],
        };
        names.iter().any(|name| self.name == *name)
    }

    /// How many bytes at the beginning change nothing about where the pruner is.
    fn dull(&self, bytes: &[u8]) -> usize {
        let end = match self.string {
            InString::Inside => memchr2(b'"', b'\\', bytes),
            InString::AfterBackslash => Some(0),
            InString::Outside if self.dropping.is_some() => bytes
                .iter()
                .position(|byte| matches!(byte, b'"' | b'[' | b']' | b'{' | b'}')),
            InString::Outside => Some(0),
        };
        end.unwrap_or(bytes.len())
    }

    fn step(&mut self, byte: u8) {
        match (self.string, byte) {
            (InString::Inside, b'"') => self.string = InString::Outside,
            (InString::Inside, b'\\') => self.string = InString::AfterBackslash,
            (InString::Inside, _) => {}
            (InString::AfterBackslash, _) => {
                self.string = InString::Inside;
                // No name that is looked for is written with escapes.
                if self.has_names() && self.name.len() <= VECTORS_NAME_MAX {
                    self.name.push(byte);
                }
            }
            (InString::Outside, b'"') => {
                self.string = InString::Inside;
                if self.has_names() {
                    self.name.clear();
                }
            }
            (InString::Outside, b'[' | b'{') => {
                if self.after_colon && self.holds_vectors(byte) {
                    self.dropping = Some(self.depth);
                } else if self.after_colon && self.depth == 1 {
                    self.mixed = MIXED.iter().any(|name| self.name == *name);
                }
                self.depth += 1;
            }
            (InString::Outside, b']' | b'}') => {
                self.depth = self.depth.saturating_sub(1);
                self.dropping = self.dropping.filter(|from| self.depth > *from);
                self.mixed &= self.depth > 1;
            }
            (InString::Outside, _) => {}
        }
        if self.string == InString::Outside && !byte.is_ascii_whitespace() {
            self.after_colon = self.has_names() && byte == b':';
        }
    }
}

#[cfg(test)]
mod tests;
