//! The log of one test. Weir's tasks run on the thread of their test, so each test can have a log of its own.
//!
//! There is one subscriber for the whole program, which asks for each line whose it is: with one for each test, those
//! that run at the same time would take lines away from each other, since what a place in the code logs for is
//! remembered for all of them together.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};

use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{filter::dynamic_filter_fn, fmt, layer::SubscriberExt, registry};

thread_local! {
    /// What this thread logs, and to where. Nothing until a test asks for it.
    static KEPT: RefCell<(LevelFilter, Log)> = RefCell::new((LevelFilter::OFF, Log::default()));
}

/// What was logged until now.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Keeps what this thread logs from here on, down to a level.
    pub fn keep(level: Level) -> Self {
        static LOGGING: Once = Once::new();
        LOGGING.call_once(|| {
            let lines = fmt::layer()
                .with_ansi(false)
                .with_writer(|| KEPT.with_borrow(|(_, log)| log.clone()));
            let of_this_thread =
                dynamic_filter_fn(|line, _| KEPT.with_borrow(|(level, _)| *line.level() <= *level));
            let subscriber = registry().with(of_this_thread).with(lines);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let log = Self::default();
        KEPT.set((LevelFilter::from_level(level), log.clone()));
        log
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
