//! Memory, descriptors and threads of Weir, looked at again and again.

use std::time::{Duration, Instant};

use super::trend::{Slope, slope};
use crate::error::Error;
use crate::proc_stats::{descriptors, memory, threads};
use crate::report::mib;

/// Looks in the whole time.
const LOOKS: u32 = 120;
const BETWEEN_LOOKS_AT_LEAST: Duration = Duration::from_secs(1);
/// Time at the beginning that does not count: buffers, caches and pools fill. A quarter.
const WARM_UP: usize = 4;
/// Descriptors that Weir may have more than before the first call: the pool of readers, files of the journal.
const MORE_DESCRIPTORS: usize = 16;
/// How long connections may take until they are closed: unused ones are kept for a while.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN: Duration = Duration::from_millis(200);

/// What was seen of one Weir.
#[derive(Debug)]
pub(super) struct Gauge {
    weir: u32,
    descriptors_before: usize,
    /// Seconds since the beginning, and KiB.
    memory: Vec<(i64, i64)>,
    pub(super) now: Seen,
    pub(super) most: Seen,
}

/// At one time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) kib: u64,
    pub(super) descriptors: usize,
    pub(super) threads: usize,
}

/// How memory went, after the warm-up.
#[derive(Debug)]
pub(super) struct Growth {
    pub(super) slope: Option<Slope>,
    pub(super) seconds: i64,
    pub(super) looks: usize,
    pub(super) most: Seen,
    pub(super) end: Seen,
}

/// Time between two looks.
pub(super) fn between_looks(time: Duration) -> Duration {
    (time / LOOKS).max(BETWEEN_LOOKS_AT_LEAST)
}

impl Gauge {
    /// Before the first call.
    pub(super) fn new(weir: u32) -> Result<Self, Error> {
        Ok(Self {
            weir,
            descriptors_before: descriptors(weir)?,
            memory: Vec::new(),
            now: Seen::default(),
            most: Seen::default(),
        })
    }

    pub(super) fn look(&mut self, since: Duration) -> Result<(), Error> {
        let memory = memory(self.weir)?;
        self.now = Seen {
            kib: memory.now_kib,
            descriptors: descriptors(self.weir)?,
            threads: threads(self.weir)?,
        };
        self.most = Seen {
            kib: memory.peak_kib,
            descriptors: self.most.descriptors.max(self.now.descriptors),
            threads: self.most.threads.max(self.now.threads),
        };
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let kib = i64::try_from(memory.now_kib).unwrap_or(i64::MAX);
        self.memory.push((seconds, kib));
        Ok(())
    }

    /// Waits until Weir has no more descriptors than before the first call, when its clients and its upstream
    /// have gone.
    pub(super) async fn connections_given_back(&mut self) -> Result<(), Error> {
        let start = Instant::now();
        loop {
            let now = descriptors(self.weir)?;
            if now <= self.descriptors_before + MORE_DESCRIPTORS {
                self.now.descriptors = now;
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(Error::Broken(format!(
                    "Weir keeps {now} descriptors when all have gone; before the first call it had {}",
                    self.descriptors_before
                )));
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    pub(super) fn growth(&self) -> Growth {
        let warm = self
            .memory
            .get(self.memory.len() / WARM_UP..)
            .unwrap_or_default();
        let seconds = match (warm.first(), warm.last()) {
            (Some((first, _)), Some((last, _))) => last - first,
            _ => 0,
        };
        Growth {
            slope: slope(warm),
            seconds,
            looks: warm.len(),
            most: self.most,
            end: self.now,
        }
    }
}

impl Growth {
    /// Fails where memory grew by more than that while it was looked at, however kindly it is looked at.
    pub(super) fn check(&self, within_mib: u32) -> Result<(), Error> {
        let Some(slope) = self.slope else {
            return Err(Error::Broken("memory was looked at too rarely".to_owned()));
        };
        let grown_kib = slope.least * self.seconds / 3_600;
        if grown_kib > i64::from(within_mib) * 1_024 {
            return Err(Error::Broken(format!(
                "memory grew by {} in {} s",
                mib_signed(grown_kib),
                self.seconds
            )));
        }
        Ok(())
    }
}

/// Mebibytes with a sign where they are less than nothing.
pub(super) fn mib_signed(kib: i64) -> String {
    let sign = if kib < 0 { "−" } else { "" };
    format!("{sign}{}", mib(kib.unsigned_abs()))
}
