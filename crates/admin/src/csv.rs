//! Comma-separated text as RFC 4180 has it: UTF-8, lines that end with CR and LF, quotes where they are
//! needed.
//!
//! Spreadsheets take a cell that begins with certain signs for a formula and run it. A text that begins so
//! gets an apostrophe before it, and so does one that begins with an apostrophe: whoever reads the file with a
//! program takes one apostrophe off the front of a text and has what was there. Numbers and times are never
//! changed.

use std::fmt::{Display, Write as _};

/// The media type, with which every first line is one of names.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// The header by which a browser keeps an answer as a file of this name: letters, digits, dots and hyphens.
#[must_use]
pub fn disposition(file_name: &str) -> String {
    format!("attachment; filename=\"{file_name}\"")
}

/// Lines of comma-separated text, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Csv {
    text: String,
    /// Whether the line has a cell already.
    begun: bool,
}

impl Csv {
    /// Adds a cell of a text that somebody gave.
    pub fn text(&mut self, text: &str) {
        self.separate();
        let guarded = is_taken_for_more(text);
        let quoted =
            text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ');
        if quoted {
            self.text.push('"');
        }
        if guarded {
            self.text.push('\'');
        }
        if quoted {
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(text);
        }
    }

    /// Adds a cell of what is known to need neither quotes nor care: numbers, times, names of columns.
    pub fn plain(&mut self, value: impl Display) {
        self.separate();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.text.push_str("\r\n");
        self.begun = false;
    }

    /// The lines so far.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if self.begun {
            self.text.push(',');
        }
        self.begun = true;
    }
}

/// Whether a spreadsheet takes a text for a formula, or an apostrophe before it for its own. Some skip blanks
/// at the front, and some know the wide forms of the signs.
fn is_taken_for_more(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n'])
        || text.trim_start().starts_with([
            '=', '+', '-', '@', '\'', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
        ])
}

#[cfg(test)]
mod tests {
    use super::Csv;

    fn check(text: &str, expected: &str) {
        let mut csv = Csv::default();
        csv.text(text);
        assert_eq!(csv.into_text(), expected, "{text:?}");
    }

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        check("", "");
        check("gpt-5.6", "gpt-5.6");
        check("a,b", "\"a,b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("two\nlines", "\"two\nlines\"");
        check("Größe 東京", "Größe 東京");
        check(" edge", "\" edge\"");
    }

    #[test]
    fn no_text_is_a_formula() {
        check("=1+1", "'=1+1");
        check("+49 30", "'+49 30");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check(" =1", "\"' =1\"");
        check("\u{ff1d}1", "'\u{ff1d}1");
        check(
            "=HYPERLINK(\"http://x\",\"y\")",
            "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
        );
        // So that one apostrophe can be taken off again.
        check("'tis", "''tis");
        check("o'clock", "o'clock");
    }

    #[test]
    fn lines_are_cells_between_commas() {
        let mut csv = Csv::default();
        csv.plain(7);
        csv.text("a");
        csv.plain("-0.5");
        csv.end_line();
        csv.text("");
        csv.end_line();
        assert_eq!(csv.into_text(), "7,a,-0.5\r\n\r\n");
    }
}
