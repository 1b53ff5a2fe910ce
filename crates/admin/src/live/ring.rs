//! Whose turn it is: the endpoints of a provider that has several, and how they are.
//!
//! | an endpoint | gets |
//! |---|---|
//! | is healthy | its turn, one after the other |
//! | failed | no call for a while: as long as its `retry-after` says, else a second, and twice as long each time a trial fails |
//! | was passed over until now | the next call, as a trial; if it answers it is healthy; while nobody knows, or never learns, what came of it, the next trial is after as long again |
//!
//! A call tries each endpoint once at most, and beside the healthy ones a trial and, where no other is left, the
//! one whose time ends first. So there are never many attempts for one call, however many endpoints are dead.
//!
//! What a call tells of an endpoint counts only if nothing was decided since the attempt began: of a hundred
//! calls that were under way when it died, the first one decides.
//!
//! The data plane writes this, the console and the REST API show it. Nothing of it is kept: after a restart all
//! are healthy. No clock of its own: it is told what time it is.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    SecretName,
    provider::{ENDPOINTS_MAX, EndpointName, Upstream},
};

use super::answered::Answered;

/// How long an endpoint is passed over that failed once.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How long at most, however often it has failed.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long at most where it says so itself.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

// One bit for each endpoint.
const _: () = assert!(ENDPOINTS_MAX <= 32);

/// The endpoints of a provider that has several.
#[derive(Debug)]
pub struct Ring {
    each: Box<[(EndpointName, Upstream)]>,
    state: Mutex<State>,
    answered: Arc<Answered>,
}

#[derive(Debug)]
struct State {
    /// Whose turn was last.
    last: usize,
    each: Vec<One>,
}

/// How one endpoint is.
#[derive(Debug, Clone)]
struct One {
    passed_over: Option<PassedOver>,
    /// Since when it is healthy, or passed over.
    since: Instant,
    failed_in_a_row: u64,
    /// Counts what was decided about it.
    decided: u64,
}

#[derive(Debug, Clone)]
struct PassedOver {
    until: Instant,
    wait: Duration,
    why: String,
    /// A call is trying whether it is back.
    trial: bool,
}

/// How an endpoint is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Since when it is so.
    pub since: Instant,
    /// Attempts that failed since one last succeeded.
    pub failed_in_a_row: u64,
    /// Until when it is passed over, and why. `None`: it is healthy.
    pub passed_over: Option<(Instant, String)>,
}

impl Ring {
    /// All healthy.
    pub(super) fn new<'a>(
        endpoints: impl Iterator<Item = (&'a EndpointName, &'a Upstream)>,
        now: Instant,
    ) -> Self {
        let each: Box<[_]> = endpoints
            .map(|(name, upstream)| (name.clone(), upstream.clone()))
            .collect();
        let healthy = One {
            passed_over: None,
            since: now,
            failed_in_a_row: 0,
            decided: 0,
        };
        let state = State {
            last: each.len().saturating_sub(1),
            each: vec![healthy; each.len()],
        };
        Self {
            each,
            state: Mutex::new(state),
            answered: Arc::default(),
        }
    }

    /// What was there before, with what is known of endpoints that are as they were; but for those that refer to
    /// `renewed`, a secret that has a new value.
    pub(super) fn following(mut self, before: &Self, renewed: Option<&SecretName>) -> Self {
        self.answered = Arc::clone(&before.answered);
        let known = before.state().each.clone();
        let mut state = self.state();
        for (endpoint, one) in self.each.iter().zip(&mut state.each) {
            let was = before
                .each
                .iter()
                .zip(&known)
                .find(|(was, _)| *was == endpoint);
            if renewed.is_some_and(|secret| endpoint.1.secrets().contains(&secret)) {
                continue;
            }
            if let Some((_, known)) = was {
                *one = known.clone();
                if let Some(passed_over) = &mut one.passed_over {
                    // Its call tells the ring that it began with.
                    passed_over.trial = false;
                }
            }
        }
        drop(state);
        self
    }

    /// How each endpoint is, in their order.
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        let state = self.state();
        let each = state.each.iter();
        each.map(|one| Health {
            since: one.since,
            failed_in_a_row: one.failed_in_a_row,
            passed_over: one
                .passed_over
                .as_ref()
                .map(|passed_over| (passed_over.until, passed_over.why.clone())),
        })
        .collect()
    }

    /// Which endpoints gave out which responses.
    #[must_use]
    pub fn answered(&self) -> &Answered {
        &self.answered
    }

    /// The turns of one call. `first`: the endpoint that it must go to before all others, whatever its health.
    #[must_use]
    pub fn turns(self: &Arc<Self>, first: Option<&EndpointName>) -> Turns {
        Turns {
            first: first.and_then(|first| self.each.iter().position(|(name, _)| name == first)),
            ring: Arc::clone(self),
            tried: 0,
            trials: 1,
            last_resorts: 1,
        }
    }

    /// The turns of a call that only one of them can answer, nobody knows which: those that are passed over have
    /// theirs, too.
    #[must_use]
    pub fn turns_of_all(self: &Arc<Self>) -> Turns {
        Turns {
            last_resorts: self.each.len(),
            ..self.turns(None)
        }
    }

    // What is in there is right at any moment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turns of one call.
#[derive(Debug)]
pub struct Turns {
    ring: Arc<Ring>,
    first: Option<usize>,
    /// One bit for each endpoint.
    tried: u32,
    /// How many endpoints may still be tried whose time has just ended.
    trials: u8,
    /// How many may still be tried whose time has not.
    last_resorts: usize,
}

impl Turns {
    /// The endpoint that is to be tried now. `None`: no other should be.
    pub fn next(&mut self, now: Instant) -> Option<Attempt> {
        let ring = Arc::clone(&self.ring);
        let mut state = ring.state();
        let (index, trial) = match self.first.take() {
            Some(first) => (first, false),
            None => self.chosen(&mut state, now)?,
        };
        self.tried |= bit(index);
        let one = state.each.get(index)?;
        Some(Attempt {
            ring: Arc::clone(&self.ring),
            index,
            decided: one.decided,
            trial,
        })
    }

    /// The next one, and whether it is a trial.
    fn chosen(&mut self, state: &mut State, now: Instant) -> Option<(usize, bool)> {
        let tried = self.tried;
        let untried = |index: &usize| tried & bit(*index) == 0;
        let count = state.each.len();
        if self.trials > 0 {
            let due = (0..count).filter(untried).find(|index| {
                let one = state.each.get(*index);
                let passed_over = one.and_then(|one| one.passed_over.as_ref());
                passed_over.is_some_and(|it| it.until <= now)
            });
            if let Some(index) = due {
                self.trials = self.trials.saturating_sub(1);
                let one = state.each.get_mut(index);
                if let Some(passed_over) = one.and_then(|one| one.passed_over.as_mut()) {
                    // One that takes long keeps it waiting no longer than a failure would.
                    if passed_over.trial {
                        passed_over.wait = doubled(passed_over.wait);
                    }
                    passed_over.trial = true;
                    passed_over.until = now + passed_over.wait;
                }
                return Some((index, true));
            }
        }
        let after = state.last.saturating_add(1);
        let in_turn = (after..count).chain(0..after.min(count));
        let healthy = in_turn.filter(untried).find(|index| {
            let one = state.each.get(*index);
            one.is_some_and(|one| one.passed_over.is_none())
        });
        if let Some(index) = healthy {
            state.last = index;
            return Some((index, false));
        }
        if self.last_resorts == 0 {
            return None;
        }
        self.last_resorts = self.last_resorts.saturating_sub(1);
        let ends = |index: &usize| {
            let passed_over = state.each.get(*index)?.passed_over.as_ref()?;
            Some(passed_over.until)
        };
        let soonest = (0..count).filter(untried).min_by_key(ends);
        soonest.map(|index| (index, false))
    }
}

/// The wait after another failure.
fn doubled(wait: Duration) -> Duration {
    wait.saturating_mul(2).min(LONGEST_WAIT)
}

const fn bit(index: usize) -> u32 {
    1 << (index % 32)
}

/// One attempt at one endpoint. Dropped without a word it has told nothing: a trial is made again later.
#[derive(Debug)]
pub struct Attempt {
    ring: Arc<Ring>,
    index: usize,
    /// What had been decided about the endpoint when the attempt began.
    decided: u64,
    trial: bool,
}

impl Attempt {
    /// The endpoint's place in the provider's list.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The endpoint's name.
    #[must_use]
    pub fn name(&self) -> Option<&EndpointName> {
        self.ring.each.get(self.index).map(|(name, _)| name)
    }

    /// The endpoint answered: it is healthy, unless it failed since this attempt began.
    pub fn answered(self, now: Instant) {
        let mut state = self.ring.state();
        if let Some(one) = state.each.get_mut(self.index)
            && one.decided == self.decided
        {
            one.failed_in_a_row = 0;
            if one.passed_over.take().is_some() {
                one.since = now;
                one.decided = one.decided.wrapping_add(1);
            }
        }
    }

    /// The endpoint failed: it is passed over for a while, for as long as it asked for if it did.
    pub fn failed(self, now: Instant, why: impl Into<String>, retry_after: Option<Duration>) {
        let asked = retry_after.map(|asked| asked.clamp(FIRST_WAIT, LONGEST_ASKED));
        let mut state = self.ring.state();
        let Some(one) = state.each.get_mut(self.index) else {
            return;
        };
        one.failed_in_a_row = one.failed_in_a_row.saturating_add(1);
        let waits = one.passed_over.as_ref().is_some_and(|it| it.until > now);
        if one.decided != self.decided || (waits && !self.trial) {
            // It is known already; only that it asks for more time is new.
            if let (Some(passed_over), Some(asked)) = (&mut one.passed_over, asked) {
                passed_over.until = passed_over.until.max(now + asked);
            }
            return;
        }
        one.decided = one.decided.wrapping_add(1);
        let wait = match &one.passed_over {
            Some(before) => doubled(before.wait),
            None => {
                one.since = now;
                FIRST_WAIT
            }
        };
        one.passed_over = Some(PassedOver {
            until: now + asked.unwrap_or(wait),
            wait,
            why: why.into(),
            trial: false,
        });
    }
}

impl Drop for Attempt {
    /// After a trial there may be another, when its time has come.
    fn drop(&mut self) {
        if !self.trial {
            return;
        }
        let mut state = self.ring.state();
        if let Some(one) = state.each.get_mut(self.index)
            && one.decided == self.decided
            && let Some(passed_over) = &mut one.passed_over
        {
            passed_over.trial = false;
        }
    }
}

#[cfg(test)]
mod tests;
