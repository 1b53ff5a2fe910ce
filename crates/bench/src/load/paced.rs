//! Many streams at once, each at the pace of a model that writes: does any of them stand still?

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{AFTER_FAILURE, Caller, Load, Question, Tally};
use crate::client::Watch;
use crate::error::Error;
use crate::requests::Ask;
use crate::samples::Samples;
use crate::side::Side;

/// How the streams run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Streams at once.
    pub(crate) streams: u32,
    /// Frames that each has.
    pub(crate) frames: u64,
    /// Time between two frames.
    pub(crate) pace: Duration,
    /// A longer time between two arrivals is a stall.
    pub(crate) stall: Duration,
}

/// What became of the streams.
#[derive(Debug, Default)]
pub(crate) struct Paced {
    pub(crate) load: Load,
    /// Times between two arrivals, and from the request to the first one.
    pub(crate) gaps: Samples,
    pub(crate) stalls: u32,
}

struct Arrivals {
    last: Instant,
    gaps: Samples,
}

impl Watch for Arrivals {
    fn arrived(&mut self) {
        let now = Instant::now();
        self.gaps.add(now.saturating_duration_since(self.last));
        self.last = now;
    }
}

/// Streams for that long, one after the other from each client. Their beginnings are spread over one
/// pause between frames, so that they do not march in step. One stream of each client goes before and
/// counts for its row only: it opens the connections, on both sides of a gateway.
pub(crate) async fn paced(side: &Side, manner: Manner, time: Duration) -> Result<Paced, Error> {
    let pace_ms = u64::try_from(manner.pace.as_millis()).unwrap_or(u64::MAX);
    let ask = Ask::stream(manner.frames).with("pace-ms", pace_ms);
    let question = Question::new(side, &ask);
    let all_warm = Arc::new(Barrier::new(usize::try_from(manner.streams).unwrap_or(1)));
    let mut clients = JoinSet::new();
    for number in 0..manner.streams {
        let client = Client {
            caller: Caller::new(question.clone()),
            delay: manner.pace / manner.streams.max(1) * number,
            all_warm: Arc::clone(&all_warm),
        };
        clients.spawn(client.run(time));
    }
    let mut all = Paced::default();
    while let Some(client) = clients.join_next().await {
        let (tally, gaps) = match client {
            Ok((tally, gaps)) => (Ok(tally), gaps),
            Err(error) => (Err(error), Samples::default()),
        };
        all.load.tally.append(tally);
        all.gaps.append(gaps);
    }
    all.load.took = time;
    all.stalls = all.gaps.longer_than(manner.stall);
    Ok(all)
}

struct Client {
    caller: Caller,
    delay: Duration,
    all_warm: Arc<Barrier>,
}

impl Client {
    async fn run(mut self, time: Duration) -> (Tally, Samples) {
        let mut tally = Tally::default();
        tokio::time::sleep(self.delay).await;
        self.stream(&mut tally).await;
        self.all_warm.wait().await;
        tokio::time::sleep(self.delay).await;
        let start = Instant::now();
        let mut gaps = Samples::default();
        while start.elapsed() < time {
            gaps.append(self.stream(&mut tally).await);
        }
        (tally, gaps)
    }

    async fn stream(&mut self, tally: &mut Tally) -> Samples {
        let begun = Instant::now();
        let mut arrivals = Arrivals {
            last: begun,
            gaps: Samples::default(),
        };
        let result = self.caller.call(&mut arrivals).await;
        let failed = result.is_err();
        tally.count(begun, result);
        if failed {
            tokio::time::sleep(AFTER_FAILURE).await;
        }
        arrivals.gaps
    }
}
