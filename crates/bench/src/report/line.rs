//! One line of the table.

use std::time::Duration;

use crate::samples::Rounds;
use crate::side::Way;

/// What stands between the percentiles of one line.
const BETWEEN: &str = " / ";

/// A figure for each way, what Weir adds, and what was aimed at.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) what: String,
    cells: Vec<(Way, String)>,
    pub(crate) added: String,
    aims: Vec<(String, bool)>,
    remark: &'static str,
}

impl Line {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            cells: Vec::new(),
            added: String::new(),
            aims: Vec::new(),
            remark: "",
        }
    }

    /// The figure of one way.
    pub(crate) fn cell(mut self, way: Way, figure: String) -> Self {
        self.cells.push((way, figure));
        self
    }

    /// The figure of Weir.
    pub(crate) fn weir(self, figure: String) -> Self {
        self.cell(Way::Weir, figure)
    }

    /// What Weir adds.
    pub(crate) fn added(mut self, figure: String) -> Self {
        self.added = figure;
        self
    }

    /// What was aimed at, and whether that is met. There may be several.
    pub(crate) fn aim(mut self, aim: impl Into<String>, met: bool) -> Self {
        self.aims.push((aim.into(), met));
        self
    }

    /// What is to be known about a figure.
    pub(crate) fn remark(mut self, remark: &'static str) -> Self {
        self.remark = remark;
        self
    }

    pub(crate) fn figure(&self, way: Way) -> Option<&str> {
        let mut cells = self.cells.iter();
        cells
            .find(|(of, _)| *of == way)
            .map(|(_, figure)| figure.as_str())
    }

    /// Each aim with `met` or `missed`, and the remark.
    pub(crate) fn verdict(&self) -> String {
        let mut parts: Vec<String> = self
            .aims
            .iter()
            .map(|(aim, met)| format!("{aim}: {}", if *met { "met" } else { "**missed**" }))
            .collect();
        if !self.remark.is_empty() {
            parts.push(self.remark.to_owned());
        }
        parts.join("; ")
    }

    /// How many aims it has.
    pub(crate) fn aims(&self) -> usize {
        self.aims.len()
    }

    /// How many of them are missed.
    pub(crate) fn missed(&self) -> usize {
        self.aims.iter().filter(|(_, met)| !met).count()
    }
}

/// A line with percentiles (in per mille), one behind the other. What Weir adds is the difference between
/// the same percentiles of both ways; `aims` are limits for it.
pub(crate) fn percentile_line(
    name: impl Into<String>,
    times: &[(Way, Rounds)],
    percentiles: &[usize],
    aims: &[(usize, Duration)],
    write: fn(Duration) -> String,
) -> Line {
    let of = |way: Way, per_mille: usize| {
        let mut times = times.iter();
        times
            .find(|(of, _)| *of == way)
            .map(|(_, times)| times.percentile(per_mille))
            .unwrap_or_default()
    };
    let of_all = |figure: &dyn Fn(usize) -> String| {
        let figures: Vec<String> = percentiles.iter().copied().map(figure).collect();
        figures.join(BETWEEN)
    };
    let mut line = Line::new(name);
    for (way, times) in times {
        line = line.cell(*way, of_all(&|which| write(times.percentile(which))));
    }
    line = line.added(of_all(&|which| {
        difference(of(Way::Direct, which), of(Way::Weir, which), write)
    }));
    for (which, aim) in aims.iter().copied() {
        let added = of(Way::Weir, which).saturating_sub(of(Way::Direct, which));
        let text = format!("{} adds ≤ {}", percentile_name(which), write(aim));
        line = line.aim(text, added <= aim);
    }
    line
}

/// How much longer the second time is.
pub(crate) fn difference(
    first: Duration,
    second: Duration,
    write: fn(Duration) -> String,
) -> String {
    match second.checked_sub(first) {
        Some(added) => write(added),
        None => format!("−{}", write(first.saturating_sub(second))),
    }
}

fn percentile_name(per_mille: usize) -> String {
    if per_mille.is_multiple_of(10) {
        format!("p{}", per_mille / 10)
    } else {
        format!("p{}.{}", per_mille / 10, per_mille % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Samples;

    fn all_of(micros: u64) -> Rounds {
        let mut samples = Samples::default();
        samples.add(Duration::from_micros(micros));
        Rounds::of(vec![samples])
    }

    fn check(direct: u64, weir: u64, added: &str, verdict: &str) {
        let times = [(Way::Direct, all_of(direct)), (Way::Weir, all_of(weir))];
        let aims = [(990, Duration::from_micros(250))];
        let line = percentile_line("x", &times, &[990], &aims, crate::report::ms);
        assert_eq!(line.added, added);
        assert_eq!(line.verdict(), verdict);
    }

    #[test]
    fn what_is_added_is_held_against_the_aim() {
        check(100, 350, "0.250", "p99 adds ≤ 0.250: met");
        check(100, 351, "0.251", "p99 adds ≤ 0.250: **missed**");
        check(100, 60, "−0.040", "p99 adds ≤ 0.250: met");
    }

    #[test]
    fn percentiles_stand_one_behind_the_other() {
        let times = [(Way::Direct, all_of(100)), (Way::Weir, all_of(350))];
        let line = percentile_line("x", &times, &[500, 999], &[], crate::report::ms);
        assert_eq!(line.figure(Way::Weir), Some("0.350 / 0.350"));
        assert_eq!(line.added, "0.250 / 0.250");
        assert_eq!((line.aims(), line.missed()), (0, 0));
    }
}
