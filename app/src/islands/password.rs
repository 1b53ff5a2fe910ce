//! A password that is being chosen or typed.

use leptos::prelude::*;

use super::dom;
use crate::kit::{
    icon::{Drawn, Icon},
    note_line::NoteLine,
};
use crate::provider_form::notes::Note;

/// A password field whose text can be shown. With `least`, it says whether the password is long enough.
#[island]
pub fn PasswordField(
    /// The field's name and id.
    name: String,
    /// What stands above it.
    label: String,
    /// `current-password` or `new-password`.
    autocomplete: String,
    /// Why it was refused. Empty: it was not.
    error: String,
    /// Fewest characters. 0: any password may be typed.
    least: usize,
    /// Whether the page begins here.
    focus: bool,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let length = RwSignal::new(0_usize);
    let refused = RwSignal::new(error);
    let typed = move |text: String| {
        refused.set(String::new());
        length.set(text.chars().count());
    };
    dom::keep_typed(&name, "", typed);
    let about = format!("{name}-about");
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <div class="affix">
                <input class="input" id=name.clone() name=name autocomplete=autocomplete autofocus=focus aria-required="true"
                    type=move || if shown.get() { "text" } else { "password" }
                    aria-describedby=about.clone()
                    aria-invalid=move || (!refused.read().is_empty()).then_some("true")
                    on:input:target=move |event| typed(event.target().value())/>
                <button class="btn ghost icon reveals" type="button" aria-pressed=move || if shown.get() { "true" } else { "false" }
                    aria-label="Show the password" title="Show the password" on:click=move |_| shown.update(|shown| *shown = !*shown)>
                    <Drawn icon=Icon::Eye/>
                </button>
            </div>
            <div id=about class="under">
                {move || {
                    let refused = refused.get();
                    (!refused.is_empty()).then(|| view! { <NoteLine note=Note::Wrong(refused)/> })
                }}
                {move || (least > 0 && refused.read().is_empty()).then(|| view! {
                    <ul class="rules">
                        <li class:ok=move || length.get().ge(&least)>
                            {move || if length.get() >= least {
                                view! { <Drawn icon=Icon::Check/> }
                            } else {
                                view! { <Drawn icon=Icon::Dash/> }
                            }}
                            {least}" characters or more"
                        </li>
                    </ul>
                })}
            </div>
        </div>
    }
}
