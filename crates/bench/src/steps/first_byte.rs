//! What Weir adds until the first byte of a stream.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::{Load, Pool, open};
use crate::report::{Line, ms, percentile_lines};
use crate::requests::Ask;
use crate::samples::Sorted;

/// Streams that begin each second.
const RATE: u32 = 200;
const FRAMES: u64 = 12;
/// Time between two frames, so that the first one comes alone.
const PACE_MS: u64 = 5;
const TURN: Duration = Duration::from_secs(1);
const P99_AIM: Duration = Duration::from_micros(400);

/// Short streams at a fixed rate. Half of the clients of this world do not ask for usage, so that
/// Weir has to: both are measured.
pub(crate) async fn added(ground: &mut Ground) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for usage in [true, false] {
        let ask = Ask {
            usage,
            ..Ask::stream(FRAMES).with("pace-ms", PACE_MS)
        };
        let name = format!(
            "first byte of a stream, {RATE} streams/s, usage asked for by {}",
            if usage { "the client" } else { "Weir" }
        );
        let mut pools = Vec::new();
        for side in &ground.sides {
            pools.push((side.way, Pool::new(side, &ask)));
        }
        let turns = ground.seconds;
        let outcomes = ground
            .in_turns(&name, turns, async |side| -> Result<Load, Error> {
                match pools.iter().find(|(way, _)| *way == side.way) {
                    Some((_, pool)) => open(pool, RATE, TURN).await,
                    None => Ok(Load::default()),
                }
            })
            .await?;
        let times: Vec<(_, Sorted)> = outcomes
            .into_iter()
            .map(|outcome| (outcome.way, outcome.load.tally.first_byte.sorted()))
            .collect();
        let aims = [(990, P99_AIM)];
        lines.extend(percentile_lines(&name, &times, &[500, 990], &aims, ms));
    }
    Ok(lines)
}
