//! Server-sent events, read from bytes that were cut anywhere.
//!
//! Lines may end with LF, CRLF or CR; an event ends at an empty line. Several `data` lines join with LF.
//! Comments, `id`, `retry` and unknown fields are skipped, and so is a byte order mark at the start.
//! An event that lies whole in one chunk is not copied.
//!
//! Memory is bounded: an event with a line, or with data, above the limit is given up. It is still
//! reported, with its name, but without data.

use memchr::memchr2;

/// Above this an event is given up, unless the scanner was made with another limit.
pub const MAX_EVENT_BYTES: usize = 8 * 1024 * 1024;

/// Buffers that grew beyond this are given back after the event that needed them.
const KEPT_CAPACITY: usize = 64 * 1024;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Event<'a> {
    /// The value of its `event` line; empty where it has none.
    pub name: &'a [u8],
    /// Its data; empty where it was given up.
    pub data: &'a [u8],
    /// Whether it was above the limit.
    pub given_up: bool,
}

/// Finds the events in a stream of bytes.
#[derive(Debug)]
pub struct Scanner {
    limit: usize,
    /// The beginning of the line that is not ended yet.
    line: Vec<u8>,
    /// That line was above the limit: the rest of it is skipped.
    line_given_up: bool,
    /// What earlier chunks told of the event that is not ended yet.
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    given_up: bool,
    /// The last byte was a CR that ended a line: a LF that follows belongs to it.
    after_cr: bool,
    /// No line has ended yet.
    at_start: bool,
    foreign: bool,
}

/// What a line says.
enum Field<'a> {
    Name(&'a [u8]),
    Data(&'a [u8]),
    /// A comment, or a field that tells nothing here.
    Skipped,
    /// No field of server-sent events.
    Foreign,
    /// An empty line: the event ends.
    End,
}

impl<'a> Field<'a> {
    fn read(line: &'a [u8]) -> Self {
        if let Some(value) = line.strip_prefix(b"data:") {
            Self::Data(value.strip_prefix(b" ").unwrap_or(value))
        } else if let Some(value) = line.strip_prefix(b"event:") {
            Self::Name(value.strip_prefix(b" ").unwrap_or(value))
        } else {
            match line {
                b"" => Self::End,
                b"data" => Self::Data(b""),
                b"event" => Self::Name(b""),
                [b':', ..] => Self::Skipped,
                line if line.starts_with(b"id") || line.starts_with(b"retry") => Self::Skipped,
                _ => Self::Foreign,
            }
        }
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::with_limit(MAX_EVENT_BYTES)
    }
}

impl Scanner {
    /// A scanner that gives up events of more than `limit` bytes.
    #[must_use]
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            line_given_up: false,
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
            given_up: false,
            after_cr: false,
            at_start: true,
            foreign: false,
        }
    }

    /// Takes the next bytes and reports each event that they complete.
    pub fn push(&mut self, chunk: &[u8], mut each: impl FnMut(Event<'_>)) {
        let mut rest = chunk;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        // What this chunk told of the event that is not ended yet.
        let (mut name, mut data): (Option<&[u8]>, Option<&[u8]>) = (None, None);
        while let Some((line, after)) = self.next_line(rest) {
            rest = after;
            if !self.line.is_empty() || self.line_given_up {
                // The line began in an earlier chunk, so this chunk has told nothing yet.
                self.end_held_line(line, &mut each);
                continue;
            }
            match self.field(line) {
                Field::Name(value) => name = Some(value),
                Field::Data(value) if data.is_none() && !self.has_data => data = Some(value),
                Field::Data(value) => {
                    if let Some(first) = data.take() {
                        self.add_data(first);
                    }
                    self.add_data(value);
                }
                Field::Skipped | Field::Foreign => {}
                Field::End => self.end_event(name.take(), data.take(), &mut each),
            }
        }
        if let Some(name) = name {
            self.name = name.to_vec();
        }
        if let Some(data) = data {
            self.add_data(data);
        }
        self.hold(rest);
    }

    /// The event that is not ended yet, as far as it is known: the line that is not ended yet is taken
    /// as if it ended here, unless it goes on data of an earlier line.
    #[must_use]
    pub fn pending(&self) -> Event<'_> {
        if self.given_up || self.line_given_up {
            return Event {
                name: &self.name,
                data: &[],
                given_up: true,
            };
        }
        let event = Event {
            name: &self.name,
            data: &self.data,
            given_up: false,
        };
        match Field::read(self.without_mark(&self.line)) {
            Field::Name(name) => Event { name, ..event },
            Field::Data(data) if !self.has_data => Event { data, ..event },
            Field::Data(_) | Field::Skipped | Field::Foreign | Field::End => event,
        }
    }

    /// Reports what the stream broke off in, as if it had been ended there.
    pub fn finish(&mut self, mut each: impl FnMut(Event<'_>)) {
        if !self.line.is_empty() || self.line_given_up {
            let line = self.without_mark(&self.line);
            let fields: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b"\xEF\xBB\xBF"];
            let foreign = self.foreign;
            let begins_a_field = fields.iter().any(|field| field.starts_with(line));
            self.end_held_line(&[], &mut each);
            self.foreign = if begins_a_field {
                foreign
            } else {
                self.foreign
            };
        }
        self.end_event(None, None, &mut each);
    }

    /// Whether there was a line that is no field of server-sent events: the bytes may be of another kind.
    #[must_use]
    pub const fn saw_foreign_line(&self) -> bool {
        self.foreign
    }

    /// Bytes that are held since their event is not ended yet.
    #[must_use]
    pub const fn held_bytes(&self) -> usize {
        self.line.capacity() + self.data.capacity()
    }

    /// The bytes up to the next line end, and those behind it. `None`: the line goes on.
    fn next_line<'a>(&mut self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (line, rest) = bytes.split_at_checked(memchr2(b'\n', b'\r', bytes)?)?;
        let (end, after) = rest.split_first()?;
        if *end == b'\n' {
            return Some((line, after));
        }
        self.after_cr = after.is_empty();
        Some((line, after.strip_prefix(b"\n").unwrap_or(after)))
    }

    /// What a whole line says; one above the limit says nothing and spoils its event.
    fn field<'a>(&mut self, line: &'a [u8]) -> Field<'a> {
        let field = if line.len() > self.limit {
            self.given_up = true;
            Field::Skipped
        } else {
            Field::read(self.without_mark(line))
        };
        self.at_start = false;
        self.foreign |= matches!(field, Field::Foreign);
        field
    }

    /// The first line of a stream may begin with a byte order mark.
    fn without_mark<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        if self.at_start {
            line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
        } else {
            line
        }
    }

    /// Ends the line that an earlier chunk began, with `tail` as the rest of it.
    fn end_held_line(&mut self, tail: &[u8], each: &mut impl FnMut(Event<'_>)) {
        self.hold(tail);
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.line_given_up) {
            self.given_up = true;
            self.at_start = false;
        } else {
            match self.field(&line) {
                Field::Name(value) => self.name = value.to_vec(),
                Field::Data(value) => self.add_data(value),
                Field::Skipped | Field::Foreign => {}
                Field::End => self.end_event(None, None, each),
            }
        }
        if line.capacity() <= KEPT_CAPACITY {
            line.clear();
            self.line = line;
        }
    }

    /// Keeps the beginning of a line whose end has not come yet.
    fn hold(&mut self, bytes: &[u8]) {
        if self.line_given_up || self.line.len().saturating_add(bytes.len()) > self.limit {
            self.line_given_up = true;
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn add_data(&mut self, value: &[u8]) {
        if self.data.len().saturating_add(value.len()) >= self.limit && self.has_data {
            self.given_up = true;
        }
        if self.given_up {
            self.data = Vec::new();
        } else {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        }
        self.has_data = true;
    }

    /// Reports the event, of which this chunk told `name` and `data`, and begins the next one.
    fn end_event(
        &mut self,
        name: Option<&[u8]>,
        data: Option<&[u8]>,
        each: &mut impl FnMut(Event<'_>),
    ) {
        let event = Event {
            name: name.unwrap_or(&self.name),
            data: if self.given_up {
                &[]
            } else {
                data.unwrap_or(&self.data)
            },
            given_up: self.given_up,
        };
        if !event.name.is_empty() || !event.data.is_empty() || event.given_up {
            each(event);
        }
        self.name.clear();
        self.has_data = false;
        self.given_up = false;
        if self.data.capacity() > KEPT_CAPACITY {
            self.data = Vec::new();
        }
        self.data.clear();
    }
}
