//! What else goes on: somebody reads the console, and what works at night works now. Each job fails where
//! there was nothing for it to do: then it was not tested.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::pages::console::Console;
use crate::pages::paths;
use crate::report::{ms_short, thousands};
use crate::samples::Samples;
use crate::setup::OPENAI;

/// A page of the console is read so often.
const BETWEEN_PAGES: Duration = Duration::from_secs(1);
/// Books are checked, and transcripts deleted, so often in the whole time.
const TIMES: u32 = 6;
/// How long a job may take after the last call.
const PATIENCE: Duration = Duration::from_secs(300);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// The button that has the books checked.
const CHECK: &str = "/settings/storage/check";

/// What a job did: its line in the report.
pub(super) type Line = (&'static str, String);

/// Where the jobs work, and until when.
#[derive(Debug, Clone)]
pub(super) struct Jobs {
    pub(super) weir: SocketAddr,
    pub(super) console: Console,
    pub(super) begin: Instant,
    pub(super) time: Duration,
}

#[derive(Deserialize)]
struct System {
    storage: Storage,
    transcripts: Transcripts,
}

#[derive(Deserialize)]
struct Storage {
    checking: bool,
    checked: Option<Checked>,
    check_failed_at: Option<String>,
    last_calls: Option<Deletion>,
}

#[derive(Deserialize)]
struct Checked {
    at: String,
    calls: u64,
    differences: u64,
    took_ms: u64,
}

#[derive(Deserialize)]
struct Deletion {
    rows: u64,
    ended_at: Option<String>,
}

#[derive(Deserialize)]
struct Transcripts {
    lost: u64,
    waiting: u64,
    deletions: Vec<TranscriptsDeletion>,
}

#[derive(Deserialize)]
struct TranscriptsDeletion {
    transcripts: u64,
    ended_at: Option<String>,
}

#[derive(Deserialize)]
struct Repricing {
    id: String,
    state: String,
    fingerprint: Option<String>,
    calls_changed: u64,
    error: Option<String>,
}

impl Jobs {
    /// Reads one page of the console after the other, as an admin who is signed in.
    pub(super) async fn read_console(self) -> Result<Vec<Line>, Error> {
        let paths = paths(&mut AdminApi::new(self.weir)).await?;
        let mut times = Samples::default();
        let mut pages = 0_u64;
        for path in paths.iter().cycle() {
            if self.is_over() {
                break;
            }
            let start = Instant::now();
            self.console.read(path).await?;
            times.add(start.elapsed());
            pages += 1;
            tokio::time::sleep(BETWEEN_PAGES).await;
        }
        let times = times.sorted();
        Ok(vec![(
            "pages of the console",
            format!(
                "{} read of {} different ones; p50 {}, p95 {}, longest {}",
                thousands(pages),
                paths.len(),
                ms_short(times.percentile(500)),
                ms_short(times.percentile(950)),
                ms_short(times.percentile(1_000)),
            ),
        )])
    }

    /// Presses the button that has the books checked, again and again.
    pub(super) async fn check_books(self) -> Result<Vec<Line>, Error> {
        let mut api = AdminApi::new(self.weir);
        let mut checks = 0;
        let mut last = (0, 0);
        while self.next_time().await {
            let before = system(&mut api).await?.storage.checked;
            self.console.press(CHECK).await?;
            let checked = loop {
                let storage = system(&mut api).await?.storage;
                if storage.check_failed_at.is_some() {
                    return Err(Error::Broken("a check of the books broke off".to_owned()));
                }
                let is_new = |checked: &Checked| {
                    before.as_ref().is_none_or(|before| before.at != checked.at)
                };
                match storage.checked.filter(is_new) {
                    Some(checked) if !storage.checking => break checked,
                    _ => self.look_again("a check of the books").await?,
                }
            };
            if checked.differences > 0 {
                return Err(Error::Broken(format!(
                    "the books do not balance: {} sums differ",
                    checked.differences
                )));
            }
            checks += 1;
            last = (checked.calls, checked.took_ms);
        }
        something("the books were checked", checks)?;
        Ok(vec![(
            "checks of the books",
            format!(
                "{checks}, no difference; the last one of {} calls took {} ms",
                thousands(last.0),
                thousands(last.1)
            ),
        )])
    }

    /// Has older transcripts deleted, again and again.
    pub(super) async fn delete_transcripts(self) -> Result<Vec<Line>, Error> {
        let mut api = AdminApi::new(self.weir);
        while self.next_time().await {
            let body = json!({ "before": Timestamp::now().to_string() });
            let path = "/api/v1/transcripts/deletions";
            api.post::<Value>(path, &body).await?;
        }
        loop {
            let transcripts = system(&mut api).await?.transcripts;
            if transcripts.lost > 0 {
                return Err(Error::Broken(format!(
                    "{} transcripts were lost",
                    transcripts.lost
                )));
            }
            let ended = |deletion: &TranscriptsDeletion| deletion.ended_at.is_some();
            if transcripts.waiting == 0 && transcripts.deletions.iter().all(ended) {
                let deletions = transcripts.deletions.iter();
                let deleted = deletions.map(|deletion| deletion.transcripts).sum();
                something("transcripts were deleted", deleted)?;
                return Ok(vec![(
                    "transcripts",
                    format!("{} deleted, none lost", thousands(deleted)),
                )]);
            }
            self.look_again("deleting transcripts").await?;
        }
    }

    /// Has calls kept for a day, so that those of the days before are deleted.
    pub(super) async fn delete_calls(self) -> Result<Vec<Line>, Error> {
        let mut api = AdminApi::new(self.weir);
        tokio::time::sleep(self.time / 8).await;
        let keep = json!({ "keep_calls_days": 1, "keep_transcripts_days": 1 });
        api.patch("/api/v1/settings", &keep).await?;
        loop {
            let deletion = system(&mut api).await?.storage.last_calls;
            if let Some(deletion) = deletion.filter(|deletion| deletion.ended_at.is_some()) {
                something("calls were deleted", deletion.rows)?;
                return Ok(vec![(
                    "calls of the days before",
                    format!("{} deleted", thousands(deletion.rows)),
                )]);
            }
            self.look_again("deleting calls").await?;
        }
    }

    /// Changes a rate, and has calls priced anew by it: those of the soak until then, too.
    pub(super) async fn price_anew(self) -> Result<Vec<Line>, Error> {
        let mut api = AdminApi::new(self.weir);
        tokio::time::sleep(self.time / 2).await;
        let rates = json!({ "models": [{ "id": "gpt-4o-mini", "rates": { "input": "0.20" } }] });
        api.patch(&format!("/api/v1/providers/{OPENAI}"), &rates)
            .await?;
        let day_before = Timestamp::now() - jiff::SignedDuration::from_hours(24);
        let asked = json!({ "from": day_before.to_string(), "providers": [OPENAI] });
        let asked: Repricing = api.post("/api/v1/repricings", &asked).await?;
        let path = format!("/api/v1/repricings/{}", asked.id);
        let ready = self.repricing_in(&mut api, &path, "ready").await?;
        let agreed = json!({ "fingerprint": ready.fingerprint });
        api.post::<Value>(&format!("{path}/apply"), &agreed).await?;
        let applied = self.repricing_in(&mut api, &path, "applied").await?;
        something("calls were priced anew", applied.calls_changed)?;
        Ok(vec![(
            "calls priced anew",
            thousands(applied.calls_changed),
        )])
    }

    async fn repricing_in(
        &self,
        api: &mut AdminApi,
        path: &str,
        state: &str,
    ) -> Result<Repricing, Error> {
        loop {
            let repricing: Repricing = api.get(path).await?;
            if let Some(error) = repricing.error {
                return Err(Error::Broken(format!("a re-pricing failed: {error}")));
            }
            if repricing.state == state {
                return Ok(repricing);
            }
            self.look_again("a re-pricing").await?;
        }
    }

    /// Waits for the next of the times at which something is done again; `false`: there is none.
    async fn next_time(&self) -> bool {
        tokio::time::sleep(self.time / (TIMES + 1)).await;
        !self.is_over()
    }

    fn is_over(&self) -> bool {
        self.begin.elapsed() >= self.time
    }

    async fn look_again(&self, at: &str) -> Result<(), Error> {
        if self.begin.elapsed() > self.time + PATIENCE {
            return Err(Error::Broken(format!("{at} did not come to an end")));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        Ok(())
    }
}

async fn system(api: &mut AdminApi) -> Result<System, Error> {
    api.get("/api/v1/system").await
}

fn something(what: &str, count: u64) -> Result<(), Error> {
    if count == 0 {
        return Err(Error::Broken(format!("never {what}: that was not tested")));
    }
    Ok(())
}
