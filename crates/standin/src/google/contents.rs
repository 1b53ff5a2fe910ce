//! How many tokens the contents of a request are, by modality. It knows nothing of requests.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;

const CHARACTERS_PER_TOKEN: u64 = 4;
const TOKENS_OF_FRAMING: u64 = 4;

/// Tokens of a prompt by modality. The sum is the whole prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Modalities {
    pub(super) text: u64,
    pub(super) image: u64,
    pub(super) video: u64,
    pub(super) audio: u64,
    pub(super) document: u64,
}

impl Modalities {
    /// Of these parts of a request. Text counts by its length, each picture, sound, film or
    /// document has a price of its own.
    pub(super) fn of(parts: &[Option<&RawValue>]) -> Self {
        let mut modalities = Self {
            text: TOKENS_OF_FRAMING,
            ..Self::default()
        };
        for part in parts.iter().flatten() {
            let text = part.get();
            if text.contains("inlineData")
                || text.contains("inline_data")
                || text.contains("fileData")
            {
                let value: Value = serde_json::from_str(text).unwrap_or_default();
                modalities.add(&value);
            } else {
                modalities.text += json::count(text.len()) / CHARACTERS_PER_TOKEN;
            }
        }
        modalities
    }

    /// All tokens.
    pub(super) fn total(&self) -> u64 {
        self.text + self.image + self.video + self.audio + self.document
    }

    /// Each with its name, as they are listed.
    pub(super) fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("TEXT", self.text),
            ("IMAGE", self.image),
            ("VIDEO", self.video),
            ("AUDIO", self.audio),
            ("DOCUMENT", self.document),
        ]
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Array(elements) => {
                for element in elements {
                    self.add(element);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    match name.as_str() {
                        "inlineData" | "inline_data" | "fileData" | "file_data" => {
                            self.add_data(member);
                        }
                        _ => self.add(member),
                    }
                }
            }
            Value::String(text) => {
                self.text += json::count(text.len()).div_ceil(CHARACTERS_PER_TOKEN);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_data(&mut self, data: &Value) {
        let kind = data
            .get("mimeType")
            .or_else(|| data.get("mime_type"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        match kind.split('/').next().unwrap_or_default() {
            "image" => self.image += 258,
            "video" => self.video += 590,
            "audio" => self.audio += 320,
            _ => self.document += 258,
        }
    }
}
