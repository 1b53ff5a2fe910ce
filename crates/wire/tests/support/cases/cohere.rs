//! Cohere's streams.

use domain::call::Operation;

use super::{Case, chat};
use crate::support::COHERE;

const fn cohere(
    name: &'static str,
    counts: &'static str,
    id: &'static str,
    text: &'static str,
) -> Case {
    Case {
        operation: Operation::CohereChat,
        provider_type: COHERE,
        // No answer names a model.
        ..chat(name, counts, "", id, text)
    }
}

pub(super) const CASES: &[Case] = &[
    Case {
        has_plain: true,
        ..cohere(
            "cohere_chat",
            "input=56 output=30 cached_input=64",
            "c1",
            "Let me see. Grüße, \"Welt\" 😀\n日本 {\"usage\":{\"tokens\":1}}",
        )
    },
    Case {
        has_plain: true,
        ..cohere(
            "cohere_tools",
            "input=50 output=12 searches=0",
            "c2",
            "I will look.weather{\"city\":\"Köln\"}",
        )
    },
    Case {
        error: true,
        ..cohere("cohere_error", "input=9 output=1", "c3", "Hi")
    },
];
