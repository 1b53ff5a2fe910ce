//! Chat completions. It knows nothing of the other operations.

use super::chunks::{Chunks, Heading};
use super::compatible;
use super::request::{self, StreamOptions, TextRequest};
use super::usage::Counts;
use crate::ask::{Ask, Label};
use crate::azure;
use crate::failures::Failure;
use crate::host::Host;
use crate::json;
use crate::prose::Prose;
use crate::reply::Reply;
use crate::seed::Seed;
use crate::tools::{self, ToolCall};

const MOST_CHOICES: u64 = 128;

/// What is answered.
struct Answer<'a> {
    heading: Heading<'a>,
    seed: Seed,
    prose: Prose,
    choices: u64,
    call: Option<ToolCall>,
    counts: Counts,
    finish: &'a str,
}

/// POST /chat/completions.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let request: TextRequest<'_> = ask.read()?;
    let model = ask.known_model(request.model.as_ref())?;
    answer_as(ask, &request, model)
}

/// POST /invocations, of the served model or of the endpoint's. The body need not name one.
pub(super) fn invoke(ask: &Ask<'_>, endpoint: Option<&str>) -> Result<Reply, Failure> {
    let request: TextRequest<'_> = ask.read()?;
    let named = request.model.as_ref().map(Label::as_str);
    let model = endpoint.or(named).unwrap_or("served-model");
    ask.existing(model)?;
    answer_as(ask, &request, model)
}

fn answer_as(ask: &Ask<'_>, request: &TextRequest<'_>, model: &str) -> Result<Reply, Failure> {
    if request.messages.is_none() {
        return Err(Failure::lacks(ask.api, "messages"));
    }
    let messages = request.messages.map(|messages| messages.get());
    if ask.host == Host::Azure && messages.is_some_and(|said| said.contains(azure::FILTERED)) {
        return Err(azure::filtered());
    }
    let options = request::stream_options(ask, request.stream, request.stream_options)?;
    let streamed = request.stream == Some(true);
    let choices = request.n.unwrap_or(1);
    if !(1..=MOST_CHOICES).contains(&choices) {
        return Err(Failure::bad("n", "'n' must be between 1 and 128."));
    }
    let choices = if streamed { 1 } else { choices };

    let seed = Seed::without(ask.body, "stream_options", request.stream_options);
    let reasons = request::reasons(model, request.reasoning_effort.as_ref());
    let length = ask.length(request.limit(), reasons);
    let call = tools::wanted_call(request.tools, request.messages);
    let prose = ask.prose(seed, length);
    let object = if streamed {
        "chat.completion.chunk"
    } else {
        "chat.completion"
    };
    let answer = Answer {
        heading: Heading {
            id: &ask.id(seed, "chatcmpl-"),
            object,
            created: seed.created(),
            model: ask.replied_model(model),
            tier: request::replied_tier(request.service_tier.as_ref()),
            fingerprint: "fp_standin",
        },
        seed,
        prose,
        choices,
        counts: Counts::new(request.prompt_tokens(), request.caching(model))
            .with_answers(choices, prose, length),
        finish: ask.finish(if call.is_some() { "tool_calls" } else { "stop" }),
        call,
    };
    Ok(if streamed {
        stream(ask, &answer, &options)
    } else {
        whole(ask, &answer)
    })
}

fn whole(ask: &Ask<'_>, answer: &Answer<'_>) -> Reply {
    let usage = compatible::whole_usage(ask, &answer.counts, answer.heading.model);
    let room = 1024 + answer.prose.bytes();
    let mut body = Vec::with_capacity(room);
    json::object(&mut body, |body| {
        answer.heading.write(body);
        body.array("choices", |choices| {
            for index in 0..answer.choices {
                choices.object(|choice| write_choice(choice, ask, answer, index));
            }
        })
        .raw_if_any("usage", usage.as_deref());
        compatible::write_beside(ask.host, body, answer.heading.id, usage.as_deref());
    });
    compatible::with_headers(ask.host, &answer.counts, Reply::json(body))
}

fn write_choice(choice: &mut json::Object<'_>, ask: &Ask<'_>, answer: &Answer<'_>, index: u64) {
    choice
        .number("index", index)
        .object("message", |message| {
            message.text("role", "assistant");
            match &answer.call {
                Some(call) => message.null("content").array("tool_calls", |calls| {
                    calls.object(|entry| {
                        write_call(entry, answer.seed, call, &call.arguments);
                    });
                }),
                None => message.pieces("content", answer.prose.number(index).pieces()),
            };
            message.null("refusal").array("annotations", |_| {});
        })
        .null("logprobs")
        .text("finish_reason", answer.finish);
    if ask.host == Host::Azure {
        choice.raw("content_filter_results", azure::ANSWER_FILTERED);
    }
}

fn write_call(entry: &mut json::Object<'_>, seed: Seed, call: &ToolCall, arguments: &str) {
    entry
        .text("id", &seed.id("call_"))
        .text("type", "function")
        .object("function", |function| {
            function
                .text("name", &call.name)
                .text("arguments", arguments);
        });
}

fn stream(ask: &Ask<'_>, answer: &Answer<'_>, options: &StreamOptions) -> Reply {
    let mut chunks = Chunks::new(
        &answer.heading,
        options,
        ask,
        answer.counts,
        answer.prose.frames(),
    );
    match &answer.call {
        Some(call) => call_chunks(&mut chunks, answer.seed, call),
        None => text_chunks(&mut chunks, answer.prose),
    }
    let of_choice = compatible::of_choice(ask.host);
    chunks.last_chunk(|out| {
        out.extend_from_slice(b"{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":");
        json::string(out, answer.finish);
        out.extend_from_slice(of_choice.as_bytes());
        out.push(b'}');
    });
    chunks.finish()
}

fn text_chunks(chunks: &mut Chunks<'_>, prose: Prose) {
    chunks.chunk(0, |out| {
        delta(
            out,
            b"{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}",
        );
    });
    for piece in prose.pieces() {
        chunks.chunk(1, |out| {
            out.extend_from_slice(b"{\"index\":0,\"delta\":{\"content\":\"");
            out.extend_from_slice(piece.as_bytes());
            out.extend_from_slice(b"\"},\"logprobs\":null,\"finish_reason\":null}");
        });
    }
}

fn call_chunks(chunks: &mut Chunks<'_>, seed: Seed, call: &ToolCall) {
    let first = json::object_text(|first| {
        first
            .text("role", "assistant")
            .null("content")
            .array("tool_calls", |calls| {
                calls.object(|entry| {
                    entry.number("index", 0);
                    write_call(entry, seed, call, "");
                });
            })
            .null("refusal");
    });
    chunks.chunk(0, |out| delta(out, &first));
    for piece in call.pieces() {
        let next = json::object_text(|next| {
            next.array("tool_calls", |calls| {
                calls.object(|entry| {
                    entry.number("index", 0).object("function", |function| {
                        function.text("arguments", &piece);
                    });
                });
            });
        });
        chunks.chunk(1, |out| delta(out, &next));
    }
}

/// A choice that is not the last one.
fn delta(out: &mut Vec<u8>, delta: &[u8]) {
    out.extend_from_slice(b"{\"index\":0,\"delta\":");
    out.extend_from_slice(delta);
    out.extend_from_slice(b",\"logprobs\":null,\"finish_reason\":null}");
}
