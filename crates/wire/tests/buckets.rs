//! Properties of the split into buckets: nothing is counted twice, nothing is lost.

mod support;

use domain::{bucket::Bucket, call::Operation};
use proptest::prelude::*;
use serde_json::json;
use support::{ANTHROPIC, COMPATIBLE, OPENAI, plain, stream};

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
