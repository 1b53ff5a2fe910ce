//! The steps of the measuring. Each one sends the same calls along every way, in turns, and puts
//! what it found into lines of the report.

pub(crate) mod crowd;
pub(crate) mod first_byte;
pub(crate) mod latency;
pub(crate) mod limit;
pub(crate) mod memory;
pub(crate) mod saturation;
pub(crate) mod start;

use std::net::SocketAddr;
use std::time::Duration;

use crate::books::Books;
use crate::cores::{Clocks, Shares};
use crate::error::Error;
use crate::load::Load;
use crate::pin::Cores;
use crate::proc_stats::{forget_peak, memory};
use crate::proxy::Proxy;
use crate::samples::{Rounds, Samples};
use crate::setup::through_weir;
use crate::side::{Side, Way};
use crate::upstream::Upstream;
use crate::weir::Weir;

/// Seconds of one round at a fixed rate, where a step is long enough.
const ROUND_SECONDS: u32 = 2;

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
    /// Where the stand-in is.
    pub(crate) upstream: SocketAddr,
    /// Most memory of Weir's process that was forgotten by the kernel since, in KiB.
    forgotten_peak_kib: u64,
}

/// What runs beside Weir.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Others<'a> {
    pub(crate) cores: Option<Cores>,
    pub(crate) upstream: &'a Upstream,
    pub(crate) proxy: Option<&'a Proxy>,
    /// Seconds of each step, for each side.
    pub(crate) seconds: u32,
}

/// What came of one way in one step.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) way: Way,
    rounds: Vec<Load>,
    /// How the cores were used while the calls went through Weir; nothing for other ways.
    pub(crate) shares: Shares,
    /// Time of the gateway's process on its core; of Weir's until the last row could be read.
    pub(crate) gateway: Duration,
    /// From the last answer until the last row could be read; the longest.
    pub(crate) lag: Duration,
}

impl Ground {
    /// With a Weir that was set up, before the first call.
    pub(crate) async fn prepare(
        weir: Weir,
        token: &str,
        others: &Others<'_>,
    ) -> Result<Self, Error> {
        let upstream = others.upstream.address;
        let mut sides = vec![Side::plain(Way::Direct, upstream)];
        let proxy = others
            .proxy
            .map(|proxy| Side::plain(Way::Proxy, proxy.address));
        sides.extend(proxy);
        sides.push(through_weir(weir.address, token));
        Ok(Self {
            sides,
            books: Books::open(weir.address).await?,
            clocks: Clocks {
                cores: others.cores,
                weir: weir.pid(),
                upstream: others.upstream.pid(),
                proxy: others.proxy.map(Proxy::pid),
            },
            weir,
            shares: Shares::default(),
            seconds: others.seconds,
            upstream,
            forgotten_peak_kib: 0,
        })
    }

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

    /// How many rounds a step at a fixed rate has, and how long each is.
    pub(crate) fn rounds(&self) -> (u32, Duration) {
        let seconds = ROUND_SECONDS.min(self.seconds);
        (
            self.seconds / seconds.max(1),
            Duration::from_secs(seconds.into()),
        )
    }

    /// Takes the ways in turns, that many times.
    pub(crate) async fn in_turns(
        &mut self,
        step: &str,
        turns: u32,
        turn: impl AsyncFnMut(&Side) -> Result<Load, Error>,
    ) -> Result<Vec<Outcome>, Error> {
        let sides = self.sides.clone();
        self.in_turns_of(&sides, step, turns, turn).await
    }

    /// The same with some ways only, or other ones.
    pub(crate) async fn in_turns_of(
        &mut self,
        sides: &[Side],
        step: &str,
        turns: u32,
        mut turn: impl AsyncFnMut(&Side) -> Result<Load, Error>,
    ) -> Result<Vec<Outcome>, Error> {
        let mut outcomes: Vec<Outcome> = sides.iter().map(Outcome::none).collect();
        for _ in 0..turns {
            for (side, outcome) in sides.iter().zip(&mut outcomes) {
                self.turn(step, side, outcome, &mut turn).await?;
            }
        }
        for outcome in &outcomes {
            self.shares.append(&outcome.shares);
        }
        Ok(outcomes)
    }

    /// One turn; what it brings goes to the outcome.
    async fn turn(
        &mut self,
        step: &str,
        side: &Side,
        outcome: &mut Outcome,
        turn: &mut impl AsyncFnMut(&Side) -> Result<Load, Error>,
    ) -> Result<(), Error> {
        let before = self.clocks.read()?;
        let load = turn(side).await?;
        self.books
            .note_failures(&format!("{step}, {}", side.way.name()), &load.tally);
        match side.way {
            Way::Direct => {}
            Way::Proxy => {
                outcome.gateway += self.clocks.read()?.proxy.saturating_sub(before.proxy);
            }
            Way::Weir => {
                outcome.shares.add(&before, &self.clocks.read()?);
                self.books.note(&load.tally);
                outcome.lag = outcome.lag.max(self.books.caught_up().await?);
                outcome.gateway += self.clocks.read()?.weir.saturating_sub(before.weir);
            }
        }
        outcome.rounds.push(load);
        Ok(())
    }
}

impl Outcome {
    fn none(side: &Side) -> Self {
        Self {
            way: side.way,
            rounds: Vec::new(),
            shares: Shares::default(),
            gateway: Duration::ZERO,
            lag: Duration::ZERO,
        }
    }

    /// Calls that were answered whole.
    pub(crate) fn answered(&self) -> u32 {
        self.rounds.iter().map(|load| load.tally.answered).sum()
    }

    /// Calls that were not.
    pub(crate) fn failed(&self) -> u32 {
        self.rounds.iter().map(|load| load.tally.failed).sum()
    }

    /// Whole calls a second.
    pub(crate) fn per_second(&self) -> u64 {
        let took: Duration = self.rounds.iter().map(|load| load.took).sum();
        per_second(self.answered(), took)
    }

    /// Times until answers had ended.
    pub(crate) fn into_latency(self) -> Rounds {
        self.into_times(|load| load.tally.latency)
    }

    /// Times until answers began.
    pub(crate) fn into_first_byte(self) -> Rounds {
        self.into_times(|load| load.tally.first_byte)
    }

    fn into_times(self, of: fn(Load) -> Samples) -> Rounds {
        Rounds::of(self.rounds.into_iter().map(of).collect())
    }
}

fn per_second(calls: u32, took: Duration) -> u64 {
    let nanos = u128::from(calls) * 1_000_000_000;
    let rate = nanos.checked_div(took.as_nanos()).unwrap_or_default();
    u64::try_from(rate).unwrap_or(u64::MAX)
}
