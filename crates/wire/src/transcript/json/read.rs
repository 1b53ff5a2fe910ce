//! Reading JSON as far as it goes.

use std::borrow::Cow;

use memchr::memchr2;

use super::Json;
use crate::json::unescape;

/// Deeper than this nothing is looked for: the deepest that is, stands in a tool's result in a message.
const DEPTH_MAX: usize = 48;

/// A body with more values than this is read as if it ended there. Takes some 60 MB.
const VALUES_MAX: usize = 1_000_000;

/// It is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

/// Reads a text as JSON as far as it goes, and tells whether it ended before its end. `None`: it is no
/// JSON, or nothing.
pub(in crate::transcript) fn read(text: &str) -> Option<(Json<'_>, bool)> {
    let mut reader = Reader {
        text,
        at: 0,
        values_left: VALUES_MAX,
        cut: false,
    };
    let value = reader.value(DEPTH_MAX).ok()??;
    let whole = reader.cut || reader.peek().is_none();
    whole.then_some((value, reader.cut))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    values_left: usize,
    /// The text ended, or too much was in it: what is open is closed, and nothing more is read.
    cut: bool,
}

impl<'a> Reader<'a> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        let blank = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let next = rest.get(blank).copied();
        self.at += blank;
        next
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next value. `None`: there is nothing of it, or too little to tell what it is.
    fn value(&mut self, depth: usize) -> Result<Option<Json<'a>>, Broken> {
        let next = self.peek();
        let (Some(next), Some(left)) = (next, self.values_left.checked_sub(1)) else {
            self.cut = true;
            return Ok(None);
        };
        self.values_left = left;
        Ok(match (next, depth.checked_sub(1)) {
            (b'"', _) => Some(Json::Text(self.string())),
            (b'{' | b'[', None) => Some(Json::Deep(self.nested())),
            (b'{', Some(depth)) => Some(Json::Object(self.object(depth)?)),
            (b'[', Some(depth)) => Some(match self.numbers() {
                Some(numbers) => Json::Numbers(numbers),
                None => Json::List(self.list(depth)?),
            }),
            _ => self.word()?,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, Broken> {
        let mut members = Vec::new();
        self.at += 1;
        while !self.cut {
            match self.peek() {
                Some(b'"') => {}
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(_) => return Err(Broken),
                None => {
                    self.cut = true;
                    break;
                }
            }
            let name = self.string();
            match self.peek() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(Broken),
                None => {
                    self.cut = true;
                    break;
                }
            }
            match self.value(depth)? {
                // A word that breaks off may be another word.
                Some(Json::Text(_)) if self.cut && matches!(&*name, "type" | "role") => {}
                Some(value) => members.push((name, value)),
                None => {}
            }
        }
        Ok(members)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json<'a>>, Broken> {
        let mut entries = Vec::new();
        self.at += 1;
        while !self.cut {
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(_) => match self.value(depth)? {
                    // What has only begun says nothing.
                    Some(Json::Object(members)) if self.cut && members.is_empty() => {}
                    value => entries.extend(value),
                },
                None => self.cut = true,
            }
        }
        Ok(entries)
    }

    /// The array that begins here, if it has nothing but numbers.
    fn numbers(&mut self) -> Option<&'a str> {
        let inner = self.rest().get(1..)?;
        let length = inner
            .iter()
            .take_while(|byte| b"0123456789+-.eE, \t\r\n".contains(byte))
            .count();
        let end = inner.get(length);
        let has_number = inner.iter().take(length).any(u8::is_ascii_digit);
        if !has_number || end.is_some_and(|byte| *byte != b']') {
            return None;
        }
        self.cut |= end.is_none();
        let start = self.at;
        self.at += 1 + length + usize::from(end.is_some());
        Some(self.since(start))
    }

    /// A number, or `true`, `false` or `null`. One that the text ends in may go on, and is left out.
    fn word(&mut self) -> Result<Option<Json<'a>>, Broken> {
        let start = self.at;
        let length = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            .count();
        self.at += length;
        if self.rest().is_empty() {
            self.cut = true;
            return Ok(None);
        }
        match self.since(start) {
            "" => Err(Broken),
            "null" => Ok(Some(Json::Null)),
            word => Ok(Some(Json::Word(word))),
        }
    }

    /// The string that begins here.
    fn string(&mut self) -> Cow<'a, str> {
        let start = self.at + 1;
        self.at = start;
        let mut escapes = Escapes::default();
        loop {
            let Some(next) = memchr2(b'"', b'\\', self.rest()) else {
                self.at = self.text.len();
                break;
            };
            self.at += next;
            if self.rest().first() == Some(&b'"') {
                let text = unescape(self.since(start));
                self.at += 1;
                return text;
            }
            escapes.note(self.at);
            // Behind the backslash may stand the first byte of a longer character, which is no escape.
            self.at = (self.at + 2).min(self.text.len());
        }
        self.cut = true;
        let end = escapes.open(self.text).unwrap_or(self.text.len());
        unescape(self.text.get(start..end).unwrap_or_default())
    }

    /// The array or object that begins here, however deep it is.
    fn nested(&mut self) -> &'a str {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(byte) = self.rest().first() {
            match byte {
                b'"' => {
                    drop(self.string());
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return self.since(start);
            }
        }
        self.cut = true;
        self.since(start)
    }
}

/// Where the last two escapes of a string begin.
#[derive(Default)]
struct Escapes {
    last: Option<usize>,
    before: Option<usize>,
}

impl Escapes {
    fn note(&mut self, at: usize) {
        self.before = self.last.replace(at);
    }

    /// Where the escape begins that the text ends in, if it does: also the second half of a pair.
    fn open(&self, text: &str) -> Option<usize> {
        let last = self.last?;
        let escape = text.get(last..)?;
        let first_half = |at: &usize| {
            let digits = text.get(at + 2..at + 4).map(str::to_ascii_lowercase);
            let is_high = digits.is_some_and(|digits| {
                digits.starts_with('d') && digits.ends_with(['8', '9', 'a', 'b'])
            });
            is_high && text.get(*at..).is_some_and(|text| text.starts_with("\\u"))
        };
        let is_open = match escape.as_bytes() {
            [b'\\'] => true,
            [b'\\', b'u', digits @ ..] => digits.len() < 4,
            _ => false,
        };
        if is_open {
            let first = self.before.filter(|before| before + 6 == last);
            first.filter(first_half).or(Some(last))
        } else {
            (escape.len() == 6 && first_half(&last)).then_some(last)
        }
    }
}
