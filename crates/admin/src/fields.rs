//! Reading JSON objects field by field, so that every wrong field is named, not just the first.
//!
//! Messages never repeat a value: what stands in the wrong field may be a key.

use domain::Timestamp;
use serde_json::{Map, Value};

use crate::error::{AdminError, FieldError};

/// A JSON object that is being read. Each field is taken out once; what is left at the end is unknown.
pub(crate) struct Object {
    path: String,
    values: Map<String, Value>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl Object {
    /// Begins with a value that must be an object. `path` stands before each field's name.
    pub(crate) fn new(path: &str, value: Value) -> Self {
        let mut errors = vec![];
        let values = match value {
            Value::Object(values) => values,
            _ => {
                errors.push(FieldError::new(
                    path,
                    "wrong_type",
                    "this must be a JSON object, in braces",
                ));
                Map::new()
            }
        };
        Self {
            path: path.to_owned(),
            values,
            known: vec![],
            errors,
        }
    }

    /// The whole path of one of the fields.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Takes out a field. `None`: absent or null, which mean the same.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.values.remove(name).filter(|value| !value.is_null())
    }

    fn typed<T>(
        &mut self,
        name: &'static str,
        wants: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(name)?;
        let read = read(value);
        if read.is_none() {
            let field = self.at(name);
            self.wrong(FieldError::new(
                field,
                "wrong_type",
                format!("this must be {wants}"),
            ));
        }
        read
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.typed(name, "a text, in double quotes", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.typed(name, "true or false", |value| value.as_bool())
    }

    /// A whole number, 0 or more.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<u64> {
        self.typed(name, "a whole number", |value| value.as_u64())
    }

    /// A list, each item with its index.
    pub(crate) fn list(&mut self, name: &'static str) -> Option<Vec<Value>> {
        self.typed(name, "a list, in square brackets", |value| match value {
            Value::Array(items) => Some(items),
            _ => None,
        })
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        let field = self.at(name);
        let items = self.list(name)?;
        let mut texts = vec![];
        for (index, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                _ => self.wrong(FieldError::new(
                    format!("{field}[{index}]"),
                    "wrong_type",
                    "this must be a text, in double quotes",
                )),
            }
        }
        Some(texts)
    }

    /// An object with keys that are not known beforehand.
    pub(crate) fn map(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.typed(name, "a JSON object, in braces", |value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
    }

    /// Notes what is wrong.
    pub(crate) fn wrong(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// Every field has been asked for: names those that are left as unknown, and gives all errors.
    pub(crate) fn end(mut self) -> Vec<FieldError> {
        for name in std::mem::take(&mut self.values)
            .into_iter()
            .map(|(name, _)| name)
        {
            let field = self.at(&crate::error::shown(&name));
            let known = self.known.join(", ");
            self.errors.push(FieldError::new(
                field,
                "unknown_field",
                format!("there is no such field; there are: {known}"),
            ));
        }
        self.errors
    }
}

/// `Ok` where nothing is wrong.
pub(crate) fn all_right(errors: Vec<FieldError>) -> Result<(), AdminError> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(AdminError::Invalid(errors))
    }
}

/// A text with spaces around it taken off. `None` where nothing is left: an empty field is no field.
pub(crate) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Checks a text that people read: 1 to `most` characters, none of them a control character.
pub(crate) fn label(
    field: &str,
    text: Option<&str>,
    most: usize,
    errors: &mut Vec<FieldError>,
) -> Option<String> {
    let text = filled(text)?;
    if text.chars().count() > most {
        errors.push(FieldError::new(
            field,
            "too_long",
            format!("{most} characters at most"),
        ));
        return None;
    }
    if text.chars().any(|c| c.is_control() || is_unseen(c)) {
        errors.push(FieldError::new(
            field,
            "control_character",
            "leave out line breaks, tabs, and characters that cannot be seen",
        ));
        return None;
    }
    Some(text.to_owned())
}

/// Whether a character shows nothing, or turns the writing around, so that one name could pass for another:
/// Unicode's format characters, but for the joiner of emoji and of Indic and Persian writing.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Checks from when on something is to be refused: RFC 3339, and still to come. Not there: never. A blank text
/// is no time: whoever meant one would get what never ends.
pub(crate) fn expiry(
    field: &str,
    text: Option<&str>,
    now: Timestamp,
    errors: &mut Vec<FieldError>,
) -> Option<Timestamp> {
    let (code, message) = match text?.trim().parse::<Timestamp>() {
        Ok(at) if at > now => return Some(at),
        Ok(_) => ("in_the_past", "choose a time in the future"),
        Err(_) => (
            "invalid_time",
            "write date, time and offset as in 2027-01-31T18:00:00Z",
        ),
    };
    errors.push(FieldError::new(field, code, message));
    None
}
