//! The report as Markdown: a section of a file, between two markers that stay.

use jiff::Timestamp;

use super::{Report, Section};
use crate::side::Way;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
const HEAD: [&str; 6] = ["", "direct", "nginx", "Weir", "added", "aim"];
const TITLE: &str = "# Benchmarks\n\nWritten by `make bench ARGS='--write BENCHMARKS.md'`; the part between the markers is replaced each time.\n\n";

/// What stands where a call was sent directly, but there was no nginx.
const NOT_RUN: &str = "not run";

/// Head and body of the table. A section begins with a row that has its title only.
pub(super) fn table(sections: &[Section]) -> Vec<Vec<String>> {
    let lines = || sections.iter().flat_map(|section| &section.lines);
    let has_proxy = lines().any(|line| line.figure(Way::Proxy).is_some());
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    for section in sections {
        let mut title = vec![format!("**{}**", section.title)];
        title.resize(HEAD.len(), String::new());
        rows.push(title);
        for line in &section.lines {
            let figure = |way| line.figure(way).unwrap_or_default().to_owned();
            let proxy = if !has_proxy && line.figure(Way::Direct).is_some() {
                NOT_RUN.to_owned()
            } else {
                figure(Way::Proxy)
            };
            rows.push(vec![
                line.what.clone(),
                figure(Way::Direct),
                proxy,
                figure(Way::Weir),
                line.added.clone(),
                line.verdict(),
            ]);
        }
    }
    rows
}

/// Everything between the markers.
pub(super) fn section(report: &Report) -> String {
    let machine = &report.machine;
    let now = Timestamp::now().to_string();
    let date = now.split('T').next().unwrap_or_default();
    let mut text = format!(
        "Measured on {date} on {} ({} cores, {}, {}) with `{}`.\n\n",
        machine.processor, machine.cores, machine.memory, machine.kernel, report.command,
    );
    text.push_str(
        "Everything is on: token check, metering, price, durable row. Direct, through nginx as a plain \
         proxy (the floor) and through Weir in turns in the same run. Times at a fixed rate count from the \
         moment at which the call was to be sent; a percentile is the median of the rounds' percentiles, so \
         that one hiccup of the machine does not decide (it can make even the direct way look slower than Weir). \
         *Added* is the difference between the same figures of Weir and of the direct way.\n\n",
    );
    for (number, row) in table(&report.sections).iter().enumerate() {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
        if number == 0 {
            text.push_str(&format!("|{}\n", "---|".repeat(row.len())));
        }
    }
    text.push('\n');
    for note in &report.notes {
        text.push_str(&format!("- {note}\n"));
    }
    text
}

/// The file with the section in place of the one it had; at the end where it had none.
pub(super) fn with_section(file: &str, section: &str) -> String {
    let section = format!("{BEGIN}\n{section}{END}");
    let parts = file
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    match parts {
        Some((before, after)) => format!("{before}{section}{after}"),
        None if file.is_empty() => format!("{TITLE}{section}\n"),
        None => format!("{}\n\n{section}\n", file.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Line;

    #[test]
    fn a_way_that_was_not_gone_is_said_to_be_so() {
        let both = Line::new("x")
            .cell(Way::Direct, "1".to_owned())
            .weir("2".to_owned());
        let sections = [Section {
            title: "A".to_owned(),
            lines: vec![both, Line::new("y").weir("3".to_owned())],
        }];
        let rows = table(&sections);
        assert_eq!(rows[1][..2], ["**A**", ""]);
        assert_eq!(rows[2], ["x", "1", NOT_RUN, "2", "", ""]);
        assert_eq!(rows[3], ["y", "", "", "3", "", ""]);
    }

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let file = format!("# A\n\n{BEGIN}\nold\n{END}\n\n## B\n");
        assert_eq!(
            with_section(&file, "new\n"),
            format!("# A\n\n{BEGIN}\nnew\n{END}\n\n## B\n")
        );
        assert_eq!(
            with_section("# A\n", "new\n"),
            format!("# A\n\n{BEGIN}\nnew\n{END}\n")
        );
        let made = with_section("", "new\n");
        assert!(made.starts_with("# Benchmarks"), "{made}");
        assert_eq!(with_section(&made, "new\n"), made);
    }
}
