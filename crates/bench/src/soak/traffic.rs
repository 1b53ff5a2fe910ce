//! Sends the calls, each at its time, whatever became of earlier ones.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::mix::{self, End, Kind};
use super::notes::Notes;
use crate::client::{Answer, CallError, Watch};
use crate::error::Error;
use crate::http::Head;
use crate::load::{Caller, Question};
use crate::random::Random;
use crate::setup::through_recording;
use crate::side::Side;
use crate::timer::Timer;

const SEED: u64 = 7;

/// The clients of one Weir.
#[derive(Debug, Clone)]
pub(super) struct Traffic {
    questions: Arc<Vec<(Kind, Question)>>,
    free: Arc<Mutex<Vec<Caller>>>,
    notes: Arc<Notes>,
}

impl Traffic {
    pub(super) fn new(side: Side, notes: Arc<Notes>) -> Self {
        let recorded = through_recording(&side);
        let question = |kind: Kind| {
            let side = if kind.is_recorded() { &recorded } else { &side };
            (kind, Question::new(side, &kind.ask()))
        };
        Self {
            questions: Arc::new(Kind::ALL.map(question).to_vec()),
            free: Arc::default(),
            notes,
        }
    }

    /// `rate` calls a second for that long; waits for the last one, and closes all connections.
    pub(super) async fn run(self, rate: u32, time: Duration) -> Result<(), Error> {
        let action = "wait to the microsecond";
        let mut timer = Timer::new().map_err(Error::io(action))?;
        let order = mix::hundred(&mut Random::new(SEED));
        let interval = Duration::from_secs(1) / rate.max(1);
        let start = Instant::now();
        let mut intended = start;
        let mut calls = JoinSet::new();
        for kind in order.into_iter().cycle() {
            if intended >= start + time {
                break;
            }
            timer.until(intended).await.map_err(Error::io(action))?;
            calls.spawn(self.clone().call(kind, intended));
            while let Some(call) = calls.try_join_next() {
                self.note_broken(call);
            }
            intended += interval;
        }
        while let Some(call) = calls.join_next().await {
            self.note_broken(call);
        }
        Ok(())
    }

    fn note_broken(&self, call: Result<(), tokio::task::JoinError>) {
        if let Err(error) = call {
            self.notes.error(format!("a client died: {error}"));
        }
    }

    async fn call(self, kind: Kind, intended: Instant) {
        let question = self.questions.iter().find(|(of, _)| *of == kind);
        let Some((_, question)) = question else {
            return;
        };
        self.notes.sent(kind);
        let free = self.free().pop();
        let mut caller = free.unwrap_or_else(|| Caller::new(question.clone()));
        caller.ask(question.clone());
        let first_bytes = Arc::new(Notify::new());
        let mut reading = Reading {
            kind,
            notes: &self.notes,
            first_bytes: Arc::clone(&first_bytes),
            status: 0,
        };
        let result = tokio::select! {
            result = caller.call(&mut reading) => Some(result),
            () = first_bytes.notified(), if kind.end() == End::Left => None,
        };
        let status = reading.status;
        match fault(kind.end(), status, &result) {
            None => self.notes.ended(kind, intended.elapsed()),
            Some(fault) => self.notes.error(format!("{}: {fault}", kind.name())),
        }
        // Who leaves closes the connection.
        if result.is_some() {
            self.free().push(caller);
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Caller>> {
        // Nothing in here can be left half done.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong with how a call ended. `None` as a result: its client left.
fn fault(end: End, status: u16, result: &Option<Result<Answer, CallError>>) -> Option<String> {
    match (end, result) {
        (End::Whole, Some(Ok(_))) | (End::Left, None) => None,
        (End::Status(wanted), Some(Err(CallError::Status { status, .. }))) if *status == wanted => {
            None
        }
        (End::BrokenOff, Some(Err(CallError::Http(_) | CallError::CutShort { .. })))
            if status == 200 =>
        {
            None
        }
        (_, Some(Err(error))) => Some(error.to_string()),
        (_, Some(Ok(_))) => Some("answered whole".to_owned()),
        (_, None) => Some("left".to_owned()),
    }
}

struct Reading<'n> {
    kind: Kind,
    notes: &'n Notes,
    first_bytes: Arc<Notify>,
    status: u16,
}

impl Watch for Reading<'_> {
    fn began(&mut self, head: &Head) {
        self.status = head.status;
        self.notes.began(self.kind, head.call_id.as_deref());
    }

    fn arrived(&mut self) {
        self.first_bytes.notify_one();
    }
}
