//! Anthropic's Messages API, streamed and plain.
//!
//! `message_start` tells model, id and the counts of the prompt; each `message_delta` replaces the counts
//! that it carries; `message_stop` ends the stream, and so does `error`. The output count of `message_start`
//! is a start value: until a `message_delta` comes the output is not known.
//!
//! A plain answer is the message of a `message_start`, with counts that hold.

use domain::provider::ProviderType;

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading,
        anthropic_usage::{OutputCount, RawUsage, Told},
        pattern::{Gap, Pattern},
        traffic::Tier,
    },
    sse::Event,
};

object! {
    /// An event of a stream.
    StreamEvent {
        kind = "type",
        message = "message",
        content_block = "content_block",
        delta = "delta",
        usage = "usage",
        error = "error",
    }
}

object! {
    /// A message.
    Message {
        kind = "type",
        id = "id",
        model = "model",
        content = "content",
        usage = "usage",
        error = "error",
    }
}

object! {
    /// A block of content, or a piece of one.
    Block { text = "text", thinking = "thinking", partial_json = "partial_json", name = "name", input = "input" }
}

/// What an event of a stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    BlockStart,
    BlockDelta,
    Delta,
    Stop,
    Error,
    /// Pings, ends of blocks and what is not known yet: tells nothing that is billed.
    Rest,
}

impl Kind {
    fn of(name: &[u8]) -> Self {
        match name {
            b"message_start" => Self::Start,
            b"content_block_start" => Self::BlockStart,
            b"content_block_delta" => Self::BlockDelta,
            b"message_delta" => Self::Delta,
            b"message_stop" => Self::Stop,
            b"error" => Self::Error,
            _ => Self::Rest,
        }
    }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Messages {
    reading: Reading,
    tier: Tier,
    pattern: Pattern,
    told: Told,
    in_shape: bool,
    out_of_shape: bool,
    stopped: bool,
    done: bool,
}

impl Messages {
    /// Takes in one event of a stream.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if let Some(text) = self.pattern.text_of(event) {
            self.reading.see_escaped(text);
            return;
        }
        let named = Kind::of(event.name);
        self.reading.delivered_text |= event.given_up;
        if event.data.is_empty() || (named == Kind::Rest && !event.name.is_empty()) {
            return self.end(named);
        }
        let text = json::text(event.data);
        let told = match serde_json::from_str::<StreamEvent<'_>>(&text) {
            Ok(told) => told,
            Err(error) => {
                // What only breaks off may have been in shape.
                self.out_of_shape |= !error.is_eof();
                return self.end(named);
            }
        };
        let kind = if event.name.is_empty() {
            Kind::of(told.kind.escaped().unwrap_or_default().as_bytes())
        } else {
            named
        };
        self.in_shape |= told.kind.is_some();
        self.out_of_shape |= !told.kind.is_some();
        self.reading.error |= told.error.is_some();
        match kind {
            Kind::Start => {
                if let Some(message) = told.message.object::<Message<'_>>() {
                    self.message(&message, OutputCount::StartValue);
                }
            }
            Kind::BlockStart => {
                if let Some(block) = told.content_block.object::<Block<'_>>() {
                    self.pieces(&block);
                }
            }
            Kind::BlockDelta => {
                let piece = told
                    .delta
                    .object()
                    .and_then(|block: Block<'_>| self.pieces(&block));
                if let Some(piece) = piece.filter(|_| !told.error.is_some()) {
                    self.pattern.learn(event, &text, &[(piece, Gap::Text)]);
                }
            }
            Kind::Delta => self.usage(told.usage, OutputCount::Holds),
            Kind::Stop | Kind::Error | Kind::Rest => {}
        }
        self.end(kind);
    }

    /// Whether this event, which may not have come to its end, is the stream's last.
    pub(super) fn is_last(event: &Event<'_>) -> bool {
        let stop = event.name == b"message_stop";
        // Without a name: the data has to be whole, as its type may stand anywhere in it.
        let data = event.data.trim_ascii();
        let whole = || serde_json::from_slice::<StreamEvent<'_>>(data);
        stop || (event.name.is_empty()
            && data.starts_with(br#"{"type":"message_stop""#)
            && whole().is_ok_and(|told| told.kind.is("message_stop")))
    }

    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in a whole message. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(message) = serde_json::from_str::<Message<'_>>(&text) else {
            return false;
        };
        self.message(&message, OutputCount::Holds);
        message.content.for_each(|block: Block<'_>| {
            self.pieces(&block);
        });
        true
    }

    /// What a stream told. `foreign`: it had lines that are none of a stream's.
    pub(super) fn finish(mut self, foreign: bool) -> Reading {
        self.reading.ended = self.stopped;
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
        (self.reading.usage, self.reading.mismatch) = self.told.split();
        self.reading.billed_beside = self.told.is_billed_beside();
        self.reading
    }

    /// Notes the end of the stream where this is it.
    fn end(&mut self, kind: Kind) {
        match kind {
            Kind::Stop => self.stopped = true,
            Kind::Error => self.reading.error = true,
            Kind::Start | Kind::BlockStart | Kind::BlockDelta | Kind::Delta | Kind::Rest => return,
        }
        self.in_shape = true;
        self.done = true;
    }

    fn message(&mut self, message: &Message<'_>, output: OutputCount) {
        self.reading.note_model(message.model);
        self.reading.note_id(message.id);
        self.reading.error |= message.error.is_some() || message.kind.is("error");
        self.in_shape |= message.kind.is("message") || message.content.is_list();
        self.usage(message.usage, output);
    }

    fn usage(&mut self, usage: Raw<'_>, output: OutputCount) {
        let Some(usage) = usage.object::<RawUsage<'_>>() else {
            return;
        };
        self.told.replace(&usage, output);
        let fast_already =
            self.reading.service_tier.as_deref() == Some("fast") && !usage.speed.is_some();
        if usage.speed.is("fast") {
            // The speed explains the price where it is not the ordinary one.
            self.reading.note_tier(ProviderType::Anthropic, usage.speed);
        } else if !fast_already {
            let (tier, reading) = (&mut self.tier, &mut self.reading);
            tier.note(reading, ProviderType::Anthropic, usage.service_tier);
            // Nobody but Vertex AI has these beside Anthropic's own members.
            tier.note_traffic(reading, ProviderType::VertexAi, usage.extra_properties);
        }
        self.reading
            .note_geography(ProviderType::Anthropic, usage.inference_geo);
    }

    /// Takes in the text of a block, and gives the piece if there is one and nothing else.
    fn pieces<'a>(&mut self, block: &Block<'a>) -> Option<Raw<'a>> {
        let (mut pieces, mut last) = (0, None);
        for text in [block.text, block.thinking, block.partial_json, block.name] {
            if self.reading.see(text) {
                pieces += 1;
                last = Some(text);
            }
        }
        // A plain answer has the arguments as JSON; a stream begins with none and brings them in pieces.
        if let Some(input) = block.input.text().filter(|input| input.len() > "{}".len()) {
            self.reading.see_json(input);
            pieces += 1;
        }
        last.filter(|_| pieces == 1)
    }
}
