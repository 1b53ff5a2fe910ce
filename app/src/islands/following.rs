//! A list that is followed: what is new comes in by itself, at the top, for as long as one looks at it.
//!
//! The page says in `data-follow` from where on, and in `data-new` where to ask how many came since. Nothing moves
//! under one's hands: while the pointer or the focus is in the list, a row of it is open, or one has scrolled
//! away, new rows wait behind a button that counts them. While the tab is hidden nobody is asked.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    rc::Rc,
    time::Duration,
};

use leptos::{
    prelude::{document, set_interval, window},
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

use super::dom::{self, Told};

/// How long there is between two questions.
const PAUSE: Duration = Duration::from_secs(2);
/// What a screen reader is told comes no more often than every so many questions.
const SAID_EVERY: u32 = 5;
/// The list.
const CARD: &str = "list-card";
const NO_ANSWER: &str = "Weir does not answer. Trying again.";
/// How far one may have scrolled and still look at the top.
const AT_THE_TOP: f64 = 60.0;

/// Who has new rows shown.
#[derive(Clone, Copy)]
enum By {
    /// Somebody, with the button.
    Hand,
    /// The list, while nobody does anything.
    Itself,
}

/// What is known between two questions.
#[derive(Default)]
struct State {
    /// Whether an answer is waited for.
    asking: Cell<bool>,
    /// The followed list that `waiting` is of.
    of: RefCell<String>,
    /// New calls that are not shown yet. More than can be counted is the largest number.
    waiting: Cell<u32>,
    /// New calls of which a screen reader was not told yet.
    unsaid: Cell<u32>,
    questions: Cell<u32>,
}

/// Follows for as long as the page lives, whenever its list is followed.
pub(super) fn follow() {
    let state = Rc::new(State::default());
    let each = Rc::clone(&state);
    set_interval(move || ask(&each), PAUSE);
    let seen = Rc::clone(&state);
    dom::listen(&document(), "visibilitychange", move |_| ask(&seen));
    dom::listen(&document(), "click", move |event| {
        if dom::nearest(&event, "#follow-show").is_some() {
            spawn_local(show(Rc::clone(&state), By::Hand));
        }
    });
}

/// The element that says that the list is followed.
fn followed() -> Option<HtmlElement> {
    dom::first("[data-follow]")
}

fn ask(state: &Rc<State>) {
    let Some(element) = followed() else { return };
    if document().hidden() || state.asking.get() {
        return;
    }
    let (Some(after), Some(address)) = (
        element.get_attribute("data-follow"),
        element.get_attribute("data-new"),
    ) else {
        return;
    };
    // Another filter is another list: what waited was of the one before.
    if *state.of.borrow() != address {
        state.of.replace(address.clone());
        state.waiting.set(0);
    }
    state.asking.set(true);
    let state = Rc::clone(state);
    spawn_local(async move {
        let joint = if address.contains('?') { '&' } else { '?' };
        let told = dom::text_by_itself(&format!("{address}{joint}after={after}")).await;
        state.asking.set(false);
        if element.is_connected() {
            match told {
                Told::Text(text) => hear(&state, &element, &text).await,
                Told::SignedOut => signed_out(),
                Told::Nothing => say(NO_ANSWER),
            }
        }
    });
}

async fn hear(state: &Rc<State>, element: &HtmlElement, answer: &str) {
    let Some((count, up_to)) = answer.split_once(' ') else {
        say(NO_ANSWER);
        return;
    };
    let _ = element.set_attribute("data-follow", up_to);
    let count = count.parse().unwrap_or(u32::MAX);
    state.waiting.set(state.waiting.get().saturating_add(count));
    state.unsaid.set(state.unsaid.get().saturating_add(count));
    state.questions.set(state.questions.get().wrapping_add(1));
    if state.waiting.get() == 0 {
        say("New calls come in here");
    } else if is_held() {
        offer(state.waiting.get());
    } else {
        show(Rc::clone(state), By::Itself).await;
    }
    if state.unsaid.get() > 0 && state.questions.get() % SAID_EVERY == 1 {
        tell(&in_words(state.unsaid.take()));
    }
}

/// Whether rows that move would move under somebody's hands.
fn is_held() -> bool {
    let Some(card) = document().get_element_by_id(CARD) else {
        return true;
    };
    let is = |selector: &str| card.matches(selector).unwrap_or(false);
    let has_open = card.query_selector("tr.open").ok().flatten().is_some();
    let scrolled = window().scroll_y().unwrap_or(0.0);
    is(":hover") || is(":focus-within") || has_open || scrolled > AT_THE_TOP
}

fn in_words(count: u32) -> String {
    match count {
        1 => "1 new call".to_owned(),
        2..100 => format!("{count} new calls"),
        _ => "100 or more new calls".to_owned(),
    }
}

/// Shows the button that brings what waits.
fn offer(waiting: u32) {
    say("");
    if let Some(button) = dom::first("#follow-show") {
        button.set_text_content(Some(&format!("Show {}", in_words(waiting))));
        let _ = button.remove_attribute("hidden");
    }
}

/// Takes the newest rows from the page as it is now. Those that were not there are marked for a moment.
async fn show(state: Rc<State>, by: By) {
    let here = dom::here();
    let answer = match by {
        By::Hand => dom::fetch(&here, None).await,
        By::Itself => dom::fetch_by_itself(&here).await,
    };
    let Some(answer) = answer else {
        say(NO_ANSWER);
        return;
    };
    let newest = answer.page.query_selector("[data-follow]").ok().flatten();
    // One has gone elsewhere meanwhile, or was signed out.
    let (Some(newest), Some(element)) = (newest, followed()) else {
        return;
    };
    if !answer.is_here() || !answer.has(CARD) {
        return;
    }
    let before: HashSet<String> = rows().iter().map(Element::id).collect();
    if dom::first("#follow-show:focus").is_some() {
        dom::first("#follow-switch").iter().for_each(|switch| {
            let _ = switch.focus();
        });
    }
    answer.swap(&[CARD]);
    for row in rows() {
        if !before.is_empty() && !before.contains(&row.id()) {
            let _ = row.class_list().add_1("fresh");
        }
    }
    if let Some(up_to) = newest.get_attribute("data-follow") {
        let _ = element.set_attribute("data-follow", &up_to);
    }
    state.waiting.set(0);
    if let Some(button) = dom::first("#follow-show") {
        let _ = button.set_attribute("hidden", "");
    }
    say("New calls come in here");
}

/// Says that whoever looks is no longer signed in, with the way back to this list. Once: the link keeps its focus.
fn signed_out() {
    let Some(place) = dom::first("#follow-words") else {
        return;
    };
    if place.first_element_child().is_some() {
        return;
    }
    place.set_text_content(Some("You are signed out. "));
    if let Ok(link) = document().create_element("a") {
        let _ = link.set_attribute("href", &dom::here());
        link.set_text_content(Some("Sign in"));
        let _ = place.append_child(&link);
    }
    tell("You are signed out.");
}

/// The rows of the list.
fn rows() -> Vec<Element> {
    document()
        .get_element_by_id(CARD)
        .map(|card| dom::all(&card, "tbody tr[id]"))
        .unwrap_or_default()
        .into_iter()
        .map(JsCast::unchecked_into)
        .collect()
}

/// What one sees beside the switch.
fn say(words: &str) {
    write("#follow-words", words);
}

/// What a screen reader says.
fn tell(words: &str) {
    write("#follow-said", words);
}

fn write(selector: &str, words: &str) {
    if let Some(place) = dom::first(selector) {
        place.set_text_content(Some(words));
    }
}
