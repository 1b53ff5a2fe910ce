//! Many boxes to tick: a field that narrows them to those whose words hold what is typed.

use leptos::wasm_bindgen::JsCast;
use leptos::{
    html,
    prelude::*,
    web_sys::{Element, HtmlInputElement},
};

use super::dom;

/// A field above the boxes that stand beside it. Not there without script, which it needs; the boxes are.
#[island]
pub fn NarrowBoxes(
    /// What the field is called, such as "Find a provider".
    label: String,
) -> impl IntoView {
    let awake = RwSignal::new(false);
    let said = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || awake.set(field.get().is_some()));
    let typed = move |field: HtmlInputElement| {
        if let Ok(Some(around)) = field.closest("fieldset, form") {
            said.set(narrow(&around, &field.value().trim().to_lowercase()));
        }
    };
    view! {
        <div class="narrowing" hidden=move || !awake.get()>
            // Without a name it is not sent; as no search field it does not search the list that it may stand in.
            <input class="input" type="text" inputmode="search" aria-label=label.clone() placeholder=label autocomplete="off"
                node_ref=field on:input:target=move |event| typed(event.target())
                on:keydown=move |event| if event.key() == "Enter" { event.prevent_default() }/>
            <span class="sr" role="status">{move || said.get()}</span>
        </div>
    }
}

/// Hides the boxes that do not have the words. What is ticked stays in sight. Says how many are left.
fn narrow(around: &Element, words: &str) -> String {
    let boxes = dom::all(around, ".boxes > label");
    let mut shown: usize = 0;
    for label in &boxes {
        let fits = label
            .text_content()
            .unwrap_or_default()
            .to_lowercase()
            .contains(words);
        let ticked = label
            .query_selector("input")
            .ok()
            .flatten()
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
            .is_some_and(|input| input.checked());
        let show = fits || ticked;
        label.set_hidden(!show);
        shown += usize::from(show);
    }
    format!("{shown} of {} shown", boxes.len())
}
