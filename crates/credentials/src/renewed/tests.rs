use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::*;
use crate::renewal::Fetched;

/// Why there is none, as a caller of this crate tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    Other(String),
    TimedOut(Duration),
    Ended,
    Stopped,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl WhyNone for Why {
    const WHAT: &'static str = "keys";

    fn timed_out(after: Duration) -> Self {
        Self::TimedOut(after)
    }

    fn ended() -> Self {
        Self::Ended
    }

    fn stopped() -> Self {
        Self::Stopped
    }
}

type Identity = Renewed<String, Why>;

/// Gives keys named `KEY1`, `KEY2`, … and does meanwhile what it is told.
#[derive(Default)]
struct Fake {
    /// Of each fetch, when it began.
    began: Mutex<Vec<Instant>>,
    running: AtomicU32,
    takes: Duration,
    lives: Option<Duration>,
    /// The fetches that fail, counted from 1.
    failing: Vec<usize>,
}

impl Fake {
    fn fetches(&self) -> usize {
        self.began.lock().unwrap().len()
    }
}

impl Fetch for Arc<Fake> {
    type Credential = String;
    type Error = Why;

    async fn fetch(&self) -> Result<Fetched<String>, Why> {
        assert_eq!(
            self.running.fetch_add(1, Ordering::SeqCst),
            0,
            "two at a time"
        );
        let number = {
            let mut began = self.began.lock().unwrap();
            began.push(Instant::now());
            began.len()
        };
        sleep(self.takes).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        if self.failing.contains(&number) {
            return Err(Why::Other(format!("fetch {number}")));
        }
        Ok(Fetched {
            credential: format!("KEY{number}"),
            lives: self.lives,
        })
    }
}

fn identity(fake: Fake) -> (Identity, Arc<Fake>) {
    let fake = Arc::new(fake);
    (Identity::new(fake.clone(), &Handle::current()), fake)
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The id of the keys, and how long it took to get them.
async fn timed(identity: &Identity) -> (Result<String, Why>, Duration) {
    let began = Instant::now();
    let id = identity.credential().await;
    (id, began.elapsed())
}

async fn check(identity: &Identity, id: &str, waits: Duration) {
    assert_eq!(timed(identity).await, (Ok(id.to_owned()), waits));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_across_three_renewals_neither_fail_nor_wait() {
    let (identity, fake) = identity(Fake {
        takes: 5 * SECOND,
        lives: Some(HOUR),
        ..Fake::default()
    });
    check(&identity, "KEY1", 5 * SECOND).await;
    for _ in 0..1000 {
        sleep(Duration::from_millis(10_500)).await;
        let (id, waited) = timed(&identity).await;
        assert_eq!((id.is_ok(), waited), (true, Duration::ZERO));
    }
    // 175 minutes, with a renewal some 54 minutes after the one before.
    assert_eq!(fake.fetches(), 1 + 3);
    let began = fake.began.lock().unwrap();
    for pair in began.windows(2) {
        let gap = pair[1] - pair[0] - fake.takes;
        assert!(
            (HOUR - 6 * MINUTE..=HOUR - 5 * MINUTE).contains(&gap),
            "{gap:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn short_lives_are_renewed_in_their_last_quarter() {
    let (identity, fake) = identity(Fake {
        lives: Some(4 * MINUTE),
        ..Fake::default()
    });
    check(&identity, "KEY1", Duration::ZERO).await;
    sleep(4 * MINUTE - MINUTE * 6 / 5 - SECOND).await;
    assert_eq!(fake.fetches(), 1);
    sleep(14 * SECOND).await;
    assert_eq!(fake.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_fetched_before_it_is_wanted_and_then_once_for_all() {
    let (identity, fake) = identity(Fake {
        takes: SECOND,
        ..Fake::default()
    });
    sleep(HOUR).await;
    assert_eq!(fake.fetches(), 0);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let identity = identity.clone();
            tokio::spawn(async move { check(&identity, "KEY1", SECOND).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    sleep(HOUR).await;
    check(&identity, "KEY1", Duration::ZERO).await;
    assert_eq!(fake.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_renewals_fail_the_old_one_is_used_until_it_ends() {
    let (identity, fake) = identity(Fake {
        lives: Some(HOUR),
        failing: (2..=100).collect(),
        ..Fake::default()
    });
    check(&identity, "KEY1", Duration::ZERO).await;
    sleep(HOUR - SECOND).await;
    check(&identity, "KEY1", Duration::ZERO).await;
    // Six minutes at the most: 1, 2, 4, 8, 16, 32 seconds and then each minute, a fifth more or less.
    assert!((8..=14).contains(&fake.fetches()), "{}", fake.fetches());
    let began = fake.began.lock().unwrap().clone();
    let pauses: Vec<_> = began
        .windows(2)
        .skip(1)
        .map(|pair| pair[1] - pair[0])
        .collect();
    for (n, pause) in pauses.iter().enumerate() {
        let about = SECOND * (1 << n.min(6)).min(60);
        assert!(
            (about * 4 / 5..=about * 6 / 5).contains(pause),
            "{pauses:?}"
        );
    }
    sleep(SECOND).await;
    let (id, waited) = timed(&identity).await;
    assert!(matches!(id, Err(Why::Other(_))), "{id:?}");
    assert_eq!(waited, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_failed_first_use_is_told_at_once_until_the_pause_is_over() {
    let (identity, fake) = identity(Fake {
        takes: SECOND,
        failing: vec![1, 2],
        ..Fake::default()
    });
    let failed = |n: u32| Err(Why::Other(format!("fetch {n}")));
    assert_eq!(timed(&identity).await, (failed(1), SECOND));
    assert_eq!(timed(&identity).await, (failed(1), Duration::ZERO));
    sleep(HOUR).await;
    assert_eq!(fake.fetches(), 1, "nobody asked");
    assert_eq!(timed(&identity).await, (failed(2), SECOND));
    assert_eq!(timed(&identity).await, (failed(2), Duration::ZERO));
    sleep(3 * SECOND).await;
    check(&identity, "KEY3", SECOND).await;
    check(&identity, "KEY3", Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_given_up() {
    let (identity, _) = identity(Fake {
        takes: HOUR,
        ..Fake::default()
    });
    let limit = 30 * SECOND;
    assert_eq!(timed(&identity).await, (Err(Why::TimedOut(limit)), limit));
}

#[tokio::test(start_paused = true)]
async fn a_refused_one_is_renewed_in_the_background_but_not_when_it_is_new() {
    let (identity, fake) = identity(Fake {
        takes: SECOND,
        ..Fake::default()
    });
    check(&identity, "KEY1", SECOND).await;
    identity.refused();
    sleep(31 * SECOND).await;
    assert_eq!(fake.fetches(), 1);
    for _ in 0..100 {
        identity.refused();
    }
    check(&identity, "KEY1", Duration::ZERO).await;
    sleep(2 * SECOND).await;
    check(&identity, "KEY2", Duration::ZERO).await;
    sleep(HOUR).await;
    assert_eq!(fake.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_last_clone() {
    let (identity, fake) = identity(Fake {
        lives: Some(HOUR),
        ..Fake::default()
    });
    check(&identity, "KEY1", Duration::ZERO).await;
    let other = identity.clone();
    drop(identity);
    sleep(HOUR).await;
    assert_eq!(fake.fetches(), 2);
    check(&other, "KEY2", Duration::ZERO).await;
    drop(other);
    sleep(2 * HOUR).await;
    assert_eq!(fake.fetches(), 2);
    assert_eq!(Arc::strong_count(&fake), 1, "the task is gone");
}
