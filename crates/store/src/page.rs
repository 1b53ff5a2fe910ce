//! Lists in pages that begin where the one before ended, so that new rows in between move nothing.

use std::{fmt, str::FromStr};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins. `None`: this is the last one.
    pub next: Option<Cursor>,
}

/// Where a page ended. Its text says nothing to anybody but the list that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub(crate) u128);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let hexadecimal = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hexadecimal {
            return Err(InvalidCursor);
        }
        u128::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| InvalidCursor)
    }
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the cursor of a page")]
pub struct InvalidCursor;

/// Makes a page of rows of which one more than `limit` was asked for.
pub(crate) fn page<T>(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(cursor) } else { None };
    Page { items: rows, next }
}
