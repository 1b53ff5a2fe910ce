//! Sees to it that nothing of what was deleted is left in a file.
//!
//! SQLite overwrites rows that are deleted and pages that become free (`secure_delete`). Two things are left to
//! do: when rows move from page to page, their old bytes may stay where a page holds nothing, and are not
//! overwritten when the row is deleted; and the log still has pages as they were. So the unused part of every
//! page is overwritten, free pages are given back, and the log is emptied.
//!
//! A page of a table or index is a header, the places of its rows, then nothing, then its rows
//! (<https://www.sqlite.org/fileformat2.html#b_tree_pages>). What kind a page is stands in the pages of pointers
//! that a file with `auto_vacuum` has: five bytes for each page that follows.

use std::ops::Range;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::{
    columns::{CONVERSATIONS, TRANSCRIPTS},
    dialect::TEXTS,
    insert::BODIES,
    join::LINKS,
    open::Transcripts,
};
use crate::{StoreError, error::database};

/// Free pages that are given back by one statement.
const PAGES_GIVEN_BACK: i64 = 2_000;
/// The page with the kinds of those that follow it.
const FIRST_POINTERS: i64 = 2;
const POINTER_BYTES: usize = 5;
/// Kinds of pages: the root of a table or index, and any other of its pages.
const ROOT: u8 = 1;
const BRANCH_OR_LEAF: u8 = 5;
/// The first page begins with the header of the file.
const FILE_HEADER_BYTES: usize = 100;

impl Transcripts {
    /// Empties the log and gives back free pages, so that nothing of what was deleted is left in a file.
    /// Whether it could: somebody who reads may be in the way; try again then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        if self.backend() != DbBackend::Sqlite {
            self.vacuum().await?;
            return Ok(true);
        }
        self.replace_separators().await?;
        while self.pragma("freelist_count").await? > 0 {
            let before = self.pragma("page_count").await?;
            let sql = format!("PRAGMA incremental_vacuum({PAGES_GIVEN_BACK})");
            self.execute(&sql).await?;
            if self.pragma("page_count").await? >= before {
                break;
            }
        }
        self.overwrite_unused().await?;
        // Of three numbers the first says whether somebody was in the way.
        Ok(self.pragma("wal_checkpoint(TRUNCATE)").await? == 0)
    }

    /// Postgres gives rows that were deleted free for others.
    async fn vacuum(&self) -> Result<(), StoreError> {
        for table in [TEXTS, BODIES, LINKS, TRANSCRIPTS, CONVERSATIONS] {
            self.execute(&format!("VACUUM {table}")).await?;
        }
        Ok(())
    }

    /// Overwrites what pages of tables and indexes do not use.
    async fn overwrite_unused(&self) -> Result<(), StoreError> {
        let page_bytes = self.pragma("page_size").await?;
        let each = usize::try_from(page_bytes).unwrap_or(0) / POINTER_BYTES;
        let told_of = i64::try_from(each).unwrap_or(0);
        let mut pointers = FIRST_POINTERS;
        // Other writes come in between.
        loop {
            let transaction = self.begin().await?;
            let Some(kinds) = page(&transaction, pointers).await? else {
                break;
            };
            if pointers == FIRST_POINTERS {
                clean(&transaction, &[1]).await?;
            }
            let branches_and_leaves: Vec<i64> = (pointers.saturating_add(1)..)
                .zip(kinds.chunks_exact(POINTER_BYTES).take(each))
                .filter(|(_, kind)| matches!(kind.first(), Some(&(ROOT | BRANCH_OR_LEAF))))
                .map(|(number, _)| number)
                .collect();
            clean(&transaction, &branches_and_leaves).await?;
            transaction.commit().await.map_err(database)?;
            pointers = pointers.saturating_add(told_of).saturating_add(1);
        }
        Ok(())
    }

    async fn pragma(&self, name: &str) -> Result<i64, StoreError> {
        let asked = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = self.writer().query_one_raw(asked).await.map_err(database)?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0))
            .map_err(database)
    }

    async fn execute(&self, sql: &str) -> Result<(), StoreError> {
        let done = self.writer().execute_unprepared(sql).await;
        done.map_err(database)?;
        Ok(())
    }
}

/// Overwrites what these pages do not use, where there is something.
async fn clean(transaction: &DatabaseTransaction, numbers: &[i64]) -> Result<(), StoreError> {
    let sql = "SELECT pgno, data FROM sqlite_dbpage WHERE pgno IN (SELECT value FROM json_each(?))";
    let numbers = format!("{numbers:?}");
    let asked = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [numbers.into()]);
    for row in transaction.query_all_raw(asked).await.map_err(database)? {
        let number: i64 = row.try_get_by_index(0).map_err(database)?;
        let mut bytes: Vec<u8> = row.try_get_by_index(1).map_err(database)?;
        let header = if number == 1 { FILE_HEADER_BYTES } else { 0 };
        let unused = unused(&bytes, header).and_then(|unused| bytes.get_mut(unused));
        let Some(unused) = unused.filter(|unused| unused.iter().any(|byte| *byte != 0)) else {
            continue;
        };
        unused.fill(0);
        let sql = "UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?";
        let values = [bytes.into(), number.into()];
        let update = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        transaction.execute_raw(update).await.map_err(database)?;
    }
    Ok(())
}

/// Between the places of a page's rows and the rows. `None`: it is no page of a table or index.
fn unused(page: &[u8], header: usize) -> Option<Range<usize>> {
    /// Kinds: branches and leaves of indexes and of tables.
    const BRANCHES: [u8; 2] = [2, 5];
    const LEAVES: [u8; 2] = [10, 13];
    let kind = *page.get(header)?;
    let places = header
        + if BRANCHES.contains(&kind) {
            12
        } else if LEAVES.contains(&kind) {
            8
        } else {
            return None;
        };
    let number = |at: usize| {
        let bytes = page.get(at..at + 2)?;
        Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)))
    };
    let rows = number(header + 3)?;
    let content = match number(header + 5)? {
        0 => 65_536,
        content => content,
    };
    let end_of_places = places + 2 * rows;
    (end_of_places <= content && content <= page.len()).then_some(end_of_places..content)
}

/// A page of the file. `None`: there is none of this number.
async fn page(
    transaction: &DatabaseTransaction,
    number: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT data FROM sqlite_dbpage WHERE pgno = ?";
    let asked = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [number.into()]);
    let row = transaction.query_one_raw(asked).await.map_err(database)?;
    row.map(|row| row.try_get_by_index(0))
        .transpose()
        .map_err(database)
}
