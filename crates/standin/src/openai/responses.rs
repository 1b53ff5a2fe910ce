//! Responses: making one, looking at it again, cancelling, counting and compacting. It knows
//! nothing of the other operations. Nothing is stored: a response that is looked at again is
//! invented anew from its id, with the same text.

use super::request::{self, Reasoning, ResponseRequest};
use super::response_events;
use super::response_object::{Item, Response, Status};
use super::usage::{Caching, Counts};
use crate::ask::Ask;
use crate::failures::Failure;
use crate::prose::Prose;
use crate::reply::Reply;
use crate::seed::Seed;
use crate::tools;

/// The model and the prompt of a response whose request is not known.
const UNKNOWN_MODEL: &str = "gpt-5-mini";
const UNKNOWN_PROMPT: u64 = 64;
/// Pieces in a summary of reasoning.
const SUMMARY_PIECES: usize = 12;

/// POST /responses.
pub(super) fn create(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: ResponseRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    if request.input.is_none() {
        return Err(Failure::lacks(ask.api, "input"));
    }
    let options = request::stream_options(ask, request.stream, request.stream_options)?;
    let seed = Seed::without(ask.body, "stream_options", request.stream_options);
    let thinking: Reasoning<'_> = request
        .reasoning
        .and_then(|reasoning| serde_json::from_str(reasoning.get()).ok())
        .unwrap_or_default();
    let reasons = request::reasons(model, thinking.effort.as_ref())
        || (request.reasoning.is_some() && thinking.effort.is_none());
    let length = ask.length(request.max_output_tokens, reasons);
    let prose = ask.prose(seed, length);
    let counts =
        Counts::new(request.input_tokens(), request.caching(model)).with_answers(1, prose, length);

    let mut items = Vec::new();
    if reasons {
        let summary = thinking
            .summary
            .map(|_| Prose::new(seed, SUMMARY_PIECES, 0).number(1));
        items.push(Item::Reasoning(seed.id("rs_"), summary));
    }
    let searches = u64::from(tools::has_web_search(request.tools));
    if searches > 0 {
        items.push(Item::WebSearch(seed.id("ws_")));
    }
    items.push(match tools::wanted_call(request.tools, request.input) {
        Some(call) => Item::Call(seed.id("fc_"), seed.id("call_"), call),
        None => Item::Message(seed.id("msg_"), prose),
    });
    let response = Response {
        id: &ask.id(seed, "resp_"),
        created: seed.created(),
        model: ask.replied_model(model),
        asked_tier: request
            .service_tier
            .as_ref()
            .map_or("auto", |tier| tier.as_str()),
        tier: request::replied_tier(request.service_tier.as_ref()),
        request: Some(&request),
        items,
        searches,
        usage: ask.wishes.usage_or(|| counts.of_response(ask)),
    };
    let background = request.background == Some(true);
    if request.stream == Some(true) {
        let end = wished_status(ask, Status::Completed)?;
        return Ok(response_events::stream(
            &response, end, background, &options,
        ));
    }
    let usual = if background {
        Status::Queued
    } else {
        Status::Completed
    };
    Ok(whole(&response, wished_status(ask, usual)?))
}

/// GET /responses/{id}, whole or with `stream=true`.
pub(super) fn retrieve(ask: &Ask<'_>, id: &str) -> Result<Reply, Failure> {
    let status = wished_status(ask, Status::Completed)?;
    let response = invented(ask, id)?;
    if ask.parameter("stream") == Some("true") {
        let options = request::StreamOptions::default();
        return Ok(response_events::stream(&response, status, true, &options));
    }
    Ok(whole(&response, status))
}

/// POST /responses/{id}/cancel.
pub(super) fn cancel(ask: &Ask<'_>, id: &str) -> Result<Reply, Failure> {
    Ok(whole(&invented(ask, id)?, Status::Cancelled))
}

/// POST /responses/input_tokens.
pub(super) fn input_tokens(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: ResponseRequest<'_> = ask.read()?;
    if request.model.is_some() {
        ask.known_model(request.model.as_ref())?;
    }
    Ok(Reply::object(|body| {
        body.text("object", "response.input_tokens")
            .number("input_tokens", request.input_tokens());
    }))
}

/// POST /responses/compact.
pub(super) fn compact(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: ResponseRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    let seed = Seed::of(ask.body);
    let length = ask.length(None, false);
    let counts = Counts::new(request.input_tokens(), request.caching(model)).with_answers(
        1,
        ask.prose(seed, length),
        length,
    );
    let usage = ask.wishes.usage_or(|| counts.of_response(ask));
    Ok(Reply::object(|body| {
        body.text("id", &ask.id(seed, "resp_"))
            .text("object", "response.compaction")
            .number("created_at", seed.created())
            .array("output", |output| {
                output.object(|item| {
                    item.text("id", &seed.id("cmp_"))
                        .text("type", "compaction")
                        .text("encrypted_content", &seed.id("gAAAA"));
                });
            })
            .raw_if_any("usage", usage.as_deref());
    }))
}

fn whole(response: &Response<'_>, status: Status) -> Reply {
    Reply::object(|body| response.write(body, status))
}

fn invented<'a>(ask: &'a Ask<'_>, id: &'a str) -> Result<Response<'a>, Failure> {
    if id.contains("missing") {
        let sentence = format!("Response with id '{id}' not found.");
        return Err(Failure::new(http::StatusCode::NOT_FOUND, sentence));
    }
    let seed = Seed::of_id(id);
    let length = ask.length(None, false);
    let prose = ask.prose(seed, length);
    let counts = Counts::new(UNKNOWN_PROMPT, Caching::None).with_answers(1, prose, length);
    Ok(Response {
        id,
        created: seed.created(),
        model: ask.replied_model(UNKNOWN_MODEL),
        asked_tier: "auto",
        tier: "default",
        request: None,
        items: vec![Item::Message(seed.id("msg_"), prose)],
        searches: 0,
        usage: ask.wishes.usage_or(|| counts.of_response(ask)),
    })
}

fn wished_status(ask: &Ask<'_>, usual: Status) -> Result<Status, Failure> {
    let wished = ask.wishes.finish.as_deref().map(Status::named);
    wished.unwrap_or(Some(usual)).ok_or_else(|| {
        Failure::new(
            http::StatusCode::BAD_REQUEST,
            "The stand-in does not know the status in x-standin-finish",
        )
    })
}
