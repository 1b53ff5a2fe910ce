//! The writing end: one `write` per entry, shared by all calls.

use std::{
    fs::File,
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::call::{Call, CallStart};
use tokio::sync::Notify;

use crate::{
    JournalError,
    read::{Position, Reader},
    recent::Recent,
    record::{self, Entry},
    segment,
};

/// A segment is closed and the next one begun when it has grown to this size.
const SEGMENT_BYTES: u64 = 32 << 20;
/// How far behind the disk may be under [`SyncPolicy::Interval`].
const SYNC_INTERVAL: Duration = Duration::from_millis(200);

/// When what was written must be on the disk itself, so that it survives the machine. The death of
/// the process alone loses nothing under any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncPolicy {
    /// Before each call is answered.
    Each,
    /// Every 200 milliseconds.
    #[default]
    Interval,
    /// When the system sees fit.
    Off,
}

impl FromStr for SyncPolicy {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "each" => Ok(Self::Each),
            "interval" => Ok(Self::Interval),
            "off" => Ok(Self::Off),
            _ => Err("use each, interval or off"),
        }
    }
}

/// The writing end of the journal. Clones share it.
#[derive(Debug, Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

/// What the two ends share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    sync: SyncPolicy,
    active: Mutex<Active>,
    /// Number of the segment that is being written.
    pub(crate) active_segment: AtomicU64,
    /// Bytes of it that are whole records: a reader may go this far.
    pub(crate) active_bytes: AtomicU64,
    /// The newest entries.
    pub(crate) recent: Recent,
    /// Ends of calls that were written down since the journal was opened.
    ended: AtomicU64,
    /// Told of each entry.
    pub(crate) appended: Notify,
    /// Whether the active segment has entries that may not be on the disk itself.
    unsynced: AtomicBool,
    /// Closed segments whose end may not be on the disk itself, and the folder that has new ones.
    closed_unsynced: Mutex<Vec<Arc<File>>>,
}

/// What is written down of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Start,
    End,
}

#[derive(Debug)]
struct Active {
    segment: u64,
    file: Arc<File>,
    bytes: u64,
    /// A write failed half-way and could not be taken back: nothing may follow it in this file.
    torn: bool,
}

impl Journal {
    /// Opens the journal in a folder and begins a new segment. The reader stands at the oldest entry
    /// that is still there.
    ///
    /// # Errors
    /// Where the folder or a file in it cannot be made or read.
    pub fn open(dir: &Path, sync: SyncPolicy) -> Result<(Self, Reader), JournalError> {
        let segments = segment::list(dir)?;
        let (number, file) = segment::create(dir, segments.last().copied())?;
        if sync != SyncPolicy::Off {
            segment::folder(dir)?
                .sync_all()
                .map_err(JournalError::io("cannot sync", dir))?;
        }
        let shared = Arc::new(Shared {
            dir: dir.to_owned(),
            sync,
            active: Mutex::new(Active {
                segment: number,
                file: Arc::new(file),
                bytes: 0,
                torn: false,
            }),
            active_segment: AtomicU64::new(number),
            active_bytes: AtomicU64::new(0),
            recent: Recent::default(),
            ended: AtomicU64::new(0),
            appended: Notify::new(),
            unsynced: AtomicBool::new(false),
            closed_unsynced: Mutex::new(Vec::new()),
        });
        let weak = Arc::downgrade(&shared);
        std::thread::Builder::new()
            .name("journal-sync".to_owned())
            .spawn(move || look_after(&weak))
            .map_err(JournalError::io("cannot start the thread that syncs", dir))?;
        let oldest = segments.first().copied().unwrap_or(number);
        let reader = Reader::new(
            Arc::clone(&shared),
            Position {
                segment: oldest,
                offset: 0,
            },
        );
        Ok((Self { shared }, reader))
    }

    /// Writes down that a call is about to be sent up.
    ///
    /// # Errors
    /// Where the entry could not be written; the call should then be refused.
    pub fn start(&self, call: &CallStart) -> Result<(), JournalError> {
        let entry = Entry::Start(Box::new(call.clone()));
        self.append(&record::start(call)?, Part::Start, entry)
    }

    /// Writes down a call that is over. It survives the process from here on.
    ///
    /// # Errors
    /// Where the entry could not be written.
    pub fn finish(&self, call: &Call) -> Result<(), JournalError> {
        let entry = Entry::Finish(Box::new(call.clone()));
        self.append(&record::finish(call)?, Part::End, entry)
    }

    /// How many calls were written down as over since the journal was opened.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Bytes of all files of the journal.
    ///
    /// # Errors
    /// Where the folder or a file in it cannot be read.
    pub fn bytes(&self) -> Result<u64, JournalError> {
        segment::bytes(&self.shared.dir)
    }

    fn append(&self, record: &[u8], part: Part, entry: Entry) -> Result<(), JournalError> {
        let shared = &*self.shared;
        let file = {
            let mut active = shared.active.lock().map_err(|_| JournalError::Broken)?;
            if active.torn || active.bytes >= SEGMENT_BYTES {
                shared.rotate(&mut active)?;
            }
            shared.write(&mut active, record, entry)?;
            if part == Part::End {
                shared.ended.fetch_add(1, Ordering::AcqRel);
            }
            Arc::clone(&active.file)
        };
        shared.appended.notify_one();
        match shared.sync {
            SyncPolicy::Each => {
                file.sync_data()
                    .map_err(JournalError::io("cannot sync", &shared.dir))?;
            }
            SyncPolicy::Interval => shared.unsynced.store(true, Ordering::Release),
            SyncPolicy::Off => {}
        }
        Ok(())
    }

    /// Puts everything on the disk itself. For the end of the program.
    ///
    /// # Errors
    /// Where the system cannot.
    pub fn sync(&self) -> Result<(), JournalError> {
        self.shared.sync()
    }
}

impl Shared {
    fn write(&self, active: &mut Active, record: &[u8], entry: Entry) -> Result<(), JournalError> {
        if let Err(error) = (&*active.file).write_all(record) {
            // A part of the record may be there: take it back, or let nothing follow it.
            active.torn = active.file.set_len(active.bytes).is_err();
            let path = segment::path(&self.dir, active.segment);
            return Err(JournalError::io("cannot write to", path)(error));
        }
        let at = Position {
            segment: active.segment,
            offset: active.bytes,
        };
        let bytes = u64::try_from(record.len()).unwrap_or(u64::MAX);
        self.recent.keep(at, bytes, entry);
        active.bytes = active.bytes.saturating_add(bytes);
        self.active_bytes.store(active.bytes, Ordering::Release);
        Ok(())
    }

    fn rotate(&self, active: &mut Active) -> Result<(), JournalError> {
        let (segment, file) = segment::create(&self.dir, Some(active.segment))?;
        let full = std::mem::replace(
            active,
            Active {
                segment,
                file: Arc::new(file),
                bytes: 0,
                torn: false,
            },
        );
        // The number last: a reader that still sees the old one only sees too little.
        self.active_bytes.store(0, Ordering::Release);
        self.active_segment.store(segment, Ordering::Release);
        let folder = segment::folder(&self.dir)?;
        match self.sync {
            SyncPolicy::Each => folder
                .sync_all()
                .map_err(JournalError::io("cannot sync", &self.dir))?,
            // Not here: all calls wait for this function.
            SyncPolicy::Interval => self
                .closed_unsynced
                .lock()
                .map_err(|_| JournalError::Broken)?
                .extend([full.file, Arc::new(folder)]),
            SyncPolicy::Off => {}
        }
        Ok(())
    }

    /// A segment for reading, also while its name is gone. `None`: it is gone altogether.
    pub(crate) fn open(&self, segment: u64) -> Result<Option<Arc<File>>, JournalError> {
        let active = self.active.lock().map_err(|_| JournalError::Broken)?;
        if active.segment == segment {
            return Ok(Some(Arc::clone(&active.file)));
        }
        drop(active);
        Ok(segment::open(&self.dir, segment)?.map(Arc::new))
    }

    /// Has the next entry begin a new segment where somebody has removed the one that is being written: a
    /// file without a name would not be found after a crash.
    fn look_for_active(&self) -> Result<(), JournalError> {
        let mut active = self.active.lock().map_err(|_| JournalError::Broken)?;
        let path = segment::path(&self.dir, active.segment);
        let there = active
            .file
            .metadata()
            .map_err(JournalError::io("cannot look at", &path))?;
        // Another file of that name, or none, also where the whole folder was moved away.
        let is_there = std::fs::metadata(&path)
            .is_ok_and(|named| (named.dev(), named.ino()) == (there.dev(), there.ino()));
        if !is_there && !active.torn {
            active.torn = true;
            tracing::error!(
                "Somebody has removed the journal's file {} or moved it away while Weir runs; a new one is begun",
                path.display()
            );
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), JournalError> {
        let mut files = std::mem::take(
            &mut *self
                .closed_unsynced
                .lock()
                .map_err(|_| JournalError::Broken)?,
        );
        files.push(Arc::clone(
            &self.active.lock().map_err(|_| JournalError::Broken)?.file,
        ));
        for file in files {
            file.sync_data()
                .map_err(JournalError::io("cannot sync", &self.dir))?;
        }
        Ok(())
    }
}

/// Syncs where that is to be done at intervals, and sees that the file is still there, until the journal is gone.
fn look_after(shared: &Weak<Shared>) {
    loop {
        std::thread::sleep(SYNC_INTERVAL);
        let Some(shared) = shared.upgrade() else {
            return;
        };
        if shared.unsynced.swap(false, Ordering::AcqRel)
            && let Err(error) = shared.sync()
        {
            // The next time, it is tried again.
            shared.unsynced.store(true, Ordering::Release);
            tracing::error!(%error, "The journal could not be put on the disk");
        }
        if let Err(error) = shared.look_for_active() {
            tracing::error!(%error, "The journal could not be looked at");
        }
    }
}
