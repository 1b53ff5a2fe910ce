//! What Weir adds to the time of a plain call: over one connection, and at fixed rates.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::{Pools, closed};
use crate::report::{Line, ms, percentile_line, thousands};
use crate::requests::Ask;

/// Bytes of a request's body.
const SMALL: usize = 1_000;
const WARM_CONNECTIONS: u32 = 16;
const WARM_TIME: Duration = Duration::from_secs(1);
/// The aims are for plain calls of 1 KB at this rate.
const AIMED_RATE: u32 = 1_000;
const P50_AIM: Duration = Duration::from_micros(120);
const P99_AIM: Duration = Duration::from_micros(250);

/// The section's title.
pub(crate) const TITLE: &str = "Calls until their answer has ended; p50 / p99 / p99.9, ms";

/// So many calls a second of one size. `None`: over one connection, one call after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    rate: Option<u32>,
    body_bytes: usize,
}

/// One after the other, at each rate, and with larger bodies.
pub(crate) fn flows(quick: bool) -> Vec<Flow> {
    let flow = |rate, body_bytes| Flow { rate, body_bytes };
    let mut flows = vec![
        flow(None, SMALL),
        flow(Some(100), SMALL),
        flow(Some(500), SMALL),
        aimed(),
    ];
    if !quick {
        flows.extend([
            flow(Some(5_000), SMALL),
            flow(Some(500), 50_000),
            flow(Some(50), 1_000_000),
        ]);
    }
    flows
}

/// The one that the aims are for.
pub(crate) fn aimed() -> Flow {
    Flow {
        rate: Some(AIMED_RATE),
        body_bytes: SMALL,
    }
}

/// Wakes everything up; nothing of it is kept but the number of calls.
pub(crate) async fn warm_up(ground: &mut Ground) -> Result<(), Error> {
    for ask in [Ask::plain(), Ask::stream(52)] {
        ground
            .in_turns("warming up", 1, async |side| {
                closed(side, &ask, WARM_CONNECTIONS, WARM_TIME).await
            })
            .await?;
    }
    Ok(())
}

/// Sends such calls along every way.
pub(crate) async fn added(ground: &mut Ground, flow: Flow) -> Result<Line, Error> {
    let ask = Ask {
        body_bytes: flow.body_bytes,
        ..Ask::plain()
    };
    let size = match flow.body_bytes / 1_000 {
        thousand @ 1_000.. => format!("{} MB", thousand / 1_000),
        thousand => format!("{thousand} KB"),
    };
    let name = match flow.rate {
        None => format!("one connection, one call after the other, {size}"),
        Some(rate) => format!("{} a second of {size}", thousands(rate)),
    };
    println!("  {name}");
    let pools = Pools::new(&ground.sides, &ask);
    let (rounds, time) = ground.rounds();
    let outcomes = ground
        .in_turns(&name, rounds, async |side| match flow.rate {
            None => closed(side, &ask, 1, time).await,
            Some(rate) => pools.open(side, rate, time).await,
        })
        .await?;
    let times: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| (outcome.way, outcome.into_latency()))
        .collect();
    let aims = [(500, P50_AIM), (990, P99_AIM)];
    let aims = if flow == aimed() { &aims[..] } else { &[] };
    Ok(percentile_line(name, &times, &[500, 990, 999], aims, ms))
}
