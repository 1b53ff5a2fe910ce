//! What time it is, as far as the system's clock can be believed.
//!
//! What is sealed or deleted since its time is over stays so. A clock that is a year ahead for a minute, as after
//! the start of a machine that has not asked for the time yet, must not delete a year of calls. So the time that
//! was last believed is kept in the database, and a clock that is far from it is only believed when it has
//! gone on so for a day: also over several runs of Weir, where it never went back meanwhile. Until then the earlier
//! of the two times counts. So a clock that begins in 1970, as that of a machine without a battery, does not make
//! the right time doubtful when that comes a moment later.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::{Store, StoreError, entities::setting, error::database, settings};

/// Where [`Kept`] is kept.
const SETTING: &str = "clock";
/// How far from the time that was last believed a clock is believed at once, for Weir may have been stopped
/// meanwhile; and for how long one that is farther away has to go on so.
const LEAP: SignedDuration = SignedDuration::from_hours(24);
/// How long Weir may be stopped while a clock goes on: one that is farther on at the next start has leapt again.
const STOPPED: SignedDuration = SignedDuration::from_hours(31 * 24);
/// How far a clock may go another way than the steady clock, and still goes on.
const DRIFT: SignedDuration = SignedDuration::from_hours(1);
/// How much later it is when the time is kept again.
const KEPT_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What one run of Weir leaves to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The time that was last believed.
    believed: Timestamp,
    /// The first time that was too far from it, where the clock has gone on from there.
    doubted: Option<Timestamp>,
}

/// What is known of the clock in this run of the program.
#[derive(Debug, Default)]
pub(crate) struct Clock(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The time that counted last.
    counted: Option<Timestamp>,
    doubt: Option<Doubt>,
}

/// Since when this run finds the clock far away, by the steady clock and by the clock itself.
#[derive(Debug, Clone, Copy)]
struct Doubt {
    since: Instant,
    said: Timestamp,
}

impl Store {
    /// What time it is, to go by where something is sealed or deleted since its time is over: the clock's time,
    /// or, where that is not believed, the time that last was if that is earlier.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look_at_clock(&self) -> Result<Timestamp, StoreError> {
        let kept = kept(self).await?;
        let now = Timestamp::now();
        let found = self.clock().judge(kept, now, Instant::now());
        if kept.is_none_or(|kept| found.is_worth_keeping_after(kept)) {
            let value = serde_json::to_value(found)
                .map_err(|error| StoreError::unreadable("settings", error))?;
            let transaction = self.begin().await?;
            settings::put(&transaction, SETTING, &value, now).await?;
            transaction.commit().await.map_err(database)?;
        }
        Ok(found.counts(now))
    }

    /// The time that [`Store::look_at_clock`] last told. `None`: nobody has looked yet.
    #[must_use]
    pub fn believed_time(&self) -> Option<Timestamp> {
        self.clock().known().counted
    }
}

impl Kept {
    const fn right(now: Timestamp) -> Self {
        Self {
            believed: now,
            doubted: None,
        }
    }

    /// The time that counts while the clock says this.
    fn counts(self, now: Timestamp) -> Timestamp {
        self.believed.min(now)
    }

    fn is_worth_keeping_after(self, before: Self) -> bool {
        self.doubted != before.doubted
            || self.believed.duration_since(before.believed).abs() >= KEPT_EVERY
    }
}

impl Clock {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(&self, kept: Option<Kept>, now: Timestamp, at: Instant) -> Kept {
        let mut known = self.known();
        let found = match kept {
            Some(kept) if now.duration_since(kept.believed).abs() > LEAP => {
                known.doubt(kept, now, at)
            }
            _ => Kept::right(now),
        };
        if found.doubted.is_none() {
            known.doubt = None;
        }
        known.counted = Some(found.counts(now));
        found
    }
}

impl Known {
    /// A clock that is far away: right where it has gone on so for long.
    fn doubt(&mut self, kept: Kept, now: Timestamp, at: Instant) -> Kept {
        let goes_on = match self.doubt {
            Some(doubt) => doubt.goes_on(now, at),
            None => kept.doubted.is_some_and(|doubted| {
                (SignedDuration::ZERO..STOPPED).contains(&now.duration_since(doubted))
            }),
        };
        let doubted = kept.doubted.filter(|_| goes_on).unwrap_or(now);
        if now.duration_since(doubted) >= LEAP {
            return Kept::right(now);
        }
        if self.doubt.is_none() || !goes_on {
            warn(now, kept.believed);
            self.doubt = Some(Doubt {
                since: at,
                said: now,
            });
        }
        Kept {
            believed: kept.believed,
            doubted: Some(doubted),
        }
    }
}

impl Doubt {
    /// Whether the clock has gone as the steady one did.
    fn goes_on(self, now: Timestamp, at: Instant) -> bool {
        let passed = SignedDuration::try_from(at.saturating_duration_since(self.since));
        passed.is_ok_and(|passed| (now.duration_since(self.said) - passed).abs() < DRIFT)
    }
}

fn warn(clock: Timestamp, believed: Timestamp) {
    if clock > believed {
        tracing::warn!(
            %clock,
            %believed,
            "The clock is more than a day ahead of the time that Weir last went by: until it has gone on so for \
             a day, nothing is deleted or summed up since its time is over"
        );
    } else {
        tracing::warn!(
            %clock,
            %believed,
            "The clock is more than a day behind the time that Weir last went by: if it is right, Weir keeps to it \
             when it has gone on so for a day"
        );
    }
}

async fn kept(store: &Store) -> Result<Option<Kept>, StoreError> {
    let row = setting::Entity::find_by_id(SETTING.to_owned())
        .one(store.writer())
        .await
        .map_err(database)?;
    row.map(|row| serde_json::from_str(&row.value))
        .transpose()
        .map_err(|error| StoreError::unreadable("settings", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str = "2026-03-01T12:00:00Z";

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A clock, what is kept of it, and the steady clock.
    struct Looks {
        clock: Clock,
        kept: Kept,
        at: Instant,
    }

    impl Looks {
        fn new() -> Self {
            Self {
                clock: Clock::default(),
                kept: Kept::right(time(KEPT)),
                at: Instant::now(),
            }
        }

        /// Another run of Weir.
        fn again(&mut self) {
            self.clock = Clock::default();
        }

        /// Whether the clock is believed when so many hours have gone by.
        fn later(&mut self, hours: u64, clock: &str) -> bool {
            self.at += std::time::Duration::from_secs(hours * 3_600);
            let now = time(clock);
            let found = self.clock.judge(Some(self.kept), now, self.at);
            if found.is_worth_keeping_after(self.kept) {
                self.kept = found;
            }
            found.counts(now) == now
        }
    }

    #[test]
    fn a_clock_that_goes_on_is_believed() {
        let now = time(KEPT);
        let first = Clock::default().judge(None, now, Instant::now());
        assert_eq!(first, Kept::right(now));
        let mut looks = Looks::new();
        assert!(looks.later(0, "2026-03-01T12:00:20Z"));
        assert!(looks.later(0, "2026-03-02T11:59:59Z"));
        // Back is never too far: nothing is over earlier than it was.
        assert!(looks.later(0, "2026-03-01T11:00:00Z"));
        assert!(looks.later(0, "1970-01-01T00:00:00Z"));
    }

    #[test]
    fn a_clock_that_leaps_is_believed_when_it_has_gone_on_for_a_day() {
        let mut looks = Looks::new();
        assert!(!looks.later(0, "2027-03-01T12:00:00Z"));
        assert!(!looks.later(1, "2027-03-01T13:00:00Z"));
        assert!(!looks.later(22, "2027-03-02T11:00:00Z"));
        assert_eq!(looks.kept.believed, time(KEPT));
        assert!(looks.later(1, "2027-03-02T12:00:00Z"));
        assert!(looks.later(0, "2027-03-02T12:00:01Z"));
    }

    #[test]
    fn a_weir_that_runs_for_an_hour_a_week_believes_its_clock_the_second_time() {
        let mut looks = Looks::new();
        assert!(!looks.later(168, "2026-03-08T12:00:00Z"));
        assert!(!looks.later(1, "2026-03-08T13:00:00Z"));
        looks.again();
        assert!(!looks.later(2, "2026-03-08T15:00:00Z"));
        looks.again();
        assert!(looks.later(165, "2026-03-15T12:00:00Z"));
        assert_eq!(looks.kept, Kept::right(time("2026-03-15T12:00:00Z")));
    }

    #[test]
    fn a_leap_that_is_taken_back_or_followed_by_another_begins_anew() {
        let mut looks = Looks::new();
        assert!(!looks.later(0, "2027-03-01T12:00:00Z"));
        assert!(looks.later(1, KEPT));
        assert_eq!(looks.kept, Kept::right(time(KEPT)));
        assert!(!looks.later(30, "2027-03-01T12:00:00Z"));
        // Farther, in the same run.
        assert!(!looks.later(1, "2030-03-01T12:00:00Z"));
        // Less far, in the next one.
        looks.again();
        assert!(!looks.later(48, "2028-03-01T12:00:00Z"));
        assert!(!looks.later(23, "2028-03-02T11:00:00Z"));
        assert!(looks.later(1, "2028-03-02T12:00:00Z"));
    }

    #[test]
    fn a_clock_that_begins_in_the_past_does_not_make_the_right_time_doubtful() {
        let mut looks = Looks::new();
        for start in ["1970-01-01T00:00:05Z", "1970-01-01T00:00:04Z"] {
            looks.again();
            assert!(looks.later(0, start));
            assert_eq!(looks.kept.believed, time(KEPT));
            assert!(looks.later(0, "2026-03-02T11:00:00Z"));
            assert_eq!(looks.kept.doubted, None);
            looks.kept = Kept::right(time(KEPT));
        }
        // One that was ahead for long and is put right is kept to after a day.
        assert!(looks.later(0, "2025-03-01T12:00:00Z"));
        assert_eq!(looks.kept.believed, time(KEPT));
        assert!(looks.later(24, "2025-03-02T12:00:00Z"));
        assert_eq!(looks.kept, Kept::right(time("2025-03-02T12:00:00Z")));
    }

    #[test]
    fn a_clock_that_leaps_again_before_the_next_start_is_doubted_again() {
        let mut looks = Looks::new();
        assert!(!looks.later(0, "2027-03-01T12:00:00Z"));
        looks.again();
        assert!(!looks.later(1, "2030-03-01T12:00:00Z"));
        looks.again();
        assert!(looks.later(1, "1970-01-01T00:00:00Z"));
        looks.again();
        assert!(!looks.later(1, "2030-03-01T12:00:00Z"));
        assert!(looks.later(1, KEPT));
    }
}
