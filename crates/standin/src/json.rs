//! Writes JSON text whose members stand in the order in which they were given. It knows nothing of
//! what it writes. Much cheaper than a tree of values, and as readable as the answer it makes.

use std::io::Write;

/// An object being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// An array being written.
pub(crate) struct Array<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// Appends an object to `out`.
pub(crate) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out, empty: true });
    out.push(b'}');
}

/// The same as text, for what is put together from parts.
pub(crate) fn object_string(fill: impl FnOnce(&mut Object<'_>)) -> String {
    String::from_utf8_lossy(&object_text(fill)).into_owned()
}

/// The text of one object.
pub(crate) fn object_text(fill: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    object(&mut out, fill);
    out
}

/// Appends `text` as a JSON string, quotes included.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

/// Appends `text` as it stands inside the quotes of a JSON string. All but the characters that must
/// be escaped stays as it is, like the providers do it.
pub(crate) fn escape(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(needs_escape) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other if needs_escape(other) => print(out, format_args!("\\u{other:04x}")),
            other => out.push(other),
        }
    }
}

/// Appends a number.
pub(crate) fn number(out: &mut Vec<u8>, value: u64) {
    print(out, format_args!("{value}"));
}

/// A length as a count. Lengths never reach the end of 64 bits.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn print(out: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    drop(out.write_fmt(arguments));
}

impl Object<'_> {
    fn key(&mut self, key: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        string(self.out, key);
        self.out.push(b':');
    }

    /// A member that is a string.
    pub(crate) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        string(self.out, value);
        self
    }

    /// A member that is a string made of pieces which are escaped already.
    pub(crate) fn pieces<'p>(
        &mut self,
        key: &str,
        pieces: impl Iterator<Item = &'p str>,
    ) -> &mut Self {
        self.key(key);
        self.out.push(b'"');
        for piece in pieces {
            self.out.extend_from_slice(piece.as_bytes());
        }
        self.out.push(b'"');
        self
    }

    /// A member that is a string or null.
    pub(crate) fn text_or_null(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.null(key),
        }
    }

    /// A member that is a number.
    pub(crate) fn number(&mut self, key: &str, value: u64) -> &mut Self {
        self.key(key);
        number(self.out, value);
        self
    }

    /// A member that is true or false.
    pub(crate) fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// A member that is null.
    pub(crate) fn null(&mut self, key: &str) -> &mut Self {
        self.raw(key, "null")
    }

    /// A member whose JSON text is given.
    pub(crate) fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.out.extend_from_slice(json.as_bytes());
        self
    }

    /// A member whose JSON text is given, or no member at all.
    pub(crate) fn raw_if_any(&mut self, key: &str, json: Option<&str>) -> &mut Self {
        match json {
            Some(json) => self.raw(key, json),
            None => self,
        }
    }

    /// A member that is an object.
    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.key(key);
        object(self.out, fill);
        self
    }

    /// A member that is an array.
    pub(crate) fn array(&mut self, key: &str, fill: impl FnOnce(&mut Array<'_>)) -> &mut Self {
        self.key(key);
        self.out.push(b'[');
        fill(&mut Array {
            out: self.out,
            empty: true,
        });
        self.out.push(b']');
        self
    }
}

impl Array<'_> {
    fn next(&mut self) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
    }

    /// An object as the next element.
    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        self.next();
        object(self.out, fill);
    }

    /// An array as the next element.
    pub(crate) fn array(&mut self, fill: impl FnOnce(&mut Array<'_>)) {
        self.next();
        self.out.push(b'[');
        fill(&mut Array {
            out: self.out,
            empty: true,
        });
        self.out.push(b']');
    }

    /// A string as the next element.
    pub(crate) fn text(&mut self, value: &str) {
        self.next();
        string(self.out, value);
    }

    /// An element whose JSON text is given.
    pub(crate) fn raw(&mut self, json: &str) {
        self.next();
        self.out.extend_from_slice(json.as_bytes());
    }
}
