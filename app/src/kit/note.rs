//! A message that belongs to a page.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Good to know.
    Info,
    /// It worked.
    Good,
    /// Something may go wrong.
    Warning,
    /// Something is wrong.
    Bad,
}

/// A message in a page. What is wrong is read out at once.
#[component]
pub(crate) fn NoteBox(tone: Tone, children: Children) -> impl IntoView {
    let (class, icon, role) = match tone {
        Tone::Info => ("note", Icon::Info, None),
        Tone::Good => ("note ok", Icon::Check, None),
        Tone::Warning => ("note warn", Icon::Warning, None),
        Tone::Bad => ("note bad", Icon::Alert, Some("alert")),
    };
    html! { <div class=class role=role><Drawn icon=icon/><span>{children()}</span></div> }
}
