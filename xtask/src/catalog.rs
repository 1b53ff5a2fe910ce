//! `cargo xtask catalog`: builds the catalog's data file from two price lists, one of models and one
//! of their service tiers. The same lists always give the same file.
//!
//! | in the lists | in the catalog |
//! |---|---|
//! | a row whose agreement is `zero` | the model without any price: nobody knows that it is free |
//! | a tier that holds at certain hours (`off_peak`) | kept with its hours, since nothing in an answer names it |
//! | `fast`, which Anthropic's answers name | kept |
//! | an embedding model whose dimensions are blank | those of the same model at another host, where these agree |
//! | ratios of tiers (`batch_multiplier` …) and sources | left out: the tiers' exact rates are there |

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use ::catalog::{Catalog, CatalogError, CatalogModel};
use domain::pricing::{InvalidHours, RateCard, ServiceTier, TierRates};

mod dimensions;
mod list;

use list::{List, ListError, Row};

/// The condition that an answer itself names, so that its tier can be charged.
const NAMED_BY_THE_ANSWER: &str = "usage.speed=fast";

/// What to build from, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The price list of models.
    models: PathBuf,
    /// The price list of their service tiers.
    tiers: PathBuf,
    /// The file to write.
    #[arg(long, default_value = BUILTIN)]
    out: PathBuf,
    /// The version that calls will name, beginning with its date: 2026-11-15. May be left out where
    /// the file is there already and its rows do not change.
    #[arg(long)]
    version: Option<String>,
}

/// The file that the catalog crate carries.
const BUILTIN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/catalog/data/models.jsonl"
);

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogTaskError {
    #[error(transparent)]
    List(#[from] ListError),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("the rows change: name the new version with --version")]
    NoVersion,
}

/// Builds the file.
pub(crate) fn run(args: &Args) -> Result<(), CatalogTaskError> {
    let models = List::read(&args.models, MODEL_COLUMNS)?;
    let tiers = List::read(&args.tiers, TIER_COLUMNS)?;
    let built = build(&models, &tiers)?;
    let counts = counts(&built);
    let text = match &args.version {
        Some(version) => ::catalog::write(version, built)?,
        None => unchanged(&args.out, built)?,
    };
    fs::write(&args.out, text).map_err(|error| file_error(&args.out, error))?;
    let _ = writeln!(io::stdout(), "{}: {counts}", args.out.display());
    Ok(())
}

fn build(models: &List, tiers: &List) -> Result<Vec<CatalogModel>, ListError> {
    let mut built: BTreeMap<[&str; 3], CatalogModel> = BTreeMap::new();
    for row in models.rows() {
        if built.insert(key(row)?, model(row)?).is_some() {
            return Err(row.error("this model and region are there twice"));
        }
    }
    for row in tiers.rows() {
        let tier = tier(row)?;
        let model = built.get_mut(&key(row)?);
        let model = model.ok_or_else(|| row.error("not in the list of models"))?;
        model.card.tiers.push(tier);
        model.card.tiers.sort_by_key(|tier| tier.tier);
    }
    for row in models
        .rows()
        .filter(|row| row.text("agreement") == Some("zero"))
    {
        if let Some(model) = built.get_mut(&key(row)?) {
            model.card = RateCard::default();
        }
    }
    dimensions::fill(built.values_mut());
    Ok(built.into_values().collect())
}

fn key(row: Row<'_>) -> Result<[&str; 3], ListError> {
    let region = row.text("region").unwrap_or_default();
    Ok([
        row.needed("provider_kind")?,
        row.needed("model_id")?,
        region,
    ])
}

fn model(row: Row<'_>) -> Result<CatalogModel, ListError> {
    let text = |column| row.text(column).map(str::to_owned);
    let mut capabilities: Vec<String> = row
        .text("supports")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    capabilities.sort();
    Ok(CatalogModel {
        kind: row.needed("provider_kind")?.to_owned(),
        id: row.needed("model_id")?.to_owned(),
        region: text("region"),
        display_name: row.needed("display_name")?.to_owned(),
        mode: row.name("mode")?,
        card: RateCard {
            standard: row.rates()?,
            long_context: row.long_rates()?,
            tiers: Vec::new(),
            regional_multiplier: row.value("regional_multiplier")?,
            searches: row.value("web_search_per_1k")?,
        },
        context_window: row.value("context_window")?,
        max_output_tokens: row.value("max_output_tokens")?,
        embedding_dimensions: row.value("embedding_dimensions")?,
        capabilities,
        deprecation_date: text("deprecation_date"),
    })
}

fn tier(row: Row<'_>) -> Result<TierRates, ListError> {
    let tier: ServiceTier = row.name("tier")?;
    let hours = match (tier, row.text("condition")) {
        (ServiceTier::OffPeak, Some(hours)) => {
            let hours = hours.parse();
            Some(hours.map_err(|error: InvalidHours| row.error(error.to_string()))?)
        }
        (ServiceTier::Fast, Some(NAMED_BY_THE_ANSWER)) | (_, None) => None,
        (_, Some(_)) => return Err(row.error("a condition that pricing does not know")),
    };
    Ok(TierRates {
        tier,
        rates: row.rates()?,
        long_context: row.long_rates()?,
        hours,
    })
}

/// The file as it is, where the models that were built are the ones that it has.
fn unchanged(path: &Path, built: Vec<CatalogModel>) -> Result<String, CatalogTaskError> {
    let old = fs::read_to_string(path).map_err(|error| file_error(path, error))?;
    let version = Catalog::from_bytes(old.clone().into_bytes())?
        .version()
        .to_owned();
    let text = ::catalog::write(&version, built)?;
    if text == old {
        Ok(text)
    } else {
        Err(CatalogTaskError::NoVersion)
    }
}

fn file_error(path: &Path, error: io::Error) -> CatalogTaskError {
    CatalogTaskError::File {
        path: path.to_owned(),
        error,
    }
}

fn counts(built: &[CatalogModel]) -> String {
    let tiers: usize = built.iter().map(|model| model.card.tiers.len()).sum();
    let unpriced = built
        .iter()
        .filter(|model| model.card == RateCard::default())
        .count();
    format!(
        "{} models, {unpriced} of them without a price; {tiers} tiers",
        built.len()
    )
}

/// The columns of the list of models.
const MODEL_COLUMNS: &[&str] = &[
    "provider_kind",
    "model_id",
    "region",
    "display_name",
    "mode",
    "input_per_mtok",
    "output_per_mtok",
    "cached_input_per_mtok",
    "cache_write_5m_per_mtok",
    "cache_write_1h_per_mtok",
    "cache_write_30m_per_mtok",
    "cache_write_12h_per_mtok",
    "cache_write_unknown_ttl_per_mtok",
    "long_context_threshold",
    "long_input_per_mtok",
    "long_output_per_mtok",
    "long_cached_input_per_mtok",
    "long_cache_write_5m_per_mtok",
    "long_cache_write_1h_per_mtok",
    "long_cache_write_30m_per_mtok",
    "long_cache_write_12h_per_mtok",
    "long_cache_write_unknown_ttl_per_mtok",
    "input_audio_per_mtok",
    "cached_audio_input_per_mtok",
    "output_audio_per_mtok",
    "input_image_per_mtok",
    "output_image_per_mtok",
    "web_search_per_1k",
    "batch_multiplier",
    "flex_multiplier",
    "priority_multiplier",
    "regional_multiplier",
    "context_window",
    "max_output_tokens",
    "embedding_dimensions",
    "supports",
    "deprecation_date",
    "agreement",
    "source",
    "source_url",
];

/// The columns of the list of tiers.
const TIER_COLUMNS: &[&str] = &[
    "provider_kind",
    "model_id",
    "region",
    "tier",
    "condition",
    "input_per_mtok",
    "output_per_mtok",
    "cached_input_per_mtok",
    "cache_write_5m_per_mtok",
    "cache_write_1h_per_mtok",
    "cache_write_30m_per_mtok",
    "cache_write_12h_per_mtok",
    "cache_write_unknown_ttl_per_mtok",
    "long_context_threshold",
    "long_input_per_mtok",
    "long_output_per_mtok",
    "long_cached_input_per_mtok",
    "long_cache_write_5m_per_mtok",
    "long_cache_write_1h_per_mtok",
    "long_cache_write_30m_per_mtok",
    "long_cache_write_12h_per_mtok",
    "long_cache_write_unknown_ttl_per_mtok",
    "source",
];

#[cfg(test)]
mod tests;
