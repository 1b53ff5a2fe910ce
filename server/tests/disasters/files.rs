//! What is done to files and disks from outside.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

/// A small disk, unmounted when it is dropped.
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one. `None`: this machine does not let tests do that, and it was said that one is not run.
    pub fn mount(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let words = ["-t", "tmpfs", "-o", options, "tmpfs"];
        match Command::new("mount").args(words).arg(at).output() {
            Ok(mounted) if mounted.status.success() => return Some(Self(at.to_owned())),
            Ok(_) => not_run("a disk cannot be mounted here (not root, or not allowed)"),
            Err(_) => missing("mount is missing (Debian: mount)"),
        }
        None
    }

    /// Mounts it again with other options.
    pub fn again(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount")
            .args(["-o", &options])
            .arg(&self.0)
            .status();
        assert!(done.unwrap().success());
    }

    /// Takes all the room there is. It is free again when the file that is returned is removed.
    pub fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _done = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Set where everything must run (`scripts/test`): a program that is missing then fails. What a machine does not
/// allow is only said.
const EVERYTHING: &str = "WEIR_TEST_EVERYTHING";

/// Says that a test is not run for want of a program; fails where everything must run.
pub fn missing(program: &str) {
    assert!(env::var_os(EVERYTHING).is_none(), "{program}");
    not_run(program);
}

/// Says that a test is not run. Past the test's own output, which nobody sees where it passes.
fn not_run(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let _said = writeln!(io::stderr(), "NOT RUN: {name}: {why}");
}

/// Another program on a database.
pub async fn other(file: &Path) -> DatabaseConnection {
    let other = Database::connect(format!("sqlite:{}", file.display()));
    other.await.unwrap()
}

/// Runs one statement and closes.
pub async fn sql(file: &Path, statement: &str) {
    let other = other(file).await;
    other.execute_unprepared(statement).await.unwrap();
    other.close().await.unwrap();
}

/// Copies a database that nobody has open.
pub fn back_up(file: &Path) -> PathBuf {
    let copy = file.with_extension("backup");
    fs::copy(file, &copy).unwrap();
    copy
}

/// Puts a backup in the place of a database, as the message of a damaged one says.
pub fn restore(file: &Path) {
    for ending in ["db", "db-wal", "db-shm"] {
        let path = file.with_extension(ending);
        if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    fs::copy(file.with_extension("backup"), file).unwrap();
}

/// Overwrites pages of a database, from one on, with what is no page.
pub fn spoil(file: &Path, from_page: usize) {
    const PAGE: usize = 4096;
    let mut bytes = fs::read(file).unwrap();
    for byte in bytes.iter_mut().skip((from_page - 1) * PAGE) {
        *byte = 0xa5;
    }
    // In place: the file stays the same one.
    let mut same = fs::OpenOptions::new().write(true).open(file).unwrap();
    same.write_all(&bytes).unwrap();
}

/// The files of a journal, oldest first.
pub fn segments(journal: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(journal).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "journal"))
        .collect();
    paths.sort();
    paths
}
