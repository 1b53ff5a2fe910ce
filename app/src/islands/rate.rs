//! Rates that replace the catalog's: while one types, what each means stands beside it.
//!
//! No island for each, since a provider may have thousands of them: the form's own listens for all.

use std::time::Duration;

use leptos::{
    prelude::{document, set_timeout},
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement},
};

use super::dom;
use crate::provider_form::notes;

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
            let _ = input.focus();
        } else if let Some(dialog) = dom::nearest(&event, "dialog button[value^='clear:']")
            .and_then(|button| button.closest("dialog").ok().flatten())
        {
            // The dialog stays open: no page is asked for.
            event.prevent_default();
            clear(&dialog);
        } else if let Some(dialog) = dom::nearest(&event, "button[popovertarget^='pricing.']")
            .and_then(|button| button.get_attribute("popovertarget"))
        {
            // Once it is open.
            set_timeout(move || begin(&dialog), Duration::ZERO);
        }
    });
    open_from_the_start(form);
}

/// Says beside a rate what it means against the catalog's.
fn say(input: &HtmlInputElement) {
    let list = input.placeholder();
    let list = (list != NO_RATE).then_some(list.as_str());
    let note = notes::on_rate(&input.value(), list);
    dom::note_beside(input, &line_of(&input.id()), note);
}

/// Takes the rates of the dialog that is open from an answer: the catalog's are others where the model is priced as
/// another.
pub(super) fn take(answer: &dom::Answer) {
    let rates = document()
        .query_selector("dialog:popover-open .rates")
        .ok()
        .flatten();
    if let Some(rates) = rates.filter(|rates| answer.has(&rates.id())) {
        answer.swap(&[&rates.id()]);
    }
}

/// A dialog that was open from the start, so that one could close it without script: opens it as its button does.
fn open_from_the_start(form: &HtmlFormElement) {
    let Some(dialog) = form.query_selector("dialog[open]").ok().flatten() else {
        return;
    };
    let _ = dialog.remove_attribute("open");
    if let Ok(buttons) = dialog.query_selector_all("button[popovertarget]") {
        for place in 0..buttons.length() {
            let button = buttons
                .get(place)
                .and_then(|button| button.dyn_into::<Element>().ok());
            if let Some(button) = button {
                let _ = button.set_attribute("type", "button");
            }
        }
    }
    let pencil = dialog
        .get_attribute("data-pencil")
        .and_then(|id| document().get_element_by_id(&id))
        .and_then(|pencil| pencil.dyn_into::<HtmlElement>().ok());
    if let Some(pencil) = pencil {
        let _ = pencil.focus();
        pencil.click();
    }
}

/// Begins a dialog that was just opened at the first of its rates that is wrong, else at the first.
fn begin(dialog: &str) {
    let Some(dialog) = document().get_element_by_id(dialog) else {
        return;
    };
    if dialog.matches(":popover-open") != Ok(true) {
        return;
    }
    let first = ["input[aria-invalid=true]", ".rate input"]
        .into_iter()
        .find_map(|selector| dialog.query_selector(selector).ok().flatten())
        .and_then(|input| input.dyn_into::<HtmlElement>().ok());
    if let Some(first) = first {
        let _ = first.focus();
    }
}

/// Empties every rate of a dialog.
fn clear(dialog: &Element) {
    let Ok(inputs) = dialog.query_selector_all(".rate input") else {
        return;
    };
    let mut last = None;
    for place in 0..inputs.length() {
        if let Some(input) = inputs
            .get(place)
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
        {
            input.set_value("");
            dom::tell(&input, "input");
            last = Some(input);
        }
    }
    if let Some(last) = last {
        dom::tell(&last, "change");
    }
}
