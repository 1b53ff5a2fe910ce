//! A message of a conversation: who speaks, and what is said, part by part.

use std::collections::HashMap;

use admin::transcripts::{File, FileKind, Message, Part, Role};
use leptos::prelude::*;

use super::{
    sheet::{Sheet, told},
    text::{self, Look, Of},
};
use crate::{
    format::size,
    kit::{
        copy::Copy,
        icon::{Drawn, Icon},
    },
};

/// How deep results of tools may stand in each other; deeper ones are left out.
const DEEPEST: usize = 3;

/// The names of the tools that were called, by the ids of the calls.
pub(super) type ToolNames = HashMap<String, String>;

/// Remembers which tools a message calls, since results name only the call.
pub(super) fn remember(names: &mut ToolNames, message: &Message) {
    for part in &message.parts {
        if let Part::ToolCall {
            id: Some(id), name, ..
        } = part
        {
            names.insert(id.clone(), name.clone());
        }
    }
}

/// How a message stands in its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is said in this turn.
    New,
    /// It was said in an earlier one.
    Before,
}

/// A message. `None`: the page has no room left for it. `choice`: which of several answers it is.
pub(super) fn view(
    message: &Message,
    standing: Standing,
    choice: Option<usize>,
    names: &ToolNames,
    sheet: &mut Sheet,
) -> Option<AnyView> {
    if !sheet.begin() {
        return None;
    }
    let (role, icon, class) = match message.role {
        Role::System => ("System", Icon::Screen, "speech"),
        Role::User => ("User", Icon::Person, "speech user"),
        Role::Assistant => ("Assistant", Icon::Spark, "speech"),
        Role::Tool => ("Tool", Icon::Tool, "speech"),
    };
    let class = match standing {
        Standing::New => class.to_owned(),
        Standing::Before => format!("{class} before"),
    };
    let mut writing = Writing {
        role: message.role,
        names,
        sheet,
        is_whole: true,
        is_full: false,
    };
    let parts = writing.parts(&message.parts, 0);
    let copy = writing.copy(message);
    let choice = choice.map(|number| html! { <span class="muted">{format!(" {number}")}</span> });
    let parts = if parts.is_empty() {
        vec![html! { <p class="muted">"It is empty."</p> }]
    } else {
        parts
    };
    Some(html! {
        <div class=class>
            <h3 class="role"><Drawn icon=icon/><span>{role}{choice}</span>{copy}</h3>
            <div class="by">{parts}</div>
        </div>
    })
}

/// What is being written of a message.
struct Writing<'a> {
    role: Role,
    names: &'a ToolNames,
    sheet: &'a mut Sheet,
    /// Whether all texts of it are shown whole.
    is_whole: bool,
    /// Whether something was left out, and it was said so.
    is_full: bool,
}

impl Writing<'_> {
    fn parts(&mut self, parts: &[Part], depth: usize) -> Vec<AnyView> {
        let mut views = vec![];
        for part in parts {
            if self.is_full {
                break;
            }
            if !self.sheet.begin() || depth > DEEPEST {
                self.is_full = true;
                self.is_whole = false;
                views.push(self.sheet.left_out());
                break;
            }
            views.push(self.part(part, depth));
        }
        views
    }

    fn part(&mut self, part: &Part, depth: usize) -> AnyView {
        match part {
            Part::Text(text) => self.said(text, depth),
            Part::Reasoning(None) => placeholder(
                Icon::Thought,
                html! { "Reasoning, which the provider keeps sealed" },
            ),
            Part::Reasoning(Some(thought)) => {
                let inside = self.put(thought, Look::Markdown, "prose");
                let first = html! { "Reasoning" };
                folded(Icon::Thought, first, &told(thought.len()), inside)
            }
            Part::Refusal(text) => {
                let said = self.put(text, Look::Markdown, "prose");
                html! { <p><span class="badge warn">"Refused"</span></p>{said} }
            }
            Part::ToolCall {
                name, arguments, ..
            } => {
                let inside = if arguments.trim().is_empty() {
                    html! { <p class="muted">"Without arguments."</p> }
                } else {
                    self.put(arguments, Look::Json, "prose written mono")
                };
                let end = format!("call · {}", told(arguments.len()));
                folded(Icon::Tool, named(name.clone()), &end, inside)
            }
            Part::ToolResult {
                id,
                name,
                parts,
                failed,
            } => {
                let known = id.as_ref().and_then(|id| self.names.get(id));
                let name = name.clone().or_else(|| known.cloned());
                let first = name.map_or_else(|| html! { "A tool" }, named);
                let inside = self.parts(parts, depth.saturating_add(1));
                let end = if *failed {
                    "result · failed"
                } else {
                    "result"
                };
                folded(Icon::Tool, first, end, html! { {inside} })
            }
            Part::File(file) => of_file(file),
            Part::Other { kind, json } => {
                let inside = self.put(json, Look::Json, "prose written mono");
                folded(
                    Icon::Document,
                    named(kind.clone()),
                    &told(json.len()),
                    inside,
                )
            }
        }
    }

    /// A text as its speaker means it: people and models write markdown, tools give data, and instructions are
    /// long and mostly known.
    fn said(&mut self, text: &str, depth: usize) -> AnyView {
        match self.role {
            _ if depth > 0 => self.put(text, Look::Json, "prose written mono"),
            Role::Tool => self.put(text, Look::Json, "prose written mono"),
            Role::User | Role::Assistant => self.put(text, Look::Markdown, "prose"),
            Role::System => {
                let first = text.lines().find(|line| !line.trim().is_empty());
                let first = html! { <Of text=first.unwrap_or_default().trim().to_owned()/> };
                let inside = self.put(text, Look::AsWritten, "prose written");
                folded(Icon::Screen, first, &told(text.len()), inside)
            }
        }
    }

    fn put(&mut self, text: &str, look: Look, class: &'static str) -> AnyView {
        let put = self.sheet.text(text, look, class);
        self.is_whole &= put.is_whole;
        put.view
    }

    /// The button that copies what was said, as it was written. Only where all of it is shown, and nobody copies
    /// what they cannot see.
    fn copy(&mut self, message: &Message) -> Option<AnyView> {
        let texts: Vec<&str> = message
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) | Part::Refusal(text) => Some(text.as_str()),
                Part::Reasoning(_)
                | Part::ToolCall { .. }
                | Part::ToolResult { .. }
                | Part::File(_)
                | Part::Other { .. } => None,
            })
            .collect();
        let text = texts.join("\n\n");
        let is_seen = self.is_whole && !text.is_empty() && !text::hides(&text);
        let offered = is_seen && self.sheet.take(text.len());
        offered.then(|| html! { <Copy text=text label="Copy what was said"/> })
    }
}

/// The name of a tool, or of whatever was named by others.
fn named(name: String) -> AnyView {
    html! { <code><Of text=name/></code> }
}

/// Something that is there to be opened.
pub(super) fn folded(icon: Icon, first: AnyView, end: &str, inside: AnyView) -> AnyView {
    html! {
        <details class="folded">
            <summary>
                <Drawn icon=Icon::Right class="chev"/>
                <Drawn icon=icon small=true/>
                <span class="first">{first}</span>
                <span class="end">{end.to_owned()}</span>
            </summary>
            <div class="inside">{inside}</div>
        </details>
    }
}

fn placeholder(icon: Icon, words: AnyView) -> AnyView {
    html! { <p class="placeholder"><Drawn icon=icon/><span>{words}</span></p> }
}

/// A file: what it is, of which type, its name, its size. Its content is never shown.
fn of_file(file: &File) -> AnyView {
    let (kind, icon) = match file.kind {
        FileKind::Image => ("Picture", Icon::Picture),
        FileKind::Audio => ("Sound", Icon::Document),
        FileKind::Video => ("Film", Icon::Document),
        FileKind::Document => ("Document", Icon::Document),
    };
    let mut about = kind.to_owned();
    if let Some(media_type) = &file.media_type {
        about = format!("{about}, {}", text::plain(media_type));
    }
    let size = file.bytes.map(size::of);
    let about = format!("{about}, {}", size.as_deref().unwrap_or("not in the body"));
    let name = file.name.clone().map(|name| html! { ": "<Of text=name/> });
    placeholder(icon, html! { {about}{name} })
}
