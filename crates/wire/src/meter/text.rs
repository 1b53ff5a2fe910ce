//! The text that an answer delivered, kept in case its tokens have to be estimated.

use std::borrow::Cow;

use crate::json::unescape;

/// Bytes of text that are kept; what comes beyond is only counted.
const KEPT: usize = 64 * 1024;

/// Generated text: content, reasoning and tool-call arguments, as far as the answer showed them.
///
/// The first 64 KiB are kept as they stood between the quotes of their JSON strings, so that collecting
/// them costs no more than a copy; of the rest only the length is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextSeen {
    escaped: String,
    beyond: u64,
}

impl TextSeen {
    /// Whether no text was seen.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.escaped.is_empty() && self.beyond == 0
    }

    /// The text that was kept.
    #[must_use]
    pub fn kept(&self) -> Cow<'_, str> {
        unescape(&self.escaped)
    }

    /// Bytes of JSON that the kept text took.
    #[must_use]
    pub fn kept_bytes(&self) -> u64 {
        u64::try_from(self.escaped.len()).unwrap_or(u64::MAX)
    }

    /// Bytes of JSON that the text took which was not kept.
    #[must_use]
    pub const fn beyond_bytes(&self) -> u64 {
        self.beyond
    }

    /// Adds what stood between the quotes of a JSON string, escapes as they are.
    pub(crate) fn push(&mut self, escaped: &str) {
        let room = KEPT.saturating_sub(self.escaped.len());
        if escaped.len() <= room && self.beyond == 0 {
            self.escaped.push_str(escaped);
            return;
        }
        let fits = if self.beyond == 0 {
            (0..=room).rev().find(|at| escaped.is_char_boundary(*at))
        } else {
            None
        };
        let (kept, beyond) = escaped
            .split_at_checked(fits.unwrap_or(0))
            .unwrap_or(("", escaped));
        self.escaped.push_str(kept);
        self.pass_over(beyond.len());
    }

    /// Adds JSON as the text that it is.
    pub(crate) fn push_json(&mut self, json: &str) {
        self.push(&json.replace('\\', r"\\"));
    }

    /// Counts text that is not kept.
    pub(crate) fn pass_over(&mut self, bytes: usize) {
        self.beyond = self
            .beyond
            .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}
