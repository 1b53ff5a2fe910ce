//! Whether a series grows: the slope of Theil and Sen, which a third of wild values does not move, with the
//! bounds that Kendall's test gives it.

/// Growth an hour, in the unit of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slope {
    /// The median of the slopes between any two points.
    pub(super) median: i64,
    /// With a certainty of 95 % it is at least that, if the points do not depend on each other…
    pub(super) least: i64,
    /// …and at most that.
    pub(super) most: i64,
}

const SECONDS_AN_HOUR: i64 = 3_600;

/// The slope of points (second, value) in the order of time; `None` for fewer than three.
pub(super) fn slope(points: &[(i64, i64)]) -> Option<Slope> {
    let mut slopes = Vec::new();
    for (number, (earlier, low)) in points.iter().enumerate() {
        for (later, high) in points.iter().skip(number + 1) {
            if later > earlier {
                slopes.push((high - low) * SECONDS_AN_HOUR / (later - earlier));
            }
        }
    }
    slopes.sort_unstable();
    let count = slopes.len();
    // 1.96 times the deviation of Kendall's S, half of it on each side.
    let points = points.len();
    let variance = points * points.saturating_sub(1) * (2 * points + 5) / 18;
    let half = variance.isqrt() * 98 / 100;
    let at = |rank: usize| slopes.get(rank.min(count.saturating_sub(1))).copied();
    if points < 3 {
        return None;
    }
    Some(Slope {
        median: at(count / 2)?,
        least: at((count / 2).saturating_sub(half))?,
        most: at(count / 2 + half)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_growth_is_told_in_spite_of_wild_values() {
        let points: Vec<(i64, i64)> = (0..60)
            .map(|minute| {
                let wild = if minute % 7 == 0 { 90_000 } else { 0 };
                (minute * 60, 20_000 + minute * 10 + wild)
            })
            .collect();
        let found = slope(&points).unwrap();
        assert_eq!(found.median, 600);
        assert!(found.least <= 600 && found.most >= 600);
    }

    #[test]
    fn what_goes_up_and_down_does_not_grow() {
        let points: Vec<(i64, i64)> = (0..60).map(|n| (n * 60, 5_000 + n % 5)).collect();
        let found = slope(&points).unwrap();
        assert_eq!(found.median, 0);
        assert!(found.least <= 0 && found.most >= 0);
        assert_eq!(slope(&points[..2]), None);
    }
}
