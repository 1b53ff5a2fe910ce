//! Money and rates. Exact, with the unit in the name; never a binary float.

use std::{fmt, iter::Sum, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// Decimals that a rate may have after its point.
pub const RATE_DECIMALS: u32 = 6;
/// The highest rate that is taken, in US dollars; keeps every product inside an `i64` of nano-dollars.
const RATE_MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// An amount of money in nano-dollars (10⁻⁹ USD). The only form of money in the ledger.
///
/// Reads and writes as decimal US dollars with nine digits: `"0.001234567"`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct NanoUsd(pub i64);

impl NanoUsd {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The sum, held at the largest amount that fits (nine billion dollars).
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// As exact decimal US dollars.
    #[must_use]
    pub fn to_usd(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 9)
    }

    /// Rounds decimal US dollars half-even to nano-dollars; held at the largest amount that fits.
    #[must_use]
    pub fn round(usd: Decimal) -> Self {
        let nano = usd
            .checked_mul(Decimal::ONE_THOUSAND * Decimal::ONE_THOUSAND * Decimal::ONE_THOUSAND)
            .unwrap_or(Decimal::MAX)
            .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        Self(nano.to_i64().unwrap_or(i64::MAX))
    }
}

impl Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.unsigned_abs();
        write!(
            f,
            "{sign}{}.{:09}",
            nano / 1_000_000_000,
            nano % 1_000_000_000
        )
    }
}

impl From<NanoUsd> for String {
    fn from(amount: NanoUsd) -> Self {
        amount.to_string()
    }
}

impl FromStr for NanoUsd {
    type Err = InvalidMoney;
    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let usd = parse_decimal(text)?;
        if usd.scale() > 9 {
            return Err(InvalidMoney::TooManyDecimals { most: 9 });
        }
        Ok(Self::round(usd))
    }
}

impl TryFrom<String> for NanoUsd {
    type Error = InvalidMoney;
    fn try_from(text: String) -> Result<Self, InvalidMoney> {
        text.parse()
    }
}

/// Why a text is not an amount or a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Not a plain decimal number.
    #[error("write a plain decimal number of US dollars, such as 2.50")]
    NotANumber,
    /// Below zero.
    #[error("a rate is 0 or more")]
    Negative,
    /// More decimals than are kept.
    #[error("{most} decimals at most")]
    TooManyDecimals {
        /// Decimals that are kept.
        most: u32,
    },
    /// Above what is taken.
    #[error("1,000,000 at most")]
    TooLarge,
}

fn parse_decimal(text: &str) -> Result<Decimal, InvalidMoney> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
        && text.bytes().any(|b| b.is_ascii_digit());
    if !plain {
        return Err(InvalidMoney::NotANumber);
    }
    Decimal::from_str_exact(text)
        .map(|d| d.normalize())
        .map_err(|_| InvalidMoney::NotANumber)
}

macro_rules! rate {
    ($(#[$doc:meta])* $name:ident, $units:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Decimal);

        impl $name {
            /// Free: not the same as "no rate known".
            pub const FREE: Self = Self(Decimal::ZERO);

            /// Makes a rate of a decimal.
            ///
            /// # Errors
            /// [`InvalidMoney`] below zero, above a million dollars, or with more than six decimals.
            pub fn new(usd: Decimal) -> Result<Self, InvalidMoney> {
                if usd < Decimal::ZERO {
                    return Err(InvalidMoney::Negative);
                }
                if usd > RATE_MAX {
                    return Err(InvalidMoney::TooLarge);
                }
                let usd = usd.normalize();
                if usd.scale() > RATE_DECIMALS {
                    return Err(InvalidMoney::TooManyDecimals { most: RATE_DECIMALS });
                }
                Ok(Self(usd))
            }

            /// The rate as decimal US dollars.
            #[must_use]
            pub fn usd(self) -> Decimal {
                self.0
            }

            /// This rate times `factor` (a tier's or a geography's multiplier), rounded half-even to
            /// twelve decimals, so that a factor never makes the rate itself coarser.
            #[must_use]
            pub fn times(self, factor: Decimal) -> Self {
                let product = self.0.checked_mul(factor).unwrap_or(RATE_MAX);
                let product = product.min(RATE_MAX);
                Self(product.round_dp_with_strategy(12, RoundingStrategy::MidpointNearestEven).normalize())
            }

            /// What `count` cost at this rate, rounded half-even once.
            #[must_use]
            pub fn cost_of(self, count: u64) -> NanoUsd {
                let units = Decimal::from($units);
                self.0
                    .checked_mul(Decimal::from(count))
                    .map_or(NanoUsd(i64::MAX), |product| NanoUsd::round(product / units))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidMoney;
            fn from_str(text: &str) -> Result<Self, InvalidMoney> {
                Self::new(parse_decimal(text)?)
            }
        }

        impl From<$name> for String {
            fn from(rate: $name) -> String {
                rate.0.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidMoney;
            /// Unlike [`FromStr`], takes as many decimals as a stored, multiplied rate has.
            fn try_from(text: String) -> Result<Self, InvalidMoney> {
                let usd = parse_decimal(&text)?;
                if usd < Decimal::ZERO {
                    return Err(InvalidMoney::Negative);
                }
                if usd > RATE_MAX {
                    return Err(InvalidMoney::TooLarge);
                }
                Ok(Self(usd))
            }
        }
    };
}

rate!(
    /// US dollars for one million tokens of one bucket. Read from text, never negative.
    UsdPerMtok,
    1_000_000u64
);
rate!(
    /// US dollars for one thousand searches run by the provider.
    UsdPerThousand,
    1_000u64
);

#[cfg(test)]
mod tests;
