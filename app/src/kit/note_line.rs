//! The line beside a field: help, a warning, or what is wrong.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::provider_form::notes::Note;

/// A note with its sign. Nothing where there is nothing to say.
#[component]
pub(crate) fn NoteLine(note: Note) -> impl IntoView {
    let (class, icon, words) = match note {
        Note::Silent => return None,
        Note::Good(words) => ("error good", Icon::Check, words),
        Note::Warning(words) => ("error warn", Icon::Warning, words),
        Note::Wrong(words) => ("error", Icon::Alert, words),
    };
    Some(view! { <span class=class><Drawn icon=icon/>{words}</span> })
}
