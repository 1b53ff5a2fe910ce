//! A stand-in for the providers of language models: it speaks the APIs of OpenAI, Anthropic, Google,
//! Bedrock, Azure, Vertex AI and Cohere, and OpenAI's as other servers speak it, with invented answers. It knows nothing of
//! Weir and shares no code with it, so that a mistake in Weir cannot hide in its own stand-in.
//!
//! - The same request body gets the same bytes of answer, whatever `stream_options` it carries.
//! - Counts of tokens are plausible: about a quarter of the text's length in, as many out as the
//!   answer has pieces of text. The answer has as many as the request's limit allows, at most
//!   [`MOST_TOKENS`], and [`USUAL_TOKENS`] where there is no limit; it always ends by itself.
//! - A model whose name contains `missing` is unknown, one whose name contains `cached` reports
//!   cached tokens, and so do `prompt_cache_key`, `prompt_cache_options`, `cache_control`,
//!   `cachedContent` and `cachePoint`.
//! - Reasoning is reported for models named `gpt-5…`, `gpt-6…`, `o1…` to `o9…` and `gemini-2.5…` or
//!   later, and where the request asks for reasoning or thinking.
//! - Where tools are given and the last message is the user's and contains "use the tool", the
//!   first tool is called. A web search tool is always used once.
//! - A call with a token of a gateway, a cookie or an `x-weir-` header is refused.
//! - Signatures of calls to AWS are recomputed by botocore, see [`AwsSettings`]. STS (`POST /`),
//!   container (`GET /v1/credentials`) and instance metadata (`/latest/…`) issue credentials that
//!   hold until they expire.
//! - Access tokens are issued as Microsoft Entra, Google's token endpoint and its metadata server do,
//!   see [`OAuthSettings`]; `GET /standin/service-account.json` is the key to ask Google's with.
//! - Faults and other shapes are asked for with `x-standin-…` headers: the table is in [`wishes`].

pub mod wishes;

mod answer_body;
mod anthropic;
mod ask;
mod aws;
mod azure;
mod bedrock;
mod caching;
pub mod certificates;
mod cohere;
mod compress;
mod credentials;
mod deliver;
mod event_stream;
mod exchange;
mod failures;
mod frames;
mod google;
mod host;
mod json;
mod leaks;
mod oauth;
mod openai;
mod prose;
mod provider_headers;
mod reply;
mod route;
mod seed;
mod server;
mod state;
mod tools;
mod vector;
mod vertex;

pub use aws::{AccessKey, AwsSettings, Issued};
pub use bedrock::{GuardrailPlace, GuardrailSeen};
pub use oauth::{IssuedTokens, OAuthSettings, TokenFor, TokenState};
pub use prose::{MOST_TOKENS, USUAL_TOKENS};
pub use server::{Settings, Standin, router};
pub use state::{Recorded, StandinState};
