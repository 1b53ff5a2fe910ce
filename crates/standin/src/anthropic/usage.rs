//! Counts of tokens as Anthropic reports them: cached and written tokens are beside the input's
//! count, thinking is inside the output's. It knows nothing of requests.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::caching::Prompt;
use crate::json::{Object, object_string};
use crate::wishes::{Usage, Wishes};

/// Members that are known only when the answer ends.
const OUTPUT_SIDE: [&str; 4] = [
    "output_tokens",
    "output_tokens_details",
    "server_tool_use",
    "iterations",
];

/// The counts of one answer.
pub(super) struct Counts<'a> {
    pub(super) prompt: Prompt,
    pub(super) output: u64,
    pub(super) thinking: u64,
    pub(super) searches: u64,
    pub(super) speed: &'a str,
    pub(super) geography: &'a str,
}

/// The usage of a stream as JSON: what is told first, and what is told at the end.
pub(super) struct Sides {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

impl Counts<'_> {
    /// The usage of a plain answer.
    pub(super) fn whole(&self, wishes: &Wishes) -> Option<String> {
        wishes.usage_or(|| {
            object_string(|usage| {
                self.write_input(usage);
                self.write_output(usage);
                self.write_terms(usage);
            })
        })
    }

    /// The usage of a stream.
    pub(super) fn sides(&self, wishes: &Wishes) -> Sides {
        match &wishes.usage {
            Some(Usage::Absent) => Sides {
                first: None,
                last: None,
            },
            Some(Usage::Verbatim(json)) => split(json),
            None => Sides {
                first: Some(object_string(|usage| {
                    self.write_input(usage);
                    usage.number("output_tokens", 1);
                    self.write_terms(usage);
                })),
                last: Some(object_string(|usage| self.write_output(usage))),
            },
        }
    }

    fn write_input(&self, usage: &mut Object<'_>) {
        usage
            .number("input_tokens", self.prompt.input)
            .number("cache_read_input_tokens", self.prompt.read)
            .number("cache_creation_input_tokens", self.prompt.written())
            .object("cache_creation", |split| {
                split
                    .number("ephemeral_5m_input_tokens", self.prompt.written_5m)
                    .number("ephemeral_1h_input_tokens", self.prompt.written_1h);
            });
    }

    fn write_output(&self, usage: &mut Object<'_>) {
        usage
            .number("output_tokens", self.output)
            .object("output_tokens_details", |details| {
                details.number("thinking_tokens", self.thinking);
            });
        if self.searches > 0 {
            usage.object("server_tool_use", |tools| {
                tools
                    .number("web_search_requests", self.searches)
                    .number("web_fetch_requests", 0);
            });
        }
    }

    fn write_terms(&self, usage: &mut Object<'_>) {
        usage
            .text("service_tier", "standard")
            .text("speed", self.speed)
            .text("inference_geo", self.geography);
    }
}

/// A usage that was given whole. What is not an object stands on both sides as it is.
fn split(json: &str) -> Sides {
    let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(json) else {
        return Sides {
            first: Some(json.to_owned()),
            last: Some(json.to_owned()),
        };
    };
    let is_last = |name: &str| OUTPUT_SIDE.contains(&name);
    let first = object_string(|usage| {
        for (name, value) in &members {
            if name == "output_tokens" {
                usage.number(name, 1);
            } else if !is_last(name) {
                usage.raw(name, value.get());
            }
        }
    });
    let last = object_string(|usage| {
        for (name, value) in members.iter().filter(|(name, _)| is_last(name)) {
            usage.raw(name, value.get());
        }
    });
    Sides {
        first: Some(first),
        last: Some(last),
    }
}
