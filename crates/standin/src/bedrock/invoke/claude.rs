//! Claude, whose answers are those of Anthropic's own API. It knows nothing of how they are made.

use super::super::usage::Counts;
use super::chunks;
use crate::anthropic;
use crate::ask::Ask;
use crate::failures::Failure;
use crate::reply::{Content, Reply};

/// Answers with a message, or with its events in frames.
pub(super) fn answer(ask: &Ask<'_>, model: &str, streamed: bool) -> Result<Reply, Failure> {
    let (reply, prompt, output) = anthropic::invoke(ask, model, streamed)?;
    let metrics = Counts { prompt, output }.metrics(ask.wishes);
    Ok(match (reply.content, metrics) {
        (Content::Events(_, frames), metrics) => {
            let events = frames.iter().filter_map(data).collect();
            chunks(events, metrics)
        }
        (content, Some(metrics)) => metrics.in_headers(Reply::of(reply.status, content)),
        (content, None) => Reply::of(reply.status, content),
    })
}

/// The data of a server-sent event; a ping is not passed on.
fn data(frame: &[u8]) -> Option<Vec<u8>> {
    let mut lines = frame.split(|byte| *byte == b'\n');
    if lines.next() == Some(b"event: ping") {
        return None;
    }
    lines.next()?.strip_prefix(b"data: ").map(<[u8]>::to_vec)
}
