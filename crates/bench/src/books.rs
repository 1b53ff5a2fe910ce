//! Whether the books balance: as many rows as calls, each id once, the cost the sum of its rows.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::ledger::{self, Figures};
use crate::load::Tally;
use crate::money::dollars;

/// How long rows may take; far above any aim, so that being late is a figure and not an error.
const PATIENCE: Duration = Duration::from_secs(180);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What was sent through Weir, to be compared with what Weir says.
#[derive(Debug)]
pub(crate) struct Books {
    api: AdminApi,
    since: Timestamp,
    figures: Figures,
    /// What the figures were before the first call: another run may have been a moment ago.
    requests_before: u64,
    spend_before: i128,
    answered: u64,
    failed: u64,
    /// What the failed calls said, one for each step.
    pub(crate) failures: Vec<String>,
}

/// A ledger that was read from end to end and is right.
#[derive(Debug)]
pub(crate) struct Balance {
    /// Calls that were answered.
    pub(crate) calls: u64,
    pub(crate) rows: u64,
    /// In nano-dollars.
    pub(crate) cost: i128,
}

impl Books {
    /// Opened before the first call.
    pub(crate) async fn open(weir: SocketAddr) -> Result<Self, Error> {
        let mut api = AdminApi::new(weir);
        let figures = Figures::from_now();
        Ok(Self {
            requests_before: figures.requests(&mut api).await?,
            spend_before: figures.spend(&mut api).await?,
            figures,
            since: Timestamp::now(),
            api,
            answered: 0,
            failed: 0,
            failures: Vec::new(),
        })
    }

    /// Notes calls that went through Weir.
    pub(crate) fn note(&mut self, tally: &Tally) {
        self.answered += u64::from(tally.answered);
        self.failed += u64::from(tally.failed);
    }

    /// Notes what failed on any way.
    pub(crate) fn note_failures(&mut self, step: &str, tally: &Tally) {
        if let Some(why) = &tally.first_failure {
            let failed = tally.failed;
            self.failures
                .push(format!("{step}: {failed} calls failed, the first: {why}"));
        }
    }

    /// Waits until the figure "requests" is the number of calls that were sent, and tells how long
    /// that took.
    pub(crate) async fn caught_up(&mut self) -> Result<Duration, Error> {
        let start = Instant::now();
        loop {
            let rows = self.figures.requests(&mut self.api).await?;
            let rows = rows.saturating_sub(self.requests_before);
            // Whether a failed call reached Weir cannot be known.
            if rows > self.answered + self.failed {
                return Err(Error::Broken(format!(
                    "the books do not balance: {} calls were sent, Weir counts {rows}",
                    self.answered + self.failed
                )));
            }
            if rows >= self.answered {
                return Ok(start.elapsed());
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::Broken(format!(
                    "the books do not balance: {} calls were answered, Weir counts {rows} after {} s",
                    self.answered,
                    PATIENCE.as_secs()
                )));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Reads every row since these books were opened and compares them with the calls and with the totals.
    pub(crate) async fn balance(&mut self) -> Result<Balance, Error> {
        let mut ids = HashSet::new();
        let mut cost = 0;
        ledger::rows(&mut self.api, self.since, |row| {
            let row_cost = row.cost()?;
            if row.outcome == "ok" && (row.price_state != "priced" || row_cost.is_none()) {
                return Err(Error::Broken(format!(
                    "call {} was answered but is {}",
                    row.id, row.price_state
                )));
            }
            cost += row_cost.unwrap_or_default();
            if !ids.insert(row.id.clone()) {
                return Err(Error::Broken(format!(
                    "call {} is in the ledger twice",
                    row.id
                )));
            }
            Ok(())
        })
        .await?;
        let rows = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        if rows < self.answered || rows > self.answered + self.failed {
            return Err(Error::Broken(format!(
                "the books do not balance: {} calls were answered, the ledger has {rows} rows",
                self.answered
            )));
        }
        let spend = self.figures.spend(&mut self.api).await? - self.spend_before;
        if spend != cost {
            return Err(Error::Broken(format!(
                "the books do not balance: spend is {}, the rows add up to {}",
                dollars(spend),
                dollars(cost)
            )));
        }
        Ok(Balance {
            calls: self.answered,
            rows,
            cost,
        })
    }
}
