//! Rates that replace the catalog's: while one types, what each means stands beside it.
//!
//! No island for each, since a provider may have thousands of them: the form's own listens for all.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlFormElement, HtmlInputElement},
};

use super::dom;
use crate::{
    kit::note_line::signs,
    provider_form::notes::{self, Note},
};

/// What stands in an empty field whose bucket the catalog has no rate for.
pub(crate) const NO_RATE: &str = "none";

/// The id of the line beside a rate.
pub(crate) fn line_of(name: &str) -> String {
    format!("{name}-note")
}

/// Keeps the lines beside the rates of a form up to date, and lets their buttons put them back.
pub(super) fn follow(form: &HtmlFormElement) {
    dom::listen(form, "input", |event| {
        if let Some(input) = dom::nearest(&event, ".rate input")
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
        {
            say(&input);
        }
    });
    dom::listen(form, "click", |event| {
        let input = dom::nearest(&event, ".rate .reset")
            .and_then(|button| button.closest(".rate").ok().flatten())
            .and_then(|row| row.query_selector("input").ok().flatten())
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_value("");
            dom::tell(&input, "input");
            dom::tell(&input, "change");
        }
    });
}

/// Says beside a rate what it means against the catalog's.
fn say(input: &HtmlInputElement) {
    let list = input.placeholder();
    let list = (list != NO_RATE).then_some(list.as_str());
    let note = notes::on_rate(&input.value(), list);
    let _ = if matches!(note, Note::Wrong(_)) {
        input.set_attribute("aria-invalid", "true")
    } else {
        input.remove_attribute("aria-invalid")
    };
    if let Some(line) = document().get_element_by_id(&line_of(&input.id())) {
        write(&line, note);
    }
}

/// Writes a note as the server does.
fn write(line: &Element, note: Note) {
    let Some((class, icon, words)) = signs(note) else {
        line.set_inner_html("");
        return;
    };
    let drawing = icon.drawing();
    line.set_inner_html(&format!(
        r#"<span class="{class}"><svg viewBox="0 0 16 16" aria-hidden="true" class="i">{drawing}</svg></span>"#
    ));
    if let Some(span) = line.first_element_child() {
        let _ = span.append_with_str_1(&words);
    }
}
