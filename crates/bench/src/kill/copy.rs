//! The database as Weir left it when it died, looked at in a copy before the next start: which
//! delivered calls had not reached it yet, so that they can only come back from the journal.

use std::fs;
use std::path::Path;

use domain::CallId;
use store::{MasterKey, Options, Store};

use crate::error::Error;

const KEY_FILE: &str = "master.key";
const DATABASE: &str = "weir.db";

/// How many of the calls the database has no row of.
pub(super) async fn missing(
    data_dir: &Path,
    copy: &Path,
    delivered: &[String],
) -> Result<usize, Error> {
    let failed = || Error::io(format!("copy the database to {}", copy.display()));
    fs::create_dir_all(copy).map_err(failed())?;
    for entry in fs::read_dir(data_dir).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let name = entry.file_name();
        let wanted = name
            .to_str()
            .is_some_and(|name| name == KEY_FILE || name.starts_with(DATABASE));
        if wanted {
            fs::copy(entry.path(), copy.join(&name)).map_err(failed())?;
        }
    }
    let missing = look(copy, delivered).await;
    fs::remove_dir_all(copy).map_err(Error::io("remove the copy of the database"))?;
    missing
}

async fn look(copy: &Path, delivered: &[String]) -> Result<usize, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Copy(error.to_string());
    let master_key = MasterKey::load(None, &copy.join(KEY_FILE)).map_err(|error| failed(&error))?;
    let store = Store::open(Options {
        database_url: format!("sqlite://{}?mode=rw", copy.join(DATABASE).display()),
        master_key,
        readers: 1,
    })
    .await
    .map_err(|error| failed(&error))?;
    let mut missing = 0;
    for id in delivered {
        let id: CallId = id
            .parse()
            .map_err(|_| Error::Broken(format!("x-weir-call-id is no id: {id}")))?;
        let row = store.calls().get(id).await;
        if row.map_err(|error| failed(&error))?.is_none() {
            missing += 1;
        }
    }
    store.close().await.map_err(|error| failed(&error))?;
    Ok(missing)
}
