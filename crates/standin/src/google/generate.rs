//! Generating contents, whole and as a stream of either form, and counting their tokens. It knows
//! nothing of the other operations.

use super::operation::Form;
use super::request::{CountRequest, GenerateRequest};
use super::usage::{self, Counts};
use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::frames::Frames;
use crate::host::Host;
use crate::json::{self, Object};
use crate::prose::Prose;
use crate::reply::{Dialect, Framing, Reply};
use crate::seed::Seed;
use crate::tools::{self, ToolCall};
use crate::vertex;
use crate::wishes::Usage;

const MOST_CANDIDATES: u64 = 8;
/// What the provider's own tools found.
const TOKENS_OF_TOOLS: u64 = 50;
const PIECE_ROOM: usize = 420;
/// The wish for an answer without candidates.
const BLOCKED: &str = "prompt-blocked";

/// What is answered.
struct Answer<'a> {
    model: &'a str,
    id: String,
    /// Shown thoughts.
    thoughts: Option<Prose>,
    prose: Prose,
    call: Option<ToolCall>,
    searched: bool,
    counts: Counts<'a>,
    finish: &'a str,
}

/// A piece of an answer's content.
enum Piece<'p> {
    Thought(&'static str),
    Text(&'static str),
    Call(&'p ToolCall),
}

/// POST /models/{model}:generateContent and :streamGenerateContent.
pub(super) fn answer(ask: &Ask<'_>, model: &str, form: Form) -> Result<Reply, Failure> {
    let request: GenerateRequest<'_> = ask.read()?;
    ask.existing(model)?;
    if request.contents.is_none() {
        return Err(Failure::lacks(ask.api, "contents"));
    }
    let candidates = request.candidates();
    if !(1..=MOST_CANDIDATES).contains(&candidates) {
        return Err(Failure::invalid(
            "candidateCount must be within the range of [1, 8].",
        ));
    }
    let tier = match request.tier.as_ref().map(Label::as_str) {
        None => "standard",
        Some(tier @ ("standard" | "flex" | "priority")) => tier,
        Some(other) => return Err(Failure::invalid(format!("Invalid serviceTier: {other}"))),
    };
    let candidates = match form {
        Form::Whole => candidates,
        Form::Events | Form::Array => 1,
    };
    let answer = compose(ask, &request, model, candidates, tier);
    let reply = match form {
        Form::Whole => whole(ask, &answer, candidates),
        Form::Events => stream(ask, &answer, Dialect::Parts),
        Form::Array => stream(ask, &answer, Dialect::Array),
    };
    Ok(match ask.host {
        Host::Vertex => reply,
        _ => reply.with_header("x-gemini-service-tier", tier),
    })
}

/// POST /models/{model}:countTokens.
pub(super) fn count_tokens(ask: &Ask<'_>, model: &str) -> Result<Reply, Failure> {
    let outer: CountRequest<'_> = ask.read()?;
    ask.existing(model)?;
    let request: GenerateRequest<'_> = match outer.request {
        Some(request) => request,
        None => ask.read()?,
    };
    if request.contents.or(outer.contents).is_none() {
        return Err(Failure::lacks(ask.api, "contents"));
    }
    let prompt = request.prompt();
    let cached = cached(&request, model);
    Ok(Reply::object(|body| {
        body.number("totalTokens", prompt.total());
        usage::known(body, "cachedContentTokenCount", cached);
        usage::details(body, "promptTokensDetails", &prompt.named());
    }))
}

/// Three fifths of the text.
fn cached(request: &GenerateRequest<'_>, model: &str) -> u64 {
    let cached = request.is_cached(model);
    if cached {
        request.prompt().text / 5 * 3
    } else {
        0
    }
}

fn compose<'a>(
    ask: &'a Ask<'_>,
    request: &GenerateRequest<'_>,
    model: &'a str,
    candidates: u64,
    tier: &str,
) -> Answer<'a> {
    let seed = Seed::of(ask.body);
    let length = ask.length(request.limit(), request.thinks(model));
    let prose = ask.prose(seed, length);
    let searched = request.has_own_tools();
    let shown = request.shows_thoughts() && length.hidden > 0;
    Answer {
        model: ask.replied_model(model),
        id: ask.id(seed, ""),
        thoughts: shown.then(|| Prose::new(seed, length.hidden, 0).number(2)),
        prose,
        call: tools::wanted_call(request.tools, request.contents),
        searched,
        counts: Counts {
            prompt: request.prompt(),
            cached: cached(request, model),
            tool_use: if searched { TOKENS_OF_TOOLS } else { 0 },
            visible: prose.tokens() * candidates,
            thoughts: json::count(length.hidden),
            traffic: ask.traffic(match tier {
                "flex" => "ON_DEMAND_FLEX",
                "priority" => "ON_DEMAND_PRIORITY",
                _ => vertex::TRAFFIC,
            }),
        },
        finish: ask.finish("STOP"),
    }
}

fn whole(ask: &Ask<'_>, answer: &Answer<'_>, candidates: u64) -> Reply {
    let blocked = answer.finish == BLOCKED;
    let counts = if blocked {
        answer.counts.with_output(0, 0)
    } else {
        answer.counts
    };
    let usage = ask.wishes.usage_or(|| counts.metadata());
    let mut body = Vec::with_capacity(1024 + answer.prose.bytes());
    json::object(&mut body, |body| {
        if blocked {
            write_blocked(body);
        } else {
            body.array("candidates", |list| {
                for index in 0..candidates {
                    let pieces: Vec<Piece<'_>> = answer.pieces(index).collect();
                    list.object(|candidate| {
                        answer.write_candidate(candidate, &pieces, index, true);
                    });
                }
            });
        }
        answer.write_end(body, usage.as_deref());
    });
    Reply::json(body)
}

fn stream(ask: &Ask<'_>, answer: &Answer<'_>, dialect: Dialect) -> Reply {
    let count = answer.prose.frames() + 2;
    let mut frames = Frames::with_room(count * PIECE_ROOM, count);
    let (mut visible, mut thoughts) = (0, answer.counts.thoughts);
    if answer.thoughts.is_some() {
        thoughts = 0;
    }
    let last_usage = ask.wishes.usage_or(|| answer.counts.metadata());
    if answer.finish == BLOCKED {
        let counts = answer.counts.with_output(0, 0);
        let usage = ask.wishes.usage_or(|| counts.metadata());
        write_piece(&mut frames, dialect, |body| {
            write_blocked(body);
            answer.write_end(body, usage.as_deref());
        });
    } else {
        let mut pieces = answer.pieces(0).peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Thought(_) => thoughts += 1,
                Piece::Text(_) | Piece::Call(_) => visible += 1,
            }
            let last = pieces.peek().is_none();
            let usage = match &ask.wishes.usage {
                _ if last => last_usage.clone(),
                Some(Usage::Absent | Usage::Verbatim(_)) => None,
                None => Some(answer.counts.with_output(visible, thoughts).metadata()),
            };
            write_piece(&mut frames, dialect, |body| {
                body.array("candidates", |list| {
                    list.object(|candidate| {
                        answer.write_candidate(candidate, &[piece], 0, last);
                    });
                });
                answer.write_end(body, usage.as_deref());
            });
        }
    }
    if dialect.framing() == Framing::Array {
        frames.push(b"\n]");
    }
    Reply::events(dialect, frames)
}

fn write_piece(frames: &mut Frames, dialect: Dialect, fill: impl FnOnce(&mut Object<'_>)) {
    let first = frames.len() == 0;
    let out = frames.next();
    let array = dialect.framing() == Framing::Array;
    let before: &[u8] = match (array, first) {
        (true, true) => b"[",
        (true, false) => b",\r\n",
        (false, _) => b"data: ",
    };
    out.extend_from_slice(before);
    json::object(out, fill);
    if !array {
        out.extend_from_slice(b"\n\n");
    }
    frames.end();
}

fn write_blocked(body: &mut Object<'_>) {
    body.object("promptFeedback", |feedback| {
        feedback.text("blockReason", "SAFETY");
    });
}

impl Answer<'_> {
    /// What the answer is made of; there is always something.
    fn pieces(&self, index: u64) -> impl Iterator<Item = Piece<'_>> {
        let thoughts = self.thoughts.into_iter().flat_map(Prose::pieces);
        let text = self.call.is_none().then(|| self.prose.number(index));
        let nothing = text.filter(|prose| prose.frames() == 0).map(|_| "");
        thoughts
            .map(Piece::Thought)
            .chain(
                text.into_iter()
                    .flat_map(Prose::pieces)
                    .chain(nothing)
                    .map(Piece::Text),
            )
            .chain(self.call.iter().map(Piece::Call))
    }

    fn write_candidate(
        &self,
        candidate: &mut Object<'_>,
        pieces: &[Piece<'_>],
        index: u64,
        last: bool,
    ) {
        candidate.object("content", |content| {
            content
                .array("parts", |parts| write_parts(parts, pieces))
                .text("role", "model");
        });
        if last {
            candidate.text("finishReason", self.finish);
        }
        if last && self.searched {
            candidate.object("groundingMetadata", |grounding| {
                grounding.array("webSearchQueries", |queries| {
                    queries.text("level of the river today");
                });
            });
        }
        candidate.number("index", index);
    }

    fn write_end(&self, body: &mut Object<'_>, usage: Option<&str>) {
        body.raw_if_any("usageMetadata", usage)
            .text("modelVersion", self.model)
            .text("responseId", &self.id);
    }
}

/// Neighbours of the same kind are one part.
fn write_parts(parts: &mut json::Array<'_>, pieces: &[Piece<'_>]) {
    let thoughts = pieces.iter().filter_map(|piece| match piece {
        Piece::Thought(text) => Some(*text),
        Piece::Text(_) | Piece::Call(_) => None,
    });
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(*text),
        Piece::Thought(_) | Piece::Call(_) => None,
    });
    if thoughts.clone().next().is_some() {
        parts.object(|part| {
            part.pieces("text", thoughts).flag("thought", true);
        });
    }
    if texts.clone().next().is_some() {
        parts.object(|part| {
            part.pieces("text", texts);
        });
    }
    for piece in pieces {
        if let Piece::Call(call) = piece {
            parts.object(|part| {
                part.object("functionCall", |function| {
                    function
                        .text("name", &call.name)
                        .raw("args", &call.arguments);
                });
            });
        }
    }
}
