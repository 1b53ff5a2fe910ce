//! A price list: a CSV file whose columns are known by name. A blank cell is "not published", never 0.

use std::{
    collections::BTreeSet,
    fmt::Display,
    path::{Path, PathBuf},
    str::FromStr,
};

use csv::StringRecord;
use domain::{Bucket, UsdPerMtok, bucket::PerBucket, pricing::LongContext};
use serde::{
    Deserialize,
    de::{IntoDeserializer as _, value},
};

/// What is wrong with a price list.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {fault}", path.display())]
pub(crate) struct ListError {
    path: PathBuf,
    line: u64,
    fault: String,
}

/// A price list that was read whole.
pub(super) struct List {
    path: PathBuf,
    columns: StringRecord,
    rows: Vec<StringRecord>,
}

impl List {
    /// Reads a list that must have exactly these columns: a new one may change what the rest means.
    pub(super) fn read(path: &Path, columns: &[&str]) -> Result<Self, ListError> {
        let error = |line, fault: String| ListError {
            path: path.to_owned(),
            line,
            fault,
        };
        let csv_error = |fault: csv::Error| {
            error(
                fault.position().map_or(0, csv::Position::line),
                fault.to_string(),
            )
        };
        let mut reader = csv::Reader::from_path(path).map_err(csv_error)?;
        let found = reader.headers().map_err(csv_error)?.clone();
        let (expected, has) = (set(columns.iter().copied()), set(found.iter()));
        if expected != has {
            let other: Vec<_> = expected.symmetric_difference(&has).copied().collect();
            return Err(error(
                1,
                format!("columns missing or unknown: {}", other.join(", ")),
            ));
        }
        let rows = reader
            .records()
            .collect::<Result<_, _>>()
            .map_err(csv_error)?;
        Ok(Self {
            path: path.to_owned(),
            columns: found,
            rows,
        })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { list: self, cells })
    }
}

fn set<'a>(columns: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    columns.collect()
}

/// One line of a list.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    list: &'a List,
    cells: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// What the cell says. `None`: it is blank, or the list has no such column.
    pub(super) fn text(&self, column: &str) -> Option<&'a str> {
        let at = self.list.columns.iter().position(|name| name == column)?;
        self.cells.get(at).filter(|cell| !cell.is_empty())
    }

    /// What the cell must say.
    pub(super) fn needed(&self, column: &str) -> Result<&'a str, ListError> {
        self.text(column)
            .ok_or_else(|| self.error(format!("{column} is blank")))
    }

    /// A number, a rate, …
    pub(super) fn value<T>(&self, column: &str) -> Result<Option<T>, ListError>
    where
        T: FromStr,
        T::Err: Display,
    {
        let parsed = self.text(column).map(str::parse).transpose();
        parsed.map_err(|fault| self.error(format!("{column}: {fault}")))
    }

    /// One of a closed set of names.
    pub(super) fn name<T: for<'de> Deserialize<'de>>(&self, column: &str) -> Result<T, ListError> {
        T::deserialize(self.needed(column)?.into_deserializer())
            .map_err(|fault: value::Error| self.error(format!("{column}: {fault}")))
    }

    /// The rates of an ordinary prompt.
    pub(super) fn rates(&self) -> Result<PerBucket<Option<UsdPerMtok>>, ListError> {
        self.rates_in("")
    }

    /// The rates of a long prompt. `None`: the list has none.
    pub(super) fn long_rates(&self) -> Result<Option<LongContext>, ListError> {
        let rates = self.rates_in("long_")?;
        match self.value("long_context_threshold")? {
            Some(threshold) => Ok(Some(LongContext { threshold, rates })),
            None if rates == PerBucket::default() => Ok(None),
            None => Err(self.error("rates for long prompts, and no threshold")),
        }
    }

    fn rates_in(&self, prefix: &str) -> Result<PerBucket<Option<UsdPerMtok>>, ListError> {
        let mut rates = PerBucket::default();
        for bucket in Bucket::ALL {
            let column = format!("{prefix}{}_per_mtok", column(*bucket));
            *rates.get_mut(*bucket) = self.value(&column)?;
        }
        Ok(rates)
    }

    pub(super) fn error(&self, fault: impl Into<String>) -> ListError {
        let line = self.cells.position().map_or(0, csv::Position::line);
        ListError {
            path: self.list.path.clone(),
            line,
            fault: fault.into(),
        }
    }
}

/// The lists' name of a bucket.
const fn column(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::CacheWriteUnknown => "cache_write_unknown_ttl",
        Bucket::CachedInputAudio => "cached_audio_input",
        Bucket::Input
        | Bucket::Output
        | Bucket::CachedInput
        | Bucket::CacheWrite5m
        | Bucket::CacheWrite1h
        | Bucket::CacheWrite30m
        | Bucket::CacheWrite12h
        | Bucket::InputAudio
        | Bucket::InputImage
        | Bucket::OutputAudio
        | Bucket::OutputImage => bucket.key(),
    }
}
