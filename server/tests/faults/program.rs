//! `weir serve` as a child process: what it is told, what it writes down, what it takes of the machine.

use std::{
    collections::HashSet,
    fs::{self, File},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use standin::{Settings, Standin};
use tempfile::TempDir;

use crate::support::{ADMIN_TOKEN, UPSTREAM_KEY, a_chat};

/// How long anything may take on a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const MIB: u64 = 1 << 20;

/// Weir as a process, with a provider `well` whose upstream does what it should. Killed when dropped.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
    pub client: Client,
    pub token: String,
    pub upstream: Standin,
    data: TempDir,
    flags: Vec<String>,
}

/// Resident memory in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub now: u64,
    pub peak: u64,
}

impl Program {
    pub async fn start(flags: &[&str]) -> Self {
        Self::start_with_files(flags, None).await
    }

    /// The same with so many file descriptors.
    pub async fn start_with_files(flags: &[&str], files: Option<u32>) -> Self {
        let _set = rustls::crypto::ring::default_provider().install_default();
        let settings = Settings {
            required_key: Some(UPSTREAM_KEY.to_owned()),
            record_requests: false,
            ..Settings::default()
        };
        let upstream = Standin::start(settings).await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
        let (child, address) = serve(&data, &flags, files).await;
        let client = Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let mut program = Self {
            child,
            address,
            client,
            token: String::new(),
            upstream,
            data,
            flags,
        };
        let key = json!({ "value": UPSTREAM_KEY });
        program.api(Method::PUT, "/api/v1/secrets/KEY", key).await;
        let base_url = format!("{}/v1", program.upstream.base_url());
        program.provider("well", &base_url).await;
        let token = json!({ "name": "tests" });
        let made = program.api(Method::POST, "/api/v1/tokens", token).await;
        program.token = made["token"].as_str().unwrap().to_owned();
        program
    }

    /// A provider whose one model has a price: $1 and $2 for a million tokens.
    pub async fn provider(&self, id: &str, base_url: &str) {
        let provider = json!({ "id": id, "display_name": id, "type": "openai_compatible", "base_url": base_url,
            "api_key": "KEY", "models": [{ "id": "gpt-5-mini", "rates": { "input": "1", "output": "2" } }] });
        self.api(Method::POST, "/api/v1/providers", provider).await;
    }

    pub async fn api(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("http://{}{path}", self.address);
        let request = self.client.request(method, url).bearer_auth(ADMIN_TOKEN);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A chat with a provider.
    pub fn chat(&self, provider: &str, body: &Value) -> RequestBuilder {
        let address = self.address;
        self.client
            .post(format!(
                "http://{address}/llm/v1/providers/{provider}/chat/completions"
            ))
            .header("x-weir-token", &self.token)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// The same with an upstream of [`crate::upstream`], which is told what to do wrong.
    pub fn fault(&self, name: &str, body: &Value) -> RequestBuilder {
        self.chat("raw", body).header("x-fault", name)
    }

    /// The head and the body of a chat as bytes, for what a client library would not do.
    pub fn chat_bytes(&self, provider: &str, more: &str, body: &str) -> Vec<u8> {
        format!(
            "POST /llm/v1/providers/{provider}/chat/completions HTTP/1.1\r\nhost: weir\r\nx-weir-token: {}\r\n\
             content-type: application/json\r\n{more}content-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .into_bytes()
    }

    /// Whatever else goes on, a call that is well is answered, and soon.
    pub async fn others_are_answered(&self) {
        let began = Instant::now();
        let response = self.chat("well", &a_chat()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap();
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "another call took {took:?}");
    }

    /// Every row in the ledger.
    pub async fn rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/calls?limit=1000{cursor}");
            let page = self.api(Method::GET, &path, Value::Null).await;
            rows.extend_from_slice(page["items"].as_array().unwrap());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }

    /// The rows, once there are so many; there must be no more, and no two of one call.
    pub async fn books(&self, calls: usize) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let rows = self.rows().await;
            let ids: HashSet<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), rows.len(), "a call has two rows");
            assert!(
                rows.len() <= calls,
                "{} rows of {calls} calls: {rows:#?}",
                rows.len()
            );
            if rows.len() == calls {
                return rows;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{} rows of {calls} calls\n{}",
                rows.len(),
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The rows, once no more come.
    pub async fn rows_at_last(&self) -> Vec<Value> {
        let mut rows = self.rows().await.len();
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let now = self.rows().await.len();
            if now == rows {
                return self.books(now).await;
            }
            rows = now;
        }
    }

    /// The one row of a call.
    pub async fn row(&self, id: &str) -> Value {
        let began = Instant::now();
        loop {
            let rows = self.rows().await;
            let mut found = rows.iter().filter(|row| row["id"] == id);
            if let Some(row) = found.next() {
                assert!(found.next().is_none(), "call {id} has two rows");
                return row.clone();
            }
            assert!(began.elapsed() < PATIENCE, "call {id} has no row");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn memory(&self) -> Memory {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
            kib.parse::<u64>().unwrap() << 10
        };
        Memory {
            now: field("VmRSS:"),
            peak: field("VmHWM:"),
        }
    }

    /// Lets the peak of the memory begin anew; gives what there is now.
    pub fn forget_peak(&self) -> u64 {
        fs::write(self.proc("clear_refs"), "5").unwrap();
        self.memory().now
    }

    /// How far the memory went beyond what there was before.
    pub fn grown(&self, before: u64) -> u64 {
        self.memory().peak.saturating_sub(before)
    }

    /// Open file descriptors.
    pub fn files(&self) -> usize {
        fs::read_dir(self.proc("fd")).unwrap().count()
    }

    /// Waits until so many file descriptors are open at most.
    pub async fn files_come_back(&self, most: usize) {
        let began = Instant::now();
        while self.files() > most {
            assert!(
                began.elapsed() < PATIENCE,
                "{} files are open, more than {most}",
                self.files()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Time on any core until now.
    pub fn time_on_cores(&self) -> Duration {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let ticks = fields.split(' ').skip(11).take(2);
        let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(log_file(&self.data)).unwrap()
    }

    pub fn terminate(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// Whether the process is gone.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until the process has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "Weir does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts the program again on the same data, after it has ended.
    pub async fn again(&mut self) {
        (self.child, self.address) = serve(&self.data, &self.flags, None).await;
    }

    fn proc(&self, what: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{what}", self.child.id()))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(4_000);
            eprintln!(
                "the log of Weir ends:\n{}",
                String::from_utf8_lossy(&log.as_bytes()[from..])
            );
        }
        let _killed = self.child.kill();
        let _buried = self.child.wait();
    }
}

fn log_file(data: &TempDir) -> PathBuf {
    data.path().join("weir.log")
}

/// Starts the program and waits until it says where it listens.
async fn serve(data: &TempDir, flags: &[String], files: Option<u32>) -> (Child, SocketAddr) {
    let log = File::create(log_file(data)).unwrap();
    let program = env!("CARGO_BIN_EXE_weir");
    let mut command = match files {
        None => Command::new(program),
        Some(files) => {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]);
            shell.arg(program);
            shell
        }
    };
    let mut child = command
        .env_clear()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--admin-token", ADMIN_TOKEN])
        .arg("--data-dir")
        .arg(data.path().join("weir"))
        .args(flags)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let began = Instant::now();
    loop {
        let said = fs::read_to_string(log_file(data)).unwrap();
        let told = said.split("is listening on ").nth(1);
        if let Some((address, _)) = told.and_then(|told| told.split_once('\n')) {
            return (child, address.trim().parse().unwrap());
        }
        assert!(child.try_wait().unwrap().is_none(), "Weir ended: {said}");
        assert!(began.elapsed() < PATIENCE, "Weir does not start: {said}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
