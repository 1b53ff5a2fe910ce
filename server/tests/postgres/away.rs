//! The server is stopped under load, as a crash would stop it, and started again: no call notices, and every
//! row comes, once.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use pgserver::Server;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{
    program::said,
    support::{World, a_chat, call_id, streamed, world_with},
};

/// Applications that call one after the other until they are told to stop. What each was answered, and the ids
/// of its calls.
struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    callers: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn begin(world: &World, callers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let callers = (0..callers)
            .map(|n| {
                let body = if n % 2 == 0 {
                    a_chat()
                } else {
                    streamed(a_chat())
                };
                let request = world.chat(&body);
                let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
                tokio::spawn(async move {
                    let mut ids = vec![];
                    while !stop.load(Ordering::Acquire) {
                        let answer = request.try_clone().unwrap().send().await.unwrap();
                        assert_eq!(answer.status(), StatusCode::OK);
                        ids.push(call_id(answer.headers()));
                        answer.bytes().await.unwrap();
                        answered.fetch_add(1, Ordering::AcqRel);
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    ids
                })
            })
            .collect();
        Self {
            stop,
            answered,
            callers,
        }
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Acquire)
    }

    /// Waits until so many more calls are answered.
    async fn go_on(&self, calls: usize) {
        let (until, began) = (self.answered() + calls, Instant::now());
        while self.answered() < until {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "calls are not answered"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(self) -> HashSet<String> {
        self.stop.store(true, Ordering::Release);
        let mut ids = HashSet::new();
        for caller in self.callers {
            ids.extend(caller.await.unwrap());
        }
        ids
    }
}

pub async fn status(world: &World, path: &str) -> (StatusCode, String) {
    let answer = world.client.get(world.url(path)).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Waits until a path answers so.
pub async fn until_status(world: &World, path: &str, wanted: StatusCode) {
    let began = Instant::now();
    loop {
        let (told, text) = status(world, path).await;
        if told == wanted {
            return;
        }
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{path}: {told}: {text}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// All ids in the ledger, each once.
async fn recorded(world: &World, count: usize) -> HashSet<String> {
    let began = Instant::now();
    loop {
        let mut ids = vec![];
        let mut cursor = String::new();
        loop {
            let page = world
                .get(&format!("/api/v1/calls?limit=1000{cursor}"))
                .await;
            let rows = page["items"].as_array().unwrap();
            ids.extend(
                rows.iter()
                    .map(|row| row["id"].as_str().unwrap().to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        if ids.len() >= count || began.elapsed() > Duration::from_secs(60) {
            let once: HashSet<String> = ids.iter().cloned().collect();
            assert_eq!(once.len(), ids.len(), "a call has two rows");
            return once;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_stopped_and_started_again_under_load_loses_nothing() {
    for by_tcp in [false, true] {
        let server = Server::start();
        let database = server.database();
        let url = if by_tcp {
            database.tcp_url()
        } else {
            database.url()
        };
        let world = world_with(&["--database-url", &url]).await;
        let recording = json!({ "record_inputs": true, "record_outputs": true });
        world
            .api(Method::PATCH, "/api/v1/providers/openai-main", recording)
            .await;
        let load = Load::begin(&world, 4);
        load.go_on(40).await;
        for _ in 0..2 {
            server.stop();
            let began = Instant::now();
            load.go_on(60).await;
            let (ready, text) = status(&world, "/readyz").await;
            assert_eq!(ready, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(text, "the database does not answer\n");
            assert_eq!(status(&world, "/healthz").await.0, StatusCode::OK);
            // A person is told; applications go on.
            let page = world.client.get(world.url("/providers"));
            let page = page.header("cookie", "weir_session=AAAAAAAAAAAAAAAAAAAAAA");
            let page = page.send().await.unwrap();
            assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(page.headers().contains_key("retry-after"));
            let page = page.text().await.unwrap();
            assert!(page.contains("The database cannot be used"), "{page}");
            let (api, problem) = world
                .try_api(Method::GET, "/api/v1/calls", Value::Null)
                .await;
            assert_eq!(api, StatusCode::SERVICE_UNAVAILABLE, "{problem}");
            tokio::time::sleep(Duration::from_secs(3).saturating_sub(began.elapsed())).await;
            load.go_on(20).await;
            server.start_again();
            load.go_on(40).await;
            until_status(&world, "/readyz", StatusCode::OK).await;
        }
        let ids = load.end().await;
        assert_eq!(recorded(&world, ids.len()).await, ids, "by TCP: {by_tcp}");
        let balance = said(&["ledger", "verify"], &world.data.path().join("weir"), &url);
        assert!(
            balance.contains(&format!("the books balance: {} calls", ids.len())),
            "{balance}"
        );
        world.weir.stop();
        world.weir.ended().await;
    }
}
