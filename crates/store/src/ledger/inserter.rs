//! Rows into a table, many in one statement.
//!
//! The text of a statement is made once for each number of rows and each set of columns, so that the
//! database has it prepared already. A column that is empty in all rows of a statement is not named: of
//! the columns for buckets most are empty in most calls. A text that comes again and again is shared.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use sea_orm::{
    DbBackend,
    sqlx::{Encode, Postgres, Sqlite, Type},
};
use uuid::Uuid;

use super::transaction::{Arguments, Transaction};
use crate::StoreError;

/// How many rows a statement takes; larger ones first. Both databases allow for more.
const ROWS: [usize; 3] = [64, 8, 1];
/// How many statements are remembered.
const STATEMENTS_REMEMBERED: usize = 32;
/// For how many statements a column that was named once is named in all of them, so that traffic of many
/// kinds does not make a new statement each time.
const COLUMNS_KEPT_FOR: u32 = 1_000;
/// How many texts are remembered, and up to what length.
const TEXTS_REMEMBERED: usize = 4_096;
const TEXT_REMEMBERED_MAX: usize = 128;

/// Something that becomes a row: it tells its values in the order of its table's columns.
pub(super) trait Row {
    fn tell(&self, columns: &mut impl Columns);
}

/// What the values of a row are told to.
pub(super) trait Columns {
    fn number(&mut self, value: Option<i64>);
    /// A text that comes again: a name, a state.
    fn text(&mut self, value: Option<&str>);
    /// A text that is hardly ever the same.
    fn single(&mut self, value: Option<&str>);
    /// A text that is shared already.
    fn shared(&mut self, value: &Arc<str>);
    fn id(&mut self, value: Option<Uuid>);
    fn flag(&mut self, value: bool);
}

/// Inserts rows into one table, many in a statement whose text is made once.
#[derive(Debug)]
pub(super) struct Inserter {
    backend: DbBackend,
    table: &'static str,
    columns: Vec<&'static str>,
    /// What stands behind the values. Is given the columns that are named.
    tail: fn(&[&str]) -> String,
    /// Columns that stand even where they are empty, one bit each.
    always: u128,
    /// Whether 0 is as good as empty.
    zero_is_empty: bool,
    /// Columns that were named lately, and by how many statements.
    lately: (u128, u32),
    /// By the number of rows and the columns, one bit each.
    statements: HashMap<(usize, u128), Arc<str>>,
    texts: Texts,
}

impl Inserter {
    /// For rows that tell these columns. `tail` makes what stands behind the values.
    pub(super) fn new(
        backend: DbBackend,
        table: &'static str,
        columns: impl IntoIterator<Item = &'static str>,
        tail: fn(&[&str]) -> String,
    ) -> Self {
        Self {
            backend,
            table,
            columns: columns.into_iter().collect(),
            tail,
            always: 0,
            zero_is_empty: false,
            lately: (0, 0),
            statements: HashMap::new(),
            texts: Texts::default(),
        }
    }

    /// For sums: columns behind the key that are 0 in all rows are not named.
    pub(super) fn zero_is_empty(self, key_columns: usize) -> Self {
        let always = (0..key_columns).fold(0, |bits, bit| bits | (1_u128 << bit));
        Self {
            always,
            zero_is_empty: true,
            ..self
        }
    }

    /// Inserts rows. Returns how many were inserted or changed.
    pub(super) async fn insert<R: Row>(
        &mut self,
        transaction: &mut Transaction,
        rows: &[R],
    ) -> Result<u64, StoreError> {
        let mut changed = 0_u64;
        for some in chunks(rows) {
            let mut named = Named {
                named: self.always,
                zero_is_empty: self.zero_is_empty,
                bit: 0,
            };
            for row in some {
                named.bit = 0;
                row.tell(&mut named);
            }
            let named = self.and_lately(named.named);
            let mut filling = Filling {
                arguments: transaction.arguments(),
                texts: &mut self.texts,
                named,
                bit: 0,
                failed: None,
            };
            for row in some {
                filling.bit = 0;
                row.tell(&mut filling);
            }
            let arguments = filling.finish()?;
            let sql = self.statement(some.len(), named);
            changed = changed.saturating_add(transaction.execute(sql, arguments).await?);
        }
        Ok(changed)
    }

    fn and_lately(&mut self, named: u128) -> u128 {
        let (lately, statements) = self.lately;
        let all = named | lately;
        self.lately = if statements < COLUMNS_KEPT_FOR {
            (all, statements.saturating_add(1))
        } else {
            (0, 0)
        };
        all
    }

    fn statement(&mut self, rows: usize, named: u128) -> Arc<str> {
        if self.statements.len() >= STATEMENTS_REMEMBERED {
            self.statements.clear();
        }
        let made = self.statements.entry((rows, named)).or_insert_with(|| {
            let columns: Vec<&str> = (0..)
                .zip(&self.columns)
                .filter(|(bit, _)| named & (1_u128 << bit) != 0)
                .map(|(_, column)| *column)
                .collect();
            let values: Vec<String> = (0..rows)
                .map(|row| {
                    let first = row.saturating_mul(columns.len());
                    format!("({})", places(self.backend, first, columns.len()))
                })
                .collect();
            format!(
                "INSERT INTO {} ({}) VALUES {} {}",
                self.table,
                columns.join(", "),
                values.join(", "),
                (self.tail)(&columns)
            )
            .into()
        });
        Arc::clone(made)
    }
}

/// Pieces of so many elements as statements take.
pub(super) fn chunks<T>(mut left: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let rows = ROWS.into_iter().find(|rows| *rows <= left.len())?;
        let (now, later) = left.split_at_checked(rows)?;
        left = later;
        Some(now)
    })
}

/// The places of a statement from the one behind `before` on.
pub(super) fn places(backend: DbBackend, before: usize, count: usize) -> String {
    let places: Vec<String> = (1..=count)
        .map(|place| match backend {
            DbBackend::Postgres => format!("${}", before.saturating_add(place)),
            _ => "?".to_owned(),
        })
        .collect();
    places.join(", ")
}

/// Finds out which columns are not empty in every row.
struct Named {
    named: u128,
    zero_is_empty: bool,
    bit: u32,
}

impl Named {
    fn told(&mut self, there: bool) {
        self.named |= u128::from(there) << self.bit;
        self.bit = self.bit.saturating_add(1);
    }
}

impl Columns for Named {
    fn number(&mut self, value: Option<i64>) {
        self.told(value.is_some_and(|value| !(self.zero_is_empty && value == 0)));
    }
    fn text(&mut self, value: Option<&str>) {
        self.told(value.is_some());
    }
    fn single(&mut self, value: Option<&str>) {
        self.told(value.is_some());
    }
    fn shared(&mut self, _: &Arc<str>) {
        self.told(true);
    }
    fn id(&mut self, value: Option<Uuid>) {
        self.told(value.is_some());
    }
    fn flag(&mut self, _: bool) {
        self.told(true);
    }
}

/// Fills the places of a statement with the columns that it names.
struct Filling<'a> {
    arguments: Arguments,
    texts: &'a mut Texts,
    named: u128,
    bit: u32,
    failed: Option<StoreError>,
}

impl Filling<'_> {
    fn add<T>(&mut self, value: T)
    where
        T: for<'a> Encode<'a, Sqlite>
            + Type<Sqlite>
            + for<'a> Encode<'a, Postgres>
            + Type<Postgres>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(error);
        }
    }

    fn is_named(&mut self) -> bool {
        let named = self.named & (1 << self.bit) != 0;
        self.bit = self.bit.saturating_add(1);
        named
    }

    fn finish(self) -> Result<Arguments, StoreError> {
        self.failed.map_or(Ok(self.arguments), Err)
    }
}

impl Columns for Filling<'_> {
    fn number(&mut self, value: Option<i64>) {
        if self.is_named() {
            self.add(value);
        }
    }
    fn text(&mut self, value: Option<&str>) {
        if self.is_named() {
            let text = value.map(|text| self.texts.share(text));
            self.add(text);
        }
    }
    fn single(&mut self, value: Option<&str>) {
        if self.is_named() {
            self.add(value.map(Arc::<str>::from));
        }
    }
    fn shared(&mut self, value: &Arc<str>) {
        if self.is_named() {
            self.add(Arc::clone(value));
        }
    }
    fn id(&mut self, value: Option<Uuid>) {
        if self.is_named() {
            self.add(value);
        }
    }
    fn flag(&mut self, value: bool) {
        if self.is_named() {
            self.add(value);
        }
    }
}

/// Texts that come again: names of providers, models, states.
#[derive(Debug, Default)]
struct Texts(HashSet<Arc<str>>);

impl Texts {
    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if text.len() <= TEXT_REMEMBERED_MAX {
            if self.0.len() >= TEXTS_REMEMBERED {
                self.0.clear();
            }
            self.0.insert(Arc::clone(&new));
        }
        new
    }
}
