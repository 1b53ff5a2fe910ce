//! Google's streams: server-sent events, JSON arrays, and its imitation of OpenAI's API.

use domain::call::Operation;
use weir_wire::meter::Shape;

use super::{Case, chat};
use crate::support::GOOGLE;

const TEXT: &str = "Let me see. Grüße, \"Welt\" 😀\n日本 {\"usageMetadata\":{\"promptTokenCount\":1}}],look{\"q\":\"a\\nb]\"}";
const COUNTS: &str =
    "input=750 output=300 cached_input=4000 input_audio=300 reasoning=100 total=5350";

/// An answer of `generateContent` that ends as it should.
const fn generate(
    name: &'static str,
    counts: &'static str,
    model: &'static str,
    id: &'static str,
    text: &'static str,
) -> Case {
    Case {
        operation: Operation::Generate,
        provider_type: GOOGLE,
        ..chat(name, counts, model, id, text)
    }
}

pub(super) const CASES: &[Case] = &[
    Case {
        has_plain: true,
        ..generate("google_text", COUNTS, "gemini-2.5-pro", "g1", TEXT)
    },
    Case {
        shape: Shape::JsonArray,
        ..generate("google_array", COUNTS, "gemini-2.5-pro", "g1", TEXT)
    },
    generate(
        "google_thoughts_inside",
        "input=20 output=150 reasoning=120 total=170",
        "gemini-3-pro-preview",
        "g2",
        "Hi there",
    ),
    Case {
        has_plain: true,
        ..generate(
            "google_blocked",
            "input=31 output=0 total=31",
            "gemini-2.5-flash",
            "g3",
            "",
        )
    },
    Case {
        ended: false,
        error: true,
        ..generate(
            "google_error",
            "input=9 output=1 total=10",
            "gemini-2.5-flash",
            "g4",
            "Hel",
        )
    },
    Case {
        shape: Shape::JsonArray,
        error: true,
        ..generate(
            "google_array_error",
            "input=9 output=1 total=10",
            "gemini-2.5-flash",
            "g4",
            "Hel",
        )
    },
    generate(
        "google_search",
        "input=340 output=12 searches=2 total=352",
        "gemini-3-flash-preview",
        "g5",
        "print(1)One.",
    ),
    // The thoughts show in the total only.
    Case {
        provider_type: GOOGLE,
        ..chat(
            "google_chat",
            "input=9 output=103 reasoning=100 total=112",
            "gemini-2.5-flash",
            "gc1",
            "Hi there",
        )
    },
];
