//! Every stream fixture, and what it tells.

mod bedrock;
mod cohere;
mod google;

use domain::{call::Operation, provider::ProviderType};
use weir_wire::meter::{Meter, Metered, Reading, Shape};

use crate::support::{ANTHROPIC, AZURE, COMPATIBLE, OPENAI, fixture, frames};

/// One stream fixture and what it tells.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) operation: Operation,
    pub(crate) provider_type: ProviderType,
    pub(crate) shape: Shape,
    /// The model that was asked for, where that matters.
    pub(crate) asked: Option<&'static str>,
    pub(crate) counts: &'static str,
    pub(crate) model: &'static str,
    pub(crate) id: &'static str,
    pub(crate) text: &'static str,
    pub(crate) ended: bool,
    pub(crate) error: bool,
    /// The plain answer to the same call, where there is a fixture of it.
    pub(crate) has_plain: bool,
}

/// A chat at a compatible host that ends as it should.
const fn chat(
    name: &'static str,
    counts: &'static str,
    model: &'static str,
    id: &'static str,
    text: &'static str,
) -> Case {
    Case {
        name,
        operation: Operation::Chat,
        provider_type: COMPATIBLE,
        shape: Shape::Stream,
        asked: None,
        counts,
        model,
        id,
        text,
        ended: true,
        error: false,
        has_plain: false,
    }
}

/// Every stream fixture is one of these.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    CASES
        .iter()
        .chain(google::CASES)
        .chain(bedrock::CASES)
        .chain(cohere::CASES)
}

/// Those that come as server-sent events.
pub(crate) fn events() -> impl Iterator<Item = &'static Case> {
    all().filter(|case| case.shape == Shape::Stream)
}

/// One of them.
pub(crate) fn case(name: &str) -> &'static Case {
    all().find(|case| case.name == name).unwrap()
}

/// The fixtures of the types that speak OpenAI's and Anthropic's APIs.
const CASES: &[Case] = &[
    Case {
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_chat",
            "input=104 output=300 cached_input=4096 cache_write_30m=1000 reasoning=192 total=5500",
            "gpt-5.6-2026-08-07",
            "chatcmpl-1",
            "Grüße, \"Welt\" 😀\n日本 {\"usage\":{\"prompt_tokens\":1}}",
        )
    },
    Case {
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_chat_tools",
            "input=84 output=17 cached_input=0 reasoning=0 total=101",
            "gpt-4o-2024-08-06",
            "chatcmpl-2",
            "get_weather{\"city\":\"Köln\"}",
        )
    },
    Case {
        provider_type: OPENAI,
        ..chat(
            "openai_chat_no_usage",
            "",
            "gpt-4o",
            "chatcmpl-3",
            "Hi there",
        )
    },
    Case {
        provider_type: OPENAI,
        error: true,
        ..chat("openai_chat_error", "", "gpt-4o", "chatcmpl-4", "Hi")
    },
    Case {
        provider_type: OPENAI,
        ..chat(
            "openai_chat_moderation",
            "input=9 output=2 total=11",
            "gpt-5",
            "chatcmpl-5",
            "Hi",
        )
    },
    Case {
        operation: Operation::Completions,
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_completions",
            "input=5 output=2 total=7",
            "gpt-3.5-turbo-instruct",
            "cmpl-1",
            "Once upon",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_responses",
            "input=104 output=300 cached_input=4096 cache_write_30m=600 cache_write_12h=400 reasoning=192 searches=3 total=5500",
            "gpt-5.6-2026-08-07",
            "resp_1",
            "ThinkingHallo Welt — ok{\"a\":1}",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        has_plain: true,
        ..chat(
            "openai_responses_incomplete",
            "input=10 output=16 cached_input=0 reasoning=0 total=26",
            "gpt-5",
            "resp_2",
            "cut",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        error: true,
        ..chat(
            "openai_responses_failed",
            "input=10 output=0 total=10",
            "gpt-5",
            "resp_3",
            "",
        )
    },
    Case {
        operation: Operation::Responses,
        provider_type: OPENAI,
        error: true,
        ..chat("openai_responses_error", "", "gpt-5", "resp_4", "")
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        has_plain: true,
        ..chat(
            "anthropic_text",
            "input=120 output=300 cached_input=4096 cache_write_5m=500 cache_write_1h=1000 reasoning=192 searches=1",
            "claude-sonnet-5",
            "msg_1",
            "Let me seeGrüße, \"Welt\" event: message_stop\n\nlook{\"q\":\"a\\nb\"}",
        )
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        ..chat(
            "anthropic_cumulative",
            "input=2100 output=90 cached_input=700 cache_write_5m=1500 cache_write_1h=0 cache_write_unknown=300",
            "claude-opus-5",
            "msg_2",
            "Hi",
        )
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        ended: false,
        error: true,
        ..chat(
            "anthropic_error",
            "input=25 cached_input=0 cache_write_unknown=0",
            "claude-sonnet-5",
            "msg_3",
            "Hel",
        )
    },
    Case {
        operation: Operation::Messages,
        provider_type: ANTHROPIC,
        has_plain: true,
        ..chat(
            "anthropic_compaction",
            "input=9050 output=430 cached_input=110 cache_write_5m=200 cache_write_1h=0 cache_write_unknown=0",
            "claude-opus-5",
            "msg_4",
            "Short.",
        )
    },
    Case {
        provider_type: AZURE,
        ..chat(
            "azure_chat",
            "input=9 output=2 cached_input=0 reasoning=0 total=11",
            "gpt-4o-2024-11-20",
            "chatcmpl-6",
            "Hi",
        )
    },
    chat(
        "groq_chat",
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
        "openai/gpt-oss-20b",
        "chatcmpl-7",
        "HmHi",
    ),
    chat(
        "groq_chat_x_groq_only",
        "input=244 output=40 cached_input=256 reasoning=12 total=540",
        "openai/gpt-oss-20b",
        "chatcmpl-8",
        "Hi",
    ),
    chat(
        "mistral_chat",
        "input=72 output=30 cached_input=128 reasoning=9 total=230",
        "magistral-medium-latest",
        "m1",
        "HmSalut",
    ),
    chat(
        "deepseek_chat",
        "input=360 output=50 cached_input=640 reasoning=20 total=1050",
        "deepseek-chat",
        "d1",
        "Hm你好",
    ),
    chat(
        "xai_chat",
        "input=26 output=103 cached_input=6 reasoning=94 total=135",
        "grok-4",
        "x1",
        "HmHi",
    ),
    chat(
        "vllm_continuous",
        "input=40 output=3 total=43",
        "qwen",
        "v1",
        "One two",
    ),
    chat(
        "databricks_chat",
        "input=120 output=300 cached_input=4096 cache_write_unknown=1500 reasoning=192 total=6016",
        "us.anthropic.claude-sonnet-4-5",
        "b1",
        "HmHi",
    ),
    // No `[DONE]`: finish reason and usage make an end.
    chat(
        "perplexity_chat",
        "input=33 output=7163 reasoning=7163 searches=21 total=7196 MISMATCH",
        "sonar-deep-research",
        "p1",
        "Long report",
    ),
];

impl Case {
    /// The name of its fixture.
    pub(crate) fn file(&self) -> String {
        let kind = match self.shape {
            Shape::Stream => "sse",
            Shape::JsonArray => "json",
            Shape::EventStream => "frames",
            Shape::Plain | Shape::Unsaid => {
                panic!("{} does not say that it is a stream", self.name)
            }
        };
        format!("{}.{kind}", self.name)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let bytes = fixture(&format!("streams/{}", self.file()));
        if self.shape == Shape::EventStream {
            frames::encode(str::from_utf8(&bytes).unwrap())
        } else {
            bytes
        }
    }

    pub(crate) fn meter(&self) -> Meter {
        self.meter_as(self.provider_type)
    }

    /// The same answer from a provider of another type.
    pub(crate) fn meter_as(&self, provider_type: ProviderType) -> Meter {
        Meter::new(&Metered {
            operation: self.operation,
            provider_type,
            shape: self.shape,
            model: self.asked,
        })
    }

    pub(crate) fn whole(&self) -> Reading {
        self.in_pieces([self.bytes().as_slice()])
    }

    pub(crate) fn in_pieces<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Reading {
        let mut meter = self.meter();
        for piece in pieces {
            let _ = meter.push(piece);
        }
        meter.finish()
    }

    /// The plain answer to the same call.
    pub(crate) fn plain(&self) -> Reading {
        let mut meter = Meter::new(&Metered {
            operation: self.operation,
            provider_type: self.provider_type,
            shape: Shape::Plain,
            model: self.asked,
        });
        let _ = meter.push(&fixture(&format!("plain/{}.json", self.name)));
        meter.finish()
    }
}
