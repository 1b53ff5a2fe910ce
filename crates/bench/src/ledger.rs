//! The ledger as the REST API shows it.

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use serde::Deserialize;
use serde_json::Value;

use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::money::nano_dollars;

/// Rows that one page has at most.
const PAGE: usize = 1_000;

/// What the program looks at in one row.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) outcome: String,
    pub(crate) price_state: String,
    tokens: RowTokens,
    cost_usd: RowCost,
}

#[derive(Debug, Deserialize)]
struct RowTokens {
    input: Option<u64>,
    output: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct RowCost {
    total: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Row>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    total: Value,
}

impl Row {
    /// Whether there are tokens of the prompt and of the answer.
    pub(crate) fn has_tokens(&self) -> bool {
        self.tokens.input.is_some_and(|count| count > 0)
            && self.tokens.output.is_some_and(|count| count > 0)
    }

    /// The cost in nano-dollars; `None`: it has none. Fails where it is no decimal number.
    pub(crate) fn cost(&self) -> Result<Option<i128>, Error> {
        let Some(text) = &self.cost_usd.total else {
            return Ok(None);
        };
        nano_dollars(text)
            .map(Some)
            .ok_or_else(|| Error::Broken(format!("the cost of call {} reads {text:?}", self.id)))
    }
}

/// Hands every row that began at `since` or later to `each`, the newest first.
pub(crate) async fn rows(
    api: &mut AdminApi,
    since: Timestamp,
    mut each: impl FnMut(Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let first = format!("/api/v1/calls?limit={PAGE}&since={since}");
    let mut path = first.clone();
    loop {
        let page: Page = api.get(&path).await?;
        for row in page.items {
            each(row)?;
        }
        match page.next_cursor {
            Some(cursor) => path = format!("{first}&cursor={cursor}"),
            None => return Ok(()),
        }
    }
}

/// Figures over everything from the quarter hour on in which this was made: so they are read from sums.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    from: Timestamp,
}

impl Figures {
    pub(crate) fn from_now() -> Self {
        let quarter = TimestampRound::new()
            .smallest(Unit::Minute)
            .increment(15)
            .mode(RoundMode::Floor);
        let now = Timestamp::now();
        Self {
            from: now.round(quarter).unwrap_or(now),
        }
    }

    /// The figure "requests": all rows but the rejected ones.
    pub(crate) async fn requests(self, api: &mut AdminApi) -> Result<u64, Error> {
        let text = self.total(api, "requests").await?;
        // Whole, though it may be written with a point like the other figures.
        let whole = text
            .split_once('.')
            .map_or(text.as_str(), |(whole, _)| whole);
        whole
            .parse()
            .map_err(|_| Error::Broken(format!("the figure of requests reads {text:?}")))
    }

    /// The figure "spend", in nano-dollars.
    pub(crate) async fn spend(self, api: &mut AdminApi) -> Result<i128, Error> {
        let text = self.total(api, "spend").await?;
        nano_dollars(&text)
            .ok_or_else(|| Error::Broken(format!("the figure of spend reads {text:?}")))
    }

    async fn total(self, api: &mut AdminApi, metric: &str) -> Result<String, Error> {
        let from = self.from;
        let to = Timestamp::now() + SignedDuration::from_hours(24);
        let path = format!("/api/v1/usage?metric={metric}&bucket=day&from={from}&to={to}");
        let usage: Usage = api.get(&path).await?;
        Ok(match usage.total {
            Value::String(text) => text,
            other => other.to_string(),
        })
    }
}
