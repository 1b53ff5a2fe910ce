//! A response as JSON, at any stage of its life. It knows nothing of streams.

use serde_json::value::RawValue;

use super::request::ResponseRequest;
use crate::json::Object;
use crate::prose::Prose;
use crate::tools::ToolCall;

/// How far a response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Queued,
    InProgress,
    Completed,
    Incomplete,
    Failed,
    Cancelled,
}

/// One entry of the output: its id and what it holds.
pub(super) enum Item {
    Reasoning(String, Option<Prose>),
    WebSearch(String),
    Message(String, Prose),
    /// The item's id and the call's.
    Call(String, String, ToolCall),
}

/// A response.
pub(super) struct Response<'a> {
    pub(super) id: &'a str,
    pub(super) created: u64,
    pub(super) model: &'a str,
    /// The tier while it is not known which one is used.
    pub(super) asked_tier: &'a str,
    pub(super) tier: &'a str,
    /// `None` where the response is looked at again.
    pub(super) request: Option<&'a ResponseRequest<'a>>,
    pub(super) items: Vec<Item>,
    pub(super) searches: u64,
    pub(super) usage: Option<String>,
}

impl Status {
    /// The status of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "queued" => Self::Queued,
            "in_progress" => Self::InProgress,
            "completed" => Self::Completed,
            "incomplete" => Self::Incomplete,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether there is output and usage.
    fn has_output(self) -> bool {
        match self {
            Self::Completed | Self::Incomplete | Self::Failed => true,
            Self::Queued | Self::InProgress | Self::Cancelled => false,
        }
    }
}

impl Response<'_> {
    /// Writes all members.
    pub(super) fn write(&self, body: &mut Object<'_>, status: Status) {
        let done = status.has_output();
        let limit = self.request.and_then(|request| request.max_output_tokens);
        body.text("id", self.id)
            .text("object", "response")
            .number("created_at", self.created)
            .text("status", status.name())
            .flag("background", self.background());
        match done {
            true => body.number("completed_at", self.created + 1),
            false => body.null("completed_at"),
        };
        match status {
            Status::Failed => body.object("error", |error| {
                error
                    .text("code", "server_error")
                    .text("message", "The model failed to answer.");
            }),
            _ => body.null("error"),
        };
        match status {
            Status::Incomplete => body.object("incomplete_details", |details| {
                details.text("reason", "max_output_tokens");
            }),
            _ => body.null("incomplete_details"),
        };
        self.repeat(body, "instructions", |request| request.instructions, "null");
        match limit {
            Some(limit) => body.number("max_output_tokens", limit),
            None => body.null("max_output_tokens"),
        };
        body.null("max_tool_calls")
            .text("model", self.model)
            .array("output", |output| {
                for item in self.items.iter().filter(|_| done) {
                    output.object(|entry| item.write(entry, true));
                }
            });
        self.repeat(
            body,
            "parallel_tool_calls",
            |request| request.parallel_tool_calls,
            "true",
        );
        self.repeat(
            body,
            "previous_response_id",
            |request| request.previous_response_id,
            "null",
        );
        self.repeat(
            body,
            "prompt_cache_key",
            |request| request.prompt_cache_key,
            "null",
        );
        self.repeat(
            body,
            "reasoning",
            |request| request.reasoning,
            "{\"effort\":null,\"summary\":null}",
        );
        body.text(
            "service_tier",
            if done { self.tier } else { self.asked_tier },
        );
        self.repeat(body, "store", |request| request.store, "true");
        self.repeat(body, "temperature", |request| request.temperature, "1.0");
        self.repeat(
            body,
            "text",
            |request| request.text,
            "{\"format\":{\"type\":\"text\"},\"verbosity\":\"medium\"}",
        );
        self.repeat(
            body,
            "tool_choice",
            |request| request.tool_choice,
            "\"auto\"",
        );
        body.object("tool_usage", |tools| {
            self.write_tool_usage(tools, done);
        });
        self.repeat(body, "tools", |request| request.tools, "[]");
        body.number("top_logprobs", 0);
        self.repeat(body, "top_p", |request| request.top_p, "1.0");
        self.repeat(
            body,
            "truncation",
            |request| request.truncation,
            "\"disabled\"",
        );
        if done {
            body.raw_if_any("usage", self.usage.as_deref());
        } else {
            body.null("usage");
        }
        body.null("user");
        self.repeat(body, "metadata", |request| request.metadata, "{}");
    }

    fn write_tool_usage(&self, tools: &mut Object<'_>, done: bool) {
        tools
            .object("image_gen", |images| {
                images
                    .number("input_tokens", 0)
                    .raw(
                        "input_tokens_details",
                        "{\"image_tokens\":0,\"text_tokens\":0}",
                    )
                    .number("output_tokens", 0)
                    .raw(
                        "output_tokens_details",
                        "{\"image_tokens\":0,\"text_tokens\":0}",
                    )
                    .number("total_tokens", 0);
            })
            .object("web_search", |search| {
                search.number("num_requests", if done { self.searches } else { 0 });
            });
    }

    fn background(&self) -> bool {
        self.request
            .is_some_and(|request| request.background == Some(true))
    }

    /// A member that is what the request had.
    fn repeat<'s>(
        &'s self,
        body: &mut Object<'_>,
        name: &str,
        member: impl Fn(&'s ResponseRequest<'s>) -> Option<&'s RawValue>,
        otherwise: &str,
    ) {
        let given = self.request.and_then(member);
        body.raw(name, given.map_or(otherwise, RawValue::get));
    }
}

impl Item {
    /// Writes the item, finished or as it begins.
    pub(super) fn write(&self, entry: &mut Object<'_>, done: bool) {
        let status = if done { "completed" } else { "in_progress" };
        match self {
            Self::Reasoning(id, summary) => {
                entry
                    .text("id", id)
                    .text("type", "reasoning")
                    .array("summary", |parts| {
                        if let Some(summary) = summary.filter(|_| done) {
                            parts.object(|part| write_summary(part, Some(summary)));
                        }
                    });
            }
            Self::WebSearch(id) => {
                entry
                    .text("id", id)
                    .text("type", "web_search_call")
                    .text("status", status);
                if done {
                    entry.object("action", |action| {
                        action
                            .text("type", "search")
                            .text("query", "level of the river today");
                    });
                }
            }
            Self::Message(id, prose) => {
                entry
                    .text("id", id)
                    .text("type", "message")
                    .text("status", status)
                    .array("content", |parts| {
                        if done {
                            parts.object(|part| write_text_part(part, Some(*prose)));
                        }
                    })
                    .text("role", "assistant");
            }
            Self::Call(id, call_id, call) => {
                entry
                    .text("id", id)
                    .text("type", "function_call")
                    .text("status", status)
                    .text("arguments", if done { &call.arguments } else { "" })
                    .text("call_id", call_id)
                    .text("name", &call.name);
            }
        }
    }
}

/// A part of a message; without text as it begins.
pub(super) fn write_text_part(part: &mut Object<'_>, prose: Option<Prose>) {
    part.text("type", "output_text")
        .array("annotations", |_| {})
        .array("logprobs", |_| {})
        .pieces("text", prose.into_iter().flat_map(Prose::pieces));
}

/// A part of a summary; without text as it begins.
pub(super) fn write_summary(part: &mut Object<'_>, prose: Option<Prose>) {
    part.text("type", "summary_text")
        .pieces("text", prose.into_iter().flat_map(Prose::pieces));
}
