//! For how long parts of a prompt are to be cached, where cached tokens are counted beside the
//! input: in Anthropic's API and in Bedrock's. It knows nothing of the rest of a request.

use serde_json::Value;
use serde_json::value::RawValue;

/// For how long parts of the prompt are to be kept in the cache.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Caching {
    five_minutes: bool,
    one_hour: bool,
}

/// The tokens of a prompt. No token is counted twice.
#[derive(Clone, Copy, Default)]
pub(crate) struct Prompt {
    /// Neither read from the cache nor written to it.
    pub(crate) input: u64,
    pub(crate) read: u64,
    pub(crate) written_5m: u64,
    pub(crate) written_1h: u64,
}

impl Caching {
    /// As the members named `member` ask for it, anywhere in these parts of a request.
    pub(crate) fn of(parts: &[Option<&RawValue>], member: &str) -> Self {
        let mut caching = Self::default();
        let quoted = format!("\"{member}\"");
        for part in parts.iter().flatten() {
            if part.get().contains(&quoted)
                && let Ok(value) = serde_json::from_str(part.get())
            {
                caching.add_all(&value, member);
            }
        }
        caching
    }

    /// One more part, as its `cache_control` or `cachePoint` says.
    pub(crate) fn add(&mut self, control: Option<&Value>) {
        let ttl = control.and_then(|control| control.get("ttl"));
        if ttl.and_then(Value::as_str) == Some("1h") {
            self.one_hour = true;
        } else {
            self.five_minutes = true;
        }
    }

    /// With caching, three fifths of the prompt are read from the cache and one fifth is written;
    /// with both lifetimes, each has half of that.
    pub(crate) fn split(self, prompt: u64) -> Prompt {
        let fifth = prompt / 5;
        let (read, written) = if self == Self::default() {
            (0, 0)
        } else {
            (fifth * 3, fifth)
        };
        let written_5m = match (self.five_minutes, self.one_hour) {
            (true, true) => written / 2,
            (true, false) => written,
            (false, _) => 0,
        };
        Prompt {
            input: prompt - read - written,
            read,
            written_5m,
            written_1h: written - written_5m,
        }
    }

    fn add_all(&mut self, value: &Value, member: &str) {
        match value {
            Value::Array(elements) => {
                for element in elements {
                    self.add_all(element, member);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if name == member && value.is_object() {
                        self.add(Some(value));
                    } else {
                        self.add_all(value, member);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

impl Prompt {
    /// Tokens written to the cache.
    pub(crate) fn written(&self) -> u64 {
        self.written_5m + self.written_1h
    }
}
