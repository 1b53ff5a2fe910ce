//! Each shape in which Vertex AI tells usage, streamed and not: of Google's models, of Anthropic's, of other
//! publishers', of its imitation of OpenAI's API, and of embeddings.

mod support;

use domain::{call::Operation, pricing::ServiceTier};
use support::{VERTEX, described, meter, plain};
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
    for (traffic, tier) in [
        ("ON_DEMAND", None),
        ("ON_DEMAND_PRIORITY", Some(ServiceTier::Priority)),
        ("ON_DEMAND_FLEX", Some(ServiceTier::Flex)),
        ("PROVISIONED_THROUGHPUT", None),
    ] {
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
