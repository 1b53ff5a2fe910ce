//! Lists in pages: how many rows are asked for, and from where on.

use std::{fmt::Display, str::FromStr};

use domain::Timestamp;
use serde::Serialize;
use store::Cursor;

use crate::error::{AdminError, FieldError};

/// Digits of an age in microseconds, as it stands in a cursor.
const AGE_DIGITS: usize = 20;
/// Rows of a page where nobody says.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
pub const LIMIT_MOST: u32 = 1_000;

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows at most.
    pub limit: u32,
    /// Where the page before ended, as it said. `None`: the first page.
    pub cursor: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: LIMIT_DEFAULT,
            cursor: None,
        }
    }
}

impl PageRequest {
    /// The first `limit` rows.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self {
            limit,
            cursor: None,
        }
    }

    /// The cursor of a list that the store pages.
    pub(crate) fn store_cursor(&self) -> Result<Option<Cursor>, AdminError> {
        self.cursor
            .as_deref()
            .map(|text| text.parse().map_err(|_| bad_cursor()))
            .transpose()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to ask the next page with. Null: this is the last one.
    pub next_cursor: Option<String>,
}

/// The page of a list that is in memory, whole and sorted by `key`. The cursor is the key of the last
/// row, so that rows which come or go in between move nothing. `is_key`: whether a text may be a key.
///
/// # Errors
/// [`AdminError::BadQuery`] for a cursor that is none.
pub(crate) fn page_of<T>(
    rows: Vec<T>,
    request: &PageRequest,
    key: impl Fn(&T) -> String,
    is_key: impl Fn(&str) -> bool,
) -> Result<Page<T>, AdminError> {
    if request
        .cursor
        .as_deref()
        .is_some_and(|cursor| !is_key(cursor))
    {
        return Err(bad_cursor());
    }
    let most = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let mut items: Vec<T> = rows
        .into_iter()
        .filter(|row| {
            request
                .cursor
                .as_ref()
                .is_none_or(|cursor| key(row) > *cursor)
        })
        .take(most.saturating_add(1))
        .collect();
    let more = items.len() > most;
    items.truncate(most);
    let next_cursor = if more { items.last().map(key) } else { None };
    Ok(Page { items, next_cursor })
}

/// The key of a row in a list with the newest first: it grows as the time of making falls.
pub(crate) fn age_key(made: Timestamp, id: impl Display) -> String {
    let age = i64::MAX.saturating_sub(made.as_microsecond());
    format!("{age:0AGE_DIGITS$}{id}")
}

/// Whether a text may be such a key.
pub(crate) fn is_age_key<Id: FromStr>(cursor: &str) -> bool {
    cursor
        .split_at_checked(AGE_DIGITS)
        .is_some_and(|(age, id)| {
            age.bytes().all(|digit| digit.is_ascii_digit()) && id.parse::<Id>().is_ok()
        })
}

/// What is said of a cursor that no page gave.
pub(crate) fn bad_cursor() -> AdminError {
    AdminError::BadQuery(vec![FieldError::new(
        "cursor",
        "invalid_cursor",
        "use the next_cursor of the page before as it is, or leave it out",
    )])
}
