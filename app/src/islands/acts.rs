//! Acts on a row of a list that show at once: the row changes when one presses, the list follows when the server
//! has answered, and if it refuses, all is as it was and the message says why.
//!
//! Such a form names in `data-at-once` the element that changes (nothing: none does), in `data-class` and
//! `data-words` how it is to look. Without script, and on pages without a list, it is sent the ordinary way.

use leptos::{
    prelude::document,
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlFormElement},
};

use super::{dom, toasts};

/// Where messages come and go.
const TOAST: &str = "toast";

/// Listens for as long as the page lives.
pub(super) fn follow() {
    dom::listen(&document(), "submit", |event| {
        let form = dom::nearest(&event, "form[data-at-once]")
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let parts = dom::first("[data-live]").and_then(|list| list.get_attribute("data-live"));
        if let (Some(form), Some(parts)) = (form, parts) {
            event.prevent_default();
            spawn_local(act(form, parts));
        }
    });
}

async fn act(form: HtmlFormElement, parts: String) {
    let Some(address) = form.get_attribute("action") else {
        return;
    };
    let body = dom::body_of(&dom::fields_of(&form));
    let changed = show(&form);
    let menu = close_menu(&form);
    let mut parts: Vec<&str> = parts.split_whitespace().collect();
    parts.push(TOAST);
    match dom::send(&address, &body).await {
        Some(answer) if parts.iter().all(|part| answer.has(part)) => {
            answer.swap(&parts);
            give_focus_back(menu);
        }
        refused => {
            if let Some((element, before)) = changed {
                element.set_inner_html(&before);
            }
            give_focus_back(menu);
            let said = |selector: &str| {
                let page = &refused.as_ref()?.page;
                page.query_selector(selector).ok()??.text_content()
            };
            let title = said("h1").unwrap_or_else(|| "Weir did not answer".to_owned());
            let words = said(".lede, .gate-form p")
                .unwrap_or_else(|| "Nothing was changed. Try again in a moment.".to_owned());
            toasts::refuse(&title, &words);
        }
    }
}

/// Shows how it will be. Returns what changed, and how it was.
fn show(form: &HtmlFormElement) -> Option<(Element, String)> {
    let element = document().get_element_by_id(&form.get_attribute("data-at-once")?)?;
    let before = element.inner_html();
    let status = document().create_element("span").ok()?;
    status.set_class_name(&form.get_attribute("data-class")?);
    status.set_text_content(Some(&form.get_attribute("data-words")?));
    element.replace_children_with_node_1(&status);
    Some((element, before))
}

/// Closes the menu that the form is in, and tells which it was.
fn close_menu(form: &HtmlFormElement) -> Option<String> {
    let menu: HtmlElement = form.closest("[popover]").ok()??.dyn_into().ok()?;
    let _ = menu.hide_popover();
    Some(menu.id())
}

/// The list is another one now: the focus goes to the button of the same menu.
fn give_focus_back(menu: Option<String>) {
    let buttons = document()
        .document_element()
        .map(|root| dom::all(&root, "[popovertarget]"));
    let button = buttons
        .into_iter()
        .flatten()
        .find(|button| button.get_attribute("popovertarget") == menu);
    if let (Some(_), Some(button)) = (menu, button) {
        let _ = button.focus();
    }
}
