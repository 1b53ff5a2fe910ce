//! `kill -9` in the middle of many calls, again and again. What a client has read to its end must be
//! in the ledger: once, with its tokens and its price.
//!
//! | part | what it does |
//! |---|---|
//! | [`storm`] | many clients at once, and the kill at a moment when answers are ending |
//! | [`moment`] | that moment |
//! | [`notes`] | what each client writes down, in a file of its own |
//! | [`copy`] | which rows were in the database when Weir died |
//! | [`check`] | what the next Weir says |

mod check;
mod copy;
mod moment;
mod notes;
mod storm;

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use crate::cli::KillOptions;
use crate::error::Error;
use crate::money::dollars;
use crate::random::Random;
use crate::report::{ms_short, seconds_tenths, thousands};
use crate::setup::{set_up, through_weir};
use crate::side::Side;
use crate::upstream::Upstream;
use crate::weir::{Setting, Weir};

use check::Ledger;
use storm::Storm;

/// Runs all rounds. Fails at the first promise that is not kept; the folder with the data and the
/// clients' notes is then left there.
pub(crate) async fn run(binary: &Path, options: &KillOptions) -> Result<(), Error> {
    let seed = options.seed.unwrap_or_else(seed_of_the_time);
    let folder = tempfile::Builder::new()
        .prefix("weir-kill-")
        .tempdir()
        .map_err(Error::io("make a folder for Weir's data"))?;
    println!(
        "{} rounds, {} clients, seed {seed}",
        options.rounds, options.clients
    );
    let result = all_rounds(binary, options, seed, folder.path()).await;
    if options.keep || result.is_err() {
        println!(
            "\ndata and the clients' notes are in {}",
            folder.keep().display()
        );
    }
    result
}

/// What all rounds have in common.
struct Rounds<'a> {
    options: &'a KillOptions,
    folder: &'a Path,
    setting: Setting,
    token: String,
    random: Random,
    ledger: Ledger,
    /// Rounds after which rows were missing in the database, and how many.
    replays: u32,
    replayed: usize,
    longest_start: Duration,
}

async fn all_rounds(
    binary: &Path,
    options: &KillOptions,
    seed: u64,
    folder: &Path,
) -> Result<(), Error> {
    let begin = Timestamp::now();
    let upstream = Upstream::start()?;
    let setting = Setting::new(binary, folder.join("data"), None)?;
    let (mut weir, _) = setting.start().await?;
    let token = set_up(weir.address, upstream.address).await?;
    let mut rounds = Rounds {
        options,
        folder,
        setting,
        token,
        random: Random::new(seed),
        ledger: Ledger::open(),
        replays: 0,
        replayed: 0,
        longest_start: Duration::ZERO,
    };
    for number in 1..=options.rounds {
        let round = rounds.round(number, weir).await;
        weir = round.map_err(|error| Error::Broken(format!("round {number}: {error}")))?;
    }
    rounds.ledger.check_all(weir.address, begin).await?;
    weir.stop().await?;
    rounds.summary()
}

impl Rounds<'_> {
    /// One kill and what comes of it; returns the Weir that was started afterwards.
    async fn round(&mut self, number: u32, weir: Weir) -> Result<Weir, Error> {
        let side: Side = through_weir(weir.address, &self.token);
        let since = Timestamp::now();
        let storm = Storm {
            side: &side,
            clients: self.options.clients,
            folder: self.folder.join(format!("notes/round-{number:03}")),
            killer: weir.killer()?,
        };
        let felled = storm.run(&mut self.random).await?;
        weir.bury()?;

        let copy = self.folder.join("copy");
        let missing = copy::missing(&self.setting.data_dir, &copy, &felled.delivered).await?;
        self.replays += u32::from(missing > 0);
        self.replayed += missing;

        let (mut weir, start) = self.setting.start().await?;
        weir.wait_until("/readyz").await?;
        self.longest_start = self.longest_start.max(start);
        let found = self
            .ledger
            .check_round(weir.address, since, &felled)
            .await?;
        println!(
            "round {number}: killed after {} s with {} answers in the last 10 ms; {} delivered of {} sent, \
             {missing} of them not in the database yet; started again in {}; {} rows, {} of them interrupted: all right",
            seconds_tenths(felled.after),
            felled.in_last_10_ms,
            thousands(felled.delivered.len()),
            thousands(felled.sent),
            ms_short(start),
            thousands(found.rows),
            found.interrupted,
        );
        Ok(weir)
    }

    fn summary(&self) -> Result<(), Error> {
        println!(
            "\n{} rounds: {} delivered calls, each in the ledger once with tokens and a price, no id twice; \
             {} rows cost {} like the total in /api/v1/usage",
            self.options.rounds,
            thousands(self.ledger.delivered()),
            thousands(self.ledger.rows()),
            dollars(self.ledger.cost()),
        );
        println!(
            "{} rounds needed the replay, for {} delivered calls; the slowest start after a kill took {}",
            self.replays,
            thousands(self.replayed),
            ms_short(self.longest_start),
        );
        if self.replays == 0 {
            return Err(Error::Broken(
                "in no round was a delivered call missing in the database at the kill: the replay was not tested"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

fn seed_of_the_time() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH);
    time.map_or(0, |time| u64::from(time.subsec_nanos()) ^ time.as_secs())
}
