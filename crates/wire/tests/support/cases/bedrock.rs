//! Bedrock's streams: AWS event streams of Converse and of the model makers' own APIs.

use domain::call::Operation;
use weir_wire::meter::Shape;

use super::{Case, chat};
use crate::support::BEDROCK;

/// A stream of frames that ends as it should. Bedrock names neither model nor id.
const fn frames(
    operation: Operation,
    name: &'static str,
    counts: &'static str,
    text: &'static str,
) -> Case {
    Case {
        operation,
        provider_type: BEDROCK,
        shape: Shape::EventStream,
        ..chat(name, counts, "", "", text)
    }
}

const fn converse(name: &'static str, counts: &'static str, text: &'static str) -> Case {
    frames(Operation::Converse, name, counts, text)
}

const fn invoke(name: &'static str, counts: &'static str, text: &'static str) -> Case {
    frames(Operation::Invoke, name, counts, text)
}

pub(super) const CASES: &[Case] = &[
    Case {
        has_plain: true,
        asked: Some("us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ..converse(
            "bedrock_converse",
            "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000 reasoning=192 total=6016",
            "Let me see. Grüße, \"Welt\" 😀look{\"q\":\"x\"}",
        )
    },
    Case {
        asked: Some("us.openai.gpt-5.6-sol"),
        ..converse(
            "bedrock_converse_openai",
            "input=2 output=12 cached_input=0 cache_write_30m=4993 total=5007",
            "Hi",
        )
    },
    Case {
        ended: false,
        error: true,
        ..converse("bedrock_converse_exception", "", "Hel")
    },
    Case {
        has_plain: true,
        model: "claude-sonnet-4-5-20250929",
        id: "msg_bdrk_1",
        ..invoke(
            "bedrock_invoke_claude",
            "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000",
            "Grüße, amazon-bedrock-invocationMetrics",
        )
    },
    Case {
        has_plain: true,
        ..invoke(
            "bedrock_invoke_nova",
            "input=8 output=20 cached_input=70 cache_write_unknown=0 total=98",
            "Hi there",
        )
    },
    Case {
        has_plain: true,
        ..invoke("bedrock_invoke_llama", "input=25 output=3", "Once upon")
    },
    Case {
        has_plain: true,
        ..invoke("bedrock_invoke_titan", "input=5 output=61", "Once upon")
    },
    invoke("bedrock_invoke_mistral", "input=7 output=2", "Once upon"),
    invoke("bedrock_invoke_cohere", "input=7 output=2", "Once upon"),
    Case {
        asked: Some("openai.gpt-oss-20b-1:0"),
        model: "openai.gpt-oss-20b-1:0",
        id: "chatcmpl-b1",
        ..invoke(
            "bedrock_invoke_openai",
            "input=70 output=2 cached_input=0 cache_write_30m=30",
            "Once upon",
        )
    },
    Case {
        ended: false,
        error: true,
        model: "claude-sonnet-4-5-20250929",
        id: "msg_bdrk_2",
        ..invoke(
            "bedrock_invoke_exception",
            "input=25 cached_input=0 cache_write_unknown=0",
            "Hel",
        )
    },
];
