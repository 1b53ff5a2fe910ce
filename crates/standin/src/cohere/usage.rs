//! Counts of tokens as Cohere reports them: what is billed, and what the model saw, which is more. They are
//! numbers with a fraction. It knows nothing of requests.

use crate::json::{Object, object_string};

/// Tokens of the template that the model sees and nobody pays for.
const TEMPLATE: u64 = 67;

/// The counts of a chat.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) prompt: u64,
    pub(super) output: u64,
    pub(super) cached: u64,
}

impl Counts {
    /// `usage`.
    pub(super) fn usage(self) -> String {
        object_string(|usage| {
            usage
                .object("billed_units", |billed| {
                    write(billed, "input_tokens", self.prompt);
                    write(billed, "output_tokens", self.output);
                })
                .object("tokens", |tokens| {
                    write(tokens, "input_tokens", self.prompt + TEMPLATE);
                    write(tokens, "output_tokens", self.output + 1);
                });
            if self.cached > 0 {
                write(usage, "cached_tokens", self.cached);
            }
        })
    }
}

/// `meta` of everything but a chat.
pub(super) fn meta(units: &[(&str, u64)]) -> String {
    object_string(|meta| {
        meta.object("api_version", |version| {
            version.text("version", "2");
        })
        .object("billed_units", |billed| {
            for (name, count) in units {
                write(billed, name, *count);
            }
        });
    })
}

fn write(counts: &mut Object<'_>, name: &str, count: u64) {
    counts.raw(name, &format!("{count}.0"));
}
