//! OpenAI's Responses API, streamed and plain, and stored responses that are read back.
//!
//! The last event of a stream is one of `response.completed`, `response.incomplete` and `response.failed`,
//! each with the whole response in it, or `error`. A plain answer is such a response without the event
//! around it, and read the same way. A background response is answered at once as `queued` or
//! `in_progress` without usage.
//!
//! Deltas are the only events that come often; of the others only the first and the last are looked into.

use domain::provider::ProviderType;

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading,
        openai_usage::{RawUsage, Split},
        pattern::{Gap, Pattern},
        traffic::Tier,
    },
    sse::Event,
};

object! {
    /// An event of a stream.
    StreamEvent {
        kind = "type",
        delta = "delta",
        response = "response",
        error = "error",
        sequence_number = "sequence_number",
        obfuscation = "obfuscation",
    }
}

object! {
    /// A response.
    Response {
        object = "object",
        id = "id",
        model = "model",
        status = "status",
        output = "output",
        usage = "usage",
        service_tier = "service_tier",
        error = "error",
        tool_usage = "tool_usage",
    }
}

object! {
    /// What the tools that OpenAI ran have used.
    ToolUsage { web_search = "web_search", image_gen = "image_gen" }
}

object! {
    /// Images, which a model of their own makes and which are billed at its rates.
    ImageGen { total_tokens = "total_tokens" }
}

object! {
    /// Searches.
    WebSearch { num_requests = "num_requests" }
}

object! {
    /// One item of the output: a message, reasoning, a call of a tool.
    Item { content = "content", summary = "summary", name = "name", arguments = "arguments", input = "input", code = "code" }
}

object! {
    /// A part of a message or of reasoning.
    Part { text = "text", refusal = "refusal", transcript = "transcript" }
}

/// What an event of a stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The response as it begins.
    Begin,
    /// A piece of text, reasoning or arguments.
    Delta,
    /// The response as it ends.
    End,
    /// The error that ends the stream.
    Error,
    /// Everything else: it repeats what deltas told, or tells nothing that is billed.
    Rest,
}

impl Kind {
    fn of(name: &[u8]) -> Self {
        match name {
            b"response.completed" | b"response.incomplete" | b"response.failed" => Self::End,
            b"error" => Self::Error,
            b"response.created" | b"response.queued" | b"response.in_progress" => Self::Begin,
            // Sound as base64.
            b"response.audio.delta" | b"response.output_audio.delta" => Self::Rest,
            name if name.ends_with(b".delta") => Self::Delta,
            _ => Self::Rest,
        }
    }

    const fn is_last(self) -> bool {
        match self {
            Self::End | Self::Error => true,
            Self::Begin | Self::Delta | Self::Rest => false,
        }
    }
}

/// What has been read of an answer so far.
#[derive(Debug)]
pub(super) struct Responses {
    provider_type: ProviderType,
    reading: Reading,
    tier: Tier,
    pattern: Pattern,
    usage: Option<Split>,
    searches: Option<u64>,
    image_tokens: Option<u64>,
    in_progress: bool,
    in_shape: bool,
    out_of_shape: bool,
    done: bool,
}

impl Responses {
    pub(super) fn new(provider_type: ProviderType) -> Self {
        Self {
            provider_type,
            reading: Reading::default(),
            tier: Tier::default(),
            pattern: Pattern::default(),
            usage: None,
            searches: None,
            image_tokens: None,
            in_progress: false,
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
        let named = Kind::of(event.name);
        if event.given_up {
            // Its name still tells that the stream has ended, though not with what usage.
            self.done |= named.is_last();
            self.reading.delivered_text = true;
            self.reading.error |= named == Kind::Error || event.name == b"response.failed";
            return;
        }
        if event.data.trim_ascii() == b"[DONE]" {
            self.done = true;
            return;
        }
        let begun = self.reading.replied_model.is_some() && self.reading.response_id.is_some();
        if event.data.is_empty()
            || (!event.name.is_empty() && (named == Kind::Rest || (named == Kind::Begin && begun)))
        {
            return;
        }
        let text = json::text(event.data);
        let told = match serde_json::from_str::<StreamEvent<'_>>(&text) {
            Ok(told) => told,
            Err(error) => {
                // What only breaks off may have been in shape.
                self.out_of_shape |= !error.is_eof();
                return;
            }
        };
        let kind = if event.name.is_empty() {
            Kind::of(told.kind.escaped().unwrap_or_default().as_bytes())
        } else {
            named
        };
        self.in_shape |= told.kind.is_some();
        self.out_of_shape |= !told.kind.is_some();
        self.reading.error |= kind == Kind::Error || told.error.is_some();
        match kind {
            Kind::Delta => {
                if self.reading.see(told.delta) && !told.error.is_some() {
                    let gaps = [
                        (told.delta, Gap::Text),
                        (told.sequence_number, Gap::Digits),
                        (told.obfuscation, Gap::Padding),
                    ];
                    self.pattern.learn(event, &text, &gaps);
                }
            }
            Kind::Begin | Kind::End => {
                if let Some(response) = told.response.object::<Response<'_>>() {
                    self.response(&response);
                }
            }
            Kind::Error | Kind::Rest => {}
        }
        self.done |= kind.is_last();
    }

    /// Whether this event, which may not have come to its end, is whole and the stream's last.
    pub(super) fn is_last(event: &Event<'_>) -> bool {
        let data = event.data.trim_ascii();
        if data == b"[DONE]" {
            return true;
        }
        let name = if event.name.is_empty() {
            type_at_the_start(data)
        } else {
            event.name
        };
        Kind::of(name).is_last()
            && data.ends_with(b"}")
            && serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok()
    }

    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in a whole response. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(response) = serde_json::from_str::<Response<'_>>(&text) else {
            return false;
        };
        self.response(&response);
        true
    }

    /// What a stream told. `foreign`: it had lines that are none of a stream's.
    pub(super) fn finish(mut self, foreign: bool) -> Reading {
        self.reading.ended = self.done;
        self.reading.error |= (self.out_of_shape || foreign) && !self.in_shape;
        self.read()
    }

    /// What a plain answer told; it came whole. `stored`: it is about a stored response, where lists and
    /// confirmations are answers too.
    pub(super) fn finish_plain(mut self, stored: bool) -> Reading {
        self.reading.ended = true;
        self.reading.unfinished = self.in_progress;
        self.reading.error |= !self.in_shape && !stored;
        self.read()
    }

    fn read(mut self) -> Reading {
        let split = self.usage.unwrap_or_default();
        self.reading.usage = split.usage;
        self.reading.usage.searches = self.searches.or(split.usage.searches);
        self.reading.mismatch = split.mismatch;
        self.reading.billed_beside = split.billed_beside || self.image_tokens > Some(0);
        self.reading
    }

    fn response(&mut self, response: &Response<'_>) {
        self.reading.note_model(response.model);
        self.reading.note_id(response.id);
        self.tier
            .note(&mut self.reading, self.provider_type, response.service_tier);
        self.reading.error |= response.error.is_some() || response.status.is("failed");
        self.in_progress = response.status.is("queued") || response.status.is("in_progress");
        let is_response = response
            .object
            .escaped()
            .is_some_and(|object| object.starts_with("response"));
        self.in_shape |= is_response || response.output.is_list();
        if let Some(usage) = response.usage.object::<RawUsage<'_>>() {
            let (tier, reading) = (&mut self.tier, &mut self.reading);
            tier.note_traffic(reading, self.provider_type, usage.extra_properties);
            self.usage = usage.split(self.provider_type).or(self.usage);
            self.in_shape |= self.usage.is_some();
        }
        if let Some(tools) = response.tool_usage.object::<ToolUsage<'_>>() {
            let searches = tools
                .web_search
                .object::<WebSearch<'_>>()
                .and_then(|told| told.num_requests.count());
            self.searches = searches.or(self.searches);
            let images = tools.image_gen.object::<ImageGen<'_>>();
            let images = images.and_then(|told| told.total_tokens.count());
            self.image_tokens = images.or(self.image_tokens);
        }
        if self.reading.text.is_empty() {
            response.output.for_each(|item: Item<'_>| self.item(&item));
        }
    }

    fn item(&mut self, item: &Item<'_>) {
        self.parts(item.content);
        self.parts(item.summary);
        for text in [item.name, item.arguments, item.input, item.code] {
            self.reading.see(text);
        }
    }

    fn parts(&mut self, parts: Raw<'_>) {
        parts.for_each(|part: Part<'_>| {
            for text in [part.text, part.refusal, part.transcript] {
                self.reading.see(text);
            }
        });
    }
}

/// The type of an event without a name, where its data begins with it, as they do.
fn type_at_the_start(data: &[u8]) -> &[u8] {
    let after = data
        .strip_prefix(br#"{"type":"#)
        .map(<[u8]>::trim_ascii_start)
        .and_then(|rest| rest.strip_prefix(b"\""));
    after
        .and_then(|rest| rest.split(|byte| *byte == b'"').next())
        .unwrap_or_default()
}
