//! How much memory Weir takes at rest, under load and afterwards.

use std::time::Duration;

use super::Ground;
use crate::error::Error;
use crate::proc_stats::memory;
use crate::report::{Line, mib};
use crate::side::Way;

/// Time to come to rest after the start.
const AFTER_START: Duration = Duration::from_secs(3);
/// Time to come to rest after the load.
const AFTER_LOAD: Duration = Duration::from_secs(15);
/// The section's title.
pub(crate) const TITLE: &str = "Memory (RSS)";

const IDLE_AIM_KIB: u64 = 25 * 1_024;
const PEAK_AIM_KIB: u64 = 150 * 1_024;

/// Memory before the first call.
pub(crate) async fn idle(ground: &Ground) -> Result<Line, Error> {
    tokio::time::sleep(AFTER_START).await;
    let now_kib = memory(ground.weir.pid())?.now_kib;
    let mut line = Line::new("memory at rest (RSS), before the first call");
    if let Some(proxy) = ground.clocks.proxy {
        line = line.cell(Way::Proxy, mib(memory(proxy)?.now_kib));
    }
    Ok(line
        .weir(mib(now_kib))
        .aim("≤ 25 MiB", now_kib <= IDLE_AIM_KIB))
}

/// Memory right after calls at a fixed rate.
pub(crate) fn steady(ground: &Ground) -> Result<Line, Error> {
    let now_kib = memory(ground.weir.pid())?.now_kib;
    Ok(Line::new("steady, after the calls at fixed rates").weir(mib(now_kib)))
}

/// Memory over all that happened, and some time after the last call.
pub(crate) async fn after(ground: &Ground) -> Result<Vec<Line>, Error> {
    tokio::time::sleep(AFTER_LOAD).await;
    let now_kib = memory(ground.weir.pid())?.now_kib;
    let peak_kib = ground.peak_kib()?;
    let mut after = Line::new(format!("{} s after the last call", AFTER_LOAD.as_secs()));
    if let Some(proxy) = ground.clocks.proxy {
        after = after.cell(Way::Proxy, mib(memory(proxy)?.now_kib));
    }
    Ok(vec![
        Line::new("at most, over all steps until here")
            .weir(mib(peak_kib))
            .aim("≤ 150 MiB", peak_kib <= PEAK_AIM_KIB),
        after
            .weir(mib(now_kib))
            .aim("back at rest, ≤ 25 MiB", now_kib <= IDLE_AIM_KIB),
    ])
}
