//! Weir as a process: starting, stopping, killing, and what it says.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// How long anything may take on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const ADMIN_TOKEN: &str = "admin-token-of-the-disasters";

/// A running Weir. Killed when it is dropped.
pub struct Weir {
    child: Child,
    log: PathBuf,
    /// Where in the log this run begins.
    from: usize,
    pub address: SocketAddr,
}

/// The program on a data folder, with nothing in its environment.
pub fn program(words: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    let command_line = command.env_clear().args(words).arg("--data-dir").arg(data);
    command_line.stdin(Stdio::null());
    command
}

/// Starts it and does not wait. `log`: where what it says goes, behind what is there.
pub fn spawn(data: &Path, flags: &[String], env: &[(String, String)], log: &Path) -> Child {
    let output = File::options().append(true).create(true).open(log).unwrap();
    program(&["serve", "--listen", "127.0.0.1:0"], data)
        .args(flags)
        .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN)
        .env("NO_COLOR", "1")
        .envs(env.iter().map(|(name, value)| (name, value)))
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap()
}

impl Weir {
    /// Starts it and waits until it listens. `Err`: what it said when it did not.
    pub async fn start(
        data: &Path,
        flags: &[String],
        env: &[(String, String)],
        log: &Path,
    ) -> Result<Self, String> {
        let from = fs::read(log).map_or(0, |log| log.len());
        let mut child = spawn(data, flags, env, log);
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(log).unwrap()[from..].to_owned();
            let address = said.split("is listening on ").nth(1);
            if let Some(address) = address.and_then(|rest| rest.split_once('\n')) {
                let (log, address) = (log.to_owned(), address.0.parse().unwrap());
                return Ok(Self {
                    child,
                    log,
                    from,
                    address,
                });
            }
            if child.try_wait().unwrap().is_some() {
                return Err(said);
            }
            assert!(began.elapsed() < PATIENCE, "it does not start: {said}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What this run has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()[self.from..].to_owned()
    }

    /// Waits until it has said something.
    pub async fn says(&self, words: &str) {
        let began = Instant::now();
        while !self.said().contains(words) {
            assert!(
                began.elapsed() < PATIENCE,
                "not said: {words}\n{}",
                self.said()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "it does not stop: {}",
                self.said()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Weir {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
