//! What Weir adds to the time of a plain call: over one connection, and at fixed rates.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::{Load, Pool, closed, open};
use crate::report::{Line, ms, percentile_lines};
use crate::requests::Ask;
use crate::samples::Sorted;

/// Bytes of a request's body.
pub(crate) const SMALL: usize = 1_000;
/// Bytes of a request's body that has a long prompt.
pub(crate) const LARGE: usize = 50_000;
/// Length of one turn.
const TURN: Duration = Duration::from_secs(1);
const WARM_CONNECTIONS: u32 = 16;
/// The rate that the aims are for.
const AIMED_RATE: u32 = 1_000;
const P50_AIM: Duration = Duration::from_micros(120);
const P99_AIM: Duration = Duration::from_micros(250);

/// Wakes everything up; nothing of it is kept but the number of calls.
pub(crate) async fn warm_up(ground: &mut Ground) -> Result<(), Error> {
    let ask = Ask::plain();
    let mut turn = async |side: &_| closed(side, &ask, WARM_CONNECTIONS, TURN).await;
    ground.in_turns("warming up", 1, &mut turn).await?;
    let ask = Ask::stream(52);
    let mut turn = async |side: &_| closed(side, &ask, WARM_CONNECTIONS, TURN).await;
    ground.in_turns("warming up", 1, &mut turn).await.map(drop)
}

/// Calls at that many a second; `None`: one connection, one call after the other.
pub(crate) async fn added(
    ground: &mut Ground,
    rate: Option<u32>,
    body_bytes: usize,
) -> Result<Vec<Line>, Error> {
    let ask = Ask {
        body_bytes,
        ..Ask::plain()
    };
    let name = match rate {
        None => "one connection, one call after the other".to_owned(),
        Some(rate) => format!("{rate} calls/s of {} KB", body_bytes / 1_000),
    };
    let mut pools = Vec::new();
    for side in &ground.sides {
        pools.push((side.way, Pool::new(side, &ask)));
    }
    let turns = ground.seconds;
    let outcomes = ground
        .in_turns(&name, turns, async |side| -> Result<Load, Error> {
            let Some(rate) = rate else {
                return closed(side, &ask, 1, TURN).await;
            };
            match pools.iter().find(|(way, _)| *way == side.way) {
                Some((_, pool)) => open(pool, rate, TURN).await,
                None => Ok(Load::default()),
            }
        })
        .await?;
    let times: Vec<(_, Sorted)> = outcomes
        .into_iter()
        .map(|outcome| (outcome.way, outcome.load.tally.latency.sorted()))
        .collect();
    let aimed = rate == Some(AIMED_RATE) && body_bytes == SMALL;
    let aims = [(500, P50_AIM), (990, P99_AIM)];
    let aims = if aimed { &aims[..] } else { &[] };
    Ok(percentile_lines(&name, &times, &[500, 990, 999], aims, ms))
}
