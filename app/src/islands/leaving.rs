//! Leaving a form: a change that is not saved is not lost without a question, a form is sent once, and only when
//! there is somebody to take it.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{
    prelude::{RwSignal, Set, set_timeout, window},
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::{Event, HtmlElement, HtmlFormElement, SubmitEvent},
};

use super::dom;
use crate::{fields::Fields, provider_form::notes::Note};

/// A short answer that only those who are signed in get.
const IS_ANYBODY_THERE: &str = "/new-provider/free-id";
/// How long a form is on its way. One whose page was stopped, or never came, can be sent again.
const ON_ITS_WAY: Duration = Duration::from_secs(10);

/// How far the form is on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It is being filled in.
    Here,
    /// It is being asked whether it would be taken.
    Asking,
    /// It goes with the next submit.
    Free,
    /// It is gone.
    Gone,
}

/// Watches a form. `trouble`: where to say why it is not sent.
pub(super) fn guard(form: &HtmlFormElement, trouble: RwSignal<Note>) {
    let way = Rc::new(Cell::new(Way::Here));
    let opened = content(form);
    let answered = form.has_attribute("data-unsaved");
    let (of_leaving, its_form) = (Rc::clone(&way), form.clone());
    dom::listen(&window(), "beforeunload", move |event| {
        let changed = answered || content(&its_form) != opened;
        if of_leaving.get() != Way::Gone && changed {
            event.prevent_default();
            // What older browsers look at.
            let _ = js_sys::Reflect::set(&event, &"returnValue".into(), &JsValue::TRUE);
        }
    });
    // A page that comes back as it was has its form again.
    let of_return = Rc::clone(&way);
    dom::listen(&window(), "pageshow", move |_| of_return.set(Way::Here));
    let its_form = form.clone();
    dom::listen(form, "submit", move |event| {
        on_submit(&event, &its_form, &way, trouble);
    });
}

/// What a form holds that would be lost: not its searches, and not what is blank.
fn content(form: &HtmlFormElement) -> Vec<(String, String)> {
    const PASSING: &[&str] = &["q", "shown", "pick", "listed", "listed_by", "listed_in_all"];
    let fields: Fields = dom::fields_of(form);
    fields
        .iter()
        .filter(|(name, value)| !value.is_empty() && !PASSING.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn on_submit(event: &Event, form: &HtmlFormElement, way: &Rc<Cell<Way>>, trouble: RwSignal<Note>) {
    if event.default_prevented() {
        return;
    }
    match way.get() {
        Way::Free => {
            way.set(Way::Gone);
            let way = Rc::clone(way);
            set_timeout(move || way.set(Way::Here), ON_ITS_WAY);
        }
        Way::Asking | Way::Gone => event.prevent_default(),
        Way::Here => {
            event.prevent_default();
            way.set(Way::Asking);
            trouble.set(Note::Silent);
            let button = event
                .dyn_ref::<SubmitEvent>()
                .and_then(SubmitEvent::submitter);
            let (form, way) = (form.clone(), Rc::clone(way));
            spawn_local(async move {
                match refused(dom::status(IS_ANYBODY_THERE).await) {
                    None => {
                        way.set(Way::Free);
                        send(&form, button.as_ref());
                    }
                    Some(words) => {
                        way.set(Way::Here);
                        trouble.set(Note::Wrong(words));
                    }
                }
            });
        }
    }
}

fn send(form: &HtmlFormElement, button: Option<&HtmlElement>) {
    let _ = match button {
        Some(button) => form.request_submit_with_submitter(Some(button)),
        None => form.request_submit(),
    };
}

/// Why the form is kept on the page. `status`: what was answered; `None`: nothing.
fn refused(status: Option<u16>) -> Option<String> {
    match status {
        None => Some("Weir did not answer, so nothing was sent. Nothing that you typed is lost; try again in a moment.".to_owned()),
        Some(401) => Some(
            "You are signed out, so nothing was sent. Sign in again in another tab, then press the button again: nothing that you \
             typed is lost."
                .to_owned(),
        ),
        Some(status @ 500..) => Some(format!(
            "Weir answered with status {status}, so nothing was sent. Nothing that you typed is lost; try again in a moment."
        )),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn a_form_that_would_be_lost_stays() {
        assert_eq!(refused(Some(200)), None);
        assert_eq!(refused(Some(404)), None);
        assert!(refused(None).is_some_and(|words| words.starts_with("Weir did not answer")));
        assert!(refused(Some(401)).is_some_and(|words| words.starts_with("You are signed out")));
        assert!(refused(Some(503)).is_some_and(|words| words.contains("503")));
    }
}
