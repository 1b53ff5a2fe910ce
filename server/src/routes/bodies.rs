//! Bodies of pages and of the REST API on their way in: how large one may be, how long it may take, and how
//! many bytes of all of them together are held at once. Nobody has signed in yet when they are counted.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame};
use tokio::{
    sync::Semaphore,
    time::{Sleep, sleep},
};

/// How many bytes of all bodies are held at once.
const ALL_MAX_BYTES: usize = 64 << 20;
/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The bytes that bodies may still take. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Bodies {
    all: Arc<Semaphore>,
    patience: Duration,
}

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyRefusal {
    /// It is larger than such a body may be.
    #[error("the request body is too large\n")]
    TooLarge,
    /// Other bodies hold all there is.
    #[error("too many request bodies come in at once; try again in a few seconds\n")]
    Full,
    /// It did not come in time.
    #[error("the request body did not come in time\n")]
    Late,
    /// The connection broke, or what came is no body.
    #[error("the request body broke off\n")]
    Broken,
}

/// What one body holds until its request is answered.
#[derive(Debug)]
pub(super) struct Held {
    all: Arc<Semaphore>,
    bytes: AtomicUsize,
    refusal: OnceLock<BodyRefusal>,
}

/// A body that is counted while it comes.
#[derive(Debug)]
pub(super) struct Counted<B> {
    body: B,
    most: usize,
    late: Pin<Box<Sleep>>,
    held: Arc<Held>,
}

impl Bodies {
    /// Nothing is held yet.
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL_MAX_BYTES)),
            patience: PATIENCE,
        }
    }

    /// Counts a body of `most` bytes at most. What it holds is given back with the last clone of the second.
    pub(super) fn count<B>(&self, body: B, most: usize) -> (Counted<B>, Arc<Held>) {
        let held = Arc::new(Held {
            all: Arc::clone(&self.all),
            bytes: AtomicUsize::new(0),
            refusal: OnceLock::new(),
        });
        let counted = Counted {
            body,
            most,
            late: Box::pin(sleep(self.patience)),
            held: Arc::clone(&held),
        };
        (counted, held)
    }
}

impl Held {
    /// Why the body was not taken, once it was not.
    pub(super) fn refusal(&self) -> Option<BodyRefusal> {
        self.refusal.get().copied()
    }

    fn take(&self, bytes: usize, most: usize) -> Result<(), BodyRefusal> {
        let held = self.bytes.load(Ordering::Relaxed).saturating_add(bytes);
        if held > most {
            return Err(BodyRefusal::TooLarge);
        }
        let bytes = u32::try_from(bytes).map_err(|_| BodyRefusal::TooLarge)?;
        let permit = self.all.try_acquire_many(bytes);
        permit.map_err(|_| BodyRefusal::Full)?.forget();
        self.bytes.store(held, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.add_permits(*self.bytes.get_mut());
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Counted<B> {
    type Data = Bytes;
    type Error = BodyRefusal;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyRefusal>>> {
        let this = self.get_mut();
        let frame = if this.late.as_mut().poll(context).is_ready() {
            Err(BodyRefusal::Late)
        } else {
            match std::task::ready!(Pin::new(&mut this.body).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(_)) => Err(BodyRefusal::Broken),
                Some(Ok(frame)) => {
                    let bytes = frame.data_ref().map_or(0, Bytes::len);
                    this.held.take(bytes, this.most).map(|()| frame)
                }
            }
        };
        if let Err(refusal) = frame {
            let _first = this.held.refusal.get_or_init(|| refusal);
        }
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use http_body_util::{BodyExt, Full, StreamBody};

    use super::*;

    fn bytes(count: usize) -> Full<Bytes> {
        Full::new(Bytes::from(vec![b'x'; count]))
    }

    #[tokio::test]
    async fn all_bodies_together_hold_no_more_than_there_is() {
        let bodies = Bodies::new();
        let half = ALL_MAX_BYTES / 2;
        let (first, held) = bodies.count(bytes(half), half);
        let first = first.collect().await.unwrap();
        let (second, _second) = bodies.count(bytes(half), half);
        second.collect().await.unwrap();
        let (third, refused) = bodies.count(bytes(1), half);
        assert_eq!(third.collect().await.unwrap_err(), BodyRefusal::Full);
        assert_eq!(refused.refusal(), Some(BodyRefusal::Full));

        drop((first, held));
        let (third, _third) = bodies.count(bytes(1), half);
        third.collect().await.unwrap();
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_or_too_slow_is_refused_and_gives_back_what_it_held() {
        let bodies = Bodies {
            patience: Duration::from_millis(20),
            ..Bodies::new()
        };
        let (large, held) = bodies.count(bytes(9), 8);
        assert_eq!(large.collect().await.unwrap_err(), BodyRefusal::TooLarge);
        assert_eq!(held.refusal(), Some(BodyRefusal::TooLarge));
        let begun = futures_util::stream::iter([Ok::<_, BodyRefusal>(Frame::data(
            Bytes::from_static(b"half"),
        ))]);
        let never = StreamBody::new(begun.chain(futures_util::stream::pending()));
        let (slow, held) = bodies.count(never, 8);
        assert_eq!(slow.collect().await.unwrap_err(), BodyRefusal::Late);
        assert_eq!(bodies.all.available_permits(), ALL_MAX_BYTES - 4);
        drop(held);
        assert_eq!(bodies.all.available_permits(), ALL_MAX_BYTES);
    }
}
