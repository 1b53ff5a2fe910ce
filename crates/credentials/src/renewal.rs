//! The task that keeps one credential fresh, and what it shares with those who use it.
//!
//! ```text
//! nothing ──wanted──▶ fetch ──▶ lease ──well before its end, or refused──▶ fetch ─▶ …
//!                       └─fails─▶ pause (1 s, 2 s, 4 s … 1 min) ──▶ fetch, while the old one is good;
//!                                  later only when it is wanted: an unused provider stays quiet
//! ```
//!
//! One fetch runs at a time. During a pause without a credential calls fail at once with the reason.
//! The task ends when nobody holds the other side any more.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until, timeout},
};

/// How long before its end a credential is renewed, at least and where it lives long enough.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// How long a fetch may take in all.
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// A credential that is younger is not fetched again because it was refused: another would be no better.
const REFUSED_AGE_MIN: Duration = Duration::from_secs(30);
/// The pause after the first failure; it doubles with each further one.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Where credentials come from.
pub trait Fetch: Send + Sync + 'static {
    /// What is fetched.
    type Credential: Clone + Send + Sync + 'static;
    /// Why there is none.
    type Error: WhyNone;

    /// Gets one.
    fn fetch(&self) -> impl Future<Output = Result<Fetched<Self::Credential>, Self::Error>> + Send;
}

/// Why there is no credential, in words for whoever runs Weir. Holds no secret.
pub trait WhyNone: Clone + fmt::Display + Send + Sync + 'static {
    /// What the credentials are called in the log, in the plural: `AWS credentials`.
    const WHAT: &'static str;

    /// All of it took too long.
    fn timed_out(after: Duration) -> Self;
    /// What came is no longer good.
    fn ended() -> Self;
    /// Weir is shutting down.
    fn stopped() -> Self;
}

/// What came.
#[derive(Debug)]
pub struct Fetched<C> {
    /// It.
    pub credential: C,
    /// From now. `None`: without end.
    pub lives: Option<Duration>,
}

/// What is known at a moment. The default: nothing.
pub(crate) struct State<C, E> {
    lease: Option<Lease<C>>,
    /// Of the last fetch, if it failed.
    failure: Option<Failure<E>>,
}

impl<C, E> Default for State<C, E> {
    fn default() -> Self {
        Self {
            lease: None,
            failure: None,
        }
    }
}

struct Lease<C> {
    credential: C,
    since: Instant,
    /// `None`: never.
    renew_at: Option<Instant>,
    /// `None`: never.
    ends: Option<Instant>,
}

struct Failure<E> {
    error: E,
    pause_ends: Instant,
}

impl<C: Clone, E: WhyNone> State<C, E> {
    /// What a call gets at once. `None`: there must be a fetch.
    pub(crate) fn at_once(&self) -> Option<Result<C, E>> {
        let now = Instant::now();
        match (self.live(now), &self.failure) {
            (Some(lease), _) => Some(Ok(lease.credential.clone())),
            (None, Some(failure)) if now < failure.pause_ends => Some(Err(failure.error.clone())),
            (None, Some(_) | None) => None,
        }
    }

    /// What a call gets that waited for a fetch.
    pub(crate) fn after_fetch(&self) -> Result<C, E> {
        match (self.live(Instant::now()), &self.failure) {
            (Some(lease), _) => Ok(lease.credential.clone()),
            (None, Some(failure)) => Err(failure.error.clone()),
            (None, None) => Err(E::ended()),
        }
    }

    fn live(&self, now: Instant) -> Option<&Lease<C>> {
        self.lease
            .as_ref()
            .filter(|lease| lease.ends.is_none_or(|ends| now < ends))
    }

    fn due(&self) -> Due {
        let now = Instant::now();
        match (self.live(now), &self.failure) {
            (_, Some(failure)) if now < failure.pause_ends => Due::Paused(failure.pause_ends),
            (Some(_), Some(_)) => Due::At(now),
            (Some(lease), None) => lease.renew_at.map_or(Due::WhenRefused, Due::At),
            // It ended while this machine slept: it was in use.
            (None, None) if self.lease.is_some() => Due::At(now),
            (None, Some(_) | None) => Due::WhenWanted,
        }
    }

    /// Whether a credential was given out long enough ago to be fetched again for a refusal.
    fn is_seasoned(&self) -> bool {
        self.lease
            .as_ref()
            .is_none_or(|lease| lease.since.elapsed() >= REFUSED_AGE_MIN)
    }
}

/// When the next fetch is to be.
enum Due {
    WhenWanted,
    WhenRefused,
    At(Instant),
    /// Not before; then it is looked at again.
    Paused(Instant),
}

/// The task's side.
pub(crate) struct Renewal<F: Fetch> {
    pub(crate) source: F,
    pub(crate) state: watch::Sender<State<F::Credential, F::Error>>,
    /// A call waits for a credential, or one was refused.
    pub(crate) wanted: Arc<Notify>,
}

impl<F: Fetch> Renewal<F> {
    /// Runs until the last receiver of the state is gone.
    pub(crate) async fn run(self) {
        tokio::select! {
            () = self.state.closed() => {}
            () = self.renew() => {}
        }
    }

    async fn renew(&self) {
        let mut failures = 0;
        loop {
            self.until_due().await;
            let fetched = timeout(FETCH_TIMEOUT, self.source.fetch())
                .await
                .unwrap_or(Err(F::Error::timed_out(FETCH_TIMEOUT)));
            match fetched {
                Ok(fetched) => {
                    failures = 0;
                    self.state.send_replace(State {
                        lease: Some(lease(fetched)),
                        failure: None,
                    });
                }
                Err(error) => {
                    let pause = pause(failures);
                    failures = failures.saturating_add(1);
                    self.failed(error, pause);
                }
            }
        }
    }

    async fn until_due(&self) {
        loop {
            let due = self.state.borrow().due();
            match due {
                Due::Paused(ends) => sleep_until(ends).await,
                Due::WhenWanted => return self.wanted.notified().await,
                Due::WhenRefused => self.wanted.notified().await,
                Due::At(at) => tokio::select! {
                    () = sleep_until(at) => return,
                    () = self.wanted.notified() => {}
                },
            }
            if matches!(due, Due::WhenRefused | Due::At(_)) && self.state.borrow().is_seasoned() {
                return;
            }
        }
    }

    fn failed(&self, error: F::Error, pause: Duration) {
        self.state.send_modify(|state| {
            let now = Instant::now();
            if let Some(lease) = state.live(now) {
                let left_s = lease.ends.map(|ends| (ends - now).as_secs());
                // Without one the calls fail and say so themselves.
                tracing::warn!(
                    left_s,
                    pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                    "{} could not be renewed; the old ones are used until they end: {error}",
                    F::Error::WHAT
                );
            }
            state.failure = Some(Failure {
                error,
                pause_ends: now + pause,
            });
        });
    }
}

fn lease<C>(fetched: Fetched<C>) -> Lease<C> {
    let now = Instant::now();
    Lease {
        credential: fetched.credential,
        since: now,
        renew_at: fetched
            .lives
            .and_then(|lives| now.checked_add(renew_after(lives))),
        ends: fetched.lives.and_then(|lives| now.checked_add(lives)),
    }
}

/// A quarter of its life before the end, five minutes where that is shorter, and up to a fifth of that
/// earlier, so that many providers and many Weirs do not ask all at once.
fn renew_after(lives: Duration) -> Duration {
    let ahead = (lives / 4).min(AHEAD);
    lives
        .saturating_sub(ahead.mul_f64(1.0 + 0.2 * rand::random::<f64>()))
        .max(PAUSE_MIN.min(lives))
}

/// The pause after a failure that so many came before, a fifth more or less.
fn pause(failures: u32) -> Duration {
    PAUSE_MIN
        .saturating_mul(2u32.saturating_pow(failures))
        .min(PAUSE_MAX)
        .mul_f64(0.8 + 0.4 * rand::random::<f64>())
}
