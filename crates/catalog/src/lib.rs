//! The models that Weir knows, with list prices, limits and abilities; and look-ups in them.
//!
//! The catalog is one text, sorted by kind, id and region: the text is its own index. A look-up halves
//! its way to a line and parses that line alone, so nothing is read at start but the header, and the
//! catalog that is built into the program costs memory only where it was touched.
//!
//! Prices are those of a provider's busiest hours: a rate that depends on the hour (DeepSeek's off-peak
//! half price) is not in the data, since nothing in an answer names it.
//!
//! Knows only `domain`: no network, clock, database, or how a call's usage is found.

use std::borrow::Cow;

pub use check::{CatalogError, Fault};
pub use difference::{Difference, ModelChange, Price, PriceChange, prices};
pub use fit::{Fit, fit};
pub use model::{CatalogModel, Mode};

mod check;
mod difference;
mod file;
mod fit;
mod model;
mod search;
mod version;

pub use file::write;
use file::{Header, Key};

/// The data that this release carries; `cargo xtask catalog` writes it.
const BUILTIN: &str = include_str!("../data/models.jsonl");

/// The catalog. Never changes: a newer one takes its place.
#[derive(Debug)]
pub struct Catalog {
    version: String,
    models: usize,
    /// The lines of the models, each with its line feed but perhaps the last.
    rows: Cow<'static, str>,
}

impl Catalog {
    /// The catalog that this release carries.
    ///
    /// # Errors
    /// [`CatalogError`] where its header cannot be read. Its lines are not read here: that they pass
    /// the checks of [`Self::from_bytes`] is proven by a test, not at every start.
    pub fn builtin() -> Result<Self, CatalogError> {
        let (header, rows) = file::split(BUILTIN)?;
        Ok(Self {
            version: header.version,
            models: header.models,
            rows: Cow::Borrowed(rows),
        })
    }

    /// A catalog from a file of the same form, checked line by line.
    ///
    /// # Errors
    /// [`CatalogError`], naming the first line at fault.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CatalogError> {
        let mut text = String::from_utf8(bytes).map_err(|_| CatalogError::NotText)?;
        let (header, rows) = file::split(&text)?;
        check::rows(&header, rows)?;
        let Header {
            version, models, ..
        } = header;
        let below = text.len().saturating_sub(rows.len());
        text.drain(..below);
        let rows = Cow::Owned(text);
        Ok(Self {
            version,
            models,
            rows,
        })
    }

    /// Which data this is: a date, such as `2026-11-15`, perhaps with more behind it. Kept with each
    /// call that was priced by it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many rows there are: a model that has prices of its own in a region is there once more for it.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.models
    }

    /// The day with which the version begins, such as `2026-11-15`.
    #[must_use]
    pub fn date(&self) -> &str {
        self.version.get(..DATE_LENGTH).unwrap_or_default()
    }

    /// Whether data of a version is newer than this.
    #[must_use]
    pub fn is_older_than(&self, version: &str) -> bool {
        version::compare(&self.version, version).is_lt()
    }

    /// The model of a kind (`openai`, `groq`, …) with exactly this id: its prices in the region, else
    /// its default prices.
    ///
    /// An id is never guessed: no aliases, no prefixes. A fine-tuned model alone
    /// (`ft:gpt-4o-2024-08-06:org::id`) is found by its base (`ft:gpt-4o-2024-08-06`), under which the
    /// catalog has the prices of all that were tuned from it. What Azure sells beside OpenAI's models stands
    /// under a kind of its own, and one resource serves both.
    #[must_use]
    pub fn find(&self, kind: &str, model: &str, region: Option<&str>) -> Option<CatalogModel> {
        self.find_exact(kind, model, region)
            .or_else(|| self.find_exact(kind, fine_tuned_base(model)?, region))
            .or_else(|| self.find_exact(beside(kind)?, model, region))
    }

    /// Every row of a kind, regions included, in the order of ids. Empty for a kind that is unknown.
    #[must_use]
    pub fn list(&self, kind: &str) -> Vec<CatalogModel> {
        file::lines(self.rows_of(kind))
            .filter_map(file::parse)
            .collect()
    }

    /// The rows of one model: its default prices, then those of each region that has its own.
    #[must_use]
    pub fn regions(&self, kind: &str, id: &str) -> Vec<CatalogModel> {
        let of_kind = self.rows_of(kind);
        let from = file::partition_point(of_kind, |key| key.id < id);
        let to = file::partition_point(of_kind, |key| key.id <= id);
        let rows = of_kind.get(from..to).unwrap_or_default();
        file::lines(rows).filter_map(file::parse).collect()
    }

    /// How many models a kind has, however many regions have prices of their own.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        let mut last = None;
        file::lines(self.rows_of(kind))
            .filter_map(file::key)
            .filter(|key| last.replace(key.id) != Some(key.id))
            .count()
    }

    /// The kinds: the names of the hosts whose prices are listed, in alphabetical order.
    #[must_use]
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds = Vec::new();
        let mut rest: &str = &self.rows;
        while let Some(key) = file::lines(rest).next().and_then(file::key) {
            kinds.push(key.kind);
            let behind = file::partition_point(rest, |other| other.kind <= key.kind);
            rest = rest.get(behind..).unwrap_or_default();
        }
        kinds
    }

    /// Models of a kind whose id or display name holds the query, letters of either case: those that
    /// are the query first, then those that begin with it, have a word that does, hold it anywhere, or
    /// hold each of its words; by id among equals. Models that were shut down before the catalog was
    /// made come last. An empty query finds all. A model appears once, with its default prices.
    #[must_use]
    pub fn search(&self, kind: &str, query: &str, limit: usize) -> Vec<CatalogModel> {
        search::best(self.rows_of(kind), query, self.date(), limit)
    }

    fn find_exact(&self, kind: &str, id: &str, region: Option<&str>) -> Option<CatalogModel> {
        let row = |region: &str| {
            let key = Key { kind, id, region };
            let at = file::partition_point(&self.rows, |other| other < key);
            let line = file::lines(self.rows.get(at..)?).next()?;
            (file::key(line)? == key).then_some(line)
        };
        let regional = region.filter(|region| !region.is_empty()).and_then(row);
        file::parse(regional.or_else(|| row(""))?)
    }

    fn rows_of(&self, kind: &str) -> &str {
        let from = file::partition_point(&self.rows, |key| key.kind < kind);
        let to = file::partition_point(&self.rows, |key| key.kind <= kind);
        self.rows.get(from..to).unwrap_or_default()
    }
}

/// The kind under which the other models stand that the same addresses serve.
fn beside(kind: &str) -> Option<&'static str> {
    (kind == "azure_openai").then_some("azure_ai")
}

/// Characters of `2026-11-15`, with which every version begins.
const DATE_LENGTH: usize = 10;

/// `ft:base` of `ft:base:organisation:name:id`.
fn fine_tuned_base(model: &str) -> Option<&str> {
    let tuned = model.strip_prefix("ft:")?;
    let (base, _) = tuned.split_once(':')?;
    model.get(.."ft:".len().saturating_add(base.len()))
}
