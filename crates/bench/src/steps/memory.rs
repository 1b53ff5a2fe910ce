//! How much memory Weir takes at rest, under load and afterwards.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::proc_stats::memory;
use crate::report::{Line, mib};

/// Time to come to rest after the start.
const AFTER_START: Duration = Duration::from_secs(3);
/// Time to come to rest after the load.
const AFTER_LOAD: Duration = Duration::from_secs(15);
const IDLE_AIM_KIB: u64 = 25 * 1_024;
const PEAK_AIM_KIB: u64 = 150 * 1_024;

/// Memory before the first call.
pub(crate) async fn idle(ground: &Ground) -> Result<Vec<Line>, Error> {
    tokio::time::sleep(AFTER_START).await;
    let memory = memory(ground.weir.pid())?;
    let line = Line::new("memory at rest (RSS), before the first call")
        .weir(mib(memory.now_kib))
        .aim("≤ 25 MB", memory.now_kib <= IDLE_AIM_KIB);
    Ok(vec![line])
}

/// Memory over all that happened, and some time after the last call.
pub(crate) async fn after(ground: &Ground) -> Result<Vec<Line>, Error> {
    tokio::time::sleep(AFTER_LOAD).await;
    let memory = memory(ground.weir.pid())?;
    let peak_kib = ground.peak_kib()?;
    Ok(vec![
        Line::new("memory at most, over all steps")
            .weir(mib(peak_kib))
            .aim("≤ 150 MB", peak_kib <= PEAK_AIM_KIB),
        Line::new(format!(
            "memory {} s after the last call",
            AFTER_LOAD.as_secs()
        ))
        .weir(mib(memory.now_kib))
        .aim("back at rest: ≤ 25 MB", memory.now_kib <= IDLE_AIM_KIB),
    ])
}
