//! Calls that are made and noted, and whether the books balance with what was noted.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    place::Place,
    weir::{PATIENCE, Weir, program},
};

/// What clients noted of their calls.
#[derive(Debug, Default)]
pub struct Notes {
    pub sent: usize,
    /// The ids of calls whose answer was read to its end.
    pub delivered: Vec<String>,
    /// Calls that Weir refused since they could not be written down.
    pub refused: usize,
    /// Calls of which the test has destroyed what was written down.
    pub destroyed: usize,
    /// How long the slowest answer took.
    pub slowest: Duration,
}

/// What became of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Delivered(String),
    Refused,
    /// Weir died over it.
    Broken,
}

impl Notes {
    pub fn add(&mut self, more: Self) {
        self.sent += more.sent;
        self.refused += more.refused;
        self.destroyed += more.destroyed;
        self.delivered.extend(more.delivered);
        self.slowest = self.slowest.max(more.slowest);
    }

    fn note(&mut self, end: End, took: Duration) {
        self.sent += 1;
        self.slowest = self.slowest.max(took);
        match end {
            End::Delivered(id) => self.delivered.push(id),
            End::Refused => self.refused += 1,
            End::Broken => {}
        }
    }
}

impl Place {
    /// Makes calls, some at a time: plain ones and streams, of both providers.
    pub async fn calls(&self, weir: &Weir, count: u32) -> Notes {
        let stop = Arc::new(AtomicBool::new(false));
        self.load(weir, count, &stop).await
    }

    /// The same, until `stop` says so.
    pub fn load(
        &self,
        weir: &Weir,
        most: u32,
        stop: &Arc<AtomicBool>,
    ) -> impl Future<Output = Notes> + use<> {
        const CLIENTS: u32 = 8;
        let next = Arc::new(AtomicU32::new(0));
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (next, stop) = (Arc::clone(&next), Arc::clone(stop));
            let caller = self.caller(weir);
            clients.spawn(async move {
                let mut notes = Notes::default();
                while !stop.load(Ordering::Acquire) {
                    let number = next.fetch_add(1, Ordering::AcqRel);
                    if number >= most {
                        break;
                    }
                    let began = Instant::now();
                    let end = caller.call(number, &[]).await;
                    let broken = end == End::Broken;
                    notes.note(end, began.elapsed());
                    if broken {
                        break;
                    }
                }
                notes
            });
        }
        async move {
            let mut notes = Notes::default();
            while let Some(more) = clients.join_next().await {
                notes.add(more.unwrap());
            }
            notes
        }
    }

    pub fn caller(&self, weir: &Weir) -> Caller {
        Caller {
            client: self.client.clone(),
            base: format!("http://{}/llm/v1/providers", weir.address),
            token: self.token.clone(),
        }
    }

    /// Every row of the ledger.
    pub async fn rows(&self, weir: &Weir) -> Vec<Value> {
        let mut rows = vec![];
        let mut cursor = String::new();
        loop {
            let page = self
                .get(weir, &format!("/api/v1/calls?limit=1000{cursor}"))
                .await;
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }

    /// Each delivered call has one row with tokens and a price; each call that went up has one; there are no more
    /// rows than calls were sent; and all sums are those of the rows.
    pub async fn books_balance(&self, weir: &Weir, notes: &Notes) -> Vec<Value> {
        self.until(weir, |system| {
            system["ledger"]["calls_behind"] == 0 && system["ledger"]["trouble"].is_null()
        })
        .await;
        let began = Instant::now();
        let rows = loop {
            let rows = self.rows(weir).await;
            let ids: HashSet<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
            let missing = notes
                .delivered
                .iter()
                .filter(|id| !ids.contains(id.as_str()));
            let missing = missing.count();
            if missing == 0 {
                break rows;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{missing} delivered calls have no row\n{}",
                weir.said()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let mut by_id = HashMap::new();
        for row in &rows {
            let id = row["id"].as_str().unwrap();
            assert!(by_id.insert(id, row).is_none(), "{id} has two rows");
            assert!(row["latency_ms"].as_i64().unwrap() >= 0, "{row}");
        }
        for id in &notes.delivered {
            let row = by_id[id.as_str()];
            let right = (row["outcome"].as_str(), row["price_state"].as_str())
                == (Some("ok"), Some("priced"))
                && row["tokens"]["input"].as_u64() > Some(0)
                && row["tokens"]["output"].as_u64() > Some(0)
                && nano(&row["cost_usd"]["total"]) > 0;
            assert!(right, "{row}");
        }
        let went_up = self.upstream.requests().len();
        let of_calls = rows
            .iter()
            .filter(|row| row["outcome"] != "rejected")
            .count();
        assert!(
            went_up <= of_calls + notes.destroyed,
            "{went_up} calls went up, {of_calls} rows"
        );
        assert!(
            rows.len() <= notes.sent,
            "{} rows of {} calls",
            rows.len(),
            notes.sent
        );
        let cost: i128 = rows.iter().map(|row| nano(&row["cost_usd"]["total"])).sum();
        let range =
            "group_by=provider&bucket=month&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
        let spend = self
            .get(weir, &format!("/api/v1/usage?metric=spend&{range}"))
            .await;
        assert_eq!(nano(&spend["total"]), cost);
        let requests = self
            .get(weir, &format!("/api/v1/usage?metric=requests&{range}"))
            .await;
        assert_eq!(requests["total"].as_u64(), Some(of_calls as u64));
        self.verify();
        rows
    }

    /// `weir ledger verify`.
    pub fn verify(&self) {
        let mut command = program(&["ledger", "verify"], &self.data());
        let flags = self
            .flags
            .iter()
            .skip_while(|flag| *flag != "--database-url")
            .take(2);
        let output = command.args(flags).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("the books balance"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// Who makes calls.
#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Caller {
    /// One call; `wishes`: what the upstream is asked for besides.
    pub async fn call(&self, number: u32, wishes: &[(&str, &str)]) -> End {
        let (path, mut body) = if number.is_multiple_of(2) {
            (
                "openai-main/chat/completions",
                json!({ "model": "gpt-5-mini" }),
            )
        } else {
            (
                "anthropic-main/v1/messages",
                json!({ "model": "claude-sonnet-5-5", "max_tokens": 40 }),
            )
        };
        body["messages"] = json!([{ "role": "user", "content": format!("Question {number}") }]);
        body["stream"] = json!(number % 4 > 1);
        let mut request = self
            .client
            .post(format!("{}/{path}", self.base))
            .header("x-weir-token", &self.token)
            .header("anthropic-version", "2023-06-01")
            .json(&body);
        for (name, value) in wishes {
            request = request.header(*name, *value);
        }
        let Ok(answer) = request.send().await else {
            return End::Broken;
        };
        let status = answer.status().as_u16();
        let id = answer.headers().get("x-weir-call-id");
        let id = id.map(|id| id.to_str().unwrap().to_owned());
        let Ok(text) = answer.text().await else {
            return End::Broken;
        };
        match status {
            200 => End::Delivered(id.unwrap()),
            503 if text.contains("cannot_record") => End::Refused,
            _ => panic!("{status}: {text}"),
        }
    }
}

/// Dollars as nano-dollars. Nothing is nothing.
pub fn nano(amount: &Value) -> i128 {
    let Some(text) = amount.as_str() else {
        return 0;
    };
    let (whole, fraction) = text.split_once('.').unwrap();
    assert_eq!(fraction.len(), 9, "{text}");
    whole.parse::<i128>().unwrap() * 1_000_000_000 + fraction.parse::<i128>().unwrap()
}
