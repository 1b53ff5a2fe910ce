//! One line of the table.

use std::time::Duration;

use crate::samples::Sorted;
use crate::side::Way;

/// A figure for each way, what Weir adds, and what was aimed at.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) what: String,
    cells: Vec<(Way, String)>,
    pub(crate) added: String,
    pub(crate) aim: String,
    met: Option<bool>,
    remark: &'static str,
}

impl Line {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            cells: Vec::new(),
            added: String::new(),
            aim: String::new(),
            met: None,
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

    pub(crate) fn aim(mut self, aim: impl Into<String>, met: bool) -> Self {
        self.aim = aim.into();
        self.met = Some(met);
        self
    }

    /// What is to be known about a figure without an aim.
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

    /// `met`, `missed` or the remark.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => self.remark,
        }
    }

    pub(crate) fn has_aim(&self) -> bool {
        self.met.is_some()
    }

    pub(crate) fn missed(&self) -> bool {
        self.met == Some(false)
    }
}

/// A line for each percentile (in per mille). What Weir adds is the difference between the same
/// percentiles of both ways; `aims` are limits for it.
pub(crate) fn percentile_lines(
    name: &str,
    times: &[(Way, Sorted)],
    percentiles: &[usize],
    aims: &[(usize, Duration)],
    write: fn(Duration) -> String,
) -> Vec<Line> {
    let of = |way: Way, per_mille: usize| {
        let mut times = times.iter();
        times
            .find(|(of, _)| *of == way)
            .map(|(_, times)| times.percentile(per_mille))
            .unwrap_or_default()
    };
    let mut lines = Vec::new();
    for per_mille in percentiles.iter().copied() {
        let mut line = Line::new(format!("{name}: {}, ms", percentile_name(per_mille)));
        for (way, times) in times {
            line = line.cell(*way, write(times.percentile(per_mille)));
        }
        let (direct, weir) = (of(Way::Direct, per_mille), of(Way::Weir, per_mille));
        line.added = match weir.checked_sub(direct) {
            Some(added) => write(added),
            None => format!("−{}", write(direct.saturating_sub(weir))),
        };
        if let Some((_, aim)) = aims.iter().find(|(of, _)| *of == per_mille) {
            let met = weir.saturating_sub(direct) <= *aim;
            line = line.aim(format!("adds ≤ {}", write(*aim)), met);
        }
        lines.push(line);
    }
    lines
}

fn percentile_name(per_mille: usize) -> String {
    match per_mille {
        1_000 => "longest".to_owned(),
        _ if per_mille.is_multiple_of(10) => format!("p{}", per_mille / 10),
        _ => format!("p{}.{}", per_mille / 10, per_mille % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Samples;

    fn all_of(micros: u64) -> Sorted {
        let mut samples = Samples::default();
        samples.add(Duration::from_micros(micros));
        samples.sorted()
    }

    fn check(direct: u64, weir: u64, added: &str, verdict: &str) {
        let times = [(Way::Direct, all_of(direct)), (Way::Weir, all_of(weir))];
        let aims = [(990, Duration::from_micros(250))];
        let lines = percentile_lines("x", &times, &[990], &aims, crate::report::ms);
        assert_eq!(lines[0].what, "x: p99, ms");
        assert_eq!(lines[0].added, added);
        assert_eq!(lines[0].verdict(), verdict);
    }

    #[test]
    fn what_is_added_is_held_against_the_aim() {
        check(100, 350, "0.250", "met");
        check(100, 351, "0.251", "**missed**");
        check(100, 60, "−0.040", "met");
    }
}
