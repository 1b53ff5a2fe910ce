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

impl Samples {
    pub(crate) fn add(&mut self, time: Duration) {
        self.times.push(time);
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.times.append(&mut others.times);
    }

    /// How many are longer than that.
    pub(crate) fn longer_than(&self, time: Duration) -> u32 {
        let count = self.times.iter().filter(|sample| **sample > time).count();
        u32::try_from(count).unwrap_or(u32::MAX)
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
}
