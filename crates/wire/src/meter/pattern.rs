//! Reading frames that repeat each other without reading their JSON again.
//!
//! The many frames of a stream differ in a text, perhaps a running number and some padding; all the bytes
//! between are the same. Once one such frame has been read as JSON it becomes the pattern: a later frame
//! that has the same bytes in the same order, with a string where a string was and digits where digits
//! were, is the same JSON but for these, so that its text is all there is to learn of it. Any other frame is
//! read as JSON.

use memchr::memchr2;

use crate::{json::Raw, sse::Event};

/// How many patterns may be tried that no frame has followed yet.
const TRIES: u8 = 8;

/// What may differ from frame to frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// The text of the frame.
    Text,
    /// Another string, of no interest.
    Padding,
    /// A number, of no interest.
    Digits,
}

/// What the frames of a stream have in common.
#[derive(Debug)]
pub(super) struct Pattern {
    name: Vec<u8>,
    /// The bytes that are the same, one stretch before each gap and one behind the last.
    same: Vec<u8>,
    /// Where each gap is: it comes when this many bytes of `same` have passed.
    gaps: Vec<(usize, Gap)>,
    tries: u8,
}

impl Default for Pattern {
    fn default() -> Self {
        Self {
            name: Vec::new(),
            same: Vec::new(),
            gaps: Vec::new(),
            tries: TRIES,
        }
    }
}

impl Pattern {
    /// The text of an event that follows the pattern, as it stood between its quotes. `None`: it does not.
    pub(super) fn text_of<'a>(&mut self, event: &Event<'a>) -> Option<&'a str> {
        // Comparing two empty slices is slow where one of them points nowhere (masked loads that fault).
        let same_name = event.name.len() == self.name.len()
            && (self.name.is_empty() || event.name == self.name);
        if self.gaps.is_empty() || !same_name {
            return None;
        }
        let (mut rest, mut passed, mut text) = (event.data, 0, None);
        for (at, gap) in &self.gaps {
            rest = rest.strip_prefix(self.same.get(passed..*at)?)?;
            passed = *at;
            let end = match gap {
                Gap::Text | Gap::Padding => end_of_string(rest)?,
                Gap::Digits => rest
                    .iter()
                    .position(|byte| !byte.is_ascii_digit())
                    .filter(|digits| *digits > 0)?,
            };
            let (value, after) = rest.split_at_checked(end)?;
            rest = after;
            if *gap == Gap::Text {
                text = Some(str::from_utf8(value).ok()?);
            }
        }
        if rest != self.same.get(passed..)? {
            return None;
        }
        self.tries = TRIES;
        text
    }

    /// Makes an event the pattern that has been read and had no news but its text: `json` is its data, of
    /// which the gaps are parts.
    pub(super) fn learn(&mut self, event: &Event<'_>, json: &str, gaps: &[(Raw<'_>, Gap)]) {
        if self.tries == 0 {
            return;
        }
        self.tries -= 1;
        self.gaps.clear();
        self.same.clear();
        self.name.clear();
        let mut found: Vec<(usize, usize, Gap)> = gaps
            .iter()
            .filter_map(|(value, gap)| place(json, *value, *gap))
            .collect();
        found.sort_unstable_by_key(|(start, ..)| *start);
        let mut passed = 0;
        for (start, end, gap) in found {
            let Some(stretch) = event.data.get(passed..start) else {
                return self.gaps.clear();
            };
            self.same.extend_from_slice(stretch);
            self.gaps.push((self.same.len(), gap));
            passed = end;
        }
        self.same
            .extend_from_slice(event.data.get(passed..).unwrap_or_default());
        self.name.extend_from_slice(event.name);
    }
}

/// Where in `json` the value is that may differ: of a string what is between its quotes.
fn place(json: &str, value: Raw<'_>, gap: Gap) -> Option<(usize, usize, Gap)> {
    let value = match gap {
        Gap::Text | Gap::Padding => value.escaped()?,
        Gap::Digits => value
            .text()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?,
    };
    let start = value.as_ptr().addr().checked_sub(json.as_ptr().addr())?;
    (json.get(start..start + value.len()) == Some(value)).then_some((
        start,
        start + value.len(),
        gap,
    ))
}

/// Where the string ends whose inside begins here.
fn end_of_string(inside: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        let rest = inside.get(end..)?;
        end += memchr2(b'"', b'\\', rest)?;
        if inside.get(end) == Some(&b'"') {
            return Some(end);
        }
        end += 2;
    }
}

#[cfg(test)]
mod tests;
