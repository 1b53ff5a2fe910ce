//! Converse: one shape for all vendors. It knows nothing of how a stream is worded.

use super::converse_events;
use super::converse_request::ConverseRequest;
use super::guardrail::{self, GuardrailSeen};
use super::model_id::{ModelId, Vendor};
use super::usage::{Counts, LATENCY};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::{self, Object};
use crate::prose::{Length, Prose};
use crate::reply::Reply;
use crate::seed::Seed;
use crate::tools::{self, ToolCall};

/// Pieces of thinking where the request's limit leaves room for more.
const USUAL_THINKING: usize = 24;

/// A block of the answer's content.
pub(super) enum Block {
    /// With its signature.
    Reasoning(Prose, String),
    Text(Prose),
    /// The call and its id.
    Call(String, ToolCall),
}

/// An answer.
pub(super) struct Conversation<'a> {
    pub(super) blocks: Vec<Block>,
    pub(super) stop_reason: &'a str,
    pub(super) usage: Option<String>,
    pub(super) tier: &'a str,
    /// `performanceConfig` as it came.
    pub(super) performance: Option<&'a str>,
    /// Tokens of thinking, where the answer is to tell them.
    pub(super) thinking: Option<u64>,
    /// The guardrail whose findings the answer tells.
    pub(super) traced: Option<&'a str>,
}

/// POST /model/{id}/converse and /converse-stream.
pub(super) fn answer(ask: &Ask<'_>, id: &str, streamed: bool) -> Result<Reply, Failure> {
    let model = ModelId::invoked(id)?;
    let request: ConverseRequest<'_> = ask.read()?;
    if request.messages.is_none() {
        return Err(Failure::lacks(ask.api, "messages"));
    }
    match model.vendor {
        Vendor::TitanEmbeddings | Vendor::CohereEmbeddings => {
            return Err(Failure::invalid(
                "This action doesn't support the model that you provided. Try again with a \
                 supported text or chat model.",
            ));
        }
        Vendor::Claude
        | Vendor::Nova
        | Vendor::Llama
        | Vendor::Mistral
        | Vendor::Titan
        | Vendor::Cohere
        | Vendor::OpenAi
        | Vendor::Other => {}
    }
    let guardrail = match &request.guardrail_config {
        Some(config) => Some(config.remember(ask, &model.id)?),
        None => None,
    };
    let conversation = converse(ask, &request, &model, guardrail.as_ref(), streamed);
    let reply = if streamed {
        converse_events::stream(&conversation)
    } else {
        whole(&conversation)
    };
    Ok(guardrail::told(reply, guardrail.as_ref()))
}

fn converse<'a>(
    ask: &'a Ask<'_>,
    request: &'a ConverseRequest<'_>,
    model: &ModelId,
    guardrail: Option<&'a GuardrailSeen>,
    streamed: bool,
) -> Conversation<'a> {
    let seed = Seed::of(ask.body);
    let length = length(ask, request);
    let prose = ask.prose(seed, length);
    let call = tools::wanted_call(request.tools(), request.messages);
    let counts = Counts {
        prompt: request.prompt(&model.id),
        output: prose.tokens() + json::count(length.hidden),
    };
    let stop_reason = ask.finish(if call.is_some() {
        "tool_use"
    } else {
        "end_turn"
    });
    let mut blocks = Vec::new();
    if length.hidden > 0 {
        let thoughts = Prose::new(seed, length.hidden, 0).number(2);
        blocks.push(Block::Reasoning(thoughts, seed.id("EqQBCgIYAhIM")));
    }
    blocks.push(match call {
        Some(call) => Block::Call(seed.id("tooluse_"), call),
        None => Block::Text(prose),
    });
    let config = request.guardrail_config.as_ref();
    let traced = config.is_some_and(|config| config.is_traced());
    Conversation {
        blocks,
        stop_reason,
        usage: ask
            .wishes
            .usage_or(|| counts.of_converse(told_input(&counts, model, streamed))),
        tier: request.tier(),
        performance: request.performance_config.map(|config| config.get()),
        thinking: request.wants_details().then(|| json::count(length.hidden)),
        traced: guardrail
            .filter(|_| traced)
            .map(|seen| seen.identifier.as_str()),
    }
}

/// On streams of OpenAI's models the cached tokens are inside the input's count, by mistake.
fn told_input(counts: &Counts, model: &ModelId, streamed: bool) -> u64 {
    let prompt = &counts.prompt;
    if streamed && model.vendor == Vendor::OpenAi {
        prompt.input + prompt.read + prompt.written()
    } else {
        prompt.input
    }
}

fn length(ask: &Ask<'_>, request: &ConverseRequest<'_>) -> Length {
    let budget = request.thinking_budget();
    let mut length = ask.length(request.limit(), budget.is_some());
    let most = budget.unwrap_or_default().min(USUAL_THINKING);
    length.hidden = length.hidden.min(most);
    length
}

fn whole(conversation: &Conversation<'_>) -> Reply {
    Reply::object(|body| {
        body.object("metrics", |metrics| {
            metrics.number("latencyMs", LATENCY);
        })
        .object("output", |output| {
            output.object("message", |message| {
                message
                    .array("content", |content| {
                        for block in &conversation.blocks {
                            content.object(|entry| block.write(entry));
                        }
                    })
                    .text("role", "assistant");
            });
        })
        .text("stopReason", conversation.stop_reason);
        conversation.write_more_fields(body);
        conversation.write_terms(body);
    })
}

impl Conversation<'_> {
    /// Writes what the model itself adds.
    pub(super) fn write_more_fields(&self, body: &mut Object<'_>) {
        if let Some(thinking) = self.thinking {
            body.object("additionalModelResponseFields", |fields| {
                fields.object("usage", |usage| {
                    usage.object("output_tokens_details", |details| {
                        details.number("thinking_tokens", thinking);
                    });
                });
            });
        }
    }

    /// Writes usage, what the guardrail found, tier and latency.
    pub(super) fn write_terms(&self, body: &mut Object<'_>) {
        body.raw_if_any("usage", self.usage.as_deref());
        if let Some(identifier) = self.traced {
            body.object("trace", |trace| {
                trace.object("guardrail", |guardrail| {
                    guardrail.object("inputAssessment", |assessment| {
                        assessment.object(identifier, |_| {});
                    });
                });
            });
        }
        body.raw_if_any("performanceConfig", self.performance)
            .object("serviceTier", |tier| {
                tier.text("type", self.tier);
            });
    }
}

impl Block {
    fn write(&self, entry: &mut Object<'_>) {
        match self {
            Self::Reasoning(prose, signature) => {
                entry.object("reasoningContent", |reasoning| {
                    reasoning.object("reasoningText", |text| {
                        text.text("signature", signature)
                            .pieces("text", prose.pieces());
                    });
                });
            }
            Self::Text(prose) => {
                entry.pieces("text", prose.pieces());
            }
            Self::Call(id, call) => {
                entry.object("toolUse", |tool| {
                    tool.raw("input", &call.arguments)
                        .text("name", &call.name)
                        .text("toolUseId", id);
                });
            }
        }
    }

    /// About how many frames it takes.
    pub(super) fn frames(&self) -> usize {
        match self {
            Self::Reasoning(prose, _) | Self::Text(prose) => prose.frames() + 2,
            Self::Call(_, call) => call.arguments.len() / 8 + 3,
        }
    }
}
