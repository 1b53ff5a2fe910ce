//! The same calls on a ledger that is full: whether Weir is slower on it than on an empty one.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::admin_api::AdminApi;
use crate::error::Error;
use crate::proc_stats::memory;
use crate::report::{Line, Report, mib, ms_short, thousands};
use crate::setup::set_up;
use crate::steps::latency::{self, aimed};
use crate::steps::saturation::{self, PLAIN};
use crate::steps::{self, Ground, Others};
use crate::weir::Setting;

/// What a running Weir holds.
const LOCK: &str = "weir.lock";
const DATA: &str = "data";

/// A copy of a data folder, removed when this is dropped. The folder itself is only read.
#[derive(Debug)]
pub(crate) struct FullLedger {
    folder: TempDir,
}

#[derive(Deserialize)]
struct System {
    storage: Option<Storage>,
}

#[derive(Deserialize)]
struct Storage {
    calls: u64,
}

impl FullLedger {
    /// Copies a data folder to a new folder beside it, on the same disk. Fails where a Weir runs on it.
    pub(crate) fn copy(ledger: &Path) -> Result<Self, Error> {
        let ledger = fs::canonicalize(ledger).map_err(Error::io(format!(
            "find the data folder {}",
            ledger.display()
        )))?;
        let _held = hold(&ledger)?;
        println!("… copying {}", ledger.display());
        let folder = tempfile::Builder::new()
            .prefix("weir-bench-ledger-")
            .tempdir_in(ledger.parent().unwrap_or(&ledger))
            .map_err(Error::io("make a folder for a copy of the ledger"))?;
        copy_folder(&ledger, &folder.path().join(DATA))?;
        Ok(Self { folder })
    }

    /// Starts Weir on the copy and tells it of the stand-in.
    pub(crate) async fn start(
        &self,
        binary: &Path,
        others: &Others<'_>,
    ) -> Result<(Ground, Duration), Error> {
        let data = self.folder.path().join(DATA);
        let setting = Setting::new(binary, data, others.cores)?;
        let (weir, _) = setting.start().await?;
        let token = set_up(weir.address, others.upstream.address).await?;
        weir.stop().await?;
        let (weir, start) = setting.start().await?;
        let ground = Ground::prepare(weir, &token, others).await?;
        Ok((ground, start))
    }
}

/// The lines of one rate, and of as much as goes.
pub(crate) async fn go_through(
    ground: &mut Ground,
    start: Duration,
    report: &mut Report,
) -> Result<(), Error> {
    let mut api = AdminApi::new(ground.weir.address);
    let system: System = api.get("/api/v1/system").await?;
    let calls = system.storage.map_or(0, |storage| storage.calls);
    report.section(format!(
        "On a ledger (SQLite) of {} calls; times p50 / p99 / p99.9, ms",
        thousands(calls)
    ));
    report.add([Line::new("start").weir(ms_short(start))]);
    let idle = steps::memory::idle(ground).await?;
    latency::warm_up(ground).await?;
    report.add([idle, latency::added(ground, aimed()).await?]);
    report.add(saturation::measure(ground, PLAIN).await?);
    let peak_kib = memory(ground.weir.pid())?.peak_kib;
    report.add([Line::new("memory at most").weir(mib(peak_kib))]);
    Ok(())
}

/// Holds a data folder as a Weir does, so that none begins while it is copied.
fn hold(folder: &Path) -> Result<Option<File>, Error> {
    let path = folder.join(LOCK);
    let lock = match File::open(&path) {
        Ok(lock) => lock,
        // No Weir has ever been here.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(format!("open {}", path.display()))(error)),
    };
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(Error::Broken(format!(
            "a Weir runs on {}; stop it first",
            folder.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(Error::io(format!("lock {}", path.display()))(error))
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = || Error::io(format!("copy {} to {}", from.display(), to.display()));
    fs::create_dir(to).map_err(failed())?;
    for entry in fs::read_dir(from).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let copy = to.join(entry.file_name());
        if entry.file_type().map_err(failed())?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), &copy)
                .map_err(Error::io(format!("copy {}", entry.path().display())))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_copied_whole_and_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let ledger = home.path().join("ledger");
        fs::create_dir_all(ledger.join("journal")).unwrap();
        fs::write(ledger.join("weir.db"), "rows").unwrap();
        fs::write(ledger.join("journal/1"), "records").unwrap();
        fs::write(ledger.join(LOCK), "").unwrap();
        let copy = FullLedger::copy(&ledger).unwrap();
        let data = copy.folder.path().join(DATA);
        assert_eq!(fs::read(data.join("weir.db")).unwrap(), b"rows");
        assert_eq!(fs::read(data.join("journal/1")).unwrap(), b"records");
        fs::write(data.join("weir.db"), "other rows").unwrap();
        drop(copy);
        assert_eq!(fs::read(ledger.join("weir.db")).unwrap(), b"rows");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_use_is_not_copied() {
        let home = tempfile::tempdir().unwrap();
        let lock = File::create(home.path().join(LOCK)).unwrap();
        lock.lock().unwrap();
        let refused = FullLedger::copy(home.path()).unwrap_err();
        assert!(refused.to_string().contains("stop it first"), "{refused}");
    }
}
