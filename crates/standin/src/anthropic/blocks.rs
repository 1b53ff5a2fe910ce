//! The blocks of a message's content, whole and as they begin in a stream. It knows nothing of
//! requests or events.

use crate::json::Object;
use crate::prose::Prose;
use crate::tools::ToolCall;

const QUERY: &str = "level of the river today";

/// A part of a message.
pub(super) enum Block {
    /// With its signature.
    Thinking(Prose, String),
    /// The search and its id.
    Search(String),
    /// What was found, with the id of the search.
    Found(String),
    Text(Prose),
    /// The call and its id.
    Call(String, ToolCall),
}

impl Block {
    /// Writes all of the block, or only what is there when it begins.
    pub(super) fn write(&self, block: &mut Object<'_>, whole: bool) {
        match self {
            Self::Thinking(prose, signature) => {
                block
                    .text("type", "thinking")
                    .pieces("thinking", pieces(*prose, whole))
                    .text("signature", if whole { signature } else { "" });
            }
            Self::Search(id) => {
                block
                    .text("type", "server_tool_use")
                    .text("id", id)
                    .text("name", "web_search")
                    .object("input", |input| {
                        if whole {
                            input.text("query", QUERY);
                        }
                    });
            }
            Self::Found(id) => {
                block
                    .text("type", "web_search_tool_result")
                    .text("tool_use_id", id)
                    .array("content", |results| {
                        results.object(|result| {
                            result
                                .text("type", "web_search_result")
                                .text("title", "Gauge readings")
                                .text("url", "https://example.com/gauge")
                                .text("encrypted_content", "EoFCIoYEk1ZuAA==")
                                .null("page_age");
                        });
                    });
            }
            Self::Text(prose) => {
                block
                    .text("type", "text")
                    .pieces("text", pieces(*prose, whole));
            }
            Self::Call(id, call) => {
                block
                    .text("type", "tool_use")
                    .text("id", id)
                    .text("name", &call.name)
                    .raw("input", if whole { &call.arguments } else { "{}" });
            }
        }
    }

    /// About how many events it takes.
    pub(super) fn frames(&self) -> usize {
        match self {
            Self::Thinking(prose, _) | Self::Text(prose) => prose.frames() + 3,
            Self::Search(_) | Self::Found(_) => 4,
            Self::Call(_, call) => call.arguments.len() / 8 + 4,
        }
    }

    /// The input of a search as JSON text.
    pub(super) fn search_input() -> String {
        format!("{{\"query\":\"{QUERY}\"}}")
    }
}

fn pieces(prose: Prose, whole: bool) -> impl Iterator<Item = &'static str> {
    prose.pieces().filter(move |_| whole)
}
