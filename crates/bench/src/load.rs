//! Calls sent at a side, in three manners, and what became of them.

mod caller;
mod closed;
mod open;
mod paced;

use std::time::{Duration, Instant};

use tokio::task::JoinError;

pub(crate) use caller::{Caller, Question};
pub(crate) use closed::closed;
pub(crate) use open::Pools;
pub(crate) use paced::{Manner, paced};

use crate::client::{Answer, CallError};
use crate::samples::Samples;

/// Wait after a call that failed: hammering on measures nothing.
const AFTER_FAILURE: Duration = Duration::from_millis(10);

/// What became of calls.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Calls that were answered whole.
    pub(crate) answered: u32,
    /// Calls that were not.
    pub(crate) failed: u32,
    /// What the first of them said.
    pub(crate) first_failure: Option<String>,
    /// From the time at which a call was to be sent until its answer had ended.
    pub(crate) latency: Samples,
    /// From the same time until the first byte of the answer's body.
    pub(crate) first_byte: Samples,
}

impl Tally {
    /// Counts a call that was to be sent at `intended` and is over now.
    pub(crate) fn count(&mut self, intended: Instant, result: Result<Answer, CallError>) {
        match result {
            Ok(answer) => {
                self.answered += 1;
                self.latency.add(intended.elapsed());
                self.first_byte
                    .add(answer.first_byte.saturating_duration_since(intended));
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// Adds what a task brought home, or that it died.
    pub(crate) fn append(&mut self, other: Result<Self, JoinError>) {
        match other {
            Ok(other) => {
                self.answered += other.answered;
                self.failed += other.failed;
                self.first_failure = self.first_failure.take().or(other.first_failure);
                self.latency.append(other.latency);
                self.first_byte.append(other.first_byte);
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The same calls, counted only.
    pub(crate) fn without_times(self) -> Self {
        Self {
            latency: Samples::default(),
            first_byte: Samples::default(),
            ..self
        }
    }

    fn fail(&mut self, why: String) {
        self.failed += 1;
        self.first_failure.get_or_insert(why);
    }
}

/// Calls and how long they took, from the first request to the last answer.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) tally: Tally,
    pub(crate) took: Duration,
}

#[cfg(test)]
mod tests {
    use standin::{Settings, Standin};

    use super::*;
    use crate::requests::{Api, Ask};
    use crate::side::{Side, Way};

    const TIME: Duration = Duration::from_millis(50);

    async fn send(ask: &Ask) -> Tally {
        let standin = Standin::start(Settings::default()).await.unwrap();
        let side = Side::plain(Way::Direct, standin.address());
        closed(&side, ask, 2, TIME).await.unwrap().tally
    }

    #[tokio::test]
    async fn whole_answers_count_and_are_measured() {
        let anthropic = Ask {
            api: Api::Anthropic,
            ..Ask::stream(12)
        };
        for ask in [
            Ask::plain(),
            Ask::plain().with("content-length", 0),
            Ask::stream(52),
            anthropic,
        ] {
            let tally = send(&ask).await;
            assert_eq!(tally.first_failure, None, "{ask:?}");
            assert!(tally.answered > 0, "{ask:?}");
            let (first, all) = (tally.first_byte.sorted(), tally.latency.sorted());
            assert!(first.percentile(500) <= all.percentile(500));
        }
    }

    #[tokio::test]
    async fn answers_that_are_not_whole_are_failures() {
        for (ask, why) in [
            (Ask::plain().with("status", 529), "status 529"),
            (Ask::plain().with("break-after", 10), "the connection ended"),
            (
                Ask::stream(52).with("break-after", 10),
                "the connection ended",
            ),
            (
                Ask::stream(52).with("end-after", 10),
                "before its last event",
            ),
        ] {
            let tally = send(&ask).await;
            assert_eq!(tally.answered, 0, "{ask:?}");
            let said = tally.first_failure.unwrap_or_default();
            assert!(said.contains(why), "{ask:?}: {said}");
        }
    }

    #[tokio::test]
    async fn a_fixed_rate_is_kept_and_counts_from_the_intended_time() {
        let standin = Standin::start(Settings::default()).await.unwrap();
        let side = Side::plain(Way::Direct, standin.address());
        let ask = Ask::plain().with("first-byte-ms", 20);
        let pools = Pools::new(std::slice::from_ref(&side), &ask);
        let time = Duration::from_millis(250);
        let load = pools.open(&side, 200, time).await.unwrap();
        assert_eq!(load.tally.first_failure, None);
        // Answers take 20 ms and calls come every 5 ms: none waits for the one before.
        assert_eq!(load.tally.answered, 50);
        let latency = load.tally.latency.sorted();
        assert!(latency.percentile(1) >= Duration::from_millis(20));
    }
}
