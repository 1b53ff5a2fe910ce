//! The report as Markdown: a section of a file, between two markers that stay.

use jiff::Timestamp;

use super::{Line, Report};
use crate::side::Way;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
const TITLE: &str = "# Benchmarks\n\nWritten by `make bench ARGS='--write BENCHMARKS.md'`; the part between the markers is replaced each time.\n\n";

/// Head and body of the table; a way that was not gone has no column.
pub(super) fn table(lines: &[Line]) -> Vec<Vec<String>> {
    let gone = |way: &Way| lines.iter().any(|line| line.figure(*way).is_some());
    let ways: Vec<Way> = [Way::Direct, Way::Proxy, Way::Weir]
        .into_iter()
        .filter(gone)
        .collect();
    let mut head = vec![String::new()];
    head.extend(ways.iter().map(|way| way.name().to_owned()));
    head.extend(["added by Weir", "aim", ""].map(str::to_owned));
    let mut rows = vec![head];
    for line in lines {
        let mut row = vec![line.what.clone()];
        for way in &ways {
            row.push(line.figure(*way).unwrap_or_default().to_owned());
        }
        row.push(line.added.clone());
        row.push(line.aim.clone());
        row.push(line.verdict().to_owned());
        rows.push(row);
    }
    rows
}

/// Everything between the markers.
pub(super) fn section(report: &Report) -> String {
    let machine = &report.machine;
    let now = Timestamp::now().to_string();
    let date = now.split('T').next().unwrap_or_default();
    let mut text = format!(
        "Measured on {date} on {} ({} cores, {}, {}), {} s a step and side, with \
         `weir-bench --weir target/release/weir --seconds {}{}`.\n\n",
        machine.processor,
        machine.cores,
        machine.memory,
        machine.kernel,
        report.seconds,
        report.seconds,
        if report.quick { " --quick" } else { "" },
    );
    text.push_str(
        "Everything is on: token check, metering, price, durable row. Direct and through Weir in \
         turns in the same run. Times at a fixed rate count from the moment at which the call was to \
         be sent. *Added* is the difference between the same percentiles of both.\n\n",
    );
    for (number, row) in table(&report.lines).iter().enumerate() {
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
