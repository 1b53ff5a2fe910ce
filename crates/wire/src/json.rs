//! Reading JSON that others wrote: only the members that matter, without a tree, and never failing on
//! a member that is missing, null, doubled or of another type than it should be.
//!
//! An [`object!`](object) names the members that are wanted; each is kept as the slice of text it stood in
//! ([`Raw`]) and looked into only when somebody asks. Everything else is skipped. What is no JSON at all
//! still fails, so that a cut-off text is never taken for a whole one.
//!
//! A text with half a surrogate pair in an escape, which JavaScript servers send when they cut an emoji
//! in two, is read too: escapes are resolved only when a text is looked at, and leniently.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Bytes as text. What is no UTF-8 becomes U+FFFD, so that it hides nothing but itself.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    // Some servers begin with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// One JSON value as the text it stood in, or nothing: absent and `null` are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Raw<'a>(Option<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(|raw| Self::of(Some(raw.get())))
    }
}

impl<'a> Raw<'a> {
    /// The value that stands as this text, where there is one.
    pub(crate) fn of(text: Option<&'a str>) -> Self {
        Self(text.filter(|text| *text != "null"))
    }

    /// Whether there is a value, and it is not null.
    pub(crate) fn is_some(self) -> bool {
        self.0.is_some()
    }

    /// The value's text. `None`: absent or null.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.0
    }

    /// Whether the value is an object.
    pub(crate) fn is_object(self) -> bool {
        self.0.is_some_and(|text| text.starts_with('{'))
    }

    /// Whether the value is an array.
    pub(crate) fn is_list(self) -> bool {
        self.0.is_some_and(|text| text.starts_with('['))
    }

    /// Whether the value is an array with nothing in it.
    pub(crate) fn is_empty_list(self) -> bool {
        self.0
            .and_then(|text| text.strip_prefix('['))
            .is_some_and(|rest| rest.trim_start().starts_with(']'))
    }

    /// What stands between the quotes of a string, escapes as they are. `None`: no string.
    pub(crate) fn escaped(self) -> Option<&'a str> {
        self.0?.strip_prefix('"')?.strip_suffix('"')
    }

    /// The string. `None`: no string, or an empty one.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        self.escaped().filter(|text| !text.is_empty()).map(unescape)
    }

    /// Whether the value is this very string, written without escapes.
    pub(crate) fn is(self, text: &str) -> bool {
        self.escaped() == Some(text)
    }

    /// A count: a fraction is rounded, a negative number is none. `None`: no number, or one that no
    /// count can be.
    pub(crate) fn count(self) -> Option<u64> {
        let text = self.0?;
        if let Ok(count) = text.parse::<u64>() {
            return Some(count);
        }
        let number = text.parse::<f64>().ok()?;
        if number <= 0.0 {
            Some(0)
        } else {
            format!("{number:.0}").parse().ok()
        }
    }

    /// Whether the value means yes to any server: `true`, and the 1 and `"true"` that lenient ones take.
    pub(crate) fn flag(self) -> bool {
        let Some(text) = self.0 else { return false };
        text == "true"
            || self.count().is_some_and(|count| count == 1)
            || self.escaped().is_some_and(|text| {
                ["true", "t", "yes", "y", "on", "1"]
                    .iter()
                    .any(|yes| text.eq_ignore_ascii_case(yes))
            })
    }

    /// The value read as an object. `None`: it is none.
    pub(crate) fn object<T: Deserialize<'a>>(self) -> Option<T> {
        self.0
            .filter(|text| text.starts_with('{'))
            .and_then(|text| serde_json::from_str(text).ok())
    }

    /// Calls `each` for every entry of an array, in order; does nothing for other values.
    pub(crate) fn for_each<T: Deserialize<'a>>(self, each: impl FnMut(T)) {
        if let Some(text) = self.0.filter(|text| text.starts_with('[')) {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            // Fails only where an entry does, and entries are lenient: what was read until then counts.
            let _ = deserializer.deserialize_seq(Entries {
                each,
                entry: PhantomData,
            });
        }
    }
}

struct Entries<T, F> {
    each: F,
    entry: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Entries<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element()? {
            (self.each)(entry);
        }
        Ok(())
    }
}

/// The name of a member; borrowed unless it was written with escapes.
pub(crate) struct Key<'a>(Cow<'a, str>);

impl Key<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(KeyVisitor).map(Key)
    }
}

/// Goes through the members of an object, calling `member` for each; it must consume the value.
pub(crate) fn members<'de, A: MapAccess<'de>>(
    mut map: A,
    mut member: impl FnMut(&str, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    while let Some(key) = map.next_key::<Key<'de>>()? {
        member(key.as_str(), &mut map)?;
    }
    Ok(())
}

/// Skips the value of a member that nobody asked for.
pub(crate) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// Calls `each` with name and text of every member of the object that `text` is, in order.
///
/// # Errors
/// When the text is not one whole JSON object.
pub(crate) fn walk<'a>(
    text: &'a str,
    each: impl FnMut(&str, &'a str),
) -> Result<(), serde_json::Error> {
    struct Walk<F>(F);
    impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Walk<F> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
            members(map, |key, map| {
                map.next_value::<&'de RawValue>()
                    .map(|value| (self.0)(key, value.get()))
            })
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Walk(each))?;
    deserializer.end()
}

/// Declares a struct of [`Raw`] members and how to read it: of members named twice the last counts,
/// others are skipped, and a value that is no object reads as one without members.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($field:ident = $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub(crate) struct $name<'a> { $(pub(crate) $field: $crate::json::Raw<'a>),+ }

        impl<'de: 'a, 'a> serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $name<'de>;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                        let mut object = $name::default();
                        $crate::json::members(map, |key, map| match key {
                            $($key => { object.$field = map.next_value()?; Ok(()) })+
                            _ => $crate::json::skip(map),
                        })?;
                        Ok(object)
                    }
                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                        Ok($name::default())
                    }
                    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok($name::default()) }
                    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok($name::default()) }
                    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok($name::default()) }
                    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok($name::default()) }
                    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok($name::default()) }
                    fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok($name::default()) }
                }
                deserializer.deserialize_any(Members)
            }
        }
    };
}
pub(crate) use object;

/// Resolves the escapes of what stood between the quotes of a JSON string. What is no valid escape, and
/// half a surrogate pair, become U+FFFD.
pub(crate) fn unescape(escaped: &str) -> Cow<'_, str> {
    if !escaped.contains('\\') {
        return Cow::Borrowed(escaped);
    }
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let (character, tail) = escape(after);
        text.push(character);
        rest = tail;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character of one escape, whose backslash is already gone, and what follows it.
pub(crate) fn escape(after: &str) -> (char, &str) {
    let mut characters = after.chars();
    let character = match characters.next() {
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some(same @ ('"' | '\\' | '/')) => same,
        Some('u') => return unicode_escape(characters.as_str()),
        Some(_) | None => char::REPLACEMENT_CHARACTER,
    };
    (character, characters.as_str())
}

/// `XXXX` or `XXXX\uXXXX`: the character and what follows it.
fn unicode_escape(after: &str) -> (char, &str) {
    let Some((first, rest)) = hex4(after) else {
        return (char::REPLACEMENT_CHARACTER, after);
    };
    if let Some(character) = char::from_u32(first) {
        return (character, rest);
    }
    let second = rest.strip_prefix("\\u").and_then(hex4);
    match second {
        Some((second @ 0xDC00..=0xDFFF, rest)) if (0xD800..=0xDBFF).contains(&first) => {
            let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            (
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                rest,
            )
        }
        Some(_) | None => (char::REPLACEMENT_CHARACTER, rest),
    }
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all_hex
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
        .map(|code| (code, rest))
}

#[cfg(test)]
mod tests;
