//! What the ledger must say after a kill, and at the end.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use jiff::Timestamp;

use super::storm::Felled;
use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::ledger::{self, Figures, Row};
use crate::money::dollars;

/// Ids that a message names at most.
const NAMED: usize = 5;

/// What is known of the ledger after the rounds so far.
#[derive(Debug)]
pub(super) struct Ledger {
    figures: Figures,
    delivered: HashSet<String>,
    rows: usize,
    /// In nano-dollars.
    cost: i128,
}

/// What one round left in the ledger.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) rows: usize,
    pub(super) interrupted: usize,
}

/// Rows by id, none twice, with what they cost together.
struct Rows {
    by_id: HashMap<String, Row>,
    cost: i128,
}

impl Ledger {
    /// Opened before the first round.
    pub(super) fn open() -> Self {
        Self {
            figures: Figures::from_now(),
            delivered: HashSet::new(),
            rows: 0,
            cost: 0,
        }
    }

    pub(super) fn delivered(&self) -> usize {
        self.delivered.len()
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn cost(&self) -> i128 {
        self.cost
    }

    /// Checks the rows of one round, and the totals of all.
    pub(super) async fn check_round(
        &mut self,
        weir: SocketAddr,
        since: Timestamp,
        felled: &Felled,
    ) -> Result<Found, Error> {
        let mut api = AdminApi::new(weir);
        let rows = Rows::read(&mut api, since).await?;
        for id in &felled.delivered {
            if !self.delivered.insert(id.clone()) {
                return Err(Error::Broken(format!("two answers had the call id {id}")));
            }
        }
        rows.have(&felled.delivered)?;
        if rows.by_id.len() > felled.sent {
            return Err(Error::Broken(format!(
                "{} calls were sent, the ledger has {} rows",
                felled.sent,
                rows.by_id.len()
            )));
        }
        self.rows += rows.by_id.len();
        self.cost += rows.cost;
        self.check_totals(&mut api).await?;
        let interrupted = rows
            .by_id
            .values()
            .filter(|row| row.outcome == "interrupted")
            .count();
        Ok(Found {
            rows: rows.by_id.len(),
            interrupted,
        })
    }

    /// Checks all rows of all rounds once more: a later round must not have changed an earlier one.
    pub(super) async fn check_all(&self, weir: SocketAddr, since: Timestamp) -> Result<(), Error> {
        let mut api = AdminApi::new(weir);
        let rows = Rows::read(&mut api, since).await?;
        rows.have(&self.delivered)?;
        if (rows.by_id.len(), rows.cost) != (self.rows, self.cost) {
            return Err(Error::Broken(format!(
                "the rounds left {} rows of {}, at the end there are {} rows of {}",
                self.rows,
                dollars(self.cost),
                rows.by_id.len(),
                dollars(rows.cost)
            )));
        }
        self.check_totals(&mut api).await
    }

    async fn check_totals(&self, api: &mut AdminApi) -> Result<(), Error> {
        let spend = self.figures.spend(api).await?;
        if spend != self.cost {
            return Err(Error::Broken(format!(
                "the total in /api/v1/usage is {}, the rows cost {}",
                dollars(spend),
                dollars(self.cost)
            )));
        }
        let requests = self.figures.requests(api).await?;
        if usize::try_from(requests) != Ok(self.rows) {
            return Err(Error::Broken(format!(
                "/api/v1/usage counts {requests} requests, there are {} rows",
                self.rows
            )));
        }
        Ok(())
    }
}

impl Rows {
    async fn read(api: &mut AdminApi, since: Timestamp) -> Result<Self, Error> {
        let mut rows = Self {
            by_id: HashMap::new(),
            cost: 0,
        };
        ledger::rows(api, since, |row| {
            rows.cost += row.cost()?.unwrap_or_default();
            match rows.by_id.insert(row.id.clone(), row) {
                None => Ok(()),
                Some(twice) => Err(Error::Broken(format!(
                    "call {} is in the ledger twice",
                    twice.id
                ))),
            }
        })
        .await?;
        Ok(rows)
    }

    /// Each of these calls has a row, with tokens and a price.
    fn have<'i>(&self, delivered: impl IntoIterator<Item = &'i String>) -> Result<(), Error> {
        let mut missing = Vec::new();
        let mut wrong = Vec::new();
        for id in delivered {
            match self.by_id.get(id) {
                None => missing.push(id.clone()),
                Some(row) => wrong.extend(fault(row)?),
            }
        }
        let named = |all: &[String]| {
            let first: Vec<&str> = all.iter().take(NAMED).map(String::as_str).collect();
            first.join(", ")
        };
        if !missing.is_empty() {
            return Err(Error::Broken(format!(
                "LOST: {} delivered calls are not in the ledger: {}",
                missing.len(),
                named(&missing)
            )));
        }
        if !wrong.is_empty() {
            return Err(Error::Broken(format!(
                "{} delivered calls have a wrong row: {}",
                wrong.len(),
                named(&wrong)
            )));
        }
        Ok(())
    }
}

/// What is wrong with the row of a delivered call.
fn fault(row: &Row) -> Result<Option<String>, Error> {
    let cost = row.cost()?.unwrap_or_default();
    let right = row.outcome == "ok" && row.price_state == "priced" && row.has_tokens() && cost > 0;
    let what = || {
        format!(
            "{} ({}, {}, {}, {} tokens)",
            row.id,
            row.outcome,
            row.price_state,
            dollars(cost),
            if row.has_tokens() { "with" } else { "without" }
        )
    };
    Ok((!right).then(what))
}
