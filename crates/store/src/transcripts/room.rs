//! How much is kept.

use std::path::PathBuf;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Query},
};

use super::{
    columns::{CONVERSATIONS, TRANSCRIPTS},
    open::Transcripts,
    types::TranscriptsRoom,
};
use crate::{StoreError, error::database, size::bytes_of, time::from_us_or_none};

impl Transcripts {
    /// What is kept, and how much room it takes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn room(&self) -> Result<TranscriptsRoom, StoreError> {
        let transcripts = self.number("COUNT(*)", TRANSCRIPTS).await?;
        let conversations = self.number("COUNT(*)", CONVERSATIONS).await?;
        let oldest = self.number("MIN(started_at_us)", TRANSCRIPTS).await?;
        let count = |counted: Option<i64>| u64::try_from(counted.unwrap_or(0)).unwrap_or(0);
        Ok(TranscriptsRoom {
            bytes: self.size_bytes().await,
            transcripts: count(transcripts),
            conversations: count(conversations),
            oldest_at: from_us_or_none(TRANSCRIPTS, oldest)?,
        })
    }

    async fn number(
        &self,
        of: &'static str,
        table: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        let mut query = Query::select();
        query.expr(Expr::cust(of)).from(table);
        let row = self.readers().query_one(&query).await.map_err(database)?;
        row.map_or(Ok(None), |row| row.try_get_by_index(0))
            .map_err(database)
    }

    /// Bytes of SQLite's files.
    async fn size_bytes(&self) -> Option<u64> {
        let file: PathBuf = self.file()?.clone();
        let counted = tokio::task::spawn_blocking(move || bytes_of(&file)).await;
        counted.ok()?.ok()
    }
}
