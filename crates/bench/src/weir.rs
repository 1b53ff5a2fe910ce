//! Weir as a process: starting, waiting until it answers, stopping, killing.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::admin_api::answers;
use crate::error::Error;
use crate::pin::{self, Cores};

/// What the REST API is opened with.
pub(crate) const ADMIN_TOKEN: &str = "weir-bench-admin-token-0123456789abcdef";
/// How long Weir may take until it answers; far above any aim, so that a slow start is a figure.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// How long Weir may take to stop when it is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
/// Lines of the log that an error shows.
const LOG_LINES: usize = 20;

/// How Weir is started.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) binary: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) cores: Option<Cores>,
}

/// A running Weir; killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Weir {
    child: Child,
    log: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Setting {
    /// Fails where there is no binary.
    pub(crate) fn new(
        binary: &Path,
        data_dir: PathBuf,
        cores: Option<Cores>,
    ) -> Result<Self, Error> {
        let binary = fs::canonicalize(binary).map_err(|_| Error::NoBinary(binary.to_owned()))?;
        Ok(Self {
            binary,
            data_dir,
            cores,
        })
    }

    /// Starts Weir and waits until `/healthz` answers; tells how long that took.
    pub(crate) async fn start(&self) -> Result<(Weir, Duration), Error> {
        let address = free_address().map_err(Error::io("find a free port"))?;
        let log = self.data_dir.with_extension("log");
        let output = File::options()
            .append(true)
            .create(true)
            .open(&log)
            .map_err(Error::io(format!("write {}", log.display())))?;
        let errors = output
            .try_clone()
            .map_err(Error::io("share the log between two outputs"))?;
        let mut command = Command::new(&self.binary);
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(&self.data_dir)
            .arg("--listen")
            .arg(address.to_string())
            .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let start = Instant::now();
        let child = pin::spawn(&mut command, self.cores)
            .map_err(Error::io(format!("start {}", self.binary.display())))?;
        let mut weir = Weir {
            child,
            log,
            address,
        };
        weir.wait_until("/healthz").await?;
        Ok((weir, start.elapsed()))
    }
}

impl Weir {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a path answers 200.
    pub(crate) async fn wait_until(&mut self, path: &str) -> Result<(), Error> {
        let deadline = Instant::now() + START_PATIENCE;
        while !answers(self.address, path).await {
            let ended = self
                .child
                .try_wait()
                .map_err(Error::io("look after Weir"))?;
            if let Some(status) = ended {
                return Err(self.error(format!("ended by itself ({status})")));
            }
            if Instant::now() > deadline {
                return Err(self.error(format!("did not answer on {path} within a minute")));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    }

    /// Asks Weir to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<(), Error> {
        self.signal(Signal::TERM)?;
        let deadline = Instant::now() + STOP_PATIENCE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    return Err(self.error(format!("did not stop cleanly ({status})")));
                }
                Ok(None) if Instant::now() > deadline => {
                    return Err(self.error("did not stop when it was asked to".to_owned()));
                }
                Ok(None) => tokio::time::sleep(BETWEEN_LOOKS).await,
                Err(error) => return Err(Error::io("look after Weir")(error)),
            }
        }
    }

    /// What kills it, also from where this is not at hand.
    pub(crate) fn killer(&self) -> Result<Killer, Error> {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        pid.map(Killer)
            .ok_or_else(|| Error::Broken("Weir has no process id".to_owned()))
    }

    /// Waits for the end of a Weir that was killed.
    pub(crate) fn bury(mut self) -> Result<(), Error> {
        let status = self
            .child
            .wait()
            .map_err(Error::io("wait for Weir's end"))?;
        if status.code().is_some() {
            return Err(self.error(format!("ended by itself ({status}), before it was killed")));
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<(), Error> {
        kill_process(self.killer()?.0, signal)
            .map_err(|error| Error::io("send Weir a signal")(error.into()))
    }

    fn error(&self, what: String) -> Error {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines
            .get(lines.len().saturating_sub(LOG_LINES)..)
            .unwrap_or_default();
        Error::Weir {
            what,
            log: last.join("\n"),
        }
    }
}

impl Drop for Weir {
    fn drop(&mut self) {
        // It may have ended already; both are fine then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Kills Weir at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Killer(Pid);

impl Killer {
    /// `kill -9`.
    pub(crate) fn kill(self) -> Result<(), Error> {
        kill_process(self.0, Signal::KILL).map_err(|error| Error::io("kill Weir")(error.into()))
    }
}

/// A port that nobody has now.
pub(crate) fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
