//! Many streams at once at a model's pace: what a gateway adds until the first byte and to each frame,
//! whether any stream stands still, and what memory they take.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::{Load, Manner, paced};
use crate::proc_stats::memory;
use crate::report::{Line, mib, ms, percentile_line, thousands};
use crate::samples::Rounds;
use crate::side::Way;

/// Time to come to rest before memory is looked at again.
const RECOVERY: Duration = Duration::from_secs(5);
const FRAMES: u64 = 50;
/// So that the load's core has room left with the most streams.
const PACE: Duration = Duration::from_millis(100);
const STALL: Duration = Duration::from_millis(200);
/// Seconds that one stream takes, rounded.
const SECONDS_OF_ONE: u32 = 5;
/// As many at once as are aimed at.
const AIM: u32 = 2_000;

/// The section's title.
pub(crate) const TITLE: &str = "Streams of 50 frames, one every 100 ms; p50 / p99, ms";

/// How many streams at once are tried.
pub(crate) fn crowds(quick: bool) -> &'static [u32] {
    if quick {
        &[500]
    } else {
        &[500, 1_000, 2_000, 4_000]
    }
}

/// Lets crowds stream along each way, each larger than the one before.
pub(crate) async fn measure(ground: &mut Ground, crowds: &[u32]) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    let mut smooth: Vec<(Way, u32)> = ground.sides.iter().map(|side| (side.way, 0)).collect();
    for streams in crowds.iter().copied() {
        println!("  {streams} at once");
        lines.extend(crowd(ground, streams, &mut smooth).await?);
    }
    let mut most = Line::new("most at once of which none stood still, of those tried");
    for (way, streams) in smooth {
        most = most.cell(way, thousands(streams));
        if way == Way::Weir && crowds.contains(&AIM) {
            most = most.aim(format!("≥ {}", thousands(AIM)), streams >= AIM);
        }
    }
    lines.push(most);
    Ok(lines)
}

/// One crowd; notes in `smooth` on which ways no stream of it stood still.
async fn crowd(
    ground: &mut Ground,
    streams: u32,
    smooth: &mut [(Way, u32)],
) -> Result<Vec<Line>, Error> {
    let name = format!("{} at once", thousands(streams));
    let manner = Manner {
        streams,
        each: (ground.seconds / SECONDS_OF_ONE).max(1),
        frames: FRAMES,
        pace: PACE,
        stall: STALL,
    };
    ground.forget_peak()?;
    let mut found = Vec::new();
    let outcomes = ground
        .in_turns(&name, 1, async |side| -> Result<Load, Error> {
            let paced = paced(side, manner).await?;
            found.push((paced.late, paced.stalls));
            Ok(paced.load)
        })
        .await?;
    let peak_kib = memory(ground.weir.pid())?.peak_kib;
    tokio::time::sleep(RECOVERY).await;
    let after_kib = memory(ground.weir.pid())?.now_kib;

    let mut pauses = Line::new(format!(
        "{name}: pauses of more than {} ms",
        STALL.as_millis()
    ));
    let (mut first_bytes, mut frames) = (Vec::new(), Vec::new());
    for (outcome, (late, stalls)) in outcomes.into_iter().zip(found) {
        let way = outcome.way;
        pauses = pauses.cell(way, thousands(stalls));
        if stalls == 0 && outcome.failed() == 0 {
            for (_, most) in smooth.iter_mut().filter(|(of, _)| *of == way) {
                *most = streams;
            }
        }
        first_bytes.push((way, outcome.into_first_byte()));
        frames.push((way, Rounds::of(vec![late])));
    }
    let percentiles = [500, 990];
    Ok(vec![
        pauses,
        percentile_line("— first byte", &first_bytes, &percentiles, &[], ms),
        percentile_line("— a frame behind its time", &frames, &percentiles, &[], ms),
        Line::new("— memory at most; 5 s later").weir(format!(
            "{}; {}",
            mib(peak_kib),
            mib(after_kib)
        )),
    ])
}
