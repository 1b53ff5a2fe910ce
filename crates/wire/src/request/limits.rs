//! How much an answer may have, and at which tier, where each API writes it.
//!
//! | operation | most tokens | answers |
//! |---|---|---|
//! | OpenAI's and Anthropic's | `max_tokens`, `max_completion_tokens`, `max_output_tokens` | `n`, `best_of` |
//! | Cohere's chat | `max_tokens` | |
//! | generate | `generationConfig.maxOutputTokens` | `generationConfig.candidateCount` |
//! | converse | `inferenceConfig.maxTokens` | |
//! | invoke: Claude, Mistral, Cohere, OpenAI | `max_tokens`, `max_completion_tokens`, `max_tokens_to_sample` | `n`, `num_generations` |
//! | Nova | `inferenceConfig.maxTokens`, `.max_new_tokens` | |
//! | Llama | `max_gen_len` | |
//! | Titan | `textGenerationConfig.maxTokenCount` | |
//! | AI21 | `max_tokens`, `maxTokens` | `n`, `numResults` |
//!
//! Only the members that the operation's API has count: any other is ignored by the upstream, and must
//! not make an estimate smaller.

use domain::call::Operation;

use crate::{
    json::{Raw, object},
    request::members::Members,
};

object! {
    /// Google's `generationConfig`, in either spelling of protobuf's JSON.
    GenerationConfig {
        output = "maxOutputTokens",
        output_snake = "max_output_tokens",
        candidates = "candidateCount",
        candidates_snake = "candidate_count",
    }
}

object! {
    /// `inferenceConfig` of Converse and Nova.
    InferenceConfig { output = "maxTokens", new_tokens = "max_new_tokens" }
}

object! {
    /// Titan's `textGenerationConfig`.
    TextGenerationConfig { output = "maxTokenCount" }
}

object! {
    /// Converse's `serviceTier`.
    ServiceTier { kind = "type" }
}

/// How much an answer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Limits {
    /// The most tokens of one choice. `None`: no limit is named.
    pub(super) output: Option<u64>,
    /// How many choices are asked for. `None`: not said.
    pub(super) choices: Option<u64>,
}

impl Limits {
    pub(super) fn of(operation: Operation, members: &Members<'_>) -> Self {
        match operation {
            Operation::Generate => {
                let config: GenerationConfig<'_> = read(members.generation_config);
                Self {
                    output: least([config.output, config.output_snake]),
                    choices: most([config.candidates, config.candidates_snake]),
                }
            }
            Operation::Converse => {
                let config: InferenceConfig<'_> = read(members.inference_config);
                Self {
                    output: config.output.count(),
                    choices: None,
                }
            }
            Operation::Invoke => {
                let (config, titan): (InferenceConfig<'_>, TextGenerationConfig<'_>) = (
                    read(members.inference_config),
                    read(members.text_generation_config),
                );
                let at_the_top = [
                    members.max_tokens,
                    members.max_completion_tokens,
                    members.max_tokens_to_sample,
                    members.max_gen_len,
                    members.max_tokens_camel,
                ];
                let nested = least([config.output, config.new_tokens, titan.output]);
                Self {
                    output: least(at_the_top.map(Raw::of))
                        .into_iter()
                        .chain(nested)
                        .min(),
                    choices: most(
                        [members.n, members.num_generations, members.num_results].map(Raw::of),
                    ),
                }
            }
            Operation::CohereChat => Self {
                output: Raw::of(members.max_tokens).count(),
                choices: None,
            },
            Operation::Chat
            | Operation::Responses
            | Operation::Completions
            | Operation::Embeddings
            | Operation::Messages
            | Operation::Rerank
            | Operation::CountTokens
            | Operation::Models
            | Operation::StoredResponse
            | Operation::Other => {
                let limits = [
                    members.max_tokens,
                    members.max_completion_tokens,
                    members.max_output_tokens,
                ];
                Self {
                    output: least(limits.map(Raw::of)),
                    choices: most([members.n, members.best_of].map(Raw::of)),
                }
            }
        }
    }
}

/// The service tier that a request asks for, in its own word.
pub(super) fn service_tier(operation: Operation, members: &Members<'_>) -> Option<String> {
    let camel = Raw::of(members.service_tier_camel);
    let word = match operation {
        Operation::Converse => read::<ServiceTier<'_>>(members.service_tier_camel).kind,
        Operation::Generate if camel.is_some() => camel,
        Operation::Generate
        | Operation::Chat
        | Operation::Responses
        | Operation::Completions
        | Operation::Embeddings
        | Operation::Messages
        | Operation::Invoke
        | Operation::CohereChat
        | Operation::Rerank
        | Operation::CountTokens
        | Operation::Models
        | Operation::StoredResponse
        | Operation::Other => Raw::of(members.service_tier),
    };
    word.string().map(std::borrow::Cow::into_owned)
}

fn read<'a, T: serde::Deserialize<'a> + Default>(member: Option<&'a str>) -> T {
    Raw::of(member).object().unwrap_or_default()
}

fn least<const N: usize>(counts: [Raw<'_>; N]) -> Option<u64> {
    counts.into_iter().filter_map(Raw::count).min()
}

fn most<const N: usize>(counts: [Raw<'_>; N]) -> Option<u64> {
    counts.into_iter().filter_map(Raw::count).max()
}
