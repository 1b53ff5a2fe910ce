//! JSON that may be cut, broken or hostile, as a small tree.
//!
//! It differs from `serde_json`'s in what it takes: text that ends anywhere, half a surrogate pair, nesting
//! of any depth, and millions of numbers, all with bounded memory and stack. And it keeps what was written:
//! members stay in their order, numbers in their digits, and strings without escapes are not copied.
//! Absent and `null` are the same.

mod read;

use std::borrow::Cow;

pub(super) use read::read;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Json<'a> {
    /// `null`, or nothing at all.
    #[default]
    Null,
    /// `true`, `false` or a number, as it was written.
    Word(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An array of nothing but numbers, as it was written: vectors and tokens come by the thousands.
    Numbers(&'a str),
    /// An object. Of members of one name the last counts.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
    /// An array or object deeper down than anything that is looked for, as it was written.
    Deep(&'a str),
}

/// Strings longer than this that are nothing but base64 are a file, a signature or sealed.
const BASE64_SHOWN: usize = 256;

impl<'a> Json<'a> {
    /// The member of this name; null where there is none.
    pub(super) fn get(&self, name: &str) -> &Self {
        self.members()
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map_or(&Self::Null, |(_, value)| value)
    }

    /// The first of these members that is not null.
    pub(super) fn first(&self, names: &[&str]) -> &Self {
        let found = names.iter().map(|name| self.get(name));
        found
            .into_iter()
            .find(|value| !value.is_null())
            .unwrap_or(&Self::Null)
    }

    /// Its members; none where it is no object.
    pub(super) fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// Its entries; none where it is no array.
    pub(super) fn list(&self) -> &[Self] {
        match self {
            Self::List(entries) => entries,
            _ => &[],
        }
    }

    /// Itself as a list of one, or its entries.
    pub(super) fn one_or_many(&self) -> &[Self] {
        match self {
            Self::List(entries) => entries,
            Self::Null => &[],
            other => std::slice::from_ref(other),
        }
    }

    /// The string. `None`: it is none.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The string, for keeping. `None`: it is none, or an empty one.
    pub(super) fn string(&self) -> Option<String> {
        self.text()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// The number, where it is a whole one from 0.
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Word(word) => word.parse().ok(),
            _ => None,
        }
    }

    /// Whether it is this very string.
    pub(super) fn is(&self, text: &str) -> bool {
        self.text() == Some(text)
    }

    /// Whether it is `true`.
    pub(super) fn is_true(&self) -> bool {
        matches!(self, Self::Word("true"))
    }

    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Numbers(_))
    }

    /// As JSON again, without white space.
    pub(super) fn compact(&self) -> String {
        self.written(&|text| Cow::Borrowed(text))
    }

    /// As JSON without white space, and without files, signatures and what else is only base64.
    pub(super) fn shortened(&self) -> String {
        self.written(&|text| {
            if is_base64(text) {
                Cow::Owned(format!("[{} characters of base64]", text.len()))
            } else {
                Cow::Borrowed(text)
            }
        })
    }

    fn written(&self, string: &dyn Fn(&str) -> Cow<'_, str>) -> String {
        let mut json = String::new();
        self.write(string, &mut json);
        json
    }

    fn write(&self, string: &dyn Fn(&str) -> Cow<'_, str>, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Word(written) | Self::Deep(written) => json.push_str(written),
            Self::Numbers(written) => {
                json.extend(written.split_ascii_whitespace());
            }
            Self::Text(text) => json.push_str(&quoted(&string(text))),
            Self::List(entries) => {
                json.push('[');
                for (at, entry) in entries.iter().enumerate() {
                    json.push_str(if at == 0 { "" } else { "," });
                    entry.write(string, json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    json.push_str(if at == 0 { "" } else { "," });
                    json.push_str(&quoted(name));
                    json.push(':');
                    value.write(string, json);
                }
                json.push('}');
            }
        }
    }
}

/// A string as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether a string is so long, and so much without spaces, that it is no text.
fn is_base64(text: &str) -> bool {
    let data = text.split_once(";base64,").map_or(text, |(_, data)| data);
    data.len() > BASE64_SHOWN
        && data
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte))
}

#[cfg(test)]
mod tests;
