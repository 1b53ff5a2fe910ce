//! Names of secrets: while one types, what there is to say of them stands beside.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{HtmlElement, HtmlFormElement, HtmlInputElement},
};

use super::dom;
use crate::provider_form::{
    notes::{on_new_secret, on_secret},
    secret_field::{NAMES, live_line},
};

/// Keeps the lines beside the names of a form's secrets up to date.
pub(super) fn follow(form: &HtmlFormElement) {
    for (kind, done) in [("input", false), ("change", true)] {
        dom::listen(form, kind, move |event| {
            if let Some(input) =
                dom::nearest(&event, "input[name$='.key'], input[name$='.new_key']")
                    .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
            {
                say(&input, done);
            }
        });
    }
}

fn say(input: &HtmlInputElement, done: bool) {
    let (known, name) = (known(), input.value());
    let note = if input.name().ends_with(".new_key") {
        let taken = known.iter().any(|one| *one == name.trim());
        on_new_secret(&name, taken)
    } else {
        on_secret(&name, &known, done)
    };
    dom::note_beside(input, &live_line(&input.name()), note);
    // What was refused stands there no longer.
    let about = document().get_element_by_id(&format!("{}-about", input.name()));
    if let Some(about) = about.filter(|about| {
        about
            .query_selector(".error")
            .is_ok_and(|error| error.is_some())
    }) {
        about.set_inner_html("");
    }
}

/// The names of the secrets that there are.
fn known() -> Vec<String> {
    let Ok(options) = document().query_selector_all(&format!("#{NAMES} option")) else {
        return vec![];
    };
    let options = (0..options.length()).filter_map(|place| {
        let option = options.get(place)?.dyn_into::<HtmlElement>().ok()?;
        option.get_attribute("value")
    });
    options.collect()
}
