//! Each shape in which Vertex AI tells usage, streamed and not: of Google's models, of Anthropic's, of other
//! publishers', of its imitation of OpenAI's API, and of embeddings.

mod support;

use domain::{call::Operation, pricing::ServiceTier};
use support::{COMPATIBLE, VERTEX, described, meter, plain};
use weir_wire::meter::{Reading, Shape};

fn streamed(operation: Operation, shape: Shape, body: &str) -> Reading {
    let mut meter = meter(operation, VERTEX, shape);
    for byte in body.as_bytes().chunks(7) {
        let _ = meter.push(byte);
    }
    meter.finish()
}

const GEMINI: &str = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5000,"cachedContentTokenCount":4000,"candidatesTokenCount":200,"thoughtsTokenCount":100,"toolUsePromptTokenCount":50,"totalTokenCount":5350,"trafficType":"TRAFFIC","promptTokensDetails":[{"modality":"TEXT","tokenCount":4700},{"modality":"AUDIO","tokenCount":300}]},"modelVersion":"gemini-3-pro","responseId":"g"}"#;
const OF_GEMINI: &str =
    "input=750 output=300 cached_input=4000 input_audio=300 reasoning=100 total=5350";

#[test]
fn gemini_tells_the_kind_of_traffic() {
    for (traffic, tier) in TRAFFIC {
        let body = GEMINI.replace("TRAFFIC", traffic);
        let whole = plain(Operation::Generate, VERTEX, body.as_bytes());
        let events = format!("data: {body}\n\n");
        let array = format!("[{body}\n]");
        for reading in [
            whole,
            streamed(Operation::Generate, Shape::Stream, &events),
            streamed(Operation::Generate, Shape::JsonArray, &array),
        ] {
            assert_eq!(described(&reading), OF_GEMINI);
            assert_eq!(reading.service_tier.as_deref(), Some(traffic));
            assert_eq!(reading.tier, tier, "{traffic}");
            assert!(reading.ended && !reading.error);
        }
    }
}

#[test]
fn claude_tells_it_as_anthropic_does() {
    let usage = r#""usage":{"input_tokens":120,"cache_read_input_tokens":4096,"cache_creation_input_tokens":1500,"cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":1000},"output_tokens":300}"#;
    let told = "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000";
    let body = format!(
        r#"{{"id":"msg_vrtx_1","type":"message","role":"assistant","model":"claude-opus-5","content":[{{"type":"text","text":"Hi"}}],{usage}}}"#
    );
    let whole = plain(Operation::Messages, VERTEX, body.as_bytes());
    let begins = body.replace("\"output_tokens\":300", "\"output_tokens\":1");
    let events = format!(
        "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{begins}}}\n\nevent: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{{\"output_tokens\":300}}}}\n\nevent: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
    );
    for reading in [whole, streamed(Operation::Messages, Shape::Stream, &events)] {
        assert_eq!(described(&reading), told);
        assert_eq!(reading.replied_model.as_deref(), Some("claude-opus-5"));
    }
}

#[test]
fn other_publishers_and_the_openai_style_tell_it_as_openai_does() {
    for (counts, told) in [
        // Mistral.
        (
            r#"{"prompt_tokens":50,"completion_tokens":20,"total_tokens":70}"#,
            "input=50 output=20 total=70",
        ),
        // The imitation, whose thoughts only the total tells.
        (
            r#"{"prompt_tokens":50,"completion_tokens":20,"total_tokens":100,"prompt_tokens_details":{"cached_tokens":30}}"#,
            "input=20 output=50 cached_input=30 reasoning=30 total=100",
        ),
    ] {
        let body = format!(
            r#"{{"object":"chat.completion","model":"m","choices":[{{"message":{{"content":"Hi"}},"finish_reason":"stop"}}],"usage":{counts}}}"#
        );
        let chunk = body.replace("\"message\"", "\"delta\"");
        let events = format!("data: {chunk}\n\ndata: [DONE]\n\n");
        for reading in [
            plain(Operation::Chat, VERTEX, body.as_bytes()),
            streamed(Operation::Chat, Shape::Stream, &events),
        ] {
            assert_eq!(described(&reading), told);
            assert!(reading.ended && !reading.error);
        }
    }
}

/// The kinds of traffic, with the tier that each is billed as.
const TRAFFIC: [(&str, Option<ServiceTier>); 4] = [
    ("ON_DEMAND", None),
    ("ON_DEMAND_PRIORITY", Some(ServiceTier::Priority)),
    ("ON_DEMAND_FLEX", Some(ServiceTier::Flex)),
    ("PROVISIONED_THROUGHPUT", None),
];

/// What Google adds to usage that is told as others tell it.
fn extra(traffic: &str) -> String {
    format!(r#""extra_properties":{{"google":{{"traffic_type":"{traffic}"}}}}"#)
}

#[track_caller]
fn tells(reading: &Reading, counts: &str, traffic: &str, tier: Option<ServiceTier>) {
    assert_eq!(described(reading), counts);
    assert_eq!(reading.service_tier.as_deref(), Some(traffic));
    assert_eq!(reading.tier, tier, "{traffic}");
    assert!(reading.ended && !reading.error);
}

#[test]
fn the_kind_of_traffic_wins_over_the_tier_in_chats() {
    for (traffic, tier) in TRAFFIC {
        let usage = format!(
            r#""usage":{{"prompt_tokens":50,"completion_tokens":20,"total_tokens":70,"service_tier":"priority",{}}}"#,
            extra(traffic)
        );
        let body = format!(
            r#"{{"object":"chat.completion","model":"m","service_tier":"flex","choices":[{{"message":{{"content":"Hi"}},"finish_reason":"stop"}}],{usage}}}"#
        );
        let chunk = body.replace("\"message\"", "\"delta\"");
        let without = chunk.replace(&format!(",{usage}"), "");
        let behind =
            r#"{"object":"chat.completion.chunk","model":"m","service_tier":"flex","choices":[]}"#;
        let events =
            format!("data: {without}\n\ndata: {chunk}\n\ndata: {behind}\n\ndata: [DONE]\n\n");
        let counts = "input=50 output=20 total=70";
        for reading in [
            plain(Operation::Chat, VERTEX, body.as_bytes()),
            streamed(Operation::Chat, Shape::Stream, &events),
        ] {
            tells(&reading, counts, traffic, tier);
        }
        // Nobody else is asked for it.
        let reading = plain(Operation::Chat, COMPATIBLE, body.as_bytes());
        assert_eq!(reading.service_tier.as_deref(), Some("priority"));
    }
}

#[test]
fn it_wins_in_responses() {
    for (traffic, tier) in TRAFFIC {
        let body = format!(
            r#"{{"id":"resp_1","object":"response","status":"completed","model":"m","service_tier":"priority","output":[{{"content":[{{"text":"Hi"}}]}}],"usage":{{"input_tokens":50,"output_tokens":20,"total_tokens":70,{}}}}}"#,
            extra(traffic)
        );
        let begun = r#"{"id":"resp_1","object":"response","status":"in_progress","model":"m","service_tier":"flex","output":[]}"#;
        let events = format!(
            "event: response.created\ndata: {{\"type\":\"response.created\",\"response\":{begun}}}\n\nevent: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}}\n\nevent: response.completed\ndata: {{\"type\":\"response.completed\",\"response\":{body}}}\n\n"
        );
        for reading in [
            plain(Operation::Responses, VERTEX, body.as_bytes()),
            plain(Operation::StoredResponse, VERTEX, body.as_bytes()),
            streamed(Operation::Responses, Shape::Stream, &events),
        ] {
            tells(&reading, "input=50 output=20 total=70", traffic, tier);
        }
    }
}

#[test]
fn it_wins_in_claudes_messages() {
    for (traffic, tier) in TRAFFIC {
        let usage = |output: u8| {
            format!(
                r#""usage":{{"input_tokens":120,"output_tokens":{output},"service_tier":"priority",{}}}"#,
                extra(traffic)
            )
        };
        let message = |usage: &str| {
            format!(
                r#"{{"id":"m","type":"message","role":"assistant","model":"claude-opus-5","content":[{{"type":"text","text":"Hi"}}],{usage}}}"#
            )
        };
        let events = format!(
            "event: message_start\ndata: {{\"type\":\"message_start\",\"message\":{}}}\n\nevent: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{}},\"usage\":{{\"output_tokens\":30,\"service_tier\":\"standard\"}}}}\n\nevent: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n",
            message(&usage(1))
        );
        let whole = message(&usage(30));
        for reading in [
            plain(Operation::Messages, VERTEX, whole.as_bytes()),
            streamed(Operation::Messages, Shape::Stream, &events),
        ] {
            tells(&reading, "input=120 output=30", traffic, tier);
        }
    }
}

#[test]
fn embeddings_tell_the_kind_of_traffic() {
    for (traffic, tier) in TRAFFIC {
        let metadata = format!(
            r#"{{"embedding":{{"values":[0.1]}},"usageMetadata":{{"promptTokenCount":4,"trafficType":"{traffic}"}}}}"#
        );
        let reading = plain(Operation::Embeddings, VERTEX, metadata.as_bytes());
        tells(&reading, "input=4", traffic, tier);
        let usage = format!(
            r#"{{"data":[{{"embedding":[0.1]}}],"service_tier":"priority","usage":{{"prompt_tokens":8,"total_tokens":8,{}}}}}"#,
            extra(traffic)
        );
        let reading = plain(Operation::Embeddings, VERTEX, usage.as_bytes());
        tells(&reading, "input=8 total=8", traffic, tier);
    }
}

#[test]
fn embeddings_tell_it_in_three_ways() {
    for (body, told) in [
        (
            r#"{"predictions":[{"embeddings":{"values":[0.1,0.2],"statistics":{"token_count":4,"truncated":false}}},{"embeddings":{"statistics":{"token_count":3.0},"values":[0.3]}}],"metadata":{"billableCharacterCount":11}}"#,
            "input=7",
        ),
        (
            r#"{"embedding":{"values":[0.1]},"usageMetadata":{"promptTokenCount":4}}"#,
            "input=4",
        ),
        (
            r#"{"data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#,
            "input=8 total=8",
        ),
        // What embeds pictures counts nothing.
        (r#"{"predictions":[{"imageEmbedding":[0.1,0.2]}]}"#, ""),
        (
            r#"{"predictions":[{"videoEmbeddings":[{"startOffsetSec":0,"endOffsetSec":4,"embedding":[0.1]}]}]}"#,
            "",
        ),
    ] {
        let reading = plain(Operation::Embeddings, VERTEX, body.as_bytes());
        assert_eq!(described(&reading), told, "{body}");
        assert!(reading.ended && reading.delivered_text && !reading.error);
    }
    let other = plain(
        Operation::Embeddings,
        VERTEX,
        br#"{"predictions":[{"bytesBase64Encoded":"x"}]}"#,
    );
    assert!(other.error);
}
