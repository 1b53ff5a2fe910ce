//! Messages and the count of their tokens. It knows nothing of how a stream is worded.

use super::Version;
use super::blocks::Block;
use super::events;
use super::request::MessageRequest;
use super::usage::Counts;
use crate::ask::{Ask, Label};
use crate::caching::Prompt;
use crate::failures::Failure;
use crate::json::{self, Object};
use crate::prose::{Length, Prose};
use crate::reply::Reply;
use crate::seed::Seed;
use crate::tools;

/// Pieces of thinking where the request's limit leaves room for more.
const USUAL_THINKING: usize = 24;

/// A message that is answered.
pub(super) struct Message<'a> {
    pub(super) id: String,
    pub(super) model: &'a str,
    pub(super) blocks: Vec<Block>,
    pub(super) stop_reason: &'a str,
}

/// POST /messages.
pub(super) fn answer(ask: &Ask<'_>, version: Version) -> Result<Reply, Failure> {
    let request = read(ask, version)?;
    let model = ask.known_model(request.model.as_ref())?;
    let counts = counts(ask, &request, model);
    let streamed = request.stream == Some(true);
    Ok(reply(ask, &request, model, &counts, streamed))
}

/// The same for a model that the path names, with the version in the body. Fails with 400 for
/// members that belong to the path.
pub(super) fn invoke(
    ask: &Ask<'_>,
    model: &str,
    streamed: bool,
) -> Result<(Reply, Prompt, u64), Failure> {
    let request: MessageRequest<'_> = ask.read()?;
    let version = match request.anthropic_version.as_ref().map(Label::as_str) {
        Some("bedrock-2023-05-31") => Version::Old,
        Some("2026-10-21") => Version::New,
        Some(_) => return Err(Failure::invalid("Invalid API version")),
        None => return Err(Failure::invalid("anthropic_version: Field required")),
    };
    if request.model.is_some() || request.stream.is_some() {
        let extra = if request.model.is_some() {
            "model"
        } else {
            "stream"
        };
        let refusal = format!("{extra}: Extra inputs are not permitted");
        return Err(Failure::invalid(refusal));
    }
    if request.max_tokens.is_none() {
        return Err(Failure::invalid("max_tokens: Field required"));
    }
    let request = checked(ask, request, version)?;
    let counts = counts(ask, &request, model);
    let reply = reply(ask, &request, model, &counts, streamed);
    Ok((reply, counts.prompt, counts.output))
}

/// The version in a body that came to Vertex AI.
pub(super) fn raw_version(request: &MessageRequest<'_>) -> Result<Version, Failure> {
    match request.anthropic_version.as_ref().map(Label::as_str) {
        Some("vertex-2023-10-16") => Ok(Version::Old),
        Some("2026-10-21") => Ok(Version::New),
        Some(_) => Err(Failure::invalid("Invalid API version")),
        None => Err(Failure::invalid("anthropic_version: Field required")),
    }
}

/// POST /messages at Vertex AI, where the path names the model and the body says that it streams.
pub(super) fn raw_predict(ask: &Ask<'_>, model: &str, streamed: bool) -> Result<Reply, Failure> {
    let request: MessageRequest<'_> = ask.read()?;
    let version = raw_version(&request)?;
    if request.model.is_some() {
        return Err(Failure::invalid("model: Extra inputs are not permitted"));
    }
    if request.stream.unwrap_or(false) != streamed {
        return Err(Failure::invalid(
            "stream does not fit the method of the path",
        ));
    }
    if request.max_tokens.is_none() {
        return Err(Failure::invalid("max_tokens: Field required"));
    }
    let request = checked(ask, request, version)?;
    let counts = counts(ask, &request, model);
    Ok(reply(ask, &request, model, &counts, streamed))
}

fn counts<'r>(ask: &Ask<'_>, request: &'r MessageRequest<'_>, model: &str) -> Counts<'r> {
    let length = length(ask, request);
    let prose = ask.prose(Seed::of(ask.body), length);
    Counts {
        prompt: request.caching(model).split(request.prompt_tokens()),
        output: prose.tokens() + json::count(length.hidden),
        thinking: json::count(length.hidden),
        searches: u64::from(tools::has_web_search(request.tools)),
        speed: request.speed.as_ref().map_or("standard", Label::as_str),
        geography: request
            .inference_geo
            .as_ref()
            .map_or("global", Label::as_str),
    }
}

fn reply(
    ask: &Ask<'_>,
    request: &MessageRequest<'_>,
    model: &str,
    counts: &Counts<'_>,
    streamed: bool,
) -> Reply {
    let seed = Seed::of(ask.body);
    let length = length(ask, request);
    let prose = ask.prose(seed, length);
    let call = tools::wanted_call(request.tools, request.messages);
    let stop_reason = ask.finish(if call.is_some() {
        "tool_use"
    } else {
        "end_turn"
    });
    let mut blocks = Vec::new();
    if length.hidden > 0 {
        let thoughts = Prose::new(seed, length.hidden, 0).number(2);
        blocks.push(Block::Thinking(thoughts, seed.id("EqQBCgIYAhIM")));
    }
    if counts.searches > 0 {
        let id = seed.id("srvtoolu_01");
        blocks.push(Block::Search(id.clone()));
        blocks.push(Block::Found(id));
    }
    blocks.push(match call {
        Some(call) => Block::Call(seed.id("toolu_01"), call),
        None => Block::Text(prose),
    });
    let message = Message {
        id: ask.id(seed, "msg_01"),
        model: ask.replied_model(model),
        blocks,
        stop_reason,
    };
    if streamed {
        return events::stream(&message, &counts.sides(ask.wishes));
    }
    let usage = counts.whole(ask.wishes);
    let mut body = Vec::with_capacity(1024 + prose.bytes());
    json::object(&mut body, |body| {
        message.write(body, true, usage.as_deref());
    });
    Reply::json(body)
}

/// POST /messages/count_tokens.
pub(super) fn count_tokens(ask: &Ask<'_>, version: Version) -> Result<Reply, Failure> {
    let request = read(ask, version)?;
    ask.known_model(request.model.as_ref())?;
    Ok(Reply::object(|body| {
        body.number("input_tokens", request.prompt_tokens());
    }))
}

fn read<'a>(ask: &Ask<'a>, version: Version) -> Result<MessageRequest<'a>, Failure> {
    checked(ask, ask.read()?, version)
}

fn checked<'a>(
    ask: &Ask<'a>,
    request: MessageRequest<'a>,
    version: Version,
) -> Result<MessageRequest<'a>, Failure> {
    request.check(version)?;
    if request.messages.is_none() {
        return Err(Failure::lacks(ask.api, "messages"));
    }
    Ok(request)
}

fn length(ask: &Ask<'_>, request: &MessageRequest<'_>) -> Length {
    let budget = request.thinking_budget();
    let mut length = ask.length(request.max_tokens, budget.is_some());
    let most = budget.unwrap_or_default().min(USUAL_THINKING);
    length.hidden = length.hidden.min(most);
    length
}

impl Message<'_> {
    /// Writes the message, whole or as it begins.
    pub(super) fn write(&self, body: &mut Object<'_>, whole: bool, usage: Option<&str>) {
        body.text("id", &self.id)
            .text("type", "message")
            .text("role", "assistant")
            .text("model", self.model)
            .array("content", |content| {
                for block in self.blocks.iter().filter(|_| whole) {
                    content.object(|entry| block.write(entry, true));
                }
            });
        self.write_stop(body, whole);
        body.raw_if_any("usage", usage);
    }

    /// Writes why the message ends.
    pub(super) fn write_stop(&self, body: &mut Object<'_>, known: bool) {
        body.text_or_null("stop_reason", known.then_some(self.stop_reason))
            .null("stop_sequence")
            .null("stop_details")
            .null("container");
    }
}
