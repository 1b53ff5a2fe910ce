//! The line beside a field: help, a warning, or what is wrong.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::provider_form::notes::Note;

/// A note with its sign. Nothing where there is nothing to say.
#[component]
pub(crate) fn NoteLine(note: Note) -> impl IntoView {
    signs(note)
        .map(|(class, icon, words)| view! { <span class=class><Drawn icon=icon/>{words}</span> })
}

/// Class, sign and words of a note. `None`: there is nothing to say.
pub(crate) fn signs(note: Note) -> Option<(&'static str, Icon, String)> {
    match note {
        Note::Silent => None,
        Note::Busy(words) => Some(("error busy", Icon::More, words)),
        Note::Good(words) => Some(("error good", Icon::Check, words)),
        Note::Warning(words) => Some(("error warn", Icon::Warning, words)),
        Note::Wrong(words) => Some(("error", Icon::Alert, words)),
    }
}
