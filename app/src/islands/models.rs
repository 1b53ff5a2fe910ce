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

use super::{dom, picker_keys, rate, references};
use crate::{
    fields::Fields,
    kit::note_line::NoteLine,
    provider_form::{has_new_value, notes::Note, without_new_values},
};

/// How long one must have stopped typing before the catalog is searched.
const PAUSE: Duration = Duration::from_millis(180);
/// What the upstream listed, and what came of asking it.
const LISTING: &str = "models-listing";
/// What there is to choose from.
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
const PRICED_BY: &str = "input[name=type], select[name$='.preset'], input[name='bedrock.region'], input[name='bedrock.fips'], input[name='vertex_ai.location'], select[name='azure_openai.data_zone'], input[name='azure_openai.base_url']";
/// Whoever asks is signed out.
const SIGNED_OUT: u16 = 401;
/// What was typed is no id.
const REFUSED: u16 = 422;

/// Makes the picker of the form that it stands in live, and says so where the server does not go along.
#[island]
pub fn LiveModels() -> impl IntoView {
    let trouble = RwSignal::new(Note::Silent);
    let told = RwSignal::new(String::new());
    let place = NodeRef::<leptos::html::Span>::new();
    Effect::new(move || {
        let form = place
            .get()
            .and_then(|place| place.closest("form").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            Picker {
                form,
                trouble,
                told,
                asked: Rc::default(),
                waiting: Rc::default(),
            }
            .start();
        }
    });
    view! {
        <span role="status" hidden=move || *trouble.read() == Note::Silent node_ref=place>
            {move || view! { <NoteLine note=trouble.get()/> }}
        </span>
        <span role="status" class="sr">{told}</span>
    }
}

/// What an answer brings, by the button that it is an answer to.
#[derive(Clone, Copy)]
struct Brings {
    listing: bool,
    found: bool,
    selected: bool,
}

impl Brings {
    fn of(what: &str) -> Self {
        let (listing, found, selected) = match what {
            "search" => (false, true, false),
            FETCH | "catalog" => (true, true, false),
            // Another type, server or region: whatever the upstream listed may be another's.
            "priced" => (true, true, true),
            // A dialog may be open inside of the selected models: only what it changes is taken.
            "show" => (false, false, false),
            _ => (false, true, true),
        };
        Self {
            listing,
            found,
            selected,
        }
    }
}

/// The number of the newest question that brings a part. An answer brings a part if no newer question does: each
/// question carries the whole form, so a newer one knows more.
#[derive(Clone, Copy, Default)]
struct Asked {
    last: u32,
    listing: u32,
    found: u32,
    selected: u32,
}

impl Asked {
    fn next(&mut self, brings: Brings) -> u32 {
        self.last = self.last.wrapping_add(1);
        for (part, brought) in [
            (&mut self.listing, brings.listing),
            (&mut self.found, brings.found),
            (&mut self.selected, brings.selected),
        ] {
            if brought {
                *part = self.last;
            }
        }
        self.last
    }

    /// What the answer to a question still brings.
    fn still(self, brings: Brings, mine: u32) -> Brings {
        Brings {
            listing: brings.listing && self.listing == mine,
            found: brings.found && self.found == mine,
            selected: brings.selected && self.selected == mine,
        }
    }
}

#[derive(Clone)]
struct Picker {
    form: HtmlFormElement,
    trouble: RwSignal<Note>,
    /// What is read out.
    told: RwSignal<String>,
    asked: Rc<Cell<Asked>>,
    waiting: Rc<RefCell<Option<TimeoutHandle>>>,
}

impl Picker {
    fn start(self) {
        rate::follow(&self.form);
        references::follow(&self.form);
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
        let Some(button) = button.filter(|button| button.name() == "do") else {
            return;
        };
        let what = button.value();
        let of_the_picker = matches!(
            what.as_str(),
            "search" | "pick" | "add" | "show" | "catalog"
        ) || what.starts_with("remove:")
            || what.starts_with("clear:")
            // A new secret leaves the page only to be saved, and then the page must say so.
            || (what == FETCH && !has_new_value(&dom::fields_of(&self.form)));
        if of_the_picker {
            event.prevent_default();
            let then = picker_keys::after_removal(&button);
            self.ask(what, then);
        }
    }

    /// A search goes out once typing pauses.
    fn on_input(&self, event: &Event) {
        if dom::nearest(event, "#q").is_none() {
            return;
        }
        self.stop_waiting();
        let this = self.clone();
        let search = move || this.ask("search".to_owned(), None);
        self.waiting
            .replace(set_timeout_with_handle(search, PAUSE).ok());
    }

    fn stop_waiting(&self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.clear();
        }
    }

    /// A ticked model is selected, one that is not any more is taken away; another type has other models.
    fn on_change(&self, event: &Event) {
        if let Some(tick) = dom::nearest(event, "input[name=pick]")
            .and_then(|tick| tick.dyn_into::<HtmlInputElement>().ok())
        {
            let what = if tick.checked() {
                "pick".to_owned()
            } else {
                format!("remove:{}", tick.value())
            };
            self.ask(what, None);
        } else if dom::nearest(event, PRICED_BY).is_some() {
            // The prices of the selected models are others, too.
            self.ask("priced".to_owned(), None);
        } else if dom::nearest(event, "dialog input").is_some() {
            self.ask("show".to_owned(), None);
        }
    }

    /// Enter in the search field adds what is typed as an id; other keys move about.
    fn on_key(&self, event: &Event) {
        let Some(key) = event
            .dyn_ref::<KeyboardEvent>()
            .filter(|key| !key.is_composing())
        else {
            return;
        };
        if key.key() == "Enter" && dom::nearest(event, "#q").is_some() {
            event.prevent_default();
            self.stop_waiting();
            if dom::value_of(SEARCH).is_some_and(|typed| !typed.trim().is_empty()) {
                self.ask("add".to_owned(), None);
            }
        } else {
            picker_keys::pressed(key);
        }
    }

    /// Sends the form with one of its buttons and takes from the answer what no newer question brings. `then`: what
    /// is to have the focus if what had it is gone.
    fn ask(&self, what: String, then: Option<String>) {
        let this = self.clone();
        let brings = Brings::of(&what);
        let mut asked = self.asked.get();
        let mine = asked.next(brings);
        self.asked.set(asked);
        if what == FETCH {
            let words = "Asking the upstream for its models. What you go on typing is kept.";
            self.trouble.set(Note::Busy(words.to_owned()));
        }
        spawn_local(async move {
            let mut sent = dom::fields_of(&this.form);
            sent.set("do", if what == "priced" { "pick" } else { &what });
            let Some(address) = this.form.get_attribute("action") else {
                return;
            };
            let body = dom::body_of(&without_new_values(&sent));
            let answer = dom::fetch(&address, Some(&body)).await;
            let still = this.asked.get().still(brings, mine);
            let is_newest = this.asked.get().last == mine;
            let status = answer.as_ref().map(|answer| answer.status);
            let Some(answer) = answer.filter(|answer| answer.has(FOUND)) else {
                if is_newest || what == FETCH {
                    this.trouble.set(Note::Wrong(not_done(status)));
                }
                return;
            };
            this.take(&what, &sent, &answer, still);
            if let Some(then) = then.filter(|_| still.selected) {
                dom::focus_if_lost(&then);
            }
            if still.listing && !still.found {
                // A search or a tick came after the question: what it asked for is searched in the new list.
                this.ask("search".to_owned(), None);
            }
        });
    }

    fn take(&self, what: &str, sent: &Fields, answer: &dom::Answer, still: Brings) {
        // What others say of theirs stays while the upstream is being asked.
        if what == FETCH || !matches!(&*self.trouble.read_untracked(), Note::Busy(_)) {
            self.trouble.set(Note::Silent);
        }
        dom::keep_changes(&self.form, sent, &answer.page);
        // A thousand models have a hundred thousand elements: those that stay are left alone, but where prices are others.
        let synced = still.selected
            && what != "priced"
            && !what.starts_with("clear:")
            && sync_selected(answer);
        let parts: Vec<&str> = [
            (LISTING, still.listing),
            (FOUND, still.found),
            (SEARCH_ABOUT, still.found),
            (SELECTED, still.selected && !synced),
        ]
        .into_iter()
        .filter_map(|(part, brought)| brought.then_some(part))
        .collect();
        answer.swap(&parts);
        match what {
            "show" => {
                answer.swap_all("[data-rates]");
                rate::take(answer);
            }
            "priced" => {
                for of in ["bedrock.base_url", "vertex_ai.base_url"] {
                    answer.take_placeholder(of);
                }
            }
            // What was an id is one of the selected now.
            "add" if answer.status != REFUSED && still.found => {
                if let Some(search) = dom::input(SEARCH)
                    && sent.text(SEARCH) == search.value().trim()
                {
                    search.set_value("");
                }
            }
            _ => {}
        }
        let tells = if still.selected { SELECTED } else { FOUND };
        if (still.selected || still.found)
            && let Some(words) = dom::text_of(&format!("#{tells} [data-told]"))
        {
            self.told.set(words);
        }
        dom::tell(&self.form, "weir:models");
    }
}

/// Takes what was selected and taken away since from an answer, and leaves all other models as they are. Whether it
/// could: not where there were none, or are none any more.
fn sync_selected(answer: &dom::Answer) -> bool {
    let kept = answer.sync("models-rows") && answer.sync("models-dialogs");
    if kept {
        answer.swap(&["selected-title", "selected-help"]);
    }
    kept
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
    use super::{Asked, Brings, FETCH, not_done};

    /// The parts that an answer still brings: listing, found, selected.
    fn parts(brings: Brings) -> (bool, bool, bool) {
        (brings.listing, brings.found, brings.selected)
    }

    #[test]
    fn a_tick_before_a_fetch_and_a_search_after_it_are_all_taken() {
        let mut asked = Asked::default();
        let mut ask = |what: &str| {
            let brings = Brings::of(what);
            (asked.next(brings), brings, asked)
        };
        let (tick, of_tick, _) = ask("pick");
        let (fetch, of_fetch, at_fetch) = ask(FETCH);
        assert_eq!(
            parts(at_fetch.still(of_tick, tick)),
            (false, false, true),
            "what is selected comes from the tick"
        );
        let (search, of_search, now) = ask("search");
        assert_eq!(
            parts(now.still(of_fetch, fetch)),
            (true, false, false),
            "the upstream's list is not dropped for a search"
        );
        assert_eq!(parts(now.still(of_search, search)), (false, true, false));
        let (_, _, now) = ask("priced");
        assert_eq!(
            parts(now.still(of_fetch, fetch)),
            (false, false, false),
            "the list of another upstream is"
        );
    }

    #[test]
    fn a_picker_that_gets_no_lists_says_why() {
        assert!(not_done(None).starts_with("Weir did not answer"));
        assert!(not_done(Some(401)).starts_with("You are signed out"));
        assert!(not_done(Some(503)).contains("status 503"));
    }
}
