//! Times as the database has them: microseconds since 1970.

use jiff::Timestamp;

use crate::StoreError;

/// A time as the database keeps it. What is finer than a microsecond is cut off.
pub(crate) fn to_us(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A time as the database has it.
pub(crate) fn from_us(table: &'static str, us: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(us).map_err(|error| StoreError::unreadable(table, error))
}

/// As [`from_us`], for a time that may be missing.
pub(crate) fn from_us_or_none(
    table: &'static str,
    us: Option<i64>,
) -> Result<Option<Timestamp>, StoreError> {
    us.map(|us| from_us(table, us)).transpose()
}
