//! What was found, as a table: on the screen, and in a file.

mod figures;
mod line;
mod markdown;

use std::fs;
use std::path::Path;

pub(crate) use figures::{mib, micros_tenths, ms, ms_short, seconds_tenths, thousands};
pub(crate) use line::{Line, percentile_lines};

use crate::error::Error;
use crate::machine::Machine;

/// All lines, with what is to be known about them.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) seconds: u32,
    pub(crate) quick: bool,
    pub(crate) notes: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

impl Report {
    pub(crate) fn new(machine: Machine, seconds: u32, quick: bool) -> Self {
        Self {
            machine,
            seconds,
            quick,
            notes: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(crate) fn add(&mut self, lines: Vec<Line>) {
        self.lines.extend(lines);
    }

    /// The table on the screen.
    pub(crate) fn print(&self) {
        let rows = markdown::table(&self.lines);
        let mut widths = Vec::new();
        for row in &rows {
            widths.resize(row.len().max(widths.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        println!();
        for row in &rows {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let width = *width;
                text.push_str(&format!("{cell:width$}  "));
            }
            println!("{}", text.trim_end());
        }
        println!();
        for note in &self.notes {
            println!("{note}");
        }
        let missed = self.lines.iter().filter(|line| line.missed()).count();
        let aims = self.lines.iter().filter(|line| line.has_aim()).count();
        println!("{} of {aims} aims met, {missed} missed", aims - missed);
    }

    /// Writes the section of a file that is between the markers; the file is made if it is missing.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Error> {
        let old = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::io(format!("read {}", file.display()))(error)),
        };
        let new = markdown::with_section(&old, &markdown::section(self));
        fs::write(file, new).map_err(Error::io(format!("write {}", file.display())))
    }
}
