//! InvokeModel: bodies and answers are each vendor's own. It knows nothing of the other
//! operations.

mod claude;
mod cohere;
mod embeddings;
mod llama;
mod mistral;
mod nova;
mod request;
mod titan;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use self::request::InvokeRequest;
use super::guardrail;
use super::model_id::{ModelId, Vendor};
use super::usage::{Counts, Metrics};
use crate::ask::Ask;
use crate::event_stream;
use crate::failures::Failure;
use crate::frames::Frames;
use crate::json;
use crate::prose::Prose;
use crate::reply::{Dialect, Reply};
use crate::seed::Seed;

const FRAME_ROOM: usize = 420;
/// What the body is made of, since the answer's own type is that of its frames.
const INNER_TYPE: (&str, &str) = ("x-amzn-bedrock-content-type", "application/json");

/// A text that a vendor answers.
struct Text<'a> {
    prose: Prose,
    seed: Seed,
    counts: Counts,
    /// The wished reason for the end, instead of the vendor's own word.
    finish: Option<&'a str>,
    /// The wished usage, or none, for the vendors whose bodies have a usage.
    usage: Option<String>,
}

/// What a vendor answers: one body, or the events of a stream, of which the last gets the metrics.
enum Answered {
    Whole(Vec<u8>),
    Events(Vec<Vec<u8>>),
}

/// POST /model/{id}/invoke and /invoke-with-response-stream.
pub(super) fn answer(ask: &Ask<'_>, id: &str, streamed: bool) -> Result<Reply, Failure> {
    let model = ModelId::invoked(id)?;
    let guardrail = guardrail::in_headers(ask, &model.id)?;
    let reply = match model.vendor {
        Vendor::Claude => claude::answer(ask, &model.id, streamed)?,
        Vendor::TitanEmbeddings => embeddings::titan(ask, streamed)?,
        Vendor::CohereEmbeddings => embeddings::cohere(ask, streamed)?,
        Vendor::Nova => text(ask, streamed, nova::read, nova::answer)?,
        Vendor::Llama => text(ask, streamed, llama::read, llama::answer)?,
        Vendor::Mistral => text(ask, streamed, mistral::read, mistral::answer)?,
        Vendor::Titan => text(ask, streamed, titan::read, titan::answer)?,
        Vendor::Cohere => text(ask, streamed, cohere::read, cohere::answer)?,
        Vendor::OpenAi | Vendor::Other => {
            return Err(Failure::invalid(
                "The stand-in invokes no models of this vendor; it converses with them.",
            ));
        }
    };
    let reply = match ask.headers.get("x-amzn-bedrock-service-tier") {
        Some(tier) => {
            let tier = String::from_utf8_lossy(tier.as_bytes());
            reply.with_header("x-amzn-bedrock-service-tier", tier)
        }
        None => reply,
    };
    Ok(guardrail::told(reply, guardrail.as_ref()))
}

type Reader = fn(&Ask<'_>, &InvokeRequest<'_>) -> Result<Option<u64>, Failure>;
type Writer = fn(&InvokeRequest<'_>, &Text<'_>, bool) -> Answered;

/// Answers a text. `read` checks the body and finds its limit.
fn text(ask: &Ask<'_>, streamed: bool, read: Reader, write: Writer) -> Result<Reply, Failure> {
    let request: InvokeRequest<'_> = ask.read()?;
    let limit = read(ask, &request)?;
    let seed = Seed::of(ask.body);
    let prose = ask.prose(seed, ask.length(limit, false));
    let counts = Counts {
        prompt: request.prompt(),
        output: prose.tokens(),
    };
    let text = Text {
        prose,
        seed,
        counts,
        finish: ask.wishes.finish.as_deref(),
        usage: ask
            .wishes
            .usage_or(|| counts.of_converse(counts.prompt.input)),
    };
    let metrics = counts.metrics(ask.wishes);
    Ok(match write(&request, &text, streamed) {
        Answered::Whole(body) => {
            let reply = Reply::json(body);
            match metrics.filter(|_| request.is_told_in_headers()) {
                Some(metrics) => metrics.in_headers(reply),
                None => reply,
            }
        }
        Answered::Events(events) => chunks(events, metrics),
    })
}

/// The stream of these events, the last one with the metrics.
fn chunks(mut events: Vec<Vec<u8>>, metrics: Option<Metrics>) -> Reply {
    if let (Some(last), Some(metrics)) = (events.last_mut(), metrics) {
        let text = json::object_text(|event| metrics.write(event));
        // Two objects become one.
        last.pop();
        last.push(b',');
        last.extend(text.iter().skip(1));
    }
    let mut frames = Frames::with_room(events.len() * FRAME_ROOM, events.len());
    for event in &events {
        let payload = json::object_text(|body| {
            body.text("bytes", &STANDARD.encode(event))
                .text("p", "abcdefghijklm");
        });
        event_stream::event(&mut frames, "chunk", &payload);
    }
    Reply::events(Dialect::Binary, frames).with_header(INNER_TYPE.0, INNER_TYPE.1)
}

impl Text<'_> {
    fn finish<'f>(&'f self, usual: &'f str) -> &'f str {
        self.finish.unwrap_or(usual)
    }
}
