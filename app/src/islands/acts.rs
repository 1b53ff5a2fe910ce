//! Acts on a row of a list that show at once: the row changes when one presses, the list follows when the server
//! has answered, and if it refuses, all is as it was and the message says why.
//!
//! Such a form names in `data-at-once` the element that changes (nothing: none does), in `data-class` and
//! `data-words` how it is to look. Without script, and on pages without a list, it is sent the ordinary way.

use leptos::{
    prelude::{document, window},
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, HtmlFormElement},
};

use super::{
    dom::{self, Answer},
    focus::{self, Place},
    toasts,
};

/// Where messages come and go.
const TOAST: &str = "toast";
/// What takes the focus once a message was answered: what closes the next one, or the page.
const AFTER_TOAST: [&str; 2] = ["#toast form[method=dialog] button", "#main"];

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
    let answers_message = form.closest("#toast").is_ok_and(|toast| toast.is_some());
    let by_keyboard = focus::is_visible();
    let changed = show(&form);
    close_menu(&form);
    let parts: Vec<&str> = parts.split_whitespace().collect();
    match dom::send(&address, &body).await {
        Some(answer) if answer.is_good() => {
            follow_list(&answer, &parts).await;
            if answers_message && by_keyboard {
                for place in AFTER_TOAST {
                    dom::first(place).iter().for_each(focus::give);
                }
            }
        }
        refused => {
            if let Some((element, before)) = changed {
                element.set_inner_html(&before);
            }
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

/// Shows what came of it: the message, and the list of this address. One may have narrowed it since the form came,
/// which leads back to how it was then. An answer that has no such list is gone to.
async fn follow_list(answer: &Answer, parts: &[&str]) {
    let fits = |page: &Answer| parts.iter().all(|part| page.has(part));
    let other = if answer.is_here() {
        None
    } else {
        dom::fetch(&dom::here(), None).await
    };
    let list = other.as_ref().unwrap_or(answer);
    if !(fits(answer) && fits(list) && answer.has(TOAST)) {
        let _ = window().location().set_href(&answer.address);
        return;
    }
    let place = Place::within(parts);
    list.swap(parts);
    answer.swap(&[TOAST]);
    if let Some(place) = place {
        place.restore();
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

/// Closes the menu that the form is in. The focus goes back to its button.
fn close_menu(form: &HtmlFormElement) {
    let menu = form.closest("[popover]").ok().flatten();
    if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<HtmlElement>().ok()) {
        let _ = menu.hide_popover();
    }
}
