//! Who used the two cores: whether a figure is Weir's own, the load's, or somebody else's.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::pin::Cores;
use crate::proc_stats::{time_of_core, time_on_cores};

/// From this share of a core on, in percent, it counts as full.
const FULL: u64 = 95;
/// From this share on others disturb the figures.
const DISTURBING: u64 = 5;

/// The clocks of processes and cores.
#[derive(Debug)]
pub(crate) struct Clocks {
    /// `None`: nothing is pinned, so that cores cannot be told apart.
    pub(crate) cores: Option<Cores>,
    pub(crate) weir: u32,
    pub(crate) upstream: u32,
    /// nginx, where it runs.
    pub(crate) proxy: Option<u32>,
}

/// What they showed at one time.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    at: Instant,
    /// Weir's process.
    pub(crate) weir: Duration,
    /// The one of nginx.
    pub(crate) proxy: Duration,
    /// The load and the stand-in together.
    load: Duration,
    weir_core: Duration,
    load_core: Duration,
}

/// How the cores were used over some time.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    time: Duration,
    weir: Duration,
    load: Duration,
    others_at_weir: Duration,
    others_at_load: Duration,
}

impl Clocks {
    pub(crate) fn read(&self) -> Result<Shown, Error> {
        let weir = time_on_cores(self.weir)?;
        let proxy = self.proxy.map(time_on_cores).transpose()?;
        let load = time_on_cores(std::process::id())? + time_on_cores(self.upstream)?;
        let (weir_core, load_core) = match self.cores {
            Some(cores) => (time_of_core(cores.weir)?, time_of_core(cores.load)?),
            None => (weir, load),
        };
        Ok(Shown {
            at: Instant::now(),
            weir,
            proxy: proxy.unwrap_or_default(),
            load,
            weir_core,
            load_core,
        })
    }
}

impl Shares {
    /// Adds the time between two looks.
    pub(crate) fn add(&mut self, before: &Shown, after: &Shown) {
        let weir = after.weir.saturating_sub(before.weir);
        let load = after.load.saturating_sub(before.load);
        let weir_core = after.weir_core.saturating_sub(before.weir_core);
        let load_core = after.load_core.saturating_sub(before.load_core);
        self.append(&Self {
            time: after.at.saturating_duration_since(before.at),
            weir,
            load,
            others_at_weir: weir_core.saturating_sub(weir),
            others_at_load: load_core.saturating_sub(load),
        });
    }

    pub(crate) fn append(&mut self, other: &Self) {
        self.time += other.time;
        self.weir += other.weir;
        self.load += other.load;
        self.others_at_weir += other.others_at_weir;
        self.others_at_load += other.others_at_load;
    }

    /// How much of its core Weir had, in percent.
    pub(crate) fn weir_percent(&self) -> u64 {
        self.percent(self.weir)
    }

    /// Why a rate is no higher, where that is not Weir.
    pub(crate) fn bottleneck(&self) -> &'static str {
        if self.weir_percent() >= FULL {
            ""
        } else if self.percent(self.load) >= FULL {
            "the load's core was full first: Weir has room left"
        } else if self.disturbed() {
            "other programs were in the way"
        } else {
            "neither core was full"
        }
    }

    /// What is to be said of others.
    pub(crate) fn note(&self) -> String {
        let verdict = if self.disturbed() {
            "the figures are worse than on a quiet machine"
        } else {
            "the machine was quiet"
        };
        format!(
            "While calls went through Weir, other programs and the machine's host took {} % of Weir's core \
             and {} % of the load's: {verdict}.",
            self.percent(self.others_at_weir),
            self.percent(self.others_at_load),
        )
    }

    fn disturbed(&self) -> bool {
        let others = self.others_at_weir.max(self.others_at_load);
        self.percent(others) >= DISTURBING
    }

    fn percent(&self, part: Duration) -> u64 {
        let share = (part.as_nanos() * 100).checked_div(self.time.as_nanos());
        u64::try_from(share.unwrap_or_default()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(weir: u64, load: u64, others: u64) -> Shares {
        Shares {
            time: Duration::from_secs(100),
            weir: Duration::from_secs(weir),
            load: Duration::from_secs(load),
            others_at_weir: Duration::from_secs(others),
            others_at_load: Duration::ZERO,
        }
    }

    #[test]
    fn it_is_said_who_was_in_the_way() {
        assert_eq!(shares(97, 60, 0).bottleneck(), "");
        assert!(shares(80, 99, 0).bottleneck().contains("load's core"));
        assert!(shares(80, 60, 20).bottleneck().contains("other programs"));
        assert!(shares(40, 40, 0).bottleneck().contains("neither"));
        assert!(shares(97, 60, 1).note().ends_with("the machine was quiet."));
    }
}
