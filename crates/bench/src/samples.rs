//! Measured times, all of them kept, so that percentiles are exact. A step has some hundred
//! thousand at the most.

use std::time::Duration;

/// Times in the order in which they came.
#[derive(Debug, Default, Clone)]
pub(crate) struct Samples {
    times: Vec<Duration>,
}

/// The same times in order of size.
#[derive(Debug)]
pub(crate) struct Sorted {
    times: Vec<Duration>,
}

/// Times of several rounds in which the same was done.
#[derive(Debug)]
pub(crate) struct Rounds {
    each: Vec<Sorted>,
    all: Sorted,
}

impl Samples {
    pub(crate) fn add(&mut self, time: Duration) {
        self.times.push(time);
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.times.append(&mut others.times);
    }

    pub(crate) fn sorted(mut self) -> Sorted {
        self.times.sort_unstable();
        Sorted { times: self.times }
    }
}

impl Sorted {
    /// The smallest time that `per_mille` of all do not exceed (nearest rank): 500 is the median, 999
    /// is p99.9. Zero without any.
    pub(crate) fn percentile(&self, per_mille: usize) -> Duration {
        let rank = self
            .times
            .len()
            .saturating_mul(per_mille)
            .div_ceil(1_000)
            .max(1);
        self.times.get(rank - 1).copied().unwrap_or_default()
    }
}

impl Rounds {
    pub(crate) fn of(rounds: Vec<Samples>) -> Self {
        let mut all = Samples::default();
        for round in &rounds {
            all.append(round.clone());
        }
        Self {
            each: rounds.into_iter().map(Samples::sorted).collect(),
            all: all.sorted(),
        }
    }

    /// The median of the rounds' percentiles, so that one hiccup does not decide. Where a round has fewer
    /// times than that percentile asks for (1,000 for p99.9), it is the one of all rounds together.
    pub(crate) fn percentile(&self, per_mille: usize) -> Duration {
        let asked = 1_000_usize.checked_div(1_000_usize.saturating_sub(per_mille));
        let enough = |round: &Sorted| asked.is_some_and(|asked| round.times.len() >= asked);
        if !self.each.iter().all(enough) {
            return self.all.percentile(per_mille);
        }
        let mut of_rounds = Samples::default();
        for round in &self.each {
            of_rounds.add(round.percentile(per_mille));
        }
        of_rounds.sorted().percentile(500)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(most: u64) -> Sorted {
        let mut samples = Samples::default();
        for millis in (1..=most).rev() {
            samples.add(Duration::from_millis(millis));
        }
        samples.sorted()
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let thousand = up_to(1_000);
        for (per_mille, millis) in [(500, 500), (990, 990), (999, 999), (1_000, 1_000), (1, 1)] {
            let expected = Duration::from_millis(millis);
            assert_eq!(thousand.percentile(per_mille), expected, "{per_mille}");
        }
        assert_eq!(up_to(1).percentile(999), Duration::from_millis(1));
        assert_eq!(up_to(3).percentile(500), Duration::from_millis(2));
    }

    #[test]
    fn nothing_measured_is_zero() {
        assert_eq!(Samples::default().sorted().percentile(990), Duration::ZERO);
    }

    fn round(count: u64, micros: u64) -> Samples {
        let mut samples = Samples::default();
        for _ in 0..count {
            samples.add(Duration::from_micros(micros));
        }
        samples
    }

    #[test]
    fn a_round_with_a_hiccup_does_not_decide() {
        let rounds = Rounds::of(vec![round(100, 30), round(100, 90_000), round(100, 40)]);
        assert_eq!(rounds.percentile(990), Duration::from_micros(40));
        // A hundred times have no p99.9: it is the one of all three hundred, and the longest always is.
        assert_eq!(rounds.percentile(999), Duration::from_millis(90));
        assert_eq!(rounds.percentile(1_000), Duration::from_millis(90));
        assert_eq!(Rounds::of(vec![]).percentile(990), Duration::ZERO);
    }
}
