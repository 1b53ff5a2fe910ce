//! Google's `generateContent`: plain, as server-sent events and as one JSON array.
//!
//! Every chunk of a stream is a piece of the same kind of answer that comes plain, so that one reader does
//! for all. `usageMetadata` may be in any of them with running values: the last one counts. A stream of
//! events has no last one, it just ends; an array ends with its bracket.
//!
//! An error in the middle of a stream is a chunk with an `error`. A prompt that was blocked has no
//! candidates, and its tokens are billed.
//!
//! Searches: Gemini 3 and later bill each query, those before each answer that was searched for.

use domain::{pricing::is_prepaid, provider::ProviderType};

use crate::{
    json::{self, Raw, object},
    meter::{
        Reading,
        google_usage::{Generated, RawUsage, Told},
    },
    sse::Event,
};

object! {
    /// An answer, or a piece of one.
    Chunk {
        candidates = "candidates",
        usage = "usageMetadata",
        model = "modelVersion",
        id = "responseId",
        feedback = "promptFeedback",
        service_tier = "serviceTier",
        error = "error",
    }
}

object! {
    /// One candidate.
    Candidate { content = "content", finish_reason = "finishReason", grounding = "groundingMetadata" }
}

object! {
    /// What a candidate says.
    Content { parts = "parts" }
}

object! {
    /// A part of it: text or thoughts, a call, code, or something that is no text.
    Part {
        text = "text",
        call = "functionCall",
        code = "executableCode",
        inline = "inlineData",
        file = "fileData",
    }
}

object! {
    /// A call of one of the client's functions.
    Call { name = "name", args = "args" }
}

object! {
    /// Code that Google ran.
    Code { code = "code" }
}

object! {
    /// What became of the prompt.
    Feedback { block_reason = "blockReason" }
}

object! {
    /// What the answer rests on.
    Grounding { queries = "webSearchQueries" }
}

/// What has been read of an answer so far.
#[derive(Debug)]
pub(super) struct Google {
    /// Whether each query of a search is billed, going by the model asked for.
    bills_queries: bool,
    reading: Reading,
    told: Option<Told>,
    queries: u64,
    in_shape: bool,
    out_of_shape: bool,
    /// The last piece that had candidates told why one of them ended.
    finished: bool,
    blocked: bool,
}

impl Google {
    /// A reader of the answer of this model.
    pub(super) fn new(model: Option<&str>) -> Self {
        Self {
            bills_queries: bills_queries(model.unwrap_or_default()),
            reading: Reading::default(),
            told: None,
            queries: 0,
            in_shape: false,
            out_of_shape: false,
            finished: false,
            blocked: false,
        }
    }

    /// Takes in one piece of a stream.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        self.reading.delivered_text |= event.given_up;
        self.reading.error |= event.name == b"error";
        if event.data.is_empty() {
            return;
        }
        let text = json::text(event.data);
        match serde_json::from_str::<Chunk<'_>>(&text) {
            Ok(chunk) => self.chunk(&chunk),
            // What only breaks off may have been in shape.
            Err(error) => self.out_of_shape |= !error.is_eof(),
        }
    }

    /// Takes in a whole answer. Whether it is one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(answer) = serde_json::from_str::<Chunk<'_>>(&text) else {
            return false;
        };
        self.chunk(&answer);
        true
    }

    /// What a stream told. `foreign`: it had bytes that are none of a stream's.
    pub(super) fn finish(mut self, foreign: bool) -> Reading {
        self.reading.ended = self.finished || self.blocked;
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
        if let Some(told) = self.told {
            let split = told.split(if self.reading.delivered_text {
                Generated::Something
            } else {
                Generated::Nothing
            });
            (self.reading.usage, self.reading.mismatch) = (split.usage, split.mismatch);
        }
        let bills_queries = match self.reading.replied_model.as_deref() {
            Some(model) => bills_queries(model),
            None => self.bills_queries,
        };
        let searches = if bills_queries {
            self.queries
        } else {
            self.queries.min(1)
        };
        self.reading.usage.searches = Some(searches).filter(|searches| *searches > 0);
        self.reading
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        self.reading.note_model(chunk.model);
        self.reading.note_id(chunk.id);
        self.reading.error |= chunk.error.is_some();
        let feedback: Option<Feedback<'_>> = chunk.feedback.object();
        self.blocked |= feedback.is_some_and(|feedback| feedback.block_reason.is_some());
        let mut told = chunk.candidates.is_list() || feedback.is_some();
        if let Some(usage) = chunk.usage.object::<RawUsage<'_>>() {
            self.told = Told::read(&usage).or(self.told);
            told |= self.told.is_some();
            let told = [chunk.service_tier, usage.service_tier, usage.traffic_type];
            // What came from capacity that is paid for is of no tier.
            let traffic = usage.traffic_type.escaped();
            let words = match is_prepaid(ProviderType::VertexAi, traffic) {
                true => [usage.traffic_type; 3],
                false => told,
            };
            if let Some(word) = words.into_iter().find(|word| word.is_some()) {
                self.reading.note_tier(ProviderType::GoogleAi, word);
            }
        }
        self.in_shape |= told;
        self.out_of_shape |= !told;
        let (mut finished, mut queries) = (None, 0_u64);
        chunk.candidates.for_each(|candidate: Candidate<'_>| {
            finished = Some(finished == Some(true) || candidate.finish_reason.is_some());
            if let Some(content) = candidate.content.object::<Content<'_>>() {
                content.parts.for_each(|part: Part<'_>| self.part(&part));
            }
            if let Some(grounding) = candidate.grounding.object::<Grounding<'_>>() {
                grounding.queries.for_each(|query: Raw<'_>| {
                    queries = queries.saturating_add(u64::from(query.string().is_some()));
                });
            }
        });
        self.finished = finished.unwrap_or(self.finished);
        // Later pieces tell the same queries again.
        self.queries = self.queries.max(queries);
    }

    fn part(&mut self, part: &Part<'_>) {
        self.reading.see(part.text);
        if let Some(call) = part.call.object::<Call<'_>>() {
            self.reading.see(call.name);
            if let Some(args) = call.args.text() {
                self.reading.see_json(args);
            }
        }
        if let Some(code) = part.code.object::<Code<'_>>() {
            self.reading.see(code.code);
        }
        self.reading.delivered_text |= part.inline.is_some() || part.file.is_some();
    }
}

/// Whether a model's searches are billed by query.
fn bills_queries(model: &str) -> bool {
    let by_answer = ["gemini-1", "gemini-2", "deep-research"];
    !by_answer.iter().any(|start| model.starts_with(start))
}
