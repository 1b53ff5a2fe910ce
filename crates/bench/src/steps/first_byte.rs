//! What Weir adds until the first byte of a stream.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::Pools;
use crate::report::{Line, ms, percentile_line};
use crate::requests::Ask;

/// Streams that begin each second.
const RATE: u32 = 200;
const FRAMES: u64 = 12;
/// Time between two frames, so that the first one comes alone.
const PACE_MS: u64 = 5;
const P99_AIM: Duration = Duration::from_micros(400);

/// The section's title.
pub(crate) const TITLE: &str = "First byte of a stream, 200 streams a second; p50 / p99, ms";

/// Short streams at a fixed rate. Half of the clients of this world do not ask for usage, so that
/// Weir has to: both are measured.
pub(crate) async fn added(ground: &mut Ground) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for usage in [true, false] {
        let ask = Ask {
            usage,
            ..Ask::stream(FRAMES).with("pace-ms", PACE_MS)
        };
        let name = if usage {
            "usage asked for by the client"
        } else {
            "usage asked for by Weir, and taken out again"
        };
        let pools = Pools::new(&ground.sides, &ask);
        let (rounds, time) = ground.rounds();
        let outcomes = ground
            .in_turns(name, rounds, async |side| {
                pools.open(side, RATE, time).await
            })
            .await?;
        let times: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| (outcome.way, outcome.into_first_byte()))
            .collect();
        let aims = [(990, P99_AIM)];
        lines.push(percentile_line(name, &times, &[500, 990], &aims, ms));
    }
    Ok(lines)
}
