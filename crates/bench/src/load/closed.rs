//! As fast as it goes: each client sends its next call when its last one is answered.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{AFTER_FAILURE, Caller, Load, Question, Tally};
use crate::error::Error;
use crate::requests::Ask;
use crate::side::Side;

/// Calls over that many connections for that long; those that have begun are waited for.
pub(crate) async fn closed(
    side: &Side,
    ask: &Ask,
    connections: u32,
    time: Duration,
) -> Result<Load, Error> {
    let question = Question::new(side, ask);
    let mut callers = Vec::new();
    for _ in 0..connections {
        let mut caller = Caller::new(question.clone());
        caller.connect().await.map_err(|source| Error::Api {
            what: format!("a connection to {}", side.address),
            source,
        })?;
        callers.push(caller);
    }
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for caller in callers {
        clients.spawn(call_until(caller, start + time));
    }
    let mut tally = Tally::default();
    while let Some(client) = clients.join_next().await {
        tally.append(client);
    }
    Ok(Load {
        tally,
        took: start.elapsed(),
    })
}

async fn call_until(mut caller: Caller, end: Instant) -> Tally {
    let mut tally = Tally::default();
    loop {
        let now = Instant::now();
        if now >= end {
            return tally;
        }
        let result = caller.call(&mut ()).await;
        let failed = result.is_err();
        tally.count(now, result);
        if failed {
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }
}
