//! Work that takes long is done aside: not on the threads that carry calls, and never by all cores at once.

use std::{num::NonZero, sync::Arc, thread};

use tokio::{sync::Semaphore, task};

use super::failure::Failure;

/// Where pages are made. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Aside(Arc<Semaphore>);

impl Aside {
    /// Half of the cores may be at it, and one at least: the others are for calls.
    pub(crate) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new((cores / 2).max(1))))
    }

    /// Does work as soon as it is its turn.
    ///
    /// # Errors
    /// [`Failure`] where it broke off.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = Arc::clone(&self.0)
            .acquire_owned()
            .await
            .map_err(|error| Failure::internal("wait for a page's turn", &error))?;
        // The turn lasts as long as the work, also where nobody waits for its outcome any more.
        let done = task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await
            .map_err(|error| Failure::internal("make a page", &error))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        thread,
        time::Duration,
    };

    use super::Aside;

    /// On a single thread: were the work done there, the timer would be as late as the work is long.
    #[tokio::test]
    async fn work_holds_up_nothing_else_and_leaves_cores_free() {
        let aside = Aside::new();
        let cores = thread::available_parallelism().unwrap().get();
        let (at_it, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works: Vec<_> = (0..cores * 2)
            .map(|_| {
                let (aside, at_it, most) = (aside.clone(), at_it.clone(), most.clone());
                tokio::spawn(async move {
                    let work = move || {
                        most.fetch_max(at_it.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::sleep(Duration::from_millis(50));
                        at_it.fetch_sub(1, Ordering::SeqCst);
                    };
                    aside.work(work).await.unwrap();
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(works.iter().all(|work| !work.is_finished()));
        for work in works {
            work.await.unwrap();
        }
        assert!(most.load(Ordering::SeqCst) <= (cores / 2).max(1));
    }

    #[tokio::test]
    async fn work_that_breaks_off_is_a_failed_page_and_the_next_goes_on() {
        let aside = Aside::new();
        for _ in 0..thread::available_parallelism().unwrap().get() {
            let failure = aside.work(|| panic!("on purpose")).await.map(|()| 0);
            assert_eq!(failure.unwrap_err().status(), 500);
        }
        assert_eq!(aside.work(|| 7).await.unwrap(), 7);
    }
}
