//! What is asked for.

use std::str::FromStr;

use domain::{ProviderId, TokenId};
use jiff::Timestamp;

use super::{
    UsageProblem,
    parts::{CostType, TokenType, UnknownType},
    zone::ReportZone,
};
use crate::calls::Choice;

macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in JSON and in addresses.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownType;
            fn from_str(text: &str) -> Result<Self, UnknownType> {
                match text { $($key => Ok(Self::$variant),)+ _ => Err(UnknownType) }
            }
        }
    };
}

keyed! {
    /// What is summed.
    Metric {
        /// Nano-dollars.
        Spend = "spend",
        /// Calls.
        Requests = "requests",
        /// Tokens.
        Tokens = "tokens",
    }
}

keyed! {
    /// What makes a series of its own.
    GroupBy {
        /// Nothing: one series.
        None = "none",
        /// The provider.
        Provider = "provider",
        /// The model that was asked for.
        Model = "model",
        /// The kind of token; of spend also the searches.
        TokenType = "token_type",
        /// The application.
        Agent = "agent",
        /// The person.
        User = "user",
        /// The gateway token.
        Token = "token",
        /// What the money was for.
        CostType = "cost_type",
    }
}

keyed! {
    /// How long a bucket is, in local time.
    BucketSize {
        /// An hour.
        Hour = "hour",
        /// A day.
        Day = "day",
        /// Seven days from Monday on.
        Week = "week",
        /// A calendar month.
        Month = "month",
    }
}

keyed! {
    /// What a line of the full report is of, in time.
    ReportBucket {
        /// An hour.
        Hour = "hour",
        /// A day.
        Day = "day",
        /// A calendar month.
        Month = "month",
        /// The whole range.
        Total = "total",
    }
}

keyed! {
    /// What makes a line of its own in the full report.
    ReportBy {
        /// The provider.
        Provider = "provider",
        /// The model that was asked for.
        Model = "model",
        /// The application.
        Agent = "agent",
        /// The person.
        User = "user",
        /// The gateway token.
        Token = "token",
        /// How the call ended.
        Outcome = "outcome",
        /// Whether its cost is known.
        PriceState = "price_state",
    }
}

impl GroupBy {
    /// Whether one call can be in several series.
    pub(crate) const fn splits_calls(self) -> bool {
        matches!(self, Self::TokenType | Self::CostType)
    }
}

/// Which calls, and which parts of them, are summed. Different fields are "and"; `None` inside a choice
/// is "nobody said".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageFilter {
    /// By provider.
    pub providers: Choice<ProviderId>,
    /// By the model that was asked for.
    pub models: Choice<Option<String>>,
    /// By the application.
    pub agents: Choice<Option<String>>,
    /// By the person.
    pub users: Choice<Option<String>>,
    /// By gateway token.
    pub tokens: Choice<Option<TokenId>>,
    /// Only these kinds of tokens, and their cost.
    pub token_types: Choice<TokenType>,
    /// Only this part of the cost, and its tokens.
    pub cost_types: Choice<CostType>,
}

impl UsageFilter {
    pub(crate) fn splits_calls(&self) -> bool {
        !self.token_types.is_any() || !self.cost_types.is_any()
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// What is summed.
    pub metric: Metric,
    /// What makes a series of its own.
    pub group_by: GroupBy,
    /// How long a bucket is.
    pub bucket: BucketSize,
    /// Whose hours and days they are.
    pub zone: ReportZone,
    /// The beginning of the range.
    pub from: Timestamp,
    /// Its end, which it does not contain.
    pub to: Timestamp,
    /// Which calls.
    pub filter: UsageFilter,
}

impl UsageQuery {
    pub(crate) fn check(&self, metrics: &[Metric]) -> Result<(), UsageProblem> {
        let splits = self.group_by.splits_calls() || self.filter.splits_calls();
        if splits && metrics.contains(&Metric::Requests) {
            return Err(UsageProblem::RequestsByType);
        }
        if self.from >= self.to {
            return Err(UsageProblem::EmptyRange);
        }
        Ok(())
    }
}
