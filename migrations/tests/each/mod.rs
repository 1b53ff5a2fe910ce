//! What holds on each database. A test's name says where it ran.

mod forward;
mod transcripts;
