//! The providers' APIs as bytes: what a request asks for, the frames of a stream, usage, errors.
//!
//! Pure: bytes in, facts or bytes out. It may not know of networks, clocks, databases or async, nor of
//! prices. Everything is read leniently where the provider wrote it, and strictly where a caller could
//! get round a rule; nothing is written again that could be passed on as it was.
//!
//! | module | what it knows |
//! |---|---|
//! | [`route`] | which operation a method and path ask for, and in whose dialect |
//! | [`request`] | what a body asks for; putting a guardrail, and the asking for usage, into one |
//! | [`sse`] | server-sent events in bytes cut anywhere |
//! | [`event_stream`] | AWS event streams in bytes cut anywhere |
//! | [`json_array`] | the elements of a JSON array in bytes cut anywhere |
//! | [`meter`] | usage, model, tier and end of an answer, streamed or not |
//! | [`strip`] | taking the usage chunk out again that Weir asked for |
//! | [`decode`] | gzip, br and zstd, for the copy that is metered |
//! | [`error`] | Weir's own errors in each SDK's shape; blanking a credential |
//! | [`estimate`] | counting tokens where the provider told none |
//! | [`transcript`] | what was said, of every API in one form |

pub mod decode;
pub mod error;
pub mod estimate;
pub mod event_stream;
mod json;
pub mod json_array;
pub mod meter;
pub mod request;
pub mod route;
pub mod sse;
pub mod strip;
pub mod transcript;
