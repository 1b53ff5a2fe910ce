//! A page of words as FTS5 keeps it (`transcript_texts_data`).
//!
//! Its third and fourth byte tell its size without its last part. That tells where words stand: the first from
//! the beginning, each other one from the one before. There stands how long the word is, and the word; of
//! the second and later ones first how much they have of the one before. Numbers are SQLite's, of one to
//! nine bytes (<https://www.sqlite.org/fts5.html#fts5_data_structures>).

/// The first word of a page. `None`: none begins on it.
pub(super) fn first_word(page: &[u8]) -> Option<&[u8]> {
    let (place, _) = number(page.get(size(page)?..)?)?;
    text(page, place)
}

/// The last word of a page. `None`: none begins on it.
pub(super) fn last_word(page: &[u8]) -> Option<Vec<u8>> {
    let mut word = first_word(page)?.to_vec();
    let (mut place, bytes) = number(page.get(size(page)?..)?)?;
    let mut next = size(page)?.checked_add(bytes)?;
    while let Some((further, bytes)) = page.get(next..).and_then(number) {
        next = next.checked_add(bytes)?;
        place = place.checked_add(further)?;
        let (same, bytes) = number(page.get(place..)?)?;
        word.truncate(same);
        word.extend_from_slice(text(page, place.checked_add(bytes)?)?);
    }
    Some(word)
}

/// How much of a page stands before its last part.
fn size(page: &[u8]) -> Option<usize> {
    let size = page.get(2..4)?;
    Some(usize::from(u16::from_be_bytes(size.try_into().ok()?)))
}

/// A text with its length before it.
fn text(page: &[u8], place: usize) -> Option<&[u8]> {
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
    fn the_first_and_the_last_word_are_read() {
        // Two bytes for the first row, two for the size, then words with a byte of rows behind each, and in the
        // last part their places.
        let page = [
            0, 0, 0, 17, 6, b'0', b'h', b'e', b'l', b'l', b'o', 9, 3, 2, b'r', b'r', 9, 4, 8,
        ];
        assert_eq!(first_word(&page).unwrap(), b"0hello");
        assert_eq!(last_word(&page).unwrap(), b"0herr");
        assert_eq!(first_word(&[0, 0, 0, 4]), None);
        assert_eq!(last_word(&[0, 0, 0, 4]), None);
        assert_eq!(number(&[0x81, 0x01]), Some((129, 2)));
    }
}
