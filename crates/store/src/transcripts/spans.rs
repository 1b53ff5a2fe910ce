//! How much of SQLite's index of words a beginning takes.
//!
//! FTS5 first puts together every place of every word that begins so, however few calls are asked for. That
//! takes as long as the pages are many on which these places stand. Words that begin pages tell them apart
//! (`transcript_texts_idx`); the places of a word that is said very often fill pages on which none begins. So
//! at both ends the page itself is asked for its last word.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::{leaf::last_word, words::Wanted};
use crate::{StoreError, error::database};

/// A beginning that takes more pages than this is not asked for.
const PAGES: i64 = 400;

/// Of each part of the index: the page on which the beginning would begin, and the first behind it; the page on
/// which it would end, and the first behind that; and the last page of all. Pages are numbered within their part.
const EDGES: &str = "WITH RECURSIVE parts (id) AS (\
        SELECT MIN(segid) FROM transcript_texts_idx UNION ALL \
        SELECT (SELECT MIN(segid) FROM transcript_texts_idx WHERE segid > id) \
        FROM parts WHERE id IS NOT NULL), \
    edges AS (SELECT id, \
        (SELECT pgno / 2 FROM transcript_texts_idx \
            WHERE segid = id AND term <= ?1 ORDER BY term DESC LIMIT 1) AS first, \
        (SELECT pgno / 2 FROM transcript_texts_idx \
            WHERE segid = id AND term > ?1 ORDER BY term LIMIT 1) AS behind_first, \
        (SELECT pgno / 2 FROM transcript_texts_idx \
            WHERE segid = id AND term <= ?2 ORDER BY term DESC LIMIT 1) AS last, \
        (SELECT pgno / 2 FROM transcript_texts_idx \
            WHERE segid = id AND term > ?2 ORDER BY term LIMIT 1) AS behind_last, \
        (SELECT MAX(d.id) FROM transcript_texts_data d \
            WHERE d.id BETWEEN parts.id << 37 AND (parts.id << 37) + 2147483647) - (id << 37) AS end \
        FROM parts WHERE id IS NOT NULL) \
    SELECT first, behind_first, last, behind_last, end, \
        (SELECT block FROM transcript_texts_data d WHERE d.id = (edges.id << 37) + first), \
        (SELECT block FROM transcript_texts_data d WHERE d.id = (edges.id << 37) + last) FROM edges";

/// Whether so much begins with the last word that is wanted that the database should not be asked for it.
pub(super) async fn is_costly(
    connection: &impl ConnectionTrait,
    wanted: &Wanted,
) -> Result<bool, StoreError> {
    let backend = connection.get_database_backend();
    let Some(begins) = wanted.beginning().filter(|_| backend == DbBackend::Sqlite) else {
        return Ok(false);
    };
    // All words of this index begin with a nought.
    let begins = format!("0{begins}").into_bytes();
    let mut ends = begins.clone();
    ends.push(u8::MAX);
    let asked =
        Statement::from_sql_and_values(backend, EDGES, [begins.clone().into(), ends.into()]);
    let mut pages: i64 = 0;
    for part in connection.query_all_raw(asked).await.map_err(database)? {
        pages = pages.saturating_add(spanned(&part, &begins)?.unwrap_or(0));
    }
    Ok(pages > PAGES)
}

/// How many pages a beginning takes of a part of the index. `None`: none.
fn spanned(part: &QueryResult, begins: &[u8]) -> Result<Option<i64>, StoreError> {
    let number = |column| {
        part.try_get_by_index::<Option<i64>>(column)
            .map_err(database)
    };
    let last_of = |column| {
        let page: Option<Vec<u8>> = part.try_get_by_index(column).map_err(database)?;
        Ok::<_, StoreError>(page.and_then(|page| last_word(&page)))
    };
    let (first, behind_first) = (number(0)?, number(1)?);
    let (last, behind_last) = (number(2)?, number(3)?);
    // Where the page ends before it, the beginning is on the next one on which a word begins.
    let reaches = last_of(5)?.is_some_and(|word| word.as_slice() >= begins);
    let from = if reaches { first } else { behind_first };
    let goes_on = last_of(6)?.is_some_and(|word| word.starts_with(begins));
    let behind = behind_last.or(number(4)?.map(|end| end.saturating_add(1)));
    let to = if goes_on {
        behind
    } else {
        last.map(|last| last.saturating_add(1))
    };
    Ok(from
        .zip(to)
        .map(|(from, to)| Ord::max(to.saturating_sub(from), 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcripts::{Transcripts, TranscriptsOptions, dialect::insert};

    /// A database in which a text is there so many times, and then others once.
    async fn with(
        folder: &std::path::Path,
        text: &str,
        times: i64,
        others: &[&str],
    ) -> Transcripts {
        let transcripts = Transcripts::open(&TranscriptsOptions {
            database_url: format!("sqlite:{}", folder.join("transcripts.db").display()),
            readers: 1,
        })
        .await
        .unwrap();
        let said = (0..times).map(|_| text).chain(others.iter().copied());
        let texts: Vec<(i64, String)> = (1..).zip(said.map(str::to_owned)).collect();
        for part in texts.chunks(50) {
            let transaction = transcripts.begin().await.unwrap();
            let statement = insert(DbBackend::Sqlite, part);
            transaction.execute_raw(statement).await.unwrap();
            transaction.commit().await.unwrap();
        }
        transcripts
    }

    #[tokio::test]
    async fn one_word_that_is_said_very_often_is_a_costly_beginning() {
        let dir = tempfile::tempdir().unwrap();
        // Its places fill pages on which no word begins.
        let often = "commonplace ".repeat(4_000);
        let others = ["common", "commonsense", "comet", "zebra"];
        let transcripts = with(dir.path(), &often, 600, &others).await;
        // In one piece, as it is after a while.
        let merge = "INSERT INTO transcript_texts (transcript_texts) VALUES ('optimize')";
        for merged in [false, true] {
            if merged {
                let writer = transcripts.writer();
                writer.execute_unprepared(merge).await.unwrap();
            }
            let costly = async |typed| {
                let wanted = Wanted::of(typed);
                is_costly(transcripts.readers(), &wanted).await.unwrap()
            };
            for typed in ["comm", "common", "commonp", "commonplace", "zebra comm"] {
                assert!(costly(typed).await, "{typed} {merged}");
            }
            // Neither what is whole nor what stands beside it or is not there.
            for typed in [
                "commonplace ",
                "commons",
                "commonsense",
                "comet",
                "commonq",
                "zebra",
                "zeb",
                "aardvark",
                "commonplaces",
                "comm zebra",
            ] {
                assert!(!costly(typed).await, "{typed} {merged}");
            }
        }
    }
}
