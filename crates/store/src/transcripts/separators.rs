//! Words in SQLite's index of words that tell its pages apart.
//!
//! For each page of words, FTS5 keeps how its first word begins (`transcript_texts_idx`), as far as that tells it
//! from the words before. When that word is deleted, its beginning stays, and may be nearly all of it. So it
//! is replaced by the beginning of the word that is the first one now, which tells the pages apart as well.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{leaf::first_word, open::Transcripts};
use crate::{StoreError, error::database};

/// Pages that are looked at in one transaction.
const PAGES: usize = 500;

/// The pages of words behind a place, each with how its first word begins.
const LISTED: &str = "SELECT i.segid, i.term, d.block \
    FROM transcript_texts_idx i JOIN transcript_texts_data d ON d.id = (i.segid << 37) + (i.pgno >> 1) \
    WHERE (i.segid, i.term) > (?, ?) ORDER BY i.segid, i.term LIMIT ?";

impl Transcripts {
    /// Replaces the beginnings of words that are gone.
    pub(super) async fn replace_separators(&self) -> Result<(), StoreError> {
        let mut after: (i64, Vec<u8>) = (0, vec![]);
        loop {
            let transaction = self.begin().await?;
            let (segment, separator) = after.clone();
            let most = i64::try_from(PAGES).unwrap_or(i64::MAX);
            let values = [segment.into(), separator.into(), most.into()];
            let asked = Statement::from_sql_and_values(DbBackend::Sqlite, LISTED, values);
            let rows = transaction.query_all_raw(asked).await.map_err(database)?;
            for row in &rows {
                let segment: i64 = row.try_get_by_index(0).map_err(database)?;
                let separator: Vec<u8> = row.try_get_by_index(1).map_err(database)?;
                let page: Vec<u8> = row.try_get_by_index(2).map_err(database)?;
                let now = first_word(&page).and_then(|word| instead(&separator, word));
                if let Some(now) = now {
                    let sql =
                        "UPDATE transcript_texts_idx SET term = ? WHERE segid = ? AND term = ?";
                    let values = [
                        now.to_vec().into(),
                        segment.into(),
                        separator.clone().into(),
                    ];
                    let update = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
                    transaction.execute_raw(update).await.map_err(database)?;
                }
                after = (segment, separator);
            }
            transaction.commit().await.map_err(database)?;
            if rows.len() < PAGES {
                return Ok(());
            }
        }
    }
}

/// What takes the place of a beginning. `None`: the first word still begins with it.
fn instead<'a>(separator: &[u8], word: &'a [u8]) -> Option<&'a [u8]> {
    let same = separator.iter().zip(word).take_while(|(a, b)| a == b);
    let same = same.count();
    if same == separator.len() {
        return None;
    }
    word.get(..=same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_replaced_where_the_word_is_another() {
        let word = b"0hello";
        assert_eq!(instead(b"0he", word), None);
        assert_eq!(instead(b"0ha", word), Some(b"0he".as_slice()));
        assert_eq!(instead(b"0hellm", word), Some(b"0hello".as_slice()));
    }
}
