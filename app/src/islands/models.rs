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

use super::dom;

/// How long one must have stopped typing before the catalog is searched.
const PAUSE: Duration = Duration::from_millis(180);
/// What the catalog has for the search.
const FOUND: &str = "models-found";
/// What was selected.
const SELECTED: &str = "models-selected";
/// The field to search in, or to type an id into.
const SEARCH: &str = "q";

/// Makes the picker of the form that it stands in live.
#[island]
pub fn LiveModels() -> impl IntoView {
    let place = NodeRef::<leptos::html::Span>::new();
    Effect::new(move || {
        let form = place
            .get()
            .and_then(|place| place.closest("form").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            Picker {
                form,
                newest: Rc::default(),
                waiting: Rc::default(),
            }
            .start();
        }
    });
    view! { <span hidden node_ref=place></span> }
}

#[derive(Clone)]
struct Picker {
    form: HtmlFormElement,
    newest: Rc<Cell<u32>>,
    waiting: Rc<RefCell<Option<TimeoutHandle>>>,
}

impl Picker {
    fn start(self) {
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
        let of_the_picker = matches!(what.as_str(), "search" | "pick" | "add" | "show")
            || what.starts_with("remove:")
            || what.starts_with("clear:");
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
        } else if dom::nearest(event, "input[name=type], select[name$='.preset']").is_some() {
            self.ask("search".to_owned());
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
        spawn_local(async move {
            let mut sent = dom::fields_of(&this.form);
            sent.set("do", what.clone());
            let Some(address) = this.form.get_attribute("action") else {
                return;
            };
            let answer = dom::fetch(&address, Some(&dom::body_of(&sent))).await;
            let Some(answer) =
                answer.filter(|answer| answer.has(FOUND) && this.newest.get() == mine)
            else {
                return;
            };
            let keeps_typing = what == "search";
            let parts: &[&str] = match what.as_str() {
                "search" => &[FOUND],
                // A dialog may be open inside of the selected models: only what it changes is taken.
                "show" => &[],
                _ => &[FOUND, SELECTED],
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
