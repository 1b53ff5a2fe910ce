//! Checksums of sums whose calls are deleted, by which it is proved later that they did not change.
//!
//! The checksum of a quarter hour is a sum over its live sums: each value times an odd number that its key and
//! its name give, modulo 2^128. So one value that differs always shows. And so it can be kept up with what comes
//! late without reading anything: what a call adds to the sums, it adds to the checksum in the same way.

use std::{collections::BTreeMap, sync::LazyLock};

use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Expr, ExprTrait, Query},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::levels::{Level, Side, Span};
use crate::{StoreError, columns, error::database};

/// The texts of a sum's key, behind its level and its start and before its token.
pub(crate) const TEXTS: usize = 7;

/// Columns of a sum's key before its texts.
const BEFORE_TEXTS: usize = 2;

/// What every sum's name gives.
static NAMES: LazyLock<Vec<u128>> = LazyLock::new(|| {
    let of = |name: &str| halves(&Sha256::digest(name)).0;
    columns::sums().map(of).collect()
});

/// Whose sums they are, and of which quarter hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SumsKey<'a> {
    pub(crate) side: Side,
    pub(crate) start_us: i64,
    pub(crate) texts: [&'a str; TEXTS],
    pub(crate) token: Uuid,
}

/// The checksum of a quarter hour, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Checksum(u128);

impl Checksum {
    /// Adds sums, in the order of [`columns::sums`].
    pub(crate) fn add(&mut self, key: &SumsKey<'_>, sums: impl IntoIterator<Item = i64>) {
        let (first, second) = halves(&key.digest());
        for (sum, name) in sums.into_iter().zip(NAMES.iter()) {
            if sum != 0 {
                let odd = (first ^ name).wrapping_mul(second | 1) | 1;
                let value = i128::from(sum).cast_unsigned();
                self.0 = self.0.wrapping_add(value.wrapping_mul(odd));
            }
        }
    }

    /// Adds a part.
    pub(crate) fn join(&mut self, part: Self) {
        self.0 = self.0.wrapping_add(part.0);
    }

    /// As the database has it.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let bytes = bytes
            .try_into()
            .map_err(|error| StoreError::unreadable("usage_checksums", error))?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }

    /// Its first digits, for people.
    pub(crate) fn digits(self) -> i64 {
        i64::try_from(self.0 >> 65).unwrap_or_default()
    }
}

impl SumsKey<'_> {
    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.side.key());
        hash.update(self.start_us.to_be_bytes());
        for text in self.texts {
            // With its length, so that no two keys are one text.
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
        hash.update(self.token.as_bytes());
        hash.finalize().into()
    }
}

fn halves(digest: &[u8]) -> (u128, u128) {
    let number = |bytes: &[u8]| {
        let fold = |number: u128, byte: &u8| (number << 8) | u128::from(*byte);
        bytes.iter().fold(0, fold)
    };
    let (first, second) = digest.split_at(digest.len() / 2);
    (number(first), number(second))
}

/// The checksums of quarter hours as their sums are, by where they begin.
pub(crate) async fn of_sums(
    connection: &impl ConnectionTrait,
    levels: &[Level],
    from_us: i64,
    to_us: i64,
) -> Result<BTreeMap<i64, Checksum>, StoreError> {
    let mut found: BTreeMap<i64, Checksum> = BTreeMap::new();
    for level in levels.iter().filter(|level| level.span == Span::Quarter) {
        let mut query = Query::select();
        query
            .columns(columns::SUMS_KEY.iter().copied())
            .columns(columns::sums())
            .from(level.table())
            .and_where(Expr::col("level").eq(level.id))
            .and_where(Expr::col("start_us").gte(from_us))
            .and_where(Expr::col("start_us").lt(to_us));
        for row in connection.query_all(&query).await.map_err(database)? {
            let start_us: i64 = row.try_get_by_index(1).map_err(database)?;
            let checksum = found.entry(start_us).or_default();
            add_row(checksum, level.side, start_us, &row).map_err(database)?;
        }
    }
    Ok(found)
}

fn add_row(
    checksum: &mut Checksum,
    side: Side,
    start_us: i64,
    row: &QueryResult,
) -> Result<(), sea_orm::DbErr> {
    let mut texts: [String; TEXTS] = Default::default();
    for (column, text) in (BEFORE_TEXTS..).zip(&mut texts) {
        *text = row.try_get_by_index(column)?;
    }
    let token: Uuid = row.try_get_by_index(BEFORE_TEXTS.saturating_add(TEXTS))?;
    let first = columns::SUMS_KEY.len();
    let sums: Vec<i64> = (first..)
        .take(NAMES.len())
        .map(|column| row.try_get_by_index(column))
        .collect::<Result<_, _>>()?;
    let key = SumsKey {
        side,
        start_us,
        texts: texts.each_ref().map(String::as_str),
        token,
    };
    checksum.add(&key, sums);
    Ok(())
}

/// The checksums of quarter hours as they are kept, by where they begin.
pub(crate) async fn kept(
    connection: &impl ConnectionTrait,
    from_us: i64,
    to_us: i64,
) -> Result<BTreeMap<i64, Checksum>, StoreError> {
    let mut query = Query::select();
    query
        .columns(["start_us", "checksum"])
        .from("usage_checksums")
        .and_where(Expr::col("start_us").gte(from_us))
        .and_where(Expr::col("start_us").lt(to_us));
    let mut kept: BTreeMap<i64, Checksum> = BTreeMap::new();
    for row in connection.query_all(&query).await.map_err(database)? {
        let start_us: i64 = row.try_get_by_index(0).map_err(database)?;
        let bytes: Vec<u8> = row.try_get_by_index(1).map_err(database)?;
        kept.entry(start_us)
            .or_default()
            .join(Checksum::read(&bytes)?);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Checksum, SumsKey};
    use crate::usage::levels::Side;

    fn key<'a>(model: &'a str, agent: &'a str) -> SumsKey<'a> {
        SumsKey {
            side: Side::All,
            start_us: 900_000_000,
            texts: ["main", "openai", model, "", "", agent, ""],
            token: Uuid::nil(),
        }
    }

    fn checksum(parts: &[(SumsKey<'_>, [i64; 3])]) -> Checksum {
        let mut checksum = Checksum::default();
        for (key, sums) in parts {
            checksum.add(key, *sums);
        }
        checksum
    }

    #[test]
    fn what_is_added_later_is_as_if_it_had_been_there() {
        let whole = checksum(&[(key("a", ""), [3, 50, -7]), (key("b", ""), [1, 1, 1])]);
        let mut parts = checksum(&[(key("b", ""), [1, 1, 1]), (key("a", ""), [2, 0, -8])]);
        parts.join(checksum(&[(key("a", ""), [1, 50, 1])]));
        assert_eq!(whole, parts);
        assert_eq!(Checksum::read(&whole.bytes()).unwrap(), whole);
    }

    #[test]
    fn any_other_value_key_or_place_has_another_checksum() {
        let known = checksum(&[(key("a", "b"), [3, 50, 0])]);
        for other in [
            checksum(&[(key("a", "b"), [3, 51, 0])]),
            checksum(&[(key("a", "b"), [50, 3, 0])]),
            checksum(&[(key("a", "b"), [3, 0, 50])]),
            checksum(&[(key("ab", ""), [3, 50, 0])]),
            checksum(&[(key("b", "a"), [3, 50, 0])]),
            checksum(&[(key("a", "b"), [3, 50, i64::MIN])]),
        ] {
            assert_ne!(known, other);
        }
    }
}
