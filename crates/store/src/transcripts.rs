//! What was said in calls, where a provider is told to record it: a database of its own beside the ledger's
//! (tables of their own in Postgres), so that a slow or full disk of it never holds up a row.
//!
//! Conversations have calls, a call has two bodies at most, compressed. What is new in each call can be
//! searched. What is deleted is gone from tables, search index, log and free pages.
//!
//! | part | what it does |
//! |---|---|
//! | `add`, `join`, `insert` | adds calls, each to its conversation |
//! | `find`, `find_text`, `filter`, `chunk` | the list of conversations, and the search |
//! | `words`, `dialect` | words of a text and of a search, and how each database is asked for them |
//! | `spans`, `leaf` | what a search would cost SQLite, and the pages of its index of words |
//! | `read`, `room` | conversations, calls, bodies; how much there is |
//! | `forget`, `scrub`, `separators` | deletes for good |
//! | `costs` | other prices for calls that are there |
//!
//! Knows no API of the providers: what a body says is told by whoever adds it.

mod add;
mod chunk;
mod columns;
mod costs;
mod dialect;
mod filter;
mod find;
mod find_text;
mod forget;
mod insert;
mod join;
mod leaf;
mod open;
mod read;
mod room;
mod scrub;
mod separators;
mod spans;
mod types;
mod words;

pub use open::{Transcripts, TranscriptsOptions};
pub use types::{
    Body, BodyInfo, Conversation, ConversationFilter, ConversationPage, Forget, Forgotten, Heard,
    Link, NewTranscript, PackedBody, Transcript, TranscriptsRoom, Turn,
};
pub use words::{FOUND_BEGINS, FOUND_ENDS};
