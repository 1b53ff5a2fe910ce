//! The moment of the kill: answers are ending all around it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// How many answers must have ended…
const ANSWERS: usize = 20;
/// …in so much time before the kill.
const WINDOW: Duration = Duration::from_millis(10);
/// How long such a moment is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The answers that ended of late.
#[derive(Debug, Default)]
pub(super) struct Moment {
    recent: Mutex<Recent>,
    enough: Notify,
}

#[derive(Debug, Default)]
struct Recent {
    times: VecDeque<Instant>,
    most: usize,
}

impl Moment {
    /// An answer has ended, and its client has written that down.
    pub(super) fn answer_ended(&self) {
        let mut recent = self.recent();
        recent.times.push_back(Instant::now());
        let count = recent.count();
        recent.most = recent.most.max(count);
        if count >= ANSWERS {
            self.enough.notify_one();
        }
    }

    /// Waits until there are enough. Fails with the most that there ever were.
    pub(super) async fn enough(&self) -> Result<(), usize> {
        // One that was there before anybody waited is over.
        let coming = async {
            self.enough.notified().await;
            while self.count() < ANSWERS {
                self.enough.notified().await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, coming).await;
        came.map_err(|_| self.recent().most)
    }

    /// Whether there still are enough; if so, how many.
    pub(super) fn still(&self) -> Option<usize> {
        Some(self.count()).filter(|count| *count >= ANSWERS)
    }

    fn count(&self) -> usize {
        self.recent().count()
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        // Nothing in here can be left half done.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn count(&mut self) -> usize {
        while self
            .times
            .front()
            .is_some_and(|time| time.elapsed() > WINDOW)
        {
            self.times.pop_front();
        }
        self.times.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn twenty_answers_in_ten_milliseconds_are_enough() {
        let moment = Moment::default();
        for _ in 0..ANSWERS - 1 {
            moment.answer_ended();
        }
        assert_eq!(moment.still(), None);
        moment.answer_ended();
        assert_eq!(moment.enough().await, Ok(()));
        assert_eq!(moment.still(), Some(ANSWERS));
        tokio::time::sleep(WINDOW * 2).await;
        assert_eq!(moment.still(), None);
    }
}
