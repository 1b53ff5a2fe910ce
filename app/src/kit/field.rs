//! Fields of forms: label, control, then one line of help or what is wrong.

use leptos::prelude::*;

use super::note_line::NoteLine;
use crate::provider_form::notes::Note;

/// What a form holds of one field: what was typed, and why it was refused.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed {
    /// As it was typed.
    pub(crate) value: String,
    /// Why it was refused. Empty: it was not.
    pub(crate) error: String,
    /// Whether the page begins here: it is the first field that was refused.
    pub(crate) first: bool,
}

/// A line of text.
#[component]
pub(crate) fn TextField(
    /// The field's name and id.
    #[prop(into)]
    name: String,
    #[prop(into)] label: String,
    typed: Typed,
    /// What the field wants, where nothing is wrong with it.
    #[prop(optional, into)]
    help: String,
    #[prop(optional, into)] placeholder: String,
    /// Whether it may be left blank, which its label then says.
    #[prop(optional)]
    optional: bool,
    /// Whether it holds an id, an address or the like.
    #[prop(optional)]
    mono: bool,
    /// Whether the page begins here where nothing was refused.
    #[prop(optional)]
    focus: bool,
    #[prop(optional, into)] autocomplete: String,
    #[prop(optional, into)] kind: String,
) -> impl IntoView {
    let about = format!("{name}-about");
    let kind = if kind.is_empty() {
        "text".to_owned()
    } else {
        kind
    };
    let autocomplete = if autocomplete.is_empty() {
        "off".to_owned()
    } else {
        autocomplete
    };
    html! {
        <div class="field">
            <label for=name.clone()>{label}{optional.then(|| html! { <span class="opt">"optional"</span> })}</label>
            <input class=if mono { "input mono" } else { "input" } id=name.clone() name=name type=kind value=typed.value
                placeholder=placeholder autocomplete=autocomplete spellcheck=mono.then_some("false")
                aria-required=(!optional).then_some("true") aria-invalid=(!typed.error.is_empty()).then_some("true")
                aria-describedby=about.clone() autofocus=typed.first || focus/>
            <Under id=about error=typed.error help=help/>
        </div>
    }
}

/// The line under a field.
#[component]
pub(crate) fn Under(#[prop(into)] id: String, error: String, help: String) -> impl IntoView {
    let line = match (error.is_empty(), help.is_empty()) {
        (false, _) => html! { <NoteLine note=Note::Wrong(error)/> },
        (true, false) => html! { <span class="help">{help}</span> },
        (true, true) => ().into_any(),
    };
    html! { <span id=id class="under">{line}</span> }
}

/// A switch with one sentence on what it does.
#[component]
pub(crate) fn Toggle(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] words: String,
    on: bool,
    #[prop(optional, into)] error: String,
    /// Whether the page begins here: it is the first field that was refused.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let about = format!("{name}-about");
    let is_wrong = !error.is_empty();
    let wrong_about = format!("{name}-wrong");
    let described = if is_wrong {
        format!("{about} {wrong_about}")
    } else {
        about.clone()
    };
    let wrong = is_wrong.then(
        || html! { <span class="exp" id=wrong_about><NoteLine note=Note::Wrong(error)/></span> },
    );
    html! {
        <label class="toggle">
            <input type="checkbox" role="switch" name=name.clone() id=name value="on" checked=on aria-describedby=described
                aria-invalid=is_wrong.then_some("true") autofocus=first/>
            <b>{label}</b>
            <span class="exp" id=about>{words}</span>
            {wrong}
        </label>
    }
}
