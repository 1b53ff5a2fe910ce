//! Counts of tokens as OpenAI reports them: cached and written tokens are inside the prompt's
//! count, reasoning is inside the output's. It knows nothing of requests.

use crate::ask::Ask;
use crate::json::object_string;
use crate::prose::{Length, Prose};
use crate::vertex;

/// Whether a part of the prompt was cached, and for how long a written part is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caching {
    None,
    /// 30 minutes.
    Short,
    /// 12 hours.
    Long,
}

/// The counts of one answer.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) prompt: u64,
    pub(super) cached: u64,
    written_short: u64,
    written_long: u64,
    pub(super) visible: u64,
    pub(super) reasoning: u64,
}

impl Counts {
    /// With caching, three fifths of the prompt are read from the cache and one fifth is written.
    pub(super) fn new(prompt: u64, caching: Caching) -> Self {
        let fifth = prompt / 5;
        let cached = if caching == Caching::None {
            0
        } else {
            fifth * 3
        };
        Self {
            prompt,
            cached,
            written_short: if caching == Caching::Short { fifth } else { 0 },
            written_long: if caching == Caching::Long { fifth } else { 0 },
            visible: 0,
            reasoning: 0,
        }
    }

    /// With the tokens of so many answers like this one.
    pub(super) fn with_answers(self, answers: u64, prose: Prose, length: Length) -> Self {
        self.with_output(
            prose.tokens() * answers,
            crate::json::count(length.hidden) * answers,
        )
    }

    /// With this output.
    pub(super) fn with_output(self, visible: u64, reasoning: u64) -> Self {
        Self {
            visible,
            reasoning,
            ..self
        }
    }

    /// As OpenAI's own chat and completions report it.
    pub(super) fn of_chat(&self) -> String {
        let output = self.visible + self.reasoning;
        object_string(|usage| {
            usage
                .number("prompt_tokens", self.prompt)
                .number("completion_tokens", output)
                .number("total_tokens", self.prompt + output)
                .object("prompt_tokens_details", |details| {
                    details
                        .number("cached_tokens", self.cached)
                        .number("cache_write_tokens", self.written())
                        .number("audio_tokens", 0)
                        .number("image_tokens", 0)
                        .number("text_tokens", self.prompt);
                })
                .object("completion_tokens_details", |details| {
                    details
                        .number("reasoning_tokens", self.reasoning)
                        .number("audio_tokens", 0)
                        .number("accepted_prediction_tokens", 0)
                        .number("rejected_prediction_tokens", 0)
                        .number("text_tokens", self.visible);
                });
        })
    }

    /// As responses report it.
    pub(super) fn of_response(&self, ask: &Ask<'_>) -> String {
        let output = self.visible + self.reasoning;
        object_string(|usage| {
            usage
                .number("input_tokens", self.prompt)
                .number("output_tokens", output)
                .number("total_tokens", self.prompt + output)
                .object("input_tokens_details", |details| {
                    details
                        .number("cached_tokens", self.cached)
                        .number("cache_write_tokens", self.written())
                        .object("cache_write_tokens_details", |split| {
                            split
                                .number("ttl_30m_tokens", self.written_short)
                                .number("ttl_12h_tokens", self.written_long);
                        });
                })
                .object("output_tokens_details", |details| {
                    details.number("reasoning_tokens", self.reasoning);
                });
            vertex::write_beside(ask, usage);
        })
    }

    /// As embeddings report it.
    pub(super) fn of_embeddings(&self, ask: &Ask<'_>) -> String {
        object_string(|usage| {
            usage
                .number("prompt_tokens", self.prompt)
                .number("total_tokens", self.prompt);
            vertex::write_beside(ask, usage);
        })
    }

    /// Tokens written to the cache.
    pub(super) fn written(&self) -> u64 {
        self.written_short + self.written_long
    }
}
