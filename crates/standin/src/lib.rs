//! A stand-in for the providers of language models: it speaks the OpenAI and the Anthropic API as
//! they do, with invented answers. It knows nothing of Weir and shares no code with it, so that a
//! mistake in Weir cannot hide in its own stand-in.
//!
//! - The same request body gets the same bytes of answer, whatever `stream_options` it carries.
//! - Counts of tokens are plausible: about a quarter of the text's length in, as many out as the
//!   answer has pieces of text. The answer has as many as the request's limit allows, at most
//!   [`MOST_TOKENS`], and [`USUAL_TOKENS`] where there is no limit; it always ends by itself.
//! - A model whose name contains `missing` is unknown, one whose name contains `cached` reports
//!   cached tokens, and so do `prompt_cache_key`, `prompt_cache_options` and `cache_control`.
//! - Reasoning is reported for models named `gpt-5…`, `gpt-6…` and `o1…` to `o9…`, and where the
//!   request asks for reasoning or thinking.
//! - Where tools are given and the last message is the user's and contains "use the tool", the
//!   first tool is called. A web search tool is always used once.
//! - Faults and other shapes are asked for with `x-standin-…` headers: the table is in [`wishes`].

pub mod wishes;

mod answer_body;
mod anthropic;
mod ask;
mod compress;
mod credentials;
mod deliver;
mod exchange;
mod failures;
mod frames;
mod json;
mod openai;
mod prose;
mod provider_headers;
mod reply;
mod route;
mod seed;
mod server;
mod state;
mod tools;

pub use prose::{MOST_TOKENS, USUAL_TOKENS};
pub use server::{Settings, Standin, router};
pub use state::{Recorded, StandinState};
