//! Words in SQLite's index of words that tell its pages apart.
//!
//! For each page of words, FTS5 keeps how its first word begins (`transcript_texts_idx`), as far as that tells it
//! from the words before. When that word is deleted, its beginning stays, and may be nearly all of it. So it
//! is replaced by the beginning of the word that is the first one now, which tells the pages apart as well.
//!
//! A page (`transcript_texts_data`) has its size without the last part in its third and fourth byte; the last
//! part begins with where the first word stands; there stand its length and the word. Numbers are SQLite's, of
//! one to nine bytes (<https://www.sqlite.org/fts5.html#fts5_data_structures> and the source beside it).

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::open::Transcripts;
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

/// The first word of a page. `None`: none begins on it.
fn first_word(page: &[u8]) -> Option<&[u8]> {
    let size = page.get(2..4)?;
    let size = usize::from(u16::from_be_bytes(size.try_into().ok()?));
    let (place, _) = number(page.get(size..)?)?;
    let (length, bytes) = number(page.get(place..)?)?;
    let start = place.checked_add(bytes)?;
    page.get(start..start.checked_add(length)?)
}

/// A number as SQLite writes it, and how many bytes it takes.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    // What stands on a page needs no more than three of the nine.
    let mut number = 0;
    for (place, byte) in bytes.iter().take(3).enumerate() {
        number = (number << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, place.saturating_add(1)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_read_and_its_beginning_told() {
        // Two bytes for the first row, two for the size, then the word, and in the last part its place.
        let page = [0, 0, 0, 11, 6, b'0', b'h', b'e', b'l', b'l', b'o', 4];
        let word = first_word(&page).unwrap();
        assert_eq!(word, b"0hello");
        assert_eq!(instead(b"0he", word), None);
        assert_eq!(instead(b"0ha", word), Some(b"0he".as_slice()));
        assert_eq!(instead(b"0hellm", word), Some(b"0hello".as_slice()));
        assert_eq!(first_word(&[0, 0, 0, 4]), None);
        assert_eq!(number(&[0x81, 0x01]), Some((129, 2)));
    }
}
