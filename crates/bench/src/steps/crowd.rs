//! Many streams at once at a model's pace: whether any stands still, and what memory they take.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::load::{Load, Manner, paced};
use crate::proc_stats::memory;
use crate::report::{Line, mib, ms, percentile_lines};
use crate::samples::Samples;
use crate::side::Way;

/// Time to come to rest before memory is looked at again.
const RECOVERY: Duration = Duration::from_secs(5);

/// So many streams of one kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) name: &'static str,
    pub(crate) even_if_quick: bool,
    manner: Manner,
}

/// The second one has as many frames a second as the first: more than the load's core could take.
pub(crate) const CROWDS: [Crowd; 2] = [
    Crowd {
        name: "500 streams at once, a frame every 20 ms",
        even_if_quick: true,
        manner: Manner {
            streams: 500,
            frames: 50,
            pace: Duration::from_millis(20),
            stall: Duration::from_millis(100),
        },
    },
    Crowd {
        name: "2,000 streams at once, a frame every 100 ms",
        even_if_quick: false,
        manner: Manner {
            streams: 2_000,
            frames: 50,
            pace: Duration::from_millis(100),
            stall: Duration::from_millis(200),
        },
    },
];

/// Lets the crowd stream along each way.
pub(crate) async fn measure(ground: &mut Ground, crowd: Crowd) -> Result<Vec<Line>, Error> {
    let time = Duration::from_secs(ground.seconds.into());
    let stall = crowd.manner.stall.as_millis();
    ground.forget_peak()?;
    let mut stalls = Line::new(format!("{}: pauses of more than {stall} ms", crowd.name));
    let mut gaps = Vec::new();
    ground
        .in_turns(crowd.name, 1, async |side| -> Result<Load, Error> {
            let paced = paced(side, crowd.manner, time).await?;
            gaps.push((side.way, paced.gaps, paced.stalls));
            Ok(paced.load)
        })
        .await?;
    let peak_kib = memory(ground.weir.pid())?.peak_kib;
    tokio::time::sleep(RECOVERY).await;
    let after_kib = memory(ground.weir.pid())?.now_kib;

    let mut times = Vec::new();
    for (way, gaps, count) in gaps {
        stalls = stalls.cell(way, count.to_string());
        if way == Way::Weir {
            stalls = stalls.aim("none", count == 0);
        }
        times.push((way, Samples::sorted(gaps)));
    }
    let mut lines = vec![stalls];
    let name = "— time between two arrivals";
    lines.extend(percentile_lines(name, &times, &[990, 999, 1_000], &[], ms));
    lines.push(
        Line::new("— memory of Weir at most, and 5 s later").weir(format!(
            "{}, {}",
            mib(peak_kib),
            mib(after_kib)
        )),
    );
    Ok(lines)
}
