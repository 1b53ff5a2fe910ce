//! The model picker, live: its buttons are sent as they are, but the answer's lists take the place of
//! those on the page, so that nothing else of the form is touched.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::{
    leptos_dom::helpers::TimeoutHandle,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{Event, HtmlButtonElement, HtmlFormElement, HtmlInputElement, KeyboardEvent},
};

use super::{dom, rate};
use crate::{
    kit::note_line::NoteLine,
    provider_form::{has_new_value, notes::Note, without_new_values},
};

/// How long one must have stopped typing before the catalog is searched.
const PAUSE: Duration = Duration::from_millis(180);
/// What the catalog has for the search.
const FOUND: &str = "models-found";
/// What was selected.
const SELECTED: &str = "models-selected";
/// The field to search in, or to type an id into.
const SEARCH: &str = "q";
/// What is wrong with what stands in that field.
const SEARCH_ABOUT: &str = "q-about";
/// The button that asks the upstream.
const FETCH: &str = "fetch";
/// The fields that decide whose models and which prices are listed.
const PRICED_BY: &str = "input[name=type], select[name$='.preset'], input[name='bedrock.region']";
/// Whoever asks is signed out.
const SIGNED_OUT: u16 = 401;
/// What was typed is no id.
const REFUSED: u16 = 422;

/// Makes the picker of the form that it stands in live, and says so where the server does not go along.
#[island]
pub fn LiveModels() -> impl IntoView {
    let trouble = RwSignal::new(Note::Silent);
    let place = NodeRef::<leptos::html::Span>::new();
    Effect::new(move || {
        let form = place
            .get()
            .and_then(|place| place.closest("form").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            Picker {
                form,
                trouble,
                newest: Rc::default(),
                waiting: Rc::default(),
            }
            .start();
        }
    });
    view! {
        <span role="status" hidden=move || *trouble.read() == Note::Silent node_ref=place>
            {move || view! { <NoteLine note=trouble.get()/> }}
        </span>
    }
}

#[derive(Clone)]
struct Picker {
    form: HtmlFormElement,
    trouble: RwSignal<Note>,
    newest: Rc<Cell<u32>>,
    waiting: Rc<RefCell<Option<TimeoutHandle>>>,
}

impl Picker {
    fn start(self) {
        rate::follow(&self.form);
        let this = self.clone();
        dom::listen(&self.form, "submit", move |event| this.on_submit(&event));
        let this = self.clone();
        dom::listen(&self.form, "input", move |event| this.on_input(&event));
        let this = self.clone();
        dom::listen(&self.form, "change", move |event| this.on_change(&event));
        let this = self.clone();
        dom::listen(&self.form, "keydown", move |event| this.on_key(&event));
    }

    /// Buttons of the picker; any other is for the browser to send.
    fn on_submit(&self, event: &Event) {
        let button = event
            .dyn_ref::<leptos::web_sys::SubmitEvent>()
            .and_then(leptos::web_sys::SubmitEvent::submitter)
            .and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
        let Some(what) = button
            .filter(|button| button.name() == "do")
            .map(|button| button.value())
        else {
            return;
        };
        let of_the_picker = matches!(
            what.as_str(),
            "search" | "pick" | "add" | "show" | "catalog"
        ) || what.starts_with("remove:")
            || what.starts_with("clear:")
            // A new secret leaves the page only to be saved, and then the page must say so.
            || (what == FETCH && !has_new_value(&dom::fields_of(&self.form)));
        if of_the_picker {
            event.prevent_default();
            self.ask(what);
        }
    }

    /// A search goes out once typing pauses.
    fn on_input(&self, event: &Event) {
        if dom::nearest(event, "#q").is_none() {
            return;
        }
        if let Some(waiting) = self.waiting.take() {
            waiting.clear();
        }
        let this = self.clone();
        let search = move || this.ask("search".to_owned());
        self.waiting
            .replace(set_timeout_with_handle(search, PAUSE).ok());
    }

    /// A ticked model is selected, one that is not any more is taken away; another type has other models.
    fn on_change(&self, event: &Event) {
        if let Some(tick) = dom::nearest(event, "input[name=pick]")
            .and_then(|tick| tick.dyn_into::<HtmlInputElement>().ok())
        {
            self.ask(if tick.checked() {
                "pick".to_owned()
            } else {
                format!("remove:{}", tick.value())
            });
        } else if dom::nearest(event, PRICED_BY).is_some() {
            // The prices of the selected models are others, too.
            self.ask("pick".to_owned());
        } else if dom::nearest(event, "dialog input").is_some() {
            self.ask("show".to_owned());
        }
    }

    /// Enter in the search field adds what is typed as an id.
    fn on_key(&self, event: &Event) {
        let enter = event
            .dyn_ref::<KeyboardEvent>()
            .is_some_and(|key| key.key() == "Enter" && !key.is_composing());
        if enter && dom::nearest(event, "#q").is_some() {
            event.prevent_default();
            if let Some(waiting) = self.waiting.take() {
                waiting.clear();
            }
            if dom::value_of(SEARCH).is_some_and(|typed| !typed.trim().is_empty()) {
                self.ask("add".to_owned());
            }
        }
    }

    /// Sends the form with one of its buttons and takes the lists of the answer.
    fn ask(&self, what: String) {
        let this = self.clone();
        let mine = this.newest.get().wrapping_add(1);
        this.newest.set(mine);
        if what == FETCH {
            let words = "Asking the upstream for its models. What you go on typing is kept.";
            self.trouble.set(Note::Busy(words.to_owned()));
        }
        spawn_local(async move {
            let mut sent = dom::fields_of(&this.form);
            sent.set("do", what.clone());
            let Some(address) = this.form.get_attribute("action") else {
                return;
            };
            let body = dom::body_of(&without_new_values(&sent));
            let answer = dom::fetch(&address, Some(&body)).await;
            if this.newest.get() != mine {
                return;
            }
            let status = answer.as_ref().map(|answer| answer.status);
            let Some(answer) = answer.filter(|answer| answer.has(FOUND)) else {
                this.trouble.set(Note::Wrong(not_done(status)));
                return;
            };
            this.trouble.set(Note::Silent);
            let keeps_typing =
                matches!(what.as_str(), "search" | FETCH | "catalog") || answer.status == REFUSED;
            let parts: &[&str] = match what.as_str() {
                "search" | FETCH | "catalog" => &[FOUND, SEARCH_ABOUT],
                // A dialog may be open inside of the selected models: only what it changes is taken.
                "show" => &[],
                _ => &[FOUND, SELECTED, SEARCH_ABOUT],
            };
            dom::keep_changes(&this.form, &sent, &answer.page);
            answer.swap(parts);
            if what == "show" {
                answer.swap_all("[data-rates]");
            }
            if !keeps_typing
                && what != "show"
                && what != "pick"
                && let Some(search) = dom::input(SEARCH)
            {
                search.set_value("");
            }
            dom::tell(&this.form, "weir:models");
        });
    }
}

/// What to say where the lists could not be brought up to date. `status`: what was answered; `None`: nothing.
fn not_done(status: Option<u16>) -> String {
    match status {
        None => "Weir did not answer, so the models stay as they were. Nothing that you typed is lost; try again in a moment.".to_owned(),
        Some(SIGNED_OUT) => "You are signed out. Sign in again in another tab, then go on here: nothing that you typed is lost.".to_owned(),
        Some(status) => format!(
            "Weir answered with status {status}, so the models stay as they were. Nothing that you typed is lost; try again in a moment."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::not_done;

    #[test]
    fn a_picker_that_gets_no_lists_says_why() {
        assert!(not_done(None).starts_with("Weir did not answer"));
        assert!(not_done(Some(401)).starts_with("You are signed out"));
        assert!(not_done(Some(503)).contains("status 503"));
    }
}
