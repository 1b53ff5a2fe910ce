//! Properties of the split into buckets: nothing is counted twice, nothing is lost.

mod support;

use domain::{
    bucket::{Bucket, PerBucket},
    call::Operation,
    provider::ProviderType,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{ANTHROPIC, COMPATIBLE, OPENAI, frames, meter, plain, stream};
use weir_wire::meter::Shape;

const COUNT: std::ops::Range<u64> = 0..1_000_000;

fn chat(usage: &serde_json::Value) -> weir_wire::meter::Reading {
    let body = json!({"id": "c", "model": "m", "choices": [], "usage": usage});
    let reading = plain(Operation::Chat, OPENAI, body.to_string().as_bytes());
    let event = format!("data: {body}\n\ndata: [DONE]\n\n");
    assert_eq!(
        stream(Operation::Chat, COMPATIBLE, event.as_bytes()).usage,
        reading.usage
    );
    reading
}

/// What a call used.
#[derive(Debug, Clone, Copy)]
struct Parts {
    uncached: u64,
    cached: u64,
    written: u64,
    text: u64,
    reasoning: u64,
    audio_in: u64,
    cached_audio: u64,
    image_in: u64,
    audio_out: u64,
    image_out: u64,
}

/// How an answer tells it, as far as its API can, and the buckets that it means.
struct Told {
    operation: Operation,
    plain: Value,
    shape: Shape,
    stream: Vec<u8>,
    tokens: PerBucket<Option<u64>>,
    reasoning: Option<u64>,
}

impl Parts {
    /// The answers of a type. A type is not added without saying so here.
    fn told(&self, provider_type: ProviderType) -> Vec<Told> {
        match provider_type {
            ProviderType::OpenAi | ProviderType::AzureOpenAi | ProviderType::OpenAiCompatible => {
                vec![self.chat()]
            }
            ProviderType::Anthropic => vec![self.messages()],
            ProviderType::GoogleAi => vec![self.generate(), self.chat()],
            ProviderType::VertexAi => vec![self.generate(), self.chat(), self.messages()],
            ProviderType::Cohere => vec![self.cohere(), self.chat()],
            ProviderType::Bedrock => {
                vec![self.converse(), self.invoke(), self.chat(), self.messages()]
            }
        }
    }

    fn chat(&self) -> Told {
        let prompt = self.uncached + self.cached + self.written + self.audio_in + self.image_in;
        let generated = self.text + self.reasoning + self.audio_out + self.image_out;
        let plain = json!({"id": "c", "model": "m", "choices": [], "usage": {
            "prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": prompt + generated,
            "prompt_tokens_details": {
                "cached_tokens": self.cached, "cache_write_tokens": self.written,
                "audio_tokens": self.audio_in, "image_tokens": self.image_in,
            },
            "completion_tokens_details": {
                "reasoning_tokens": self.reasoning, "audio_tokens": self.audio_out, "image_tokens": self.image_out,
            },
        }});
        Told {
            operation: Operation::Chat,
            stream: format!("data: {plain}\n\ndata: [DONE]\n\n").into_bytes(),
            shape: Shape::Stream,
            plain,
            tokens: PerBucket {
                cache_write_30m: Some(self.written),
                ..self.modalities()
            },
            reasoning: Some(self.reasoning),
        }
    }

    fn messages(&self) -> Told {
        let usage = json!({
            "input_tokens": self.uncached, "cache_read_input_tokens": self.cached,
            "cache_creation_input_tokens": self.written,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": self.written},
            "output_tokens": self.text + self.reasoning,
            "output_tokens_details": {"thinking_tokens": self.reasoning},
        });
        let message =
            json!({"id": "m", "type": "message", "model": "c", "content": [], "usage": usage});
        let events = [
            json!({"type": "message_start", "message": message}),
            json!({"type": "message_delta", "delta": {}, "usage": usage}),
            json!({"type": "message_stop"}),
        ];
        Told {
            operation: Operation::Messages,
            plain: message,
            shape: Shape::Stream,
            stream: events
                .iter()
                .flat_map(|event| format!("data: {event}\n\n").into_bytes())
                .collect(),
            tokens: PerBucket {
                cache_write_5m: Some(0),
                cache_write_1h: Some(self.written),
                ..self.plain_text()
            },
            reasoning: Some(self.reasoning),
        }
    }

    fn invoke(&self) -> Told {
        let messages = self.messages();
        let text = String::from_utf8_lossy(&messages.stream);
        let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
        Told {
            operation: Operation::Invoke,
            shape: Shape::EventStream,
            stream: events.flat_map(frames::chunk).collect(),
            ..messages
        }
    }

    fn converse(&self) -> Told {
        let prompt = self.uncached + self.cached + self.written;
        let generated = self.text + self.reasoning;
        let usage = json!({
            "inputTokens": self.uncached, "outputTokens": generated, "totalTokens": prompt + generated,
            "cacheReadInputTokens": self.cached, "cacheWriteInputTokens": self.written,
            "cacheDetails": [{"ttl": "5m", "inputTokens": self.written}],
        });
        let fields =
            json!({"usage": {"output_tokens_details": {"thinking_tokens": self.reasoning}}});
        let stop = json!({"stopReason": "end_turn", "additionalModelResponseFields": fields});
        Told {
            operation: Operation::Converse,
            plain: json!({
                "output": {"message": {"content": []}}, "usage": usage, "additionalModelResponseFields": fields,
            }),
            shape: Shape::EventStream,
            stream: [
                frames::event("messageStop", &stop.to_string()),
                frames::event("metadata", &json!({ "usage": usage }).to_string()),
            ]
            .concat(),
            tokens: PerBucket {
                cache_write_5m: Some(self.written),
                ..self.plain_text()
            },
            reasoning: Some(self.reasoning),
        }
    }

    fn generate(&self) -> Told {
        let cached = self.cached + self.cached_audio;
        let prompt = self.uncached + self.audio_in + self.image_in + cached;
        let candidates = self.text + self.audio_out + self.image_out;
        let plain = json!({"candidates": [], "usageMetadata": {
            "promptTokenCount": prompt, "cachedContentTokenCount": cached, "candidatesTokenCount": candidates,
            "thoughtsTokenCount": self.reasoning, "totalTokenCount": prompt + candidates + self.reasoning,
            "promptTokensDetails": [
                {"modality": "AUDIO", "tokenCount": self.audio_in + self.cached_audio},
                {"modality": "IMAGE", "tokenCount": self.image_in},
            ],
            "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": self.cached_audio}],
            "candidatesTokensDetails": [
                {"modality": "AUDIO", "tokenCount": self.audio_out}, {"modality": "IMAGE", "tokenCount": self.image_out},
            ],
        }});
        Told {
            operation: Operation::Generate,
            stream: format!("[{plain}\n]").into_bytes(),
            shape: Shape::JsonArray,
            plain,
            tokens: PerBucket {
                cached_input_audio: some(self.cached_audio),
                ..self.modalities()
            },
            reasoning: Some(self.reasoning),
        }
    }

    /// It tells neither what was reasoned nor what was written to a cache.
    fn cohere(&self) -> Told {
        let prompt = self.uncached + self.cached;
        let usage = json!({
            "billed_units": {"input_tokens": prompt, "output_tokens": self.text},
            "tokens": {"input_tokens": prompt + 67, "output_tokens": self.text + 1},
            "cached_tokens": self.cached,
        });
        let end =
            json!({"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}});
        Told {
            operation: Operation::CohereChat,
            plain: json!({"id": "c", "message": {"content": []}, "usage": usage}),
            shape: Shape::Stream,
            stream: format!("event: message-end\ndata: {end}\n\n").into_bytes(),
            tokens: PerBucket {
                output: Some(self.text),
                ..self.plain_text()
            },
            reasoning: None,
        }
    }

    fn plain_text(&self) -> PerBucket<Option<u64>> {
        PerBucket {
            input: Some(self.uncached),
            cached_input: Some(self.cached),
            output: Some(self.text + self.reasoning),
            ..PerBucket::default()
        }
    }

    fn modalities(&self) -> PerBucket<Option<u64>> {
        PerBucket {
            input_audio: some(self.audio_in),
            input_image: some(self.image_in),
            output_audio: some(self.audio_out),
            output_image: some(self.image_out),
            ..self.plain_text()
        }
    }
}

/// A bucket that is there only where it has tokens.
fn some(count: u64) -> Option<u64> {
    Some(count).filter(|count| *count > 0)
}

proptest! {
    /// Parts that fit into their wholes come out in buckets that sum to the provider's own total.
    #[test]
    fn consistent_openai_counts_sum_to_the_total(
        uncached in COUNT, cached in COUNT, written in COUNT, text in COUNT, reasoning in COUNT,
        audio_in in COUNT, audio_out in COUNT,
    ) {
        let (prompt, generated) = (uncached + audio_in + cached + written, text + reasoning + audio_out);
        let reading = chat(&json!({
            "prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": prompt + generated,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": audio_in},
            "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": audio_out},
        }));
        prop_assert!(!reading.mismatch);
        prop_assert_eq!(reading.usage.total_tokens(), prompt + generated);
        prop_assert_eq!(reading.usage.prompt_tokens(), prompt);
        let tokens = reading.usage.tokens;
        prop_assert_eq!(tokens.input, Some(uncached));
        prop_assert_eq!(tokens.input_audio.unwrap_or(0), audio_in);
        prop_assert_eq!(tokens.cached_input, Some(cached));
        prop_assert_eq!(tokens.cache_write_30m, Some(written));
        prop_assert_eq!(tokens.output, Some(text + reasoning));
        prop_assert_eq!(reading.usage.reasoning, Some(reasoning));
    }

    /// The same call reads the same whether reasoning and cache stand inside or beside: the total decides.
    #[test]
    fn the_total_tells_what_stands_outside(uncached in COUNT, cached in 1..1_000_000_u64, text in COUNT, reasoning in 1..1_000_000_u64) {
        prop_assume!(cached != reasoning);
        let total = uncached + cached + text + reasoning;
        let usage = |prompt: u64, generated: u64| json!({
            "prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": total,
            "cache_read_input_tokens": cached, "reasoning_tokens": reasoning,
        });
        let inside = chat(&usage(uncached + cached, text + reasoning));
        prop_assert!(!inside.mismatch);
        prop_assert_eq!(inside.usage.tokens.input, Some(uncached));
        prop_assert_eq!(inside.usage.tokens.output, Some(text + reasoning));
        for (prompt, generated) in [(uncached, text + reasoning), (uncached + cached, text), (uncached, text)] {
            prop_assert_eq!(chat(&usage(prompt, generated)), inside.clone());
        }
    }

    /// Whatever is told, nothing overflows, parts are not larger than wholes, and what does not fit shows.
    #[test]
    fn any_openai_counts_are_split_without_overlap(
        prompt in any::<u64>(), generated in any::<u64>(), total in prop::option::of(any::<u64>()),
        cached in prop::option::of(any::<u64>()), written in prop::option::of(any::<u64>()),
        reasoning in prop::option::of(any::<u64>()), audio in prop::option::of(any::<u64>()), image in prop::option::of(any::<u64>()),
    ) {
        let reading = chat(&json!({
            "prompt_tokens": prompt, "completion_tokens": generated, "total_tokens": total,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": audio, "image_tokens": image},
            "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": audio},
        }));
        let usage = reading.usage;
        prop_assert_eq!(usage.provider_total, total);
        prop_assert!(usage.reasoning <= usage.tokens.output);
        prop_assert_eq!(usage.tokens.cached_input, cached);
        let cache = cached.unwrap_or(0).saturating_add(written.unwrap_or(0));
        prop_assert_eq!(usage.prompt_tokens(), prompt.max(cache), "the prompt, or the cache if that is more");
        prop_assert!(cache <= prompt || reading.mismatch);
        prop_assert!(reading.mismatch || total.is_none_or(|total| total == usage.total_tokens()));
        // Nothing was told of these.
        prop_assert_eq!((usage.tokens.cache_write_5m, usage.tokens.cache_write_1h), (None, None));
    }

    /// Anthropic's counts are in no other; each lands in its bucket as it is.
    #[test]
    fn anthropic_counts_never_overlap(
        input in COUNT, read in COUNT, five_minutes in COUNT, one_hour in COUNT, rest in COUNT, output in COUNT,
    ) {
        let usage = json!({
            "input_tokens": input, "cache_read_input_tokens": read, "output_tokens": output,
            "cache_creation_input_tokens": five_minutes + one_hour + rest,
            "cache_creation": {"ephemeral_5m_input_tokens": five_minutes, "ephemeral_1h_input_tokens": one_hour},
        });
        let body = json!({"id": "m", "type": "message", "model": "c", "content": [], "usage": usage});
        let reading = plain(Operation::Messages, ANTHROPIC, body.to_string().as_bytes());
        prop_assert!(!reading.mismatch);
        prop_assert_eq!(reading.usage.total_tokens(), input + read + five_minutes + one_hour + rest + output);
        let tokens = reading.usage.tokens;
        prop_assert_eq!(tokens.input, Some(input));
        prop_assert_eq!(tokens.cache_write_unknown.unwrap_or(0), rest);

        // The same as a stream whose counts grow to these.
        let start = json!({"type": "message_start", "message": {"id": "m", "type": "message", "model": "c", "content": [], "usage": {
            "input_tokens": input / 2, "cache_read_input_tokens": 0, "output_tokens": 1,
            "cache_creation_input_tokens": five_minutes + one_hour,
            "cache_creation": {"ephemeral_5m_input_tokens": five_minutes, "ephemeral_1h_input_tokens": one_hour},
        }}});
        let half = json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": output / 2}});
        let delta = json!({"type": "message_delta", "delta": {}, "usage": {
            "input_tokens": input, "cache_read_input_tokens": read, "output_tokens": output,
            "cache_creation_input_tokens": five_minutes + one_hour + rest,
        }});
        let stop = json!({"type": "message_stop"});
        let events: String = [start, half, delta, stop].iter().map(|event| {
            format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap())
        }).collect();
        let streamed = stream(Operation::Messages, ANTHROPIC, events.as_bytes());
        prop_assert_eq!(streamed, reading);
    }

    /// No bucket of a prompt or of an output is told for an operation that has none.
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for operation in Operation::ALL {
            let _ = plain(*operation, OPENAI, &bytes);
            let reading = stream(*operation, ANTHROPIC, &bytes);
            prop_assert!(Bucket::ALL.iter().all(|bucket| reading.usage.tokens.get(*bucket).is_none()));
            for provider_type in ProviderType::ALL {
                for shape in Shape::ALL {
                    let mut meter = meter(*operation, *provider_type, *shape);
                    let _ = meter.push(&bytes);
                    prop_assert!(!meter.finish().usage.is_reported());
                }
            }
        }
    }

    /// Of every type: what fits together comes out in buckets that sum to it, plain and streamed alike.
    #[test]
    fn consistent_counts_of_every_type_come_out_as_they_are(
        counts in prop::collection::vec(COUNT, 10),
    ) {
        let [uncached, cached, written, text, reasoning, audio_in, cached_audio, image_in, audio_out, image_out] =
            counts.try_into().unwrap();
        let parts = Parts {
            uncached, cached, written, text, reasoning, audio_in, cached_audio, image_in, audio_out, image_out,
        };
        for provider_type in ProviderType::ALL.iter().copied() {
            for told in parts.told(provider_type) {
                let mut plain = meter(told.operation, provider_type, Shape::Plain);
                let _ = plain.push(told.plain.to_string().as_bytes());
                let plain = plain.finish();
                prop_assert_eq!(plain.usage.tokens, told.tokens, "{:?}", told.operation);
                prop_assert_eq!(plain.usage.reasoning, told.reasoning, "{:?}", told.operation);
                prop_assert!(!plain.mismatch && !plain.error, "{:?}", told.operation);
                let mut streamed = meter(told.operation, provider_type, told.shape);
                let _ = streamed.push(&told.stream);
                let streamed = streamed.finish();
                prop_assert_eq!(streamed.usage, plain.usage, "{:?}", told.operation);
                prop_assert!(!streamed.mismatch && !streamed.error, "{:?}", told.operation);
            }
        }
    }

    /// Any JSON in the place of a usage is read or passed over.
    #[test]
    fn odd_usage_never_panics_or_hides_the_rest(odd in prop::sample::select(vec![
        "-1", "1e400", "\"5\"", "[[[]]]", "{\"a\":{}}", "true", "\"\\ud800\"", "0.5", "99999999999999999999999",
    ])) {
        let body = format!(r#"{{"choices":[],"usage":{{"total_tokens":{odd},"prompt_tokens_details":{odd},"prompt_tokens":7,"x":{odd}}},"id":{odd},"model":"m"}}"#);
        let reading = plain(Operation::Chat, COMPATIBLE, body.as_bytes());
        prop_assert_eq!(reading.usage.tokens.input, Some(7));
        prop_assert_eq!(reading.replied_model.as_deref(), Some("m"));
    }
}
