//! Taking in a whole body, a request's or an upstream error's, within the limit for one and the budget for all.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::refusal::Refusal;

/// How many bytes the bodies of all running calls may hold together.
#[derive(Debug)]
pub(crate) struct BufferBudget {
    limit_bytes: u64,
    held_bytes: AtomicU64,
}

impl BufferBudget {
    /// A budget of which nothing is used yet.
    #[must_use]
    pub(crate) fn new(limit_bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            limit_bytes,
            held_bytes: AtomicU64::new(0),
        })
    }

    /// Bytes in use.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> u64 {
        self.held_bytes.load(Ordering::Relaxed)
    }
}

/// A share of the budget; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    budget: Arc<BufferBudget>,
    bytes: u64,
}

impl Held {
    /// A share of nothing yet.
    pub(crate) fn none(budget: &Arc<BufferBudget>) -> Self {
        Self {
            budget: Arc::clone(budget),
            bytes: 0,
        }
    }

    /// Takes a larger share, so that it is of this many bytes.
    ///
    /// # Errors
    /// As [`Held::grow`].
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Refusal> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.grow(bytes.saturating_sub(self.bytes))
    }

    /// Takes a larger share.
    ///
    /// # Errors
    /// [`Refusal::BuffersFull`] where there is no more for all calls together.
    pub(crate) fn grow(&mut self, bytes: u64) -> Result<(), Refusal> {
        let before = self.budget.held_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_add(bytes);
        if before.saturating_add(bytes) > self.budget.limit_bytes {
            return Err(Refusal::BuffersFull);
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget
            .held_bytes
            .fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A body that could not be taken in.
#[derive(Debug)]
pub(crate) enum IntakeError {
    /// Over a limit.
    Refused(Refusal),
    /// Whoever sends it stopped in the middle of it.
    Gone,
}

/// Takes in the whole body. `patience`: for each next piece of it, so that a sender who is gone does not
/// hold its share for ever.
///
/// # Errors
/// [`IntakeError`]: over a limit, or the sender stopped.
pub(crate) async fn take<B>(
    body: B,
    max_body_bytes: u64,
    patience: Duration,
    budget: &Arc<BufferBudget>,
) -> Result<(Bytes, Held), IntakeError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let too_large = || {
        IntakeError::Refused(Refusal::BodyTooLarge {
            limit_bytes: max_body_bytes,
        })
    };
    let announced = body.size_hint().lower();
    if announced > max_body_bytes {
        return Err(too_large());
    }
    let mut held = Held::none(budget);
    let mut body = body;
    let mut first = Bytes::new();
    let mut rest: Option<BytesMut> = None;
    let mut total: u64 = 0;
    while let Some(frame) = timeout(patience, body.frame())
        .await
        .map_err(|_| IntakeError::Refused(Refusal::BodyTimeout))?
    {
        let frame = frame.map_err(|_| IntakeError::Gone)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let bytes = u64::try_from(data.len()).unwrap_or(u64::MAX);
        total = total.saturating_add(bytes);
        if total > max_body_bytes {
            return Err(too_large());
        }
        held.grow(bytes).map_err(IntakeError::Refused)?;
        // Most bodies come in one piece and are not copied.
        match &mut rest {
            Some(rest) => rest.extend_from_slice(&data),
            None if first.is_empty() => first = data,
            None => {
                // What the client announces is not yet here: trust it with a little memory only.
                let expected = usize::try_from(announced).unwrap_or(0).min(1 << 20);
                let mut joined = BytesMut::with_capacity(expected);
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&data);
                rest = Some(joined);
            }
        }
    }
    Ok((rest.map_or(first, BytesMut::freeze), held))
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn pieces(
        pieces: Vec<&'static str>,
    ) -> impl Body<Data = Bytes, Error = std::io::Error> + Unpin {
        StreamBody::new(futures_util::stream::iter(
            pieces
                .into_iter()
                .map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))),
        ))
    }

    #[tokio::test]
    async fn pieces_are_joined_and_the_budget_is_given_back() {
        let budget = BufferBudget::new(100);
        let (body, held) = take(pieces(vec!["ab", "", "cd", "e"]), 10, PATIENCE, &budget)
            .await
            .unwrap();
        assert_eq!(body, "abcde");
        assert_eq!(budget.held_bytes(), 5);
        drop(held);
        assert_eq!(budget.held_bytes(), 0);
    }

    #[tokio::test]
    async fn one_body_over_its_limit_is_413_announced_or_not() {
        let budget = BufferBudget::new(100);
        for result in [
            take(
                Full::new(Bytes::from_static(b"abcdef")),
                5,
                PATIENCE,
                &budget,
            )
            .await,
            take(pieces(vec!["abc", "def"]), 5, PATIENCE, &budget).await,
        ] {
            let Err(IntakeError::Refused(refusal)) = result else {
                panic!("taken")
            };
            assert_eq!(refusal.status(), 413);
        }
        assert_eq!(budget.held_bytes(), 0);
    }

    #[tokio::test]
    async fn all_bodies_over_the_budget_are_503_with_retry_after() {
        let budget = BufferBudget::new(8);
        let first = take(pieces(vec!["abcd"]), 10, PATIENCE, &budget)
            .await
            .unwrap();
        let Err(IntakeError::Refused(refusal)) =
            take(pieces(vec!["efghi"]), 10, PATIENCE, &budget).await
        else {
            panic!("taken")
        };
        assert_eq!((refusal.status(), refusal.retry_after_s()), (503, Some(1)));
        drop(first);
        assert!(
            take(pieces(vec!["efghi"]), 10, PATIENCE, &budget)
                .await
                .is_ok()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_no_more_is_408_and_gives_its_share_back() {
        let budget = BufferBudget::new(100);
        let begun = futures_util::stream::iter([Ok::<_, std::io::Error>(Frame::data(
            Bytes::from_static(b"abc"),
        ))]);
        let silent = StreamBody::new(futures_util::StreamExt::chain(
            begun,
            futures_util::stream::pending(),
        ));
        let Err(IntakeError::Refused(refusal)) = take(silent, 10, PATIENCE, &budget).await else {
            panic!("taken")
        };
        assert_eq!((refusal.status(), refusal.code()), (408, "body_timeout"));
        assert_eq!(budget.held_bytes(), 0);
    }
}
