//! How much a step does that the writer waits for: as much as goes in a moment, by how long the one before took.

use std::time::Duration;

/// How much the next step does, in whatever it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    amount: u64,
    least: u64,
    most: u64,
    quick: Duration,
    slow: Duration,
}

impl Pace {
    /// Begins with an amount that stays between two others. A step that took no longer than `quick` is followed
    /// by one of twice as much, one that took longer than `slow` by one of half as much.
    pub(super) const fn new(
        amount: u64,
        (least, most): (u64, u64),
        (quick, slow): (Duration, Duration),
    ) -> Self {
        Self {
            amount,
            least,
            most,
            quick,
            slow,
        }
    }

    /// How much the next step does.
    pub(super) const fn amount(self) -> u64 {
        self.amount
    }

    /// After a step of this amount.
    pub(super) fn after(&mut self, took: Duration) {
        let next = if took <= self.quick {
            self.amount.saturating_mul(2)
        } else if took > self.slow {
            self.amount / 2
        } else {
            self.amount
        };
        self.amount = next.clamp(self.least, self.most);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn after(amount: u64, took_ms: u64) -> u64 {
        let mut pace = Pace::new(amount, (10, 500), (MS(12), MS(30)));
        pace.after(MS(took_ms));
        pace.amount()
    }

    #[test]
    fn steps_become_as_large_as_the_writer_can_wait_for() {
        assert_eq!([after(50, 5), after(50, 20), after(50, 40)], [100, 50, 25]);
        assert_eq!([after(50, 12), after(50, 30)], [100, 50]);
        assert_eq!(after(500, 1), 500);
        assert_eq!(after(10, 1_000), 10);
    }
}
