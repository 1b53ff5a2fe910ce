//! Connections that wait for their next call, by where they lead.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{
    Uri,
    uri::{Authority, Scheme},
};
use http_body_util::Full;
use hyper::client::conn::http2;
use tokio::time::Instant;

use super::{
    connection::{Connection, Http1, Http2},
    failure::UpstreamFailure,
};

/// How long an unused connection is kept.
const KEPT: Duration = Duration::from_secs(90);
/// So many unused ones of an upstream are kept for so long; more than that are left from a crowd.
const KEPT_FOR_LONG: usize = 64;
/// How long those of a crowd are kept.
const KEPT_OF_A_CROWD: Duration = Duration::from_secs(5);
/// How often it is looked after unused connections.
const LOOKED_AFTER_EVERY: Duration = Duration::from_secs(2);
/// Calls on one HTTP/2 connection. Beyond it another is made: servers allow 100 or more at a time, and what is
/// above waits without a word.
const HTTP2_CALLS_MAX: usize = 100;

/// Where connections lead: what they have in common that may take each other's place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    is_https: bool,
    authority: Authority,
}

impl Origin {
    /// That of an address.
    ///
    /// # Errors
    /// Where the address does not say.
    pub(super) fn of(uri: &Uri) -> Result<Self, UpstreamFailure> {
        let authority = uri.authority().ok_or(UpstreamFailure::NoAddress)?.clone();
        Ok(Self {
            is_https: uri.scheme() == Some(&Scheme::HTTPS),
            authority,
        })
    }
}

/// The connections of all upstreams.
#[derive(Debug, Default)]
pub(super) struct Pool {
    origins: Mutex<HashMap<Origin, Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Unused ones, the newest last.
    http1: Vec<Unused>,
    http2: Vec<SharedHttp2>,
}

#[derive(Debug)]
struct Unused {
    connection: Box<Http1>,
    since: Instant,
}

impl Pool {
    /// An empty pool, and the task that looks after it for as long as it is there.
    pub(super) fn start() -> Arc<Self> {
        let pool = Arc::new(Self::default());
        tokio::spawn(look_after(Arc::downgrade(&pool)));
        pool
    }

    /// A connection that can be used at once. `None`: another must be made.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        // Closed when others can go on.
        let mut closed = vec![];
        let mut origins = self.origins();
        let kept = origins.get_mut(origin)?;
        kept.http2.retain(SharedHttp2::is_open);
        if let Some(shared) = kept.http2.iter().find(|shared| shared.has_room()) {
            return Some(Connection::Http2(shared.enter()));
        }
        // The one that was used last is the likeliest to be open, and lets the others grow old.
        while let Some(Unused { mut connection, .. }) = kept.http1.pop() {
            if connection.is_ready() {
                return Some(Connection::Http1(connection));
            }
            closed.push(connection);
        }
        None
    }

    /// Takes back a connection whose answer is at its end.
    pub(super) fn give_back(&self, connection: Box<Http1>) {
        let unused = Unused {
            since: Instant::now(),
            connection,
        };
        let mut origins = self.origins();
        match origins.get_mut(&unused.connection.origin) {
            Some(kept) => kept.http1.push(unused),
            None => {
                let origin = unused.connection.origin.clone();
                origins.entry(origin).or_default().http1.push(unused);
            }
        }
    }

    /// Lets other calls use an HTTP/2 connection.
    pub(super) fn share(&self, origin: Origin, connection: SharedHttp2) {
        let mut origins = self.origins();
        origins.entry(origin).or_default().http2.push(connection);
    }

    /// Closes what is old, what is too much, and what the other end has closed.
    pub(super) fn tidy(&self, now: Instant) {
        // Closed when others can go on.
        let mut closed = vec![];
        self.origins().retain(|_, kept| {
            let crowd = kept.http1.len().saturating_sub(KEPT_FOR_LONG);
            let unused = std::mem::take(&mut kept.http1).into_iter().enumerate();
            for (place, mut unused) in unused {
                let most = if place < crowd { KEPT_OF_A_CROWD } else { KEPT };
                if now.duration_since(unused.since) < most && unused.connection.is_ready() {
                    kept.http1.push(unused);
                } else {
                    closed.push(unused);
                }
            }
            kept.http2.retain(|shared| shared.is_worth_keeping(now));
            !(kept.http1.is_empty() && kept.http2.is_empty())
        });
    }

    /// Unused HTTP/1 connections of all upstreams.
    #[cfg(test)]
    pub(super) fn unused(&self) -> usize {
        self.origins().values().map(|kept| kept.http1.len()).sum()
    }

    /// Nothing that holds the lock can leave the map in disorder.
    fn origins(&self) -> std::sync::MutexGuard<'_, HashMap<Origin, Kept>> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look_after(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(LOOKED_AFTER_EVERY).await;
        match pool.upgrade() {
            Some(pool) => pool.tidy(Instant::now()),
            None => return,
        }
    }
}

/// An HTTP/2 connection that several calls share.
#[derive(Debug)]
pub(super) struct SharedHttp2 {
    sender: http2::SendRequest<Full<Bytes>>,
    use_: Arc<Use>,
}

#[derive(Debug)]
struct Use {
    calls: AtomicUsize,
    /// When a call last began or ended.
    changed: Mutex<Instant>,
}

impl Use {
    fn note(&self) {
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl SharedHttp2 {
    /// A connection that nobody uses yet.
    pub(super) fn new(sender: http2::SendRequest<Full<Bytes>>) -> Self {
        Self {
            sender,
            use_: Arc::new(Use {
                calls: AtomicUsize::new(0),
                changed: Mutex::new(Instant::now()),
            }),
        }
    }

    /// A share for one more call.
    pub(super) fn enter(&self) -> Http2 {
        self.use_.calls.fetch_add(1, Ordering::Relaxed);
        self.use_.note();
        Http2 {
            sender: self.sender.clone(),
            in_use: InUse(Arc::clone(&self.use_)),
        }
    }

    fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    fn calls(&self) -> usize {
        self.use_.calls.load(Ordering::Relaxed)
    }

    fn has_room(&self) -> bool {
        self.calls() < HTTP2_CALLS_MAX
    }

    fn is_worth_keeping(&self, now: Instant) -> bool {
        let changed = *self
            .use_
            .changed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.is_open() && (self.calls() > 0 || now.duration_since(changed) < KEPT)
    }
}

/// That a call uses an HTTP/2 connection; until it is dropped.
#[derive(Debug)]
pub(super) struct InUse(Arc<Use>);

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
        self.0.note();
    }
}
