//! The checks that a catalog's file must pass before anything is priced by it.

use std::collections::BTreeSet;

use domain::{
    ModelId, UsdPerMtok,
    bucket::PerBucket,
    money::RATE_DECIMALS,
    pricing::{LongContext, RateCard, ServiceTier},
};

use crate::{
    CatalogModel, DATE_LENGTH,
    file::{self, Header, Key},
};

/// Longest version, in characters.
const VERSION_MAX: usize = 32;

/// Why a file is not a catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Bytes that are no UTF-8 text.
    #[error("the catalog is not UTF-8 text")]
    NotText,
    /// Made for another Weir.
    #[error("the catalog has format {found}; this Weir reads format {read}")]
    Format {
        /// The file's.
        found: u32,
        /// This program's.
        read: u32,
    },
    /// Lines were lost or added.
    #[error("the catalog's header promises {promised} models, and {found} follow")]
    Count {
        /// What the header says.
        promised: usize,
        /// Lines that follow it.
        found: usize,
    },
    /// A line is at fault.
    #[error("line {line} of the catalog: {fault}")]
    Line {
        /// Counted from 1, the header.
        line: usize,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Not the JSON that it should be.
    #[error("{0}")]
    Json(serde_json::Error),
    /// The version is too long, or has characters that none has.
    #[error("a version has 32 characters at most, of letters, digits, dots and hyphens")]
    VersionForm,
    /// The version does not begin with a date.
    #[error("a version begins with its date, such as 2026-11-15")]
    Version,
    /// The key does not stand first, or not plainly.
    #[error("it does not begin with kind, id and region, written without spaces and escapes")]
    Key,
    /// The line should stand further up, or is there twice.
    #[error("it does not come after the line before it in the order of kind, id and region")]
    Order,
    /// No model has such an id.
    #[error("{0:?} is not a model's id")]
    Id(String),
    /// More decimals than a list price has.
    #[error("the rate {0} has more than 6 decimals")]
    RateDecimals(UsdPerMtok),
    /// It could never be told from an ordinary prompt.
    #[error("a long-context threshold of 0 tokens")]
    Threshold,
    /// Which of them would hold?
    #[error("the tier {0:?} is there twice")]
    TierTwice(ServiceTier),
    /// Would make calls free, or worse.
    #[error("a multiplier is above 0")]
    Multiplier,
}

/// Checks every line below the header.
pub(crate) fn rows(header: &Header, rows: &str) -> Result<(), CatalogError> {
    let mut last: Option<Key<'_>> = None;
    let mut found: usize = 0;
    for text in file::lines(rows) {
        found = found.saturating_add(1);
        let line = found.saturating_add(1);
        let key = row(text, last).map_err(|fault| CatalogError::Line { line, fault })?;
        last = Some(key);
    }
    if found != header.models {
        return Err(CatalogError::Count {
            promised: header.models,
            found,
        });
    }
    Ok(())
}

fn row<'a>(text: &'a str, last: Option<Key<'_>>) -> Result<Key<'a>, Fault> {
    let model: CatalogModel = serde_json::from_str(text).map_err(Fault::Json)?;
    let key = file::key(text)
        .filter(|key| *key == Key::of(&model))
        .ok_or(Fault::Key)?;
    if last.is_some_and(|last| last >= key) {
        return Err(Fault::Order);
    }
    if ModelId::new(key.id).is_err() {
        return Err(Fault::Id(model.id));
    }
    card(&model.card)?;
    Ok(key)
}

fn card(card: &RateCard) -> Result<(), Fault> {
    rates(&card.standard, card.long_context.as_ref())?;
    let mut tiers = BTreeSet::new();
    for tier in &card.tiers {
        if !tiers.insert(tier.tier) {
            return Err(Fault::TierTwice(tier.tier));
        }
        rates(&tier.rates, tier.long_context.as_ref())?;
    }
    if card
        .regional_multiplier
        .is_some_and(|multiplier| multiplier <= 0.into())
    {
        return Err(Fault::Multiplier);
    }
    Ok(())
}

fn rates(
    ordinary: &PerBucket<Option<UsdPerMtok>>,
    long: Option<&LongContext>,
) -> Result<(), Fault> {
    if long.is_some_and(|long| long.threshold == 0) {
        return Err(Fault::Threshold);
    }
    let long = long.into_iter().flat_map(|long| long.rates.iter());
    let mut all = ordinary.iter().chain(long).filter_map(|(_, rate)| *rate);
    all.find(|rate| rate.usd().scale() > RATE_DECIMALS)
        .map_or(Ok(()), |rate| Err(Fault::RateDecimals(rate)))
}

/// A version begins with a day of the calendar, written so that days compare as text, and is short and plain:
/// it stands in addresses, in the audit and with every call that is priced by it.
pub(crate) fn version(version: &str) -> Result<(), Fault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if version.len() > VERSION_MAX || !version.bytes().all(plain) {
        return Err(Fault::VersionForm);
    }
    let date = version.get(..DATE_LENGTH).ok_or(Fault::Version)?;
    let is_written_whole = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if is_written_whole && date.parse::<jiff::civil::Date>().is_ok() {
        Ok(())
    } else {
        Err(Fault::Version)
    }
}
