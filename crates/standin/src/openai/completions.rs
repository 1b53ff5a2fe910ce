//! Completions, the operation before chat. It knows nothing of the other operations.

use super::chunks::{Chunks, Heading};
use super::compatible;
use super::request::{self, TextRequest};
use super::usage::Counts;
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json;
use crate::reply::Reply;
use crate::seed::Seed;

/// POST /completions.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: TextRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    let options = request::stream_options(ask, request.stream, request.stream_options)?;
    let streamed = request.stream == Some(true);
    let choices = if streamed {
        1
    } else {
        request.n.unwrap_or(1).clamp(1, 128)
    };
    let seed = Seed::without(ask.body, "stream_options", request.stream_options);
    let length = ask.length(request.limit(), false);
    let prose = ask.prose(seed, length);
    let counts = Counts::new(request.prompt_tokens(), request.caching(model))
        .with_answers(choices, prose, length);
    let finish = ask.finish("stop");
    let heading = Heading {
        id: &ask.id(seed, "cmpl-"),
        object: "text_completion",
        created: seed.created(),
        model: ask.replied_model(model),
        tier: request::replied_tier(request.service_tier.as_ref()),
        fingerprint: "fp_standin",
    };
    if streamed {
        let mut chunks = Chunks::new(&heading, &options, ask, counts, prose.frames());
        for piece in prose.pieces() {
            chunks.chunk(1, |out| {
                out.extend_from_slice(b"{\"text\":\"");
                out.extend_from_slice(piece.as_bytes());
                out.extend_from_slice(b"\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}");
            });
        }
        chunks.last_chunk(|out| {
            out.extend_from_slice(
                b"{\"text\":\"\",\"index\":0,\"logprobs\":null,\"finish_reason\":",
            );
            json::string(out, finish);
            out.push(b'}');
        });
        return Ok(chunks.finish());
    }
    let usage = compatible::whole_usage(ask, &counts, heading.model);
    Ok(Reply::object(|body| {
        heading.write(body);
        body.array("choices", |list| {
            for index in 0..choices {
                list.object(|choice| {
                    choice
                        .pieces("text", prose.number(index).pieces())
                        .number("index", index)
                        .null("logprobs")
                        .text("finish_reason", finish);
                });
            }
        })
        .raw_if_any("usage", usage.as_deref());
    }))
}
