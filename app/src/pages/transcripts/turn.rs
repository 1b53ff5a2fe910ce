//! A turn of a conversation: what is new in it, and what the call took.

use admin::transcripts::{Asked, BodyInfo, Message, Part, Role, Said, Turn};
use domain::{Bucket, call::Outcome};
use leptos::prelude::*;

use super::{
    address::Addresses,
    message::{self, Standing, ToolNames, folded},
    raw::{self, Raw},
    sheet::Sheet,
    text::{self, Of},
};
use crate::{
    format::{count, size, time, zone::Zone},
    kit::{
        icon::Icon,
        note::{NoteBox, Tone},
    },
    pages::calls::{
        self,
        table::{Cost, CostProps, Ended, EndedProps},
    },
};

/// Names of tools that a request offers, in a list, at most.
const TOOLS_SHOWN: usize = 200;

/// What of a turn is opened by the address.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// The messages that were said before.
    pub(super) earlier: bool,
    /// Its bodies as they were recorded.
    pub(super) raw: Option<Raw>,
}

/// What is carried from one turn to the next.
#[derive(Debug, Default)]
pub(super) struct Thread {
    names: ToolNames,
    tools: Vec<String>,
}

/// A turn as a part of its conversation's page.
pub(super) fn view(
    turn: &Turn,
    opened: Opened,
    thread: &mut Thread,
    addresses: &Addresses,
    sheet: &mut Sheet,
) -> AnyView {
    let id = turn.call_id.to_string();
    let mut parts = vec![];
    match (&turn.asked, &turn.request) {
        (Some(asked), info) => asked_parts(
            asked,
            info.as_ref(),
            &id,
            &opened,
            thread,
            addresses,
            sheet,
            &mut parts,
        ),
        (None, Some(_)) => parts.push(quiet(
            "The request’s body cannot be read as a conversation. The raw body has it as it came.",
        )),
        (None, None) => parts.push(quiet("The request was not recorded.")),
    }
    match (&turn.answer, &turn.response) {
        (Some(said), info) => answer_parts(said, info.as_ref(), thread, sheet, &mut parts),
        (None, Some(_)) => parts.push(quiet(
            "The answer’s body cannot be read as a conversation. The raw body has it as it came.",
        )),
        (None, None) if turn.outcome == Outcome::Rejected => {}
        (None, None) => parts.push(quiet("No answer was recorded.")),
    }
    let raw = opened.raw.map(|raw| raw::view(&id, raw));
    let zone = Zone::here();
    let title = format!("Turn of {}", zone.exact(turn.started_at));
    html! {
        <article class="turn" id=format!("call-{id}") aria-labelledby=format!("turn-{id}")>
            <h2 class="sr" id=format!("turn-{id}")>{title}</h2>
            {parts}
            {meta(turn, addresses, raw.is_some())}
            {raw}
        </article>
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one turn, cut in two for reading"
)]
fn asked_parts(
    asked: &Asked,
    info: Option<&BodyInfo>,
    id: &str,
    opened: &Opened,
    thread: &mut Thread,
    addresses: &Addresses,
    sheet: &mut Sheet,
    parts: &mut Vec<AnyView>,
) {
    let earlier = asked.earlier();
    if earlier > 0 {
        parts.push(earlier_line(earlier, id, opened.earlier, addresses));
    }
    if asked.tools != thread.tools {
        thread.tools.clone_from(&asked.tools);
        parts.extend(tools(&asked.tools));
    }
    for asked in &asked.messages {
        message::remember(&mut thread.names, &asked.message);
        let standing = match (asked.is_new, opened.earlier) {
            (true, _) => Standing::New,
            (false, true) => Standing::Before,
            (false, false) => continue,
        };
        match message::view(&asked.message, standing, None, &thread.names, sheet) {
            Some(view) => parts.push(view),
            None => {
                parts.push(html! { <div class="quiet">{sheet.left_out()}</div> });
                break;
            }
        }
    }
    if asked.cut {
        parts.push(cut("request", info));
    }
}

fn answer_parts(
    said: &Said,
    info: Option<&BodyInfo>,
    thread: &mut Thread,
    sheet: &mut Sheet,
    parts: &mut Vec<AnyView>,
) {
    let several = said.messages.len() > 1;
    for (place, message) in said.messages.iter().enumerate() {
        message::remember(&mut thread.names, message);
        let choice = several.then(|| place.saturating_add(1));
        match message::view(message, Standing::New, choice, &thread.names, sheet) {
            Some(view) => parts.push(view),
            None => {
                parts.push(html! { <div class="quiet">{sheet.left_out()}</div> });
                break;
            }
        }
    }
    if let Some(error) = said.error.clone() {
        parts.push(html! { <NoteBox tone=Tone::Bad>"The upstream answered with an error: "<Of text=error/></NoteBox> });
    }
    if said.cut {
        parts.push(cut("answer", info));
    }
}

/// How many messages were said before, and the way to them.
fn earlier_line(earlier: usize, id: &str, is_open: bool, addresses: &Addresses) -> AnyView {
    let words = count::plural(earlier, "earlier message", "earlier messages");
    let (href, way) = if is_open {
        (addresses.without(id), "Hide them")
    } else {
        (addresses.earlier(id), "Show them here")
    };
    let label = format!("{way}: {words}");
    html! {
        <p class="earlier">
            <span>{format!("{words} came along; what is new follows.")}</span>
            <a href=href aria-label=label>{way}</a>
        </p>
    }
}

/// The tools that the application offered, where they are others than in the turn before.
fn tools(tools: &[String]) -> Option<AnyView> {
    if tools.is_empty() {
        return None;
    }
    let mut names: Vec<_> = tools
        .iter()
        .take(TOOLS_SHOWN)
        .map(|name| html! { <span class="model"><Of text=name.clone()/></span> })
        .collect();
    if let Some(more) = tools
        .len()
        .checked_sub(TOOLS_SHOWN)
        .filter(|more| *more > 0)
    {
        names.push(html! { <span class="muted">{format!("and {} more", count::grouped_size(more))}</span> });
    }
    let first = html! { {format!("{} offered", count::plural(tools.len(), "tool", "tools"))} };
    let inside = html! { <span class="models">{names}</span> };
    let fold = folded(Icon::Tool, first, "names only", inside);
    Some(
        html! { <div class="speech"><span class="role" aria-hidden="true"></span><div class="by">{fold}</div></div> },
    )
}

fn quiet(words: &'static str) -> AnyView {
    html! { <p class="quiet muted">{words}</p> }
}

/// What is said where a body is not there to its end.
fn cut(what: &'static str, info: Option<&BodyInfo>) -> AnyView {
    let kept = info
        .filter(|info| info.kept_bytes < info.bytes)
        .map(|info| {
            let (kept, all) = (size::of(info.kept_bytes), size::of(info.bytes));
            format!(" Of its {all} the first {kept} were kept, as Settings, Transcripts says.")
        });
    html! {
        <NoteBox tone=Tone::Info>
            {format!("The {what} ends before its end: what came after that is not shown here.")}{kept}
        </NoteBox>
    }
}

/// What the call was and took, and the ways to more of it.
fn meta(turn: &Turn, addresses: &Addresses, raw_is_open: bool) -> AnyView {
    let id = turn.call_id.to_string();
    let zone = Zone::here();
    let (clock, _) = zone.clock(turn.started_at);
    let here = format!("#call-{id}");
    let model = turn
        .model
        .clone()
        .map(|model| html! { <code><Of text=model/></code> });
    let ended = (turn.outcome != Outcome::Ok).then(|| {
        Ended(EndedProps {
            outcome: turn.outcome,
            status: turn.status,
        })
    });
    let stopped = turn
        .answer
        .as_ref()
        .and_then(|said| said.stopped_by.as_deref());
    let stopped = stopped.filter(|word| !is_plain_end(word)).map(|word| {
        html! { <span>"stopped by "<b>{text::plain(word)}</b></span> }
    });
    let cost = Cost(CostProps {
        state: turn.price_state,
        total: turn.cost,
    });
    let row = calls::address(turn.call_id);
    let raw = (turn.request.is_some() || turn.response.is_some()).then(|| {
        let (href, words) = if raw_is_open {
            (addresses.without(&id), "Hide raw bodies")
        } else {
            (addresses.raw(&id), "Raw bodies")
        };
        html! { <a href=href aria-expanded=if raw_is_open { "true" } else { "false" }>{words}</a> }
    });
    html! {
        <div class="meta">
            <a href=here title=zone.exact_to_millis(turn.started_at)>{clock}</a>
            {model}
            {tokens(turn)}
            <span><b>{time::duration(turn.latency_us)}</b></span>
            <span><b>{cost}</b></span>
            {ended}{stopped}
            <a href=row>"Call"</a>
            {raw}
        </div>
    }
}

/// Whether an answer ended as one expects: it was all said, or a tool is called.
fn is_plain_end(word: &str) -> bool {
    matches!(
        word,
        "stop"
            | "STOP"
            | "end_turn"
            | "tool_calls"
            | "tool_use"
            | "function_call"
            | "completed"
            | "stop_sequence"
    )
}

/// Tokens, bucket by bucket where the ledger still has the row.
fn tokens(turn: &Turn) -> Vec<AnyView> {
    let Some(row) = &turn.row else {
        let all = turn
            .tokens
            .map(|all| html! { <span><b>{count::grouped(all)}</b>" tokens"</span> });
        return all.into_iter().collect();
    };
    let usage = row.tokens.0;
    let of_bucket = |bucket: &Bucket| {
        let tokens = (*usage.tokens.get(*bucket)).filter(|tokens| *tokens > 0)?;
        let label = bucket.label().to_lowercase();
        let reasoning = usage
            .reasoning
            .filter(|reasoning| *bucket == Bucket::Output && *reasoning > 0);
        let reasoning =
            reasoning.map(|reasoning| format!(", {} of it reasoning", count::grouped(reasoning)));
        Some(html! { <span><b>{count::grouped(tokens)}</b>" "{label}{reasoning}</span> })
    };
    Bucket::ALL.iter().filter_map(of_bucket).collect()
}

/// The first words of what is new in a turn, for the way through a conversation.
pub(super) fn words(turn: &Turn) -> Option<String> {
    const MOST: usize = 80;
    let asked = turn.asked.iter().flat_map(Asked::new_messages);
    let answer = turn.answer.iter().flat_map(|said| &said.messages);
    let said = asked
        .filter(|message| message.role != Role::System)
        .chain(answer);
    let text = said.filter_map(first_text).next()?;
    let line = text
        .split_whitespace()
        .take(MOST)
        .collect::<Vec<_>>()
        .join(" ");
    Some(line.chars().take(MOST).collect())
}

fn first_text(message: &Message) -> Option<&str> {
    message.parts.iter().find_map(|part| match part {
        Part::Text(text) | Part::Refusal(text) if !text.trim().is_empty() => Some(text.trim()),
        Part::ToolCall { name, .. } => Some(name.as_str()),
        Part::ToolResult {
            name: Some(name), ..
        } => Some(name.as_str()),
        Part::Text(_)
        | Part::Refusal(_)
        | Part::Reasoning(_)
        | Part::ToolResult { .. }
        | Part::File(_)
        | Part::Other { .. } => None,
    })
}
