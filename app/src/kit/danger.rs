//! An act that breaks something: says what, and asks for the name.

use leptos::prelude::*;

use super::{
    field::{Typed, Under},
    icon::{Drawn, Icon},
};

/// The danger zone of a page. Its children say what will break.
#[component]
pub(crate) fn DangerZone(
    #[prop(into)] title: String,
    #[prop(into)] action: String,
    /// What must be typed.
    #[prop(into)]
    expected: String,
    #[prop(into)] button: String,
    typed: Typed,
    children: Children,
) -> impl IntoView {
    // With `novalidate` the pattern refuses nothing: it only shows whether the button will do something.
    let pattern: String = expected.chars().flat_map(escaped).collect();
    html! {
        <section class="card danger-zone" id="delete" aria-labelledby="danger-title">
            <div class="card-head"><h2 id="danger-title">{title}</h2></div>
            <form class="card-body" method="post" action=action novalidate>
                <div class="soft">{children()}</div>
                <div class="row confirm">
                    <div class="field">
                        <label for="confirm">"Type "<code>{expected}</code>" to confirm"</label>
                        <input class="input mono" id="confirm" name="confirm" autocomplete="off" spellcheck="false" required=true
                            pattern=pattern value=typed.value aria-describedby="confirm-about"
                            aria-invalid=(!typed.error.is_empty()).then_some("true") autofocus=typed.first/>
                        <Under id="confirm-about" error=typed.error help=String::new()/>
                    </div>
                    <button class="btn danger-solid" type="submit"><Drawn icon=Icon::Bin/>{button}</button>
                </div>
            </form>
        </section>
    }
}

/// A letter as a pattern that only it fits.
fn escaped(letter: char) -> impl Iterator<Item = char> {
    let special = matches!(
        letter,
        '\\' | '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}' | '/'
    );
    special
        .then_some('\\')
        .into_iter()
        .chain(std::iter::once(letter))
}
