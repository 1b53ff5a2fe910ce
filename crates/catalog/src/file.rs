//! The catalog's file: a header line, then one line per model in the order of their keys.
//!
//! ```text
//! {"format":1,"version":"2026-11-15","models":2413}
//! {"kind":"openai","id":"gpt-4o","display_name":"GPT-4o","mode":"chat","card":{…},…}
//! {"kind":"openai","id":"gpt-4o","region":"eu",…}
//! ```
//!
//! A line begins with its key, written without spaces and escapes, so that the key can be read without
//! parsing the line. Sorted by (kind, id, region) as bytes, the default price before its regions.

use memchr::{memchr, memrchr};
use serde::{Deserialize, Serialize};

use crate::{CatalogError, CatalogModel, Fault, check};

/// The form that this code reads and writes.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    format: u32,
    pub(crate) version: String,
    /// How many lines follow.
    pub(crate) models: usize,
}

/// What tells one row from every other. `region` is empty for the default prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key<'a> {
    pub(crate) kind: &'a str,
    pub(crate) id: &'a str,
    pub(crate) region: &'a str,
}

impl<'a> Key<'a> {
    pub(crate) fn of(model: &'a CatalogModel) -> Self {
        let region = model.region.as_deref().unwrap_or_default();
        Self {
            kind: &model.kind,
            id: &model.id,
            region,
        }
    }
}

/// Writes models as a catalog file: always the same text for the same models, in whatever order.
///
/// # Errors
/// [`CatalogError`] where the file would not pass the checks that [`crate::Catalog::from_bytes`] does.
pub fn write(version: &str, mut models: Vec<CatalogModel>) -> Result<String, CatalogError> {
    models.sort_by(|a, b| Key::of(a).cmp(&Key::of(b)));
    let header = Header {
        format: FORMAT,
        version: version.to_owned(),
        models: models.len(),
    };
    let mut text = to_json(&header, 1)?;
    for (index, model) in models.iter().enumerate() {
        text.push('\n');
        text.push_str(&to_json(model, index.saturating_add(2))?);
    }
    text.push('\n');
    let (header, rows) = split(&text)?;
    check::rows(&header, rows)?;
    Ok(text)
}

fn to_json(line: &impl Serialize, number: usize) -> Result<String, CatalogError> {
    serde_json::to_string(line).map_err(|error| CatalogError::Line {
        line: number,
        fault: Fault::Json(error),
    })
}

/// The header, and the text below it.
pub(crate) fn split(text: &str) -> Result<(Header, &str), CatalogError> {
    let (first, rows) = text.split_once('\n').unwrap_or((text, ""));
    let fault = |fault| CatalogError::Line { line: 1, fault };
    let header: Header = serde_json::from_str(first).map_err(|error| fault(Fault::Json(error)))?;
    if header.format != FORMAT {
        return Err(CatalogError::Format {
            found: header.format,
            read: FORMAT,
        });
    }
    check::version(&header.version).map_err(fault)?;
    Ok((header, rows))
}

/// The lines of a part of the file.
pub(crate) fn lines(rows: &str) -> impl Iterator<Item = &str> {
    rows.lines()
}

/// The model of a line that passed the checks.
pub(crate) fn parse(line: &str) -> Option<CatalogModel> {
    serde_json::from_str(line).ok()
}

/// The key that a line begins with. `None` where the line does not begin as it should.
pub(crate) fn key(line: &str) -> Option<Key<'_>> {
    let (kind, rest) = line.strip_prefix(r#"{"kind":""#)?.split_once('"')?;
    let (id, rest) = rest.strip_prefix(r#","id":""#)?.split_once('"')?;
    let region = match rest.strip_prefix(r#","region":""#) {
        Some(rest) => rest.split_once('"')?.0,
        None => "",
    };
    Some(Key { kind, id, region })
}

/// Where the first line begins whose key is not `before`, by halving; the keys that are must come
/// first. At most a dozen lines are looked at.
pub(crate) fn partition_point(rows: &str, before: impl Fn(Key<'_>) -> bool) -> usize {
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low.midpoint(high);
        let (start, next) = line_around(rows, middle);
        let is_before = rows.get(start..next).and_then(key).is_some_and(&before);
        if is_before {
            low = next;
        } else {
            high = start;
        }
    }
    low
}

/// Where the line that holds the byte begins, and where the next one does.
fn line_around(rows: &str, byte: usize) -> (usize, usize) {
    let (head, tail) = rows.as_bytes().split_at_checked(byte).unwrap_or_default();
    let start = memrchr(b'\n', head).map_or(0, |feed| feed.saturating_add(1));
    let next = memchr(b'\n', tail).map_or(tail.len(), |feed| feed.saturating_add(1));
    (start, byte.saturating_add(next))
}
