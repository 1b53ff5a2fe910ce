//! The parts that a call's tokens and cost fall into, and the two ways in which people group them.
//!
//! | part | token type | cost type |
//! |---|---|---|
//! | input, audio and image input | its own | input |
//! | cached input, cached audio input | its own | cached |
//! | cache writes | its own | cache_writes |
//! | output without reasoning, audio and image output | its own | output |
//! | reasoning | reasoning | reasoning |
//! | searches (cost only) | searches | searches |

use std::str::FromStr;

use domain::Bucket;

use super::query::UsageFilter;
use crate::columns;

/// A text that names none of the values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such value")]
pub struct UnknownType;

/// A kind of token, or the searches that stand beside them in spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenType {
    /// A bucket; output is without reasoning here.
    Bucket(Bucket),
    /// Generated tokens that were reasoning.
    Reasoning,
    /// Searches run by the provider: money without tokens.
    Searches,
}

impl TokenType {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        let buckets = Bucket::ALL.iter().copied().map(Self::Bucket);
        buckets.chain([Self::Reasoning, Self::Searches])
    }

    /// The name in JSON and in addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Bucket(bucket) => bucket.key(),
            Self::Reasoning => "reasoning",
            Self::Searches => "searches",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Bucket(bucket) => bucket.label(),
            Self::Reasoning => "Reasoning",
            Self::Searches => "Searches",
        }
    }

    /// What the money for it counts as.
    #[must_use]
    pub const fn cost_type(self) -> CostType {
        match self {
            Self::Bucket(Bucket::Input | Bucket::InputAudio | Bucket::InputImage) => {
                CostType::Input
            }
            Self::Bucket(Bucket::CachedInput | Bucket::CachedInputAudio) => CostType::Cached,
            Self::Bucket(
                Bucket::CacheWrite5m
                | Bucket::CacheWrite1h
                | Bucket::CacheWrite30m
                | Bucket::CacheWrite12h
                | Bucket::CacheWriteUnknown,
            ) => CostType::CacheWrites,
            Self::Bucket(Bucket::Output | Bucket::OutputAudio | Bucket::OutputImage) => {
                CostType::Output
            }
            Self::Reasoning => CostType::Reasoning,
            Self::Searches => CostType::Searches,
        }
    }
}

impl FromStr for TokenType {
    type Err = UnknownType;
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::all()
            .find(|kind| kind.key() == text)
            .ok_or(UnknownType)
    }
}

/// What money was spent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CostType {
    /// The prompt at the plain rate, audio and images included.
    Input,
    /// The prompt read from a cache.
    Cached,
    /// The prompt written to a cache.
    CacheWrites,
    /// What was generated, without reasoning.
    Output,
    /// Reasoning.
    Reasoning,
    /// Searches run by the provider.
    Searches,
}

impl CostType {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Input,
        Self::Cached,
        Self::CacheWrites,
        Self::Output,
        Self::Reasoning,
        Self::Searches,
    ];

    /// The name in JSON and in addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Cached => "cached",
            Self::CacheWrites => "cache_writes",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::Searches => "searches",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Cached => "Cached input",
            Self::CacheWrites => "Cache writes",
            Self::Output => "Output",
            Self::Reasoning => "Reasoning",
            Self::Searches => "Searches",
        }
    }
}

impl FromStr for CostType {
    type Err = UnknownType;
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.key() == text)
            .ok_or(UnknownType)
    }
}

/// A column less another one, whose part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// What is added.
    pub(crate) of: &'static str,
    /// What is a part of it and counted elsewhere.
    pub(crate) less: Option<&'static str>,
}

impl TokenType {
    /// Where its tokens are summed. `None`: it has none.
    pub(crate) const fn tokens(self) -> Option<Measure> {
        match self {
            Self::Bucket(Bucket::Output) => Some(Measure {
                of: columns::tokens(Bucket::Output),
                less: Some(columns::TOKENS_REASONING),
            }),
            Self::Bucket(bucket) => Some(Measure {
                of: columns::tokens(bucket),
                less: None,
            }),
            Self::Reasoning => Some(Measure {
                of: columns::TOKENS_REASONING,
                less: None,
            }),
            Self::Searches => None,
        }
    }

    /// Where its cost is summed.
    pub(crate) const fn cost(self) -> Measure {
        let of = match self {
            Self::Bucket(Bucket::Output) => {
                return Measure {
                    of: columns::cost(Bucket::Output),
                    less: Some(columns::COST_REASONING),
                };
            }
            Self::Bucket(bucket) => columns::cost(bucket),
            Self::Reasoning => columns::COST_REASONING,
            Self::Searches => columns::COST_SEARCHES,
        };
        Measure { of, less: None }
    }
}

/// The parts that a filter leaves.
pub(crate) fn of(filter: &UsageFilter) -> Vec<TokenType> {
    TokenType::all()
        .filter(|part| filter.token_types.takes(part) && filter.cost_types.takes(&part.cost_type()))
        .collect()
}
