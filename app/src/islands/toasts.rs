//! Messages about what was done: read out also when they come with the page, and closed with Escape.

use std::time::Duration;

use leptos::{
    prelude::{document, set_timeout},
    wasm_bindgen::JsCast,
    web_sys::HtmlDialogElement,
};

use super::{dom, keyboard};

/// What comes and goes inside of the place where messages stand.
const TOAST: &str = "toast";
/// How long a page has to be read before a message is: what is there from the beginning is not read out, and
/// what comes too early is lost.
const LATER: Duration = Duration::from_millis(400);

/// Listens for as long as the page lives.
pub(super) fn follow() {
    set_timeout(read_out, LATER);
    dom::listen(&document(), "keydown", |event| {
        let escape = dom::key_of(&event).is_some_and(|key| key.key() == "Escape");
        let root = document().document_element();
        if escape
            && !event.default_prevented()
            && !root.is_some_and(|root| keyboard::something_is_open(&root))
        {
            close();
        }
    });
}

/// Says that something was not done, in the words of whoever refused it.
pub(super) fn refuse(title: &str, words: &str) {
    let document = document();
    let (Some(place), Ok(dialog)) = (
        document.get_element_by_id(TOAST),
        document.create_element("dialog"),
    ) else {
        return;
    };
    dialog.set_class_name("toast bad stays");
    let _ = dialog.set_attribute("open", "");
    let _ = dialog.set_attribute("aria-label", "What was not done");
    dialog.set_inner_html(
        "<b></b><div class=\"row\"><form method=\"dialog\"><button class=\"btn ghost sm\" type=\"submit\">Close</button></form></div><p></p>",
    );
    for (part, text) in [("b", title), ("p", words)] {
        if let Ok(Some(element)) = dialog.query_selector(part) {
            element.set_text_content(Some(text));
        }
    }
    place.replace_children_with_node_1(&dialog);
}

/// Takes the message out and puts it back, so that it comes.
fn read_out() {
    if let Some(place) = document().get_element_by_id(TOAST)
        && let Some(message) = place.first_element_child()
        && !message.matches(":focus-within").unwrap_or(true)
    {
        message.remove();
        let _ = place.append_child(&message);
    }
}

fn close() {
    if let Some(toast) =
        dom::first(".toast[open]").and_then(|toast| toast.dyn_into::<HtmlDialogElement>().ok())
    {
        toast.close();
    }
}
