//! What was found, as a table: on the screen, and in a file.

mod figures;
mod line;
mod markdown;

use std::fs;
use std::path::Path;

pub(crate) use figures::{mib, micros_tenths, ms, ms_short, seconds_tenths, thousands};
pub(crate) use line::{Line, difference, percentile_line};

use crate::error::Error;
use crate::machine::Machine;

/// All lines, with what is to be known about them.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// How the program was called.
    pub(crate) command: String,
    pub(crate) notes: Vec<String>,
    pub(crate) sections: Vec<Section>,
}

/// Lines about one subject.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

impl Report {
    pub(crate) fn new(machine: Machine, command: String) -> Self {
        Self {
            machine,
            command,
            notes: Vec::new(),
            sections: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Begins a section, and says on the screen that it is being measured.
    pub(crate) fn section(&mut self, title: impl Into<String>) {
        let title = title.into();
        println!("… {title}");
        self.sections.push(Section {
            title,
            lines: Vec::new(),
        });
    }

    /// Adds lines to the section that was begun last.
    pub(crate) fn add(&mut self, lines: impl IntoIterator<Item = Line>) {
        if let Some(section) = self.sections.last_mut() {
            section.lines.extend(lines);
        }
    }

    /// The table on the screen.
    pub(crate) fn print(&self) {
        let rows = markdown::table(&self.sections);
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
        let lines = || self.sections.iter().flat_map(|section| &section.lines);
        let missed: usize = lines().map(Line::missed).sum();
        let aims: usize = lines().map(Line::aims).sum();
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
