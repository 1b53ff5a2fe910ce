//! At a fixed rate: calls are sent when their time has come, whether or not earlier ones are
//! answered, and each is measured from the time at which it was to be sent. So a pause of the server
//! counts for every call that fell into it (no coordinated omission).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Caller, Load, Question, Tally};
use crate::error::Error;
use crate::requests::Ask;
use crate::side::Side;
use crate::timer::Timer;

/// Time to get going before the first call.
const LEAD: Duration = Duration::from_millis(5);
/// Connections at most; where all are taken a call waits for one, and its waiting counts.
const MOST_CONNECTIONS: usize = 1_000;

/// Clients of one side that are free; a call takes one, or a new one where none is.
#[derive(Debug, Clone)]
struct Pool {
    question: Question,
    free: Arc<Mutex<Vec<Caller>>>,
    places: Arc<Semaphore>,
}

/// A pool for each of several sides.
#[derive(Debug)]
pub(crate) struct Pools {
    of_sides: Vec<(Side, Pool)>,
}

impl Pools {
    pub(crate) fn new(sides: &[Side], ask: &Ask) -> Self {
        let with_pool = |side: &Side| (side.clone(), Pool::new(side, ask));
        Self {
            of_sides: sides.iter().map(with_pool).collect(),
        }
    }

    /// Calls of one of the sides at a fixed rate, see [`open`].
    pub(crate) async fn open(&self, side: &Side, rate: u32, time: Duration) -> Result<Load, Error> {
        match self.of_sides.iter().find(|(of, _)| of == side) {
            Some((_, pool)) => open(pool, rate, time).await,
            None => Ok(Load::default()),
        }
    }
}

impl Pool {
    fn new(side: &Side, ask: &Ask) -> Self {
        Self {
            question: Question::new(side, ask),
            free: Arc::default(),
            places: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
        }
    }

    async fn call(self, intended: Instant) -> Tally {
        // It is never closed.
        let _place = self.places.acquire().await;
        let free = self.free().pop();
        let mut caller = free.unwrap_or_else(|| Caller::new(self.question.clone()));
        let mut tally = Tally::default();
        tally.count(intended, caller.call(&mut ()).await);
        self.free().push(caller);
        tally
    }

    fn free(&self) -> MutexGuard<'_, Vec<Caller>> {
        // Nothing in here can be left half done.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `rate` calls a second for that long; waits for the last answer.
async fn open(pool: &Pool, rate: u32, time: Duration) -> Result<Load, Error> {
    let action = "wait to the microsecond";
    let mut timer = Timer::new().map_err(Error::io(action))?;
    let interval = Duration::from_secs(1) / rate.max(1);
    let start = Instant::now() + LEAD;
    let mut calls = JoinSet::new();
    let mut tally = Tally::default();
    let mut intended = start;
    while intended < start + time {
        timer.until(intended).await.map_err(Error::io(action))?;
        calls.spawn(pool.clone().call(intended));
        while let Some(call) = calls.try_join_next() {
            tally.append(call);
        }
        intended += interval;
    }
    while let Some(call) = calls.join_next().await {
        tally.append(call);
    }
    Ok(Load {
        tally,
        took: start.elapsed(),
    })
}
