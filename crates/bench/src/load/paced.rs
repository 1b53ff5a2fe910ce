//! Many streams at once, each at the pace of a model that writes: when does the first byte come, how late
//! is each frame, does any stream stand still?

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{AFTER_FAILURE, Caller, Load, Question};
use crate::client::Watch;
use crate::error::Error;
use crate::requests::Ask;
use crate::samples::Samples;
use crate::side::Side;

/// Frames of the stream that each client has before the others, to open connections.
const WARM_FRAMES: u64 = 5;

/// How the streams run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Streams at once.
    pub(crate) streams: u32,
    /// How many each client has, one after the other.
    pub(crate) each: u32,
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
    /// The calls; their times are those of the streams that count.
    pub(crate) load: Load,
    /// How much later each frame came than if it had been sent in the moment of the request, as many
    /// pauses later as there are frames before it.
    pub(crate) late: Samples,
    pub(crate) stalls: u32,
}

/// What comes in of one stream.
struct Arrivals {
    begun: Instant,
    last: Instant,
    manner: Manner,
    /// Line ends until now; a frame is a line and an empty one.
    line_ends: u32,
    frames: u32,
    late: Samples,
    stalls: u32,
}

impl Watch for Arrivals {
    fn content(&mut self, piece: &[u8]) {
        let line_ends = piece.iter().filter(|byte| **byte == b'\n').count();
        self.line_ends += u32::try_from(line_ends).unwrap_or_default();
    }

    fn arrived(&mut self) {
        let now = Instant::now();
        if now.saturating_duration_since(self.last) > self.manner.stall {
            self.stalls += 1;
        }
        self.last = now;
        while self.frames < self.line_ends / 2 {
            let due = self.begun + self.manner.pace * self.frames;
            self.late.add(now.saturating_duration_since(due));
            self.frames += 1;
        }
    }
}

/// Streams, one after the other from each client. Their beginnings are spread over one pause between
/// frames, so that they do not march in step. One short stream of each client goes before and counts for
/// its row only: it opens the connections, on both sides of a gateway.
pub(crate) async fn paced(side: &Side, manner: Manner) -> Result<Paced, Error> {
    let pace_ms = u64::try_from(manner.pace.as_millis()).unwrap_or(u64::MAX);
    let stream = |frames| Ask::stream(frames).with("pace-ms", pace_ms);
    let question = Question::new(side, &stream(manner.frames));
    let short = Question::new(side, &stream(WARM_FRAMES));
    let warming = Warming::default();
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..manner.streams {
        let client = Client {
            caller: Caller::new(short.clone()),
            question: question.clone(),
            manner,
            delay: manner.pace / manner.streams.max(1) * number,
        };
        clients.spawn(client.run(warming.clone()));
    }
    drop(warming);
    let mut all = Paced::default();
    while let Some(client) = clients.join_next().await {
        match client {
            Ok(one) => {
                all.load.tally.append(Ok(one.load.tally));
                all.late.append(one.late);
                all.stalls += one.stalls;
            }
            Err(error) => all.load.tally.append(Err(error)),
        }
    }
    all.load.took = start.elapsed();
    Ok(all)
}

/// What a client holds until it has had its short stream. One that dies lets go of it too, so that the others do
/// not wait for it.
#[derive(Debug, Clone)]
struct Warming {
    mine: watch::Receiver<()>,
    all: watch::Sender<()>,
}

impl Default for Warming {
    fn default() -> Self {
        let (all, mine) = watch::channel(());
        Self { mine, all }
    }
}

impl Warming {
    /// Lets go, and waits until everybody has.
    async fn done(self) {
        drop(self.mine);
        self.all.closed().await;
    }
}

struct Client {
    caller: Caller,
    question: Question,
    manner: Manner,
    delay: Duration,
}

impl Client {
    async fn run(mut self, warming: Warming) -> Paced {
        tokio::time::sleep(self.delay).await;
        let warm = self.stream().await.load.tally;
        self.caller.ask(self.question.clone());
        warming.done().await;
        tokio::time::sleep(self.delay).await;
        let mut all = Paced::default();
        for _ in 0..self.manner.each {
            let one = self.stream().await;
            all.load.tally.append(Ok(one.load.tally));
            all.late.append(one.late);
            all.stalls += one.stalls;
        }
        all.load.tally.append(Ok(warm.without_times()));
        all
    }

    async fn stream(&mut self) -> Paced {
        let begun = Instant::now();
        let mut arrivals = Arrivals {
            begun,
            last: begun,
            manner: self.manner,
            line_ends: 0,
            frames: 0,
            late: Samples::default(),
            stalls: 0,
        };
        let result = self.caller.call(&mut arrivals).await;
        let failed = result.is_err();
        let mut one = Paced {
            late: arrivals.late,
            stalls: arrivals.stalls,
            ..Paced::default()
        };
        one.load.tally.count(begun, result);
        if failed {
            tokio::time::sleep(AFTER_FAILURE).await;
        }
        one
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_client_that_dies_is_not_waited_for() {
        let warming = Warming::default();
        let [waits, dies] = [warming.clone(), warming.clone()];
        drop(warming);
        let mut waits = tokio::spawn(waits.done());
        assert!(
            timeout(Duration::from_millis(20), &mut waits)
                .await
                .is_err()
        );
        let dies = tokio::spawn(async move {
            let _warming = dies;
            panic!("it dies");
        });
        assert!(dies.await.is_err());
        timeout(Duration::from_secs(10), waits)
            .await
            .unwrap()
            .unwrap();
    }
}
