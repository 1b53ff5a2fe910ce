//! Many clients at once, until Weir is dead.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::moment::Moment;
use super::notes::{self, Notes};
use crate::client::Watch;
use crate::error::Error;
use crate::load::{Caller, Question};
use crate::random::Random;
use crate::requests::{Api, Ask};
use crate::side::Side;
use crate::timer::Timer;
use crate::weir::Killer;

/// Bounds of the time for which the calls go on at least.
const BEFORE_KILL_MS: (u64, u64) = (300, 1_200);
/// The kill comes up to so much later than the moment was seen.
const LATER_US: u64 = 500;

/// One round's load.
pub(super) struct Storm<'a> {
    pub(super) side: &'a Side,
    pub(super) clients: u32,
    /// Where the clients' notes go.
    pub(super) folder: PathBuf,
    pub(super) killer: Killer,
}

/// What was left when Weir was dead.
#[derive(Debug)]
pub(super) struct Felled {
    /// Calls that were sent.
    pub(super) sent: usize,
    /// The ids of those whose answer a client has read to its end.
    pub(super) delivered: Vec<String>,
    pub(super) in_last_10_ms: usize,
    /// From the first call to the kill.
    pub(super) after: Duration,
}

impl Storm<'_> {
    /// Sends calls and kills Weir among them.
    pub(super) async fn run(&self, random: &mut Random) -> Result<Felled, Error> {
        fs::create_dir_all(&self.folder).map_err(Error::io("make a folder for the notes"))?;
        let moment = Arc::new(Moment::default());
        let killed = Arc::new(AtomicBool::new(false));
        let start = Instant::now();
        let mut clients = JoinSet::new();
        for number in 0..self.clients {
            let client = Client {
                number,
                side: self.side.clone(),
                notes: Notes::open(&self.folder, number)?,
                moment: Arc::clone(&moment),
                killed: Arc::clone(&killed),
                random: Random::new(random.between(0, u64::MAX - 1)),
            };
            clients.spawn(client.run());
        }
        let (least, most) = BEFORE_KILL_MS;
        let wait = Duration::from_millis(random.between(least, most));
        let later = Duration::from_micros(random.between(0, LATER_US));
        tokio::select! {
            in_last_10_ms = self.kill(&moment, wait, later) => {
                let in_last_10_ms = in_last_10_ms?;
                killed.store(true, Ordering::Release);
                let after = start.elapsed();
                let mut sent = 0;
                while let Some(client) = clients.join_next().await {
                    sent += ended(client)?;
                }
                let delivered = notes::read(&self.folder)?;
                Ok(Felled { sent, delivered, in_last_10_ms, after })
            }
            Some(client) = clients.join_next() => {
                ended(client)?;
                Err(Error::Broken("a client gave up before the kill".to_owned()))
            }
        }
    }

    /// Kills Weir at a random time after `wait` at which enough answers have just ended; tells how
    /// many these were.
    async fn kill(&self, moment: &Moment, wait: Duration, later: Duration) -> Result<usize, Error> {
        let action = "wait for the moment of the kill";
        let mut timer = Timer::new().map_err(Error::io(action))?;
        tokio::time::sleep(wait).await;
        loop {
            moment.enough().await.map_err(|most| {
                Error::Broken(format!(
                    "never did 20 answers end within 10 ms, at most {most}: this machine is too slow for this load"
                ))
            })?;
            timer
                .until(Instant::now() + later)
                .await
                .map_err(Error::io(action))?;
            if let Some(count) = moment.still() {
                self.killer.kill()?;
                return Ok(count);
            }
        }
    }
}

fn ended(client: Result<Result<usize, Error>, tokio::task::JoinError>) -> Result<usize, Error> {
    client.map_err(|error| Error::Broken(format!("a client died: {error}")))?
}

struct Client {
    number: u32,
    side: Side,
    notes: Notes,
    moment: Arc<Moment>,
    killed: Arc<AtomicBool>,
    random: Random,
}

impl Client {
    /// Calls until Weir is dead; tells how many calls were sent.
    async fn run(mut self) -> Result<usize, Error> {
        let mut caller = Caller::new(self.next_question());
        let mut sent = 0;
        loop {
            sent += 1;
            let mut reading = Reading {
                client: &mut self,
                broken: None,
            };
            let result = caller.call(&mut reading).await;
            if let Some(error) = reading.broken {
                return Err(error);
            }
            match result {
                _ if self.killed.load(Ordering::Acquire) => return Ok(sent),
                Ok(_) => caller.ask(self.next_question()),
                Err(error) => {
                    return Err(Error::Broken(format!(
                        "a call failed before the kill: {error}"
                    )));
                }
            }
        }
    }

    /// Each client keeps to one kind of call; how long the answer takes is new each time.
    fn next_question(&mut self) -> Question {
        let api = if self.number.is_multiple_of(2) {
            Api::OpenAi
        } else {
            Api::Anthropic
        };
        let ask = match self.number % 4 {
            0 | 1 => Ask::plain().with("first-byte-ms", self.random.between(1, 60)),
            _ => Ask {
                // Half of the streams leave it to Weir to ask for the usage.
                usage: self.number.is_multiple_of(8),
                ..Ask::stream(self.random.between(8, 20)).with("pace-ms", self.random.between(1, 6))
            },
        };
        Question::new(&self.side, &Ask { api, ..ask })
    }
}

struct Reading<'c> {
    client: &'c mut Client,
    broken: Option<Error>,
}

impl Watch for Reading<'_> {
    fn delivered(&mut self, call_id: Option<&str>) {
        let noted = match call_id {
            Some(call_id) => self.client.notes.delivered(call_id),
            None => Err(Error::Broken("an answer had no x-weir-call-id".to_owned())),
        };
        self.broken = noted.err();
        self.client.moment.answer_ended();
    }
}
