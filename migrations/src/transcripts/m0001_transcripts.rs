//! Conversations, the calls in them, what was said, and by what calls of one conversation know each other.
//!
//! What is read in lists, bodies and searched text stand in tables of their own, so that a list never reads
//! a body. All of a call hangs on the number that it got when it was recorded (`seq`).

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::parts::{
    bytes, flag, id, id_or_null, index, number, number_or_null, sequence, table, text, text_or_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for table in [conversations(), transcripts(), bodies(), links(backend)] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        for sql in texts(backend) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What a conversation has of its calls is made anew from them when some are deleted.
fn conversations() -> TableCreateStatement {
    table(
        "conversations",
        [
            sequence("seq"),
            id("id"),
            number("started_at_us"),
            number("last_at_us"),
            text_or_null("agent"),
            text_or_null("user_name"),
            id_or_null("token"),
            text("provider"),
            text_or_null("model"),
            text("outcome"),
            number("calls"),
            number("tokens"),
            number("cost_nano"),
            number("unpriced"),
            text_or_null("title"),
        ],
    )
}

fn transcripts() -> TableCreateStatement {
    table(
        "transcripts",
        [
            sequence("seq"),
            id("call"),
            id("conversation"),
            number("started_at_us"),
            text("provider"),
            text("provider_type"),
            text_or_null("model"),
            text("operation"),
            flag("streamed"),
            text_or_null("agent"),
            text_or_null("user_name"),
            id_or_null("token"),
            text("outcome"),
            number("status"),
            number("latency_us"),
            number_or_null("tokens"),
            number_or_null("cost_nano"),
            text("price_state"),
            number("known_messages"),
            text_or_null("request_type"),
            number_or_null("request_bytes"),
            number_or_null("request_kept"),
            text_or_null("response_type"),
            number_or_null("response_bytes"),
            number_or_null("response_kept"),
            text_or_null("title"),
        ],
    )
}

/// Bodies, compressed.
fn bodies() -> TableCreateStatement {
    table(
        "transcript_bodies",
        [
            number("seq").primary_key().take(),
            ColumnDef::new("request").blob().null().take(),
            ColumnDef::new("response").blob().null().take(),
        ],
    )
}

/// By what later calls find an earlier one. The newest call of a link is the one that counts.
fn links(backend: DbBackend) -> TableCreateStatement {
    let mut links = table(
        "transcript_links",
        [
            bytes("link"),
            number("transcript"),
            id("conversation"),
            number("at_us"),
        ],
    );
    let mut key = Index::create();
    key.name("transcript_links_key")
        .col("link")
        .col("transcript");
    links.primary_key(&mut key);
    if backend == DbBackend::Sqlite {
        links.extra("WITHOUT ROWID");
    }
    links
}

fn indexes() -> Vec<IndexCreateStatement> {
    let mut indexes = vec![
        index("conversations_id", "conversations", &["id"])
            .unique()
            .take(),
        index(
            "conversations_last_at",
            "conversations",
            &["last_at_us", "seq"],
        ),
        index("transcripts_call", "transcripts", &["call"])
            .unique()
            .take(),
        index(
            "transcripts_conversation",
            "transcripts",
            &["conversation", "started_at_us"],
        ),
        index(
            "transcript_links_transcript",
            "transcript_links",
            &["transcript"],
        ),
    ];
    let found_by = [
        ("transcripts_started_at", "started_at_us"),
        ("transcripts_provider", "provider"),
        ("transcripts_model", "model"),
        ("transcripts_agent", "agent"),
        ("transcripts_user", "user_name"),
        ("transcripts_token", "token"),
        ("transcripts_outcome", "outcome"),
    ];
    indexes.extend(found_by.map(|(name, column)| index(name, "transcripts", &[column])));
    indexes
}

/// What was said, to be searched. Each database has its own way; what it is told is the same.
fn texts(backend: DbBackend) -> &'static [&'static str] {
    match backend {
        DbBackend::Postgres => &[
            "CREATE TABLE transcript_texts (seq bigint PRIMARY KEY, text text NOT NULL, words tsvector NOT NULL)",
            "CREATE INDEX transcript_texts_words ON transcript_texts USING gin (words)",
        ],
        _ => &[
            "CREATE VIRTUAL TABLE transcript_texts USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')",
            // A word that is deleted leaves the index at once, not when its pages happen to be merged.
            "INSERT INTO transcript_texts (transcript_texts, rank) VALUES ('secure-delete', 1)",
        ],
    }
}
