//! The elements of one JSON array in bytes cut anywhere: how Google streams without server-sent events.
//!
//! Finds where elements begin and end and looks at nothing else: whether an element is JSON is for
//! whoever reads it. An element that lies whole in one chunk is not copied.
//!
//! Memory is bounded: an element above the limit is given up. It is still reported, without its text.

use memchr::memchr2;

/// Buffers that grew beyond this are given back after the element that needed them.
const KEPT_CAPACITY: usize = 64 * 1024;

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its text; empty where it was given up.
    pub json: &'a [u8],
    /// Whether it was above the limit.
    pub given_up: bool,
}

/// Finds the elements in a stream of bytes.
#[derive(Debug)]
pub struct Scanner {
    limit: usize,
    at: At,
    /// The beginning of the element that is not ended yet.
    held: Vec<u8>,
    given_up: bool,
    foreign: bool,
}

/// Where the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the array.
    Start,
    /// In the array, between elements.
    Between,
    /// In an element that is a number or a word.
    Word,
    /// In a string, as an element or as a part of one that has this many brackets open.
    Text { depth: usize, after_backslash: bool },
    /// In an object or array that has this many brackets open.
    Nested { depth: usize },
    /// Behind the array.
    End,
    /// In something that is no array.
    Lost,
}

impl Scanner {
    /// A scanner that gives up elements of more than `limit` bytes.
    #[must_use]
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            at: At::Start,
            held: Vec::new(),
            given_up: false,
            foreign: false,
        }
    }

    /// Takes the next bytes and reports each element that they complete.
    pub fn push(&mut self, chunk: &[u8], mut each: impl FnMut(Element<'_>)) {
        // Where in the chunk the element at hand begins; one from an earlier chunk began before it.
        let mut start = 0;
        let mut at = 0;
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            if let At::Text {
                after_backslash: false,
                ..
            } = self.at
            {
                at += memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            }
            let Some(byte) = chunk.get(at) else { break };
            match self.step(*byte) {
                Step::On => {}
                Step::Begin => start = at,
                Step::EndWith => {
                    self.end(chunk.get(start..=at).unwrap_or_default(), &mut each);
                    start = at + 1;
                }
                Step::EndBefore => {
                    self.end(chunk.get(start..at).unwrap_or_default(), &mut each);
                    // What ended it is looked at once more, as what stands between elements.
                    self.at = At::Between;
                    continue;
                }
            }
            at += 1;
        }
        if self.in_element() {
            self.hold(chunk.get(start..).unwrap_or_default());
        }
    }

    /// Whether the array has come to its end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.at == At::End
    }

    /// Whether there was something outside of the array, or something between its elements: the bytes may
    /// be of another kind.
    #[must_use]
    pub const fn saw_foreign(&self) -> bool {
        self.foreign
    }

    /// Bytes that are held since their element is not ended yet.
    #[must_use]
    pub const fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    const fn in_element(&self) -> bool {
        match self.at {
            At::Word | At::Text { .. } | At::Nested { .. } => true,
            At::Start | At::Between | At::End | At::Lost => false,
        }
    }

    /// Goes over one byte.
    fn step(&mut self, byte: u8) -> Step {
        match self.at {
            At::Start | At::Between | At::End | At::Lost => self.step_outside(byte),
            At::Word => match byte {
                b',' | b']' | b' ' | b'\t' | b'\r' | b'\n' => Step::EndBefore,
                _ => Step::On,
            },
            At::Text {
                depth,
                after_backslash: true,
            } => {
                self.at = At::Text {
                    depth,
                    after_backslash: false,
                };
                Step::On
            }
            At::Text { depth, .. } => match (byte, depth) {
                (b'"', 0) => {
                    self.at = At::Between;
                    Step::EndWith
                }
                (b'"', _) => {
                    self.at = At::Nested { depth };
                    Step::On
                }
                (b'\\', _) => {
                    self.at = At::Text {
                        depth,
                        after_backslash: true,
                    };
                    Step::On
                }
                _ => Step::On,
            },
            At::Nested { depth } => match (byte, depth) {
                (b'"', _) => {
                    self.at = At::Text {
                        depth,
                        after_backslash: false,
                    };
                    Step::On
                }
                (b'{' | b'[', _) => {
                    self.at = At::Nested {
                        depth: depth.saturating_add(1),
                    };
                    Step::On
                }
                (b'}' | b']', 0 | 1) => {
                    self.at = At::Between;
                    Step::EndWith
                }
                (b'}' | b']', _) => {
                    self.at = At::Nested { depth: depth - 1 };
                    Step::On
                }
                _ => Step::On,
            },
        }
    }

    fn step_outside(&mut self, byte: u8) -> Step {
        match (self.at, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') | (At::Between, b',') => Step::On,
            (At::Start, b'[') => {
                self.at = At::Between;
                Step::On
            }
            (At::Between, b']') => {
                self.at = At::End;
                Step::On
            }
            (At::Between, _) => {
                self.at = match byte {
                    b'{' | b'[' => At::Nested { depth: 1 },
                    b'"' => At::Text {
                        depth: 0,
                        after_backslash: false,
                    },
                    _ => At::Word,
                };
                Step::Begin
            }
            (At::Start, _) => {
                self.at = At::Lost;
                self.foreign = true;
                Step::On
            }
            (At::Word | At::Text { .. } | At::Nested { .. } | At::End | At::Lost, _) => {
                self.foreign = true;
                Step::On
            }
        }
    }

    /// Reports the element whose last bytes these are, and begins to look for the next one.
    fn end(&mut self, tail: &[u8], each: &mut impl FnMut(Element<'_>)) {
        if self.held.is_empty() && !self.given_up && tail.len() <= self.limit {
            return each(Element {
                json: tail,
                given_up: false,
            });
        }
        self.hold(tail);
        each(Element {
            json: &self.held,
            given_up: self.given_up,
        });
        self.given_up = false;
        if self.held.capacity() > KEPT_CAPACITY {
            self.held = Vec::new();
        }
        self.held.clear();
    }

    /// Keeps a part of an element that is not ended yet.
    fn hold(&mut self, bytes: &[u8]) {
        if self.given_up || self.held.len().saturating_add(bytes.len()) > self.limit {
            self.given_up = true;
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(bytes);
        }
    }
}

/// What a byte means for the element at hand.
enum Step {
    /// Nothing.
    On,
    /// It begins with this byte.
    Begin,
    /// It ends with this byte.
    EndWith,
    /// It ended before this byte.
    EndBefore,
}
