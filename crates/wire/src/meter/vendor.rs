//! Bodies that only `InvokeModel` has: those of models whose makers have no API of their own, or an
//! old one.
//!
//! | model | text | prompt | generated |
//! |---|---|---|---|
//! | Llama | `generation` | `prompt_token_count` | `generation_token_count` |
//! | Titan text | `results[].outputText`, streamed `outputText` | `inputTextTokenCount` | `results[].tokenCount`, streamed `totalOutputTextTokenCount` |
//! | Titan embeddings | | `inputTextTokenCount` | |
//! | Cohere | `text`, `generations[].text` | `meta`: see `cohere_usage` | `meta` |
//! | Mistral, older | `outputs[].text` | | |
//! | Claude, older | `completion` | | |
//! | AI21, older | `completions[].data.text` | | |
//!
//! What is not in the table is some other model's: its answer is taken as it is.

use domain::{bucket::PerBucket, usage::Usage};

use crate::{
    json::{self, Raw, object},
    meter::{Reading, cohere_usage::RawUsage, openai_usage::Split},
};

object! {
    /// An answer, or a piece of one.
    Body {
        generation = "generation",
        prompt_count = "prompt_token_count",
        generation_count = "generation_token_count",
        output_text = "outputText",
        input_text_count = "inputTextTokenCount",
        output_text_count = "totalOutputTextTokenCount",
        results = "results",
        text = "text",
        generations = "generations",
        meta = "meta",
        outputs = "outputs",
        completion = "completion",
        completions = "completions",
        embedding = "embedding",
        embeddings = "embeddings",
        embeddings_by_type = "embeddingsByType",
        images = "images",
        artifacts = "artifacts",
        error = "error",
    }
}

object! {
    /// One of several texts.
    Piece { text = "text", output_text = "outputText", tokens = "tokenCount", data = "data" }
}

object! {
    /// AI21's text.
    Data { text = "text" }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Vendor {
    reading: Reading,
    input: Option<u64>,
    output: Option<u64>,
    /// What Cohere bills.
    billed: Option<Split>,
    out_of_shape: bool,
}

impl Vendor {
    /// Takes in an answer or a piece of one: counts that it carries replace those before. Whether it is
    /// one JSON text.
    pub(super) fn take(&mut self, body: &[u8]) -> bool {
        let text = json::text(body);
        let Ok(body) = serde_json::from_str::<Body<'_>>(&text) else {
            self.out_of_shape = true;
            return false;
        };
        self.out_of_shape |= !text.trim_ascii_start().starts_with('{');
        self.reading.error |= body.error.is_some();
        for text in [
            body.generation,
            body.output_text,
            body.text,
            body.completion,
        ] {
            self.reading.see(text);
        }
        let mut tokens = None;
        for pieces in [
            body.results,
            body.generations,
            body.outputs,
            body.completions,
        ] {
            pieces.for_each(|piece: Piece<'_>| {
                self.reading.see(piece.text);
                self.reading.see(piece.output_text);
                if let Some(data) = piece.data.object::<Data<'_>>() {
                    self.reading.see(data.text);
                }
                if let Some(count) = piece.tokens.count() {
                    tokens = Some(count.saturating_add(tokens.unwrap_or(0)));
                }
            });
        }
        let is_any = |members: &[Raw<'_>]| members.iter().copied().any(Raw::is_some);
        self.reading.vectors |= is_any(&[body.embedding, body.embeddings, body.embeddings_by_type]);
        self.reading.delivered_text |=
            self.reading.vectors || is_any(&[body.images, body.artifacts]);
        let billed = body
            .meta
            .object()
            .and_then(|meta: RawUsage<'_>| meta.split());
        self.billed = billed.or(self.billed);
        let input = [body.prompt_count, body.input_text_count];
        self.input = input.into_iter().find_map(Raw::count).or(self.input);
        let output = [body.generation_count, body.output_text_count];
        self.output = output
            .into_iter()
            .find_map(Raw::count)
            .or(tokens)
            .or(self.output);
        true
    }

    /// What was told until now.
    pub(super) fn finish(mut self) -> Reading {
        let Split {
            usage,
            mismatch,
            billed_beside,
        } = self.billed.unwrap_or_default();
        self.reading.usage = Usage {
            tokens: PerBucket {
                input: self.input.or(usage.tokens.input),
                output: self.output.or(usage.tokens.output),
                ..usage.tokens
            },
            ..usage
        };
        self.reading.mismatch = mismatch;
        self.reading.billed_beside = billed_beside;
        self.reading.error |= self.out_of_shape;
        self.reading
    }
}
