//! The highest rate at which calls are still answered in time.
//!
//! The load is open: calls come at their time, whatever became of earlier ones, so that a gateway that
//! cannot keep up shows it at once. Rates are tried on a ladder whose steps are a twentieth apart, by
//! halving what is left of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::Pools;
use crate::report::{Line, thousands};
use crate::requests::Ask;
use crate::side::Side;

/// The lowest rate that is tried.
const LOWEST: u32 = 500;
/// The ladder ends here; nothing that shares its core with the load gets there.
const HIGHEST: u32 = 80_000;
/// What the 99th percentile may be.
const LIMITS: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(50)];
const ROUNDS: u32 = 3;
/// Time of one round, as a part of a step's.
const PART: u32 = 10;

/// The section's title.
pub(crate) const TITLE: &str =
    "Highest rate of calls of 1 KB, found in steps of 5 %, calls a second";

/// Searches along each way.
pub(crate) async fn search(ground: &mut Ground) -> Result<Vec<Line>, Error> {
    let ladder = ladder();
    let mut lines = LIMITS.map(|limit| Line::new(format!("p99 ≤ {} ms", limit.as_millis())));
    for side in ground.sides.clone() {
        println!("  {}", side.way.name());
        let mut search = Search {
            pools: Pools::new(std::slice::from_ref(&side), &Ask::plain()),
            side,
            tried: BTreeMap::new(),
        };
        for (line, limit) in lines.iter_mut().zip(LIMITS) {
            let rate = search.highest(ground, &ladder, limit).await?;
            let text = rate.map_or_else(|| format!("< {LOWEST}"), thousands);
            *line = line.clone().cell(search.side.way, text);
        }
    }
    Ok(lines.to_vec())
}

fn ladder() -> Vec<u32> {
    let next = |rate: &u32| Some(rate + rate / 20);
    std::iter::successors(Some(LOWEST), next)
        .take_while(|rate| *rate <= HIGHEST)
        .collect()
}

struct Search {
    side: Side,
    pools: Pools,
    /// What the 99th percentile was at rates that were tried.
    tried: BTreeMap<u32, Duration>,
}

impl Search {
    /// `None`: not even the lowest.
    async fn highest(
        &mut self,
        ground: &mut Ground,
        ladder: &[u32],
        limit: Duration,
    ) -> Result<Option<u32>, Error> {
        let mut best = None;
        let mut rest = ladder;
        while let Some(rate) = rest.get(rest.len() / 2).copied() {
            let (below, above) = rest.split_at(rest.len() / 2);
            if self.p99(ground, rate).await? <= limit {
                best = Some(rate);
                rest = above.get(1..).unwrap_or_default();
            } else {
                rest = below;
            }
        }
        Ok(best)
    }

    async fn p99(&mut self, ground: &mut Ground, rate: u32) -> Result<Duration, Error> {
        if let Some(found) = self.tried.get(&rate) {
            return Ok(*found);
        }
        let time = Duration::from_secs(ground.seconds.into()) / PART;
        let step = format!("{rate} calls a second");
        let outcomes = ground
            .in_turns_of(
                std::slice::from_ref(&self.side),
                &step,
                ROUNDS,
                async |side| self.pools.open(side, rate, time).await,
            )
            .await?;
        let outcome = outcomes.into_iter().next();
        let p99 = outcome.map_or(Duration::MAX, |outcome| {
            outcome.into_latency().percentile(990)
        });
        self.tried.insert(rate, p99);
        Ok(p99)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_goes_up_by_a_twentieth() {
        let ladder = ladder();
        assert_eq!(ladder.first(), Some(&LOWEST));
        for pair in ladder.windows(2) {
            assert!(pair[1] > pair[0] && pair[1] <= pair[0] + pair[0] / 20);
        }
        assert!(*ladder.last().unwrap() > HIGHEST * 9 / 10);
    }
}
