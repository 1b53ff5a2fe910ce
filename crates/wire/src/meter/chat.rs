//! Chat completions and legacy completions, streamed and plain; also Mistral's fill-in-the-middle.
//!
//! A plain answer has the members of a stream's chunk, with `message` for `delta`: it is read as a stream
//! of one chunk, so that both ways cannot differ.
//!
//! Usage is in a chunk of its own before `[DONE]` (OpenAI), in the last chunk with content (Mistral,
//! Together, Fireworks), in `x_groq.usage` (Groq, unless `usage` has it too) or running in every chunk
//! (vLLM): the last one counts. The stream ends with `data: [DONE]`; a host that does not send that has
//! ended too once it has told a finish reason and the usage.

use domain::provider::ProviderType;

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading,
        bedrock_usage::{Counts, Maker},
        headers::PromptCounts,
        openai_usage::{RawUsage, Split},
        pattern::{Gap, Pattern},
        traffic::Tier,
    },
    sse::Event,
};

object! {
    /// A chunk of a stream, or a whole answer.
    Chunk {
        object = "object",
        id = "id",
        model = "model",
        choices = "choices",
        usage = "usage",
        service_tier = "service_tier",
        error = "error",
        x_groq = "x_groq",
        perf_metrics = "perf_metrics",
        invocation_metrics = "amazon-bedrock-invocationMetrics",
        predictions = "predictions",
        created = "created",
        obfuscation = "obfuscation",
    }
}

object! {
    /// One choice.
    Choice { delta = "delta", message = "message", text = "text", finish_reason = "finish_reason" }
}

object! {
    /// A message, or a piece of one.
    Message {
        content = "content",
        reasoning_content = "reasoning_content",
        reasoning = "reasoning",
        refusal = "refusal",
        tool_calls = "tool_calls",
        function_call = "function_call",
        audio = "audio",
    }
}

object! {
    /// A tool call, or a piece of one.
    ToolCall { function = "function", custom = "custom" }
}

object! {
    /// The function that is called.
    Function { name = "name", arguments = "arguments", input = "input" }
}

object! {
    /// A part of a content list: text, or thinking with a list of its own (Mistral, Databricks).
    Part { text = "text", thinking = "thinking", summary = "summary" }
}

object! {
    /// Spoken output.
    Audio { transcript = "transcript" }
}

object! {
    /// What Groq adds.
    Groq { usage = "usage", error = "error" }
}

object! {
    /// What Fireworks adds where it is asked to: the counts of its headers.
    PerfMetrics {
        prompt = "fireworks-prompt-tokens",
        prompt_short = "prompt-tokens",
        cached = "fireworks-cached-prompt-tokens",
        cached_short = "cached-prompt-tokens",
    }
}

/// What has been read of an answer so far.
#[derive(Debug)]
pub(super) struct Chat {
    provider_type: ProviderType,
    reading: Reading,
    tier: Tier,
    pattern: Pattern,
    usage: Option<Split>,
    groq_usage: Option<Split>,
    /// What is told of the prompt beside the usage (Fireworks).
    prompt: PromptCounts,
    /// What is told beside the usage of Claude models that Databricks calls at Bedrock.
    bedrock: Counts,
    /// Something of the API's shape was seen.
    in_shape: bool,
    /// Something that is no chunk was seen.
    out_of_shape: bool,
    /// The last chunk that had choices told a finish reason.
    finished: bool,
    /// A choice was ended by an error.
    failed: bool,
    done: bool,
}

impl Chat {
    pub(super) fn new(provider_type: ProviderType) -> Self {
        Self {
            provider_type,
            reading: Reading::default(),
            tier: Tier::default(),
            pattern: Pattern::default(),
            usage: None,
            groq_usage: None,
            prompt: PromptCounts::default(),
            bedrock: Counts::default(),
            in_shape: false,
            out_of_shape: false,
            finished: false,
            failed: false,
            done: false,
        }
    }

    /// Takes in one event of a stream.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if let Some(text) = self.pattern.text_of(event) {
            self.reading.see_escaped(text);
            self.finished = false;
            return;
        }
        if is_done(event.data) {
            self.done = true;
            return;
        }
        self.reading.delivered_text |= event.given_up;
        self.reading.error |= event.name == b"error";
        if event.data.is_empty() {
            return;
        }
        let text = json::text(event.data);
        match serde_json::from_str::<Chunk<'_>>(&text) {
            Ok(chunk) => {
                self.chunk(&chunk);
                let news = [
                    chunk.usage,
                    chunk.x_groq,
                    chunk.perf_metrics,
                    chunk.invocation_metrics,
                    chunk.error,
                ]
                .into_iter()
                .any(Raw::is_some);
                if let Some(piece) = self.choices(chunk.choices).filter(|_| !news) {
                    let gaps = [
                        (piece, Gap::Text),
                        (chunk.obfuscation, Gap::Padding),
                        (chunk.created, Gap::Digits),
                    ];
                    self.pattern.learn(event, &text, &gaps);
                }
            }
            // What only breaks off may have been in shape.
            Err(error) => self.out_of_shape |= !error.is_eof(),
        }
    }

    /// Whether this event, which may not have come to its end, is the stream's last.
    pub(super) fn is_last(event: &Event<'_>) -> bool {
        is_done(event.data)
    }

    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in a whole answer. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(answer) = serde_json::from_str::<Chunk<'_>>(&text) else {
            return false;
        };
        self.chunk(&answer);
        self.choices(answer.choices);
        true
    }

    /// What a stream told. `foreign`: it had lines that are none of a stream's.
    pub(super) fn finish(mut self, foreign: bool) -> Reading {
        self.reading.ended = self.done || (self.finished && self.usage().is_some());
        self.reading.error |= (self.out_of_shape || foreign) && !self.in_shape;
        self.read()
    }

    /// What a plain answer told; it came whole.
    pub(super) fn finish_plain(mut self) -> Reading {
        self.reading.ended = true;
        self.reading.error |= !self.in_shape;
        self.read()
    }

    fn usage(&self) -> Option<Split> {
        self.usage.or(self.groq_usage)
    }

    fn read(mut self) -> Reading {
        let split = self.usage().unwrap_or_default();
        self.reading.usage = split.usage;
        self.reading.mismatch = split.mismatch;
        self.reading.billed_beside = split.billed_beside;
        self.bedrock.fill(Maker::Other, &mut self.reading.usage);
        self.prompt.fill(&mut self.reading.usage);
        self.reading.error |= self.failed;
        self.reading
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        self.reading.note_model(chunk.model);
        self.reading.note_id(chunk.id);
        self.tier
            .note(&mut self.reading, self.provider_type, chunk.service_tier);
        // What a model that is no chat answers behind MLflow's `/invocations`.
        let predictions = chunk.predictions.text();
        if let Some(predictions) = predictions {
            self.reading.see_json(predictions);
        }
        let told = chunk.choices.is_list() || predictions.is_some();
        self.in_shape |= told;
        self.out_of_shape |= !told;
        // Older vLLM servers have the members of the error at the top.
        self.reading.error |= chunk.error.is_some() || chunk.object.is("error");
        if let Some(usage) = chunk.usage.object::<RawUsage<'_>>() {
            let (tier, reading) = (&mut self.tier, &mut self.reading);
            tier.note(reading, self.provider_type, usage.service_tier);
            tier.note_traffic(reading, self.provider_type, usage.extra_properties);
            self.usage = usage.split(self.provider_type).or(self.usage);
            self.in_shape |= self.usage.is_some();
        }
        if let Some(metrics) = chunk.perf_metrics.object::<PerfMetrics<'_>>() {
            self.prompt = PromptCounts {
                whole: told_count([metrics.prompt, metrics.prompt_short]),
                cached: told_count([metrics.cached, metrics.cached_short]),
            };
        }
        // Where it is Bedrock itself that answers, its own reader takes them.
        if chunk.invocation_metrics.is_object() && self.provider_type != ProviderType::Bedrock {
            self.bedrock = Counts::of_metrics(chunk.invocation_metrics);
        }
        if let Some(groq) = chunk.x_groq.object::<Groq<'_>>() {
            self.reading.error |= groq.error.is_some();
            let usage = groq.usage.object::<RawUsage<'_>>();
            self.groq_usage = usage
                .and_then(|usage| usage.split(self.provider_type))
                .or(self.groq_usage);
        }
    }

    /// Takes in the choices, and gives the piece of text in them if there is one and nothing else.
    fn choices<'a>(&mut self, choices: Raw<'a>) -> Option<Raw<'a>> {
        let (mut pieces, mut last, mut finished) = (0_u32, None, None);
        let mut see = |text: Raw<'a>| {
            if self.reading.see(text) {
                pieces = pieces.saturating_add(1);
                last = Some(text);
            }
        };
        choices.for_each(|choice: Choice<'a>| {
            finished = Some(finished == Some(true) || choice.finish_reason.is_some());
            self.failed |= choice.finish_reason.is("error");
            see(choice.text);
            for message in [choice.delta, choice.message] {
                if let Some(message) = message.object::<Message<'_>>() {
                    each_text(&message, &mut see);
                }
            }
        });
        self.finished = finished.unwrap_or(self.finished);
        last.filter(|_| pieces == 1 && !self.finished)
    }
}

/// The first count of these; Fireworks writes numbers as its headers do, as text.
fn told_count(counts: [Raw<'_>; 2]) -> Option<u64> {
    counts
        .into_iter()
        .find_map(|count| count.count().or_else(|| count.escaped()?.parse().ok()))
}

/// Calls `see` for every text of a message.
fn each_text<'a>(message: &Message<'a>, see: &mut impl FnMut(Raw<'a>)) {
    each_part(message.content, see);
    // Some hosts write the same reasoning under both names.
    see(if message.reasoning_content.is_some() {
        message.reasoning_content
    } else {
        message.reasoning
    });
    see(message.refusal);
    message.tool_calls.for_each(|call: ToolCall<'a>| {
        function(call.function, see);
        function(call.custom, see);
    });
    function(message.function_call, see);
    if let Some(audio) = message.audio.object::<Audio<'_>>() {
        see(audio.transcript);
    }
}

/// Content is a string, or a list of parts.
fn each_part<'a>(content: Raw<'a>, see: &mut impl FnMut(Raw<'a>)) {
    see(content);
    content.for_each(|part: Part<'a>| {
        see(part.text);
        for nested in [part.thinking, part.summary] {
            see(nested);
            nested.for_each(|part: Part<'a>| see(part.text));
        }
    });
}

fn function<'a>(function: Raw<'a>, see: &mut impl FnMut(Raw<'a>)) {
    if let Some(function) = function.object::<Function<'_>>() {
        see(function.name);
        see(function.arguments);
        see(function.input);
    }
}

fn is_done(data: &[u8]) -> bool {
    data.trim_ascii() == b"[DONE]"
}
