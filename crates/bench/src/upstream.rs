//! The stand-in upstream, in a process of its own so that it can be pinned and measured apart.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use standin::{Settings, Standin};

use crate::error::Error;

/// A stand-in that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Upstream {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Upstream {
    /// Starts this very program again as the stand-in, on the core that this thread is on.
    pub(crate) fn start() -> Result<Self, Error> {
        let program = env::current_exe().map_err(Error::io("find this program's own file"))?;
        let mut child = Command::new(program)
            .arg("standin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::io("start the stand-in"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(Error::io("read the stand-in's address"))?;
        }
        let address = line.trim().parse().map_err(|_| {
            Error::Broken(format!("the stand-in told no address but: {}", line.trim()))
        })?;
        Ok(Self { child, address })
    }
}

impl Upstream {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // It may have ended already; both are fine then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What the started process does: serves until whoever started it is gone.
pub(crate) async fn serve() -> Result<(), Error> {
    let settings = Settings {
        record_requests: false,
        ..Settings::default()
    };
    let standin = Standin::start(settings)
        .await
        .map_err(Error::io("start the stand-in"))?;
    println!("{}", standin.address());
    let gone = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    // Either the end of the input or an error: both say that nobody is there any more.
    drop(gone.await);
    standin.stop().await;
    Ok(())
}
