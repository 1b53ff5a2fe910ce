//! Bedrock's Converse API, streamed and plain; and the bodies of Amazon's Nova models, which have the
//! same members.
//!
//! A stream is event-stream frames: the type of the event is its name, the payload its data. Only
//! `metadata`, the last one, has the usage. A plain answer names neither model nor id.

use domain::provider::ProviderType;

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading,
        bedrock_usage::{Maker, RawUsage},
        openai_usage::Split,
        pattern::{Gap, Pattern},
    },
    sse::Event,
};

object! {
    /// A plain answer.
    Answer {
        output = "output",
        usage = "usage",
        service_tier = "serviceTier",
        additional = "additionalModelResponseFields",
    }
}

object! {
    /// The output of a plain answer.
    Output { message = "message" }
}

object! {
    /// A message.
    Message { content = "content" }
}

object! {
    /// The payload of any event.
    Payload {
        start = "start",
        delta = "delta",
        padding = "p",
        usage = "usage",
        service_tier = "serviceTier",
        additional = "additionalModelResponseFields",
    }
}

object! {
    /// Nova's events, each in a member of its own.
    Wrapped {
        message_start = "messageStart",
        block_start = "contentBlockStart",
        block_delta = "contentBlockDelta",
        block_stop = "contentBlockStop",
        message_stop = "messageStop",
        metadata = "metadata",
    }
}

object! {
    /// A block of content, its start, or a piece of it.
    Block {
        text = "text",
        tool_use = "toolUse",
        reasoning = "reasoningContent",
        citations = "citationsContent",
        image = "image",
        video = "video",
    }
}

object! {
    /// A call of a tool; the input is JSON, or a piece of its text.
    ToolUse { name = "name", input = "input" }
}

object! {
    /// Reasoning, or a piece of it.
    Reasoning { whole = "reasoningText", text = "text", redacted = "redactedContent" }
}

object! {
    /// Text in an object of its own.
    Text { text = "text" }
}

object! {
    /// Text with citations.
    Cited { content = "content" }
}

object! {
    /// What the client asked the model's own answer for.
    Additional { usage = "usage" }
}

object! {
    /// Of that, the usage as Anthropic writes it.
    AnthropicUsage { output_details = "output_tokens_details" }
}

object! {
    /// What the output was made of.
    OutputDetails { thinking = "thinking_tokens" }
}

/// What an event of a stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    BlockStart,
    BlockDelta,
    BlockStop,
    Stop,
    Metadata,
    /// What is not known yet: tells nothing that is billed.
    Rest,
}

impl Kind {
    fn of(name: &[u8]) -> Self {
        match name {
            b"messageStart" => Self::Start,
            b"contentBlockStart" => Self::BlockStart,
            b"contentBlockDelta" => Self::BlockDelta,
            b"contentBlockStop" => Self::BlockStop,
            b"messageStop" => Self::Stop,
            b"metadata" => Self::Metadata,
            _ => Self::Rest,
        }
    }
}

/// What has been read of an answer so far.
#[derive(Debug)]
pub(super) struct Converse {
    maker: Maker,
    reading: Reading,
    pattern: Pattern,
    usage: Option<Split>,
    thinking: Option<u64>,
    in_shape: bool,
    out_of_shape: bool,
    done: bool,
}

impl Converse {
    /// A reader of the answer of a model of this maker.
    pub(super) fn new(maker: Maker) -> Self {
        Self {
            maker,
            reading: Reading::default(),
            pattern: Pattern::default(),
            usage: None,
            thinking: None,
            in_shape: false,
            out_of_shape: false,
            done: false,
        }
    }

    /// Takes in one event of a stream.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if let Some(text) = self.pattern.text_of(event) {
            self.reading.see_escaped(text);
            return;
        }
        let kind = Kind::of(event.name);
        let text = json::text(event.data);
        match serde_json::from_str::<Payload<'_>>(&text) {
            Ok(payload) => {
                if let Some(piece) = self.payload(kind, &payload) {
                    let gaps = [(piece, Gap::Text), (payload.padding, Gap::Padding)];
                    self.pattern.learn(event, &text, &gaps);
                }
            }
            Err(_) => self.out_of_shape = true,
        }
    }

    /// Takes in one event of Nova's own stream, which has its type as the member around it.
    pub(super) fn wrapped(&mut self, data: &[u8]) {
        let text = json::text(data);
        let Ok(event) = serde_json::from_str::<Wrapped<'_>>(&text) else {
            self.out_of_shape = true;
            return;
        };
        for (kind, payload) in [
            (Kind::Start, event.message_start),
            (Kind::BlockStart, event.block_start),
            (Kind::BlockDelta, event.block_delta),
            (Kind::BlockStop, event.block_stop),
            (Kind::Stop, event.message_stop),
            (Kind::Metadata, event.metadata),
        ] {
            if let Some(payload) = payload.object::<Payload<'_>>() {
                self.payload(kind, &payload);
            }
        }
    }

    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in a whole answer. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(answer) = serde_json::from_str::<Answer<'_>>(&text) else {
            return false;
        };
        self.in_shape |= answer.output.is_object();
        self.told(answer.usage, answer.service_tier, answer.additional);
        if let Some(message) = answer
            .output
            .object::<Output<'_>>()
            .and_then(|output| output.message.object::<Message<'_>>())
        {
            message.content.for_each(|block: Block<'_>| {
                self.block(&block);
            });
        }
        true
    }

    /// What a stream told. `foreign`: it had bytes that are none of a stream's.
    pub(super) fn finish(mut self, foreign: bool) -> Reading {
        self.reading.ended = self.done;
        self.reading.error |= (self.out_of_shape || foreign) && !self.in_shape;
        self.read()
    }

    /// What a plain answer told; it came whole.
    pub(super) fn finish_plain(mut self) -> Reading {
        self.reading.ended = true;
        self.reading.error |= !self.in_shape;
        self.read()
    }

    fn read(mut self) -> Reading {
        let split = self.usage.unwrap_or_default();
        self.reading.usage = split.usage;
        let output = split.usage.tokens.output;
        self.reading.usage.reasoning = self
            .thinking
            .map(|thinking| thinking.min(output.unwrap_or(0)));
        self.reading.mismatch = split.mismatch || self.thinking > self.reading.usage.reasoning;
        self.reading
    }

    /// Takes in what an event tells, and gives the piece of text in it if there is one and nothing else.
    fn payload<'a>(&mut self, kind: Kind, payload: &Payload<'a>) -> Option<Raw<'a>> {
        self.in_shape |= kind != Kind::Rest;
        match kind {
            Kind::BlockStart => {
                let block = payload.start.object::<Block<'_>>();
                block.and_then(|block| self.block(&block));
                None
            }
            Kind::BlockDelta => {
                let block = payload.delta.object::<Block<'a>>();
                block.and_then(|block| self.block(&block))
            }
            Kind::Metadata | Kind::Stop => {
                self.told(payload.usage, payload.service_tier, payload.additional);
                self.done |= kind == Kind::Metadata;
                None
            }
            Kind::Start | Kind::BlockStop | Kind::Rest => None,
        }
    }

    /// Takes in what an answer tells beside its text.
    fn told(&mut self, usage: Raw<'_>, service_tier: Raw<'_>, additional: Raw<'_>) {
        if let Some(usage) = usage.object::<RawUsage<'_>>() {
            self.usage = usage.split(self.maker).or(self.usage);
            self.in_shape |= self.usage.is_some();
        }
        if let Some(tier) = service_tier.object::<Tier<'_>>() {
            self.reading.note_tier(ProviderType::Bedrock, tier.kind);
        }
        let details = additional
            .object::<Additional<'_>>()
            .and_then(|additional| additional.usage.object::<AnthropicUsage<'_>>())
            .and_then(|usage| usage.output_details.object::<OutputDetails<'_>>());
        self.thinking = details
            .and_then(|details| details.thinking.count())
            .or(self.thinking);
    }

    /// Takes in a block, and gives the piece of text in it if there is one and nothing else.
    fn block<'a>(&mut self, block: &Block<'a>) -> Option<Raw<'a>> {
        let (mut pieces, mut last) = (0, None);
        let mut see = |text: Raw<'a>| {
            if self.reading.see(text) {
                pieces += 1;
                last = Some(text);
            }
        };
        see(block.text);
        if let Some(reasoning) = block.reasoning.object::<Reasoning<'_>>() {
            see(reasoning.text);
            if let Some(whole) = reasoning.whole.object::<Text<'_>>() {
                see(whole.text);
            }
            self.reading.delivered_text |= reasoning.redacted.is_some();
        }
        if let Some(cited) = block.citations.object::<Cited<'_>>() {
            cited.content.for_each(|part: Text<'a>| {
                self.reading.see(part.text);
            });
        }
        if let Some(call) = block.tool_use.object::<ToolUse<'a>>() {
            if self.reading.see(call.name) {
                pieces += 1;
            }
            if self.reading.see(call.input) {
                pieces += 1;
                last = Some(call.input);
            } else if let Some(input) = call.input.text().filter(|_| call.input.is_object()) {
                self.reading.see_json(input);
                pieces += 1;
            }
        }
        self.reading.delivered_text |= block.image.is_some() || block.video.is_some();
        last.filter(|_| pieces == 1)
    }
}

object! {
    /// The service tier that was used.
    Tier { kind = "type" }
}
