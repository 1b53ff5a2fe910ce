//! The ledger against the clients' notes: each call whose answer began has one row, with the outcome that its
//! kind must have; and there are no others.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::mix::{End, Kind};
use super::notes::{Notes, number};
use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::ledger::{self, Figures};
use crate::money::dollars;

/// How long rows may take: calls that were left are read on for a while.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// Faults that a message tells at most.
const TOLD: usize = 5;

/// What the ledger has.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: u64,
    /// In nano-dollars.
    pub(super) cost: i128,
    pub(super) by_kind: BTreeMap<Kind, u64>,
}

/// Reads every row since `begin`. Fails where one is missing, too many, or wrong, or where the totals are not
/// those of the rows.
pub(super) async fn ledger(
    weir: SocketAddr,
    begin: Timestamp,
    figures: Figures,
    notes: &Notes,
) -> Result<Found, Error> {
    let mut api = AdminApi::new(weir);
    let calls = notes.calls();
    let expected = u64::try_from(calls.len()).unwrap_or(u64::MAX);
    wait_for(&mut api, figures, expected).await?;
    // A call is taken out when its row is found.
    let mut missing = calls;
    let mut found = Found::default();
    let mut faults = Vec::new();
    let mut faulty = 0_u64;
    ledger::rows(&mut api, begin, |row| {
        found.rows += 1;
        let cost = row.cost()?;
        found.cost += cost.unwrap_or_default();
        let kind = number(&row.id).and_then(|id| missing.remove(&id));
        let fault = match kind {
            None => Some("is of no call that was answered, or there twice".to_owned()),
            Some(kind) => {
                *found.by_kind.entry(kind).or_default() += 1;
                let is_priced = row.price_state == "priced" && row.has_tokens() && cost > Some(0);
                let right =
                    row.outcome == kind.outcome() && (is_priced || kind.end() != End::Whole);
                (!right).then(|| format!("{}: {}, {}", kind.name(), row.outcome, row.price_state))
            }
        };
        if let Some(fault) = fault {
            faulty += 1;
            if faults.len() < TOLD {
                faults.push(format!("{} {fault}", row.id));
            }
        }
        Ok(())
    })
    .await?;
    if let Some((id, kind)) = missing.iter().next() {
        return Err(Error::Broken(format!(
            "LOST: {} calls have no row, such as {id:032x} ({})",
            missing.len(),
            kind.name()
        )));
    }
    if faulty > 0 {
        return Err(Error::Broken(format!(
            "{faulty} rows are wrong: {}",
            faults.join("; ")
        )));
    }
    let spend = figures.spend(&mut api).await?;
    if spend != found.cost {
        return Err(Error::Broken(format!(
            "the books do not balance: spend is {}, the rows add up to {}",
            dollars(spend),
            dollars(found.cost)
        )));
    }
    Ok(found)
}

/// Waits until the figure "requests" is the number of calls.
async fn wait_for(api: &mut AdminApi, figures: Figures, expected: u64) -> Result<(), Error> {
    let start = Instant::now();
    loop {
        let rows = figures.requests(api).await?;
        if rows == expected {
            return Ok(());
        }
        if rows > expected || start.elapsed() > PATIENCE {
            return Err(Error::Broken(format!(
                "{expected} calls were answered, Weir counts {rows}"
            )));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
