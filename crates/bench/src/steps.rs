//! The steps of the measuring. Each one sends the same calls along every way, in turns, and puts
//! what it found into lines of the report.

pub(crate) mod crowd;
pub(crate) mod first_byte;
pub(crate) mod latency;
pub(crate) mod memory;
pub(crate) mod saturation;
pub(crate) mod start;

use std::time::Duration;

use crate::books::Books;
use crate::cores::{Clocks, Shares};
use crate::error::Error;
use crate::load::Load;
use crate::proc_stats::{forget_peak, memory};
use crate::side::{Side, Way};
use crate::weir::Weir;

/// What is measured, and what its books should say.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Direct first, Weir last.
    pub(crate) sides: Vec<Side>,
    pub(crate) weir: Weir,
    pub(crate) books: Books,
    pub(crate) clocks: Clocks,
    /// How the cores were used while calls went through Weir, over all steps.
    pub(crate) shares: Shares,
    /// Seconds of each step, for each side.
    pub(crate) seconds: u32,
    /// Most memory of Weir's process that was forgotten by the kernel since, in KiB.
    pub(crate) forgotten_peak_kib: u64,
}

/// What came of one way in one step.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) way: Way,
    pub(crate) load: Load,
    /// How the cores were used while the calls went through Weir; nothing for other ways.
    pub(crate) shares: Shares,
    /// Time of Weir's process on its core until the last row could be read.
    pub(crate) weir_with_rows: Duration,
    /// From the last answer until the last row could be read; the longest.
    pub(crate) lag: Duration,
}

impl Ground {
    /// Most memory that Weir has had until now, in KiB.
    pub(crate) fn peak_kib(&self) -> Result<u64, Error> {
        let memory = memory(self.weir.pid())?;
        Ok(memory.peak_kib.max(self.forgotten_peak_kib))
    }

    /// Begins a new peak for one step.
    pub(crate) fn forget_peak(&mut self) -> Result<(), Error> {
        self.forgotten_peak_kib = self.peak_kib()?;
        forget_peak(self.weir.pid());
        Ok(())
    }

    /// Takes the ways in turns, that many times, and adds up what each turn brings.
    pub(crate) async fn in_turns(
        &mut self,
        step: &str,
        turns: u32,
        mut turn: impl AsyncFnMut(&Side) -> Result<Load, Error>,
    ) -> Result<Vec<Outcome>, Error> {
        let sides = self.sides.clone();
        let mut outcomes: Vec<Outcome> = sides.iter().map(Outcome::none).collect();
        for _ in 0..turns {
            for (side, outcome) in sides.iter().zip(&mut outcomes) {
                let before = self.clocks.read()?;
                let load = turn(side).await?;
                if side.way == Way::Weir {
                    outcome.shares.add(&before, &self.clocks.read()?);
                    self.books.note(&load.tally);
                    outcome.lag = outcome.lag.max(self.books.caught_up().await?);
                    let weir = self.clocks.read()?.weir.saturating_sub(before.weir);
                    outcome.weir_with_rows += weir;
                }
                outcome.load.append(load);
            }
        }
        for outcome in &outcomes {
            let step = format!("{step}, {}", outcome.way.name());
            self.books.note_failures(&step, &outcome.load.tally);
            self.shares.append(&outcome.shares);
        }
        Ok(outcomes)
    }
}

impl Outcome {
    fn none(side: &Side) -> Self {
        Self {
            way: side.way,
            load: Load::default(),
            shares: Shares::default(),
            weir_with_rows: Duration::ZERO,
            lag: Duration::ZERO,
        }
    }
}
