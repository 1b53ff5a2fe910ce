//! Bedrock's `InvokeModel`: bodies of the model makers' own APIs, streamed and plain.
//!
//! The id of a model does not always tell whose it is (ARNs of profiles and of imported models), but its
//! answers do: the first one, or the first piece of one, says which reader takes it from there.
//!
//! A stream is event-stream frames of type `chunk`, each with one event of the maker's API as base64. The
//! last one has `amazon-bedrock-invocationMetrics` beside what the maker says; their counts fill in what
//! the maker left out.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::provider::ProviderType;
use memchr::memmem;

use crate::{
    json::{self, object},
    meter::{
        Reading,
        bedrock_usage::{Counts, Maker},
        chat::Chat,
        converse::Converse,
        messages::Messages,
        vendor::Vendor,
    },
    sse::Event,
};

/// The member of a stream's last event that has Bedrock's own counts.
const METRICS: &[u8] = b"amazon-bedrock-invocationMetrics";

object! {
    /// The payload of a frame.
    Chunk { bytes = "bytes" }
}

object! {
    /// What tells whose answer, or piece of one, it is.
    Signs {
        kind = "type",
        choices = "choices",
        output = "output",
        message_start = "messageStart",
        block_start = "contentBlockStart",
        block_delta = "contentBlockDelta",
        block_stop = "contentBlockStop",
        message_stop = "messageStop",
        metadata = "metadata",
        metrics = "amazon-bedrock-invocationMetrics",
    }
}

/// Who reads it.
#[derive(Debug)]
enum Reader {
    /// Claude.
    Messages(Box<Messages>),
    /// OpenAI's models and all that answer like them: Mistral, DeepSeek, Qwen, Jamba.
    Chat(Box<Chat>),
    /// Nova.
    Converse(Box<Converse>),
    /// Everything else.
    Vendor(Box<Vendor>),
}

/// What has been read of an answer so far.
#[derive(Debug)]
pub(super) struct Invoke {
    maker: Maker,
    /// `None`: nothing has come yet.
    reader: Option<Reader>,
    metrics: Counts,
    out_of_shape: bool,
    done: bool,
}

impl Invoke {
    /// A reader of the answer of a model of this maker.
    pub(super) fn new(maker: Maker) -> Self {
        Self {
            maker,
            reader: None,
            metrics: Counts::default(),
            out_of_shape: false,
            done: false,
        }
    }

    /// Takes in one frame of a stream.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        let text = json::text(event.data);
        let decoded = serde_json::from_str::<Chunk<'_>>(&text)
            .ok()
            .and_then(|chunk| chunk.bytes.string())
            .and_then(|base64| STANDARD.decode(base64.as_bytes()).ok());
        match decoded {
            Some(data) => self.piece(&data),
            None => self.out_of_shape = true,
        }
    }

    /// Whether the last piece has come.
    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes in a whole answer. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let maker = self.maker;
        match self.reader.get_or_insert_with(|| Reader::of(body, maker)) {
            Reader::Messages(messages) => messages.take(body),
            Reader::Chat(chat) => chat.take(body),
            Reader::Converse(converse) => converse.take(body),
            Reader::Vendor(vendor) => vendor.take(body),
        }
    }

    /// What a stream told. `foreign`: it had bytes that are none of a stream's.
    pub(super) fn finish(self, foreign: bool) -> Reading {
        let in_shape = self.reader.is_some();
        let mut reading = match self.reader {
            Some(Reader::Messages(messages)) => messages.finish(false),
            Some(Reader::Chat(chat)) => chat.finish(false),
            Some(Reader::Converse(converse)) => converse.finish(false),
            Some(Reader::Vendor(vendor)) => vendor.finish(),
            None => Reading::default(),
        };
        reading.ended |= self.done;
        reading.error |= (self.out_of_shape || foreign) && !in_shape;
        self.metrics.fill(self.maker, &mut reading.usage);
        reading
    }

    /// What a plain answer told; it came whole.
    pub(super) fn finish_plain(self) -> Reading {
        let mut reading = match self.reader {
            Some(Reader::Messages(messages)) => messages.finish_plain(),
            Some(Reader::Chat(chat)) => chat.finish_plain(),
            Some(Reader::Converse(converse)) => converse.finish_plain(),
            Some(Reader::Vendor(vendor)) => vendor.finish(),
            None => Reading::default(),
        };
        reading.ended = true;
        reading
    }

    /// Takes in one event of the maker's API.
    fn piece(&mut self, data: &[u8]) {
        if memmem::find(data, METRICS).is_some() {
            let text = json::text(data);
            let signs = serde_json::from_str::<Signs<'_>>(&text).unwrap_or_default();
            self.metrics = Counts::of_metrics(signs.metrics);
            self.done |= signs.metrics.is_object();
        }
        let event = Event {
            name: &[],
            data,
            given_up: false,
        };
        let maker = self.maker;
        match self.reader.get_or_insert_with(|| Reader::of(data, maker)) {
            Reader::Messages(messages) => messages.event(&event),
            Reader::Chat(chat) => chat.event(&event),
            Reader::Converse(converse) => converse.wrapped(data),
            Reader::Vendor(vendor) => {
                vendor.take(data);
            }
        }
    }
}

impl Reader {
    /// The reader of an answer, going by the answer or its first piece.
    fn of(data: &[u8], maker: Maker) -> Self {
        let text = json::text(data);
        let signs = serde_json::from_str::<Signs<'_>>(&text).unwrap_or_default();
        let nova = [
            signs.output,
            signs.message_start,
            signs.block_start,
            signs.block_delta,
            signs.block_stop,
            signs.message_stop,
            signs.metadata,
        ];
        let kind = signs.kind.escaped().unwrap_or_default();
        let claude = ["message", "content_block", "ping", "error"];
        if signs.choices.is_list() {
            Self::Chat(Box::new(Chat::new(ProviderType::Bedrock)))
        } else if nova.iter().any(|member| member.is_object()) {
            Self::Converse(Box::new(Converse::new(maker)))
        } else if claude.iter().any(|start| kind.starts_with(start)) {
            Self::Messages(Box::default())
        } else {
            Self::Vendor(Box::default())
        }
    }
}
