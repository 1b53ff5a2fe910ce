//! Sentences that name commands.

use leptos::prelude::*;

/// A text in which what stands between backticks is code.
#[component]
pub(crate) fn Words(#[prop(into)] text: String) -> impl IntoView {
    let parts: Vec<_> = text
        .split('`')
        .enumerate()
        .map(|(place, part)| {
            let part = part.to_owned();
            if place % 2 == 1 {
                html! { <code>{part}</code> }
            } else {
                html! { {part} }
            }
        })
        .collect();
    html! { {parts} }
}
