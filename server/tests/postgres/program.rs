//! The program `weir` as a process of its own.

use std::{
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The program with nothing in its environment but the database's address.
pub fn weir(words: &[&str], data: &Path, database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command
        .env_clear()
        .env("WEIR_DATABASE_URL", database_url)
        .args(words)
        .arg("--data-dir")
        .arg(data)
        .stdin(Stdio::null());
    command
}

/// A Weir that serves, until it is dropped.
pub struct Serving {
    child: Child,
    /// What it goes on to print.
    _out: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    /// Starts one, and waits until it serves.
    pub fn start(data: &Path, database_url: &str) -> Self {
        let words = ["serve", "--listen", "127.0.0.1:0", "--log", "trace"];
        let mut child = weir(&words, data, database_url)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(data.with_extension("log")).unwrap())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = out.any(|line| line.unwrap().contains("Console"));
        assert!(served, "{}", log(data));
        Self { child, _out: out }
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the Weir of a folder has logged.
pub fn log(data: &Path) -> String {
    std::fs::read_to_string(data.with_extension("log")).unwrap()
}

/// Waits until the Weir of a folder has logged something.
#[track_caller]
pub fn logs(data: &Path, what: &str) -> String {
    let began = Instant::now();
    loop {
        let log = log(data);
        if log.contains(what) {
            return log;
        }
        assert!(began.elapsed() < PATIENCE, "{what} is not logged: {log}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// How long something may take that comes by itself, such as a start that fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A start that must fail: what it says.
#[track_caller]
pub fn refusal(data: &Path, database_url: &str) -> String {
    let mut child = weir(&["serve", "--listen", "127.0.0.1:0"], data, database_url)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let ended = loop {
        match child.try_wait().unwrap() {
            Some(status) => break !status.success(),
            None if began.elapsed() > PATIENCE => break false,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    // One that serves, or hangs.
    let _ = child.kill();
    let said = child.wait_with_output().unwrap().stderr;
    let said = String::from_utf8(said).unwrap();
    assert!(ended, "it was not refused: {said}");
    said
}

/// What a command says that must succeed.
#[track_caller]
pub fn said(words: &[&str], data: &Path, database_url: &str) -> String {
    let output: Output = weir(words, data, database_url).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out
}
