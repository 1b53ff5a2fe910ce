//! While the connection of a provider is being tested: that it is, for how long already, and no second time.
//!
//! What says so is in the page from the beginning, hidden; what the last test said is no more true, and hides.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{
    html,
    leptos_dom::helpers::IntervalHandle,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlButtonElement},
};

use super::dom;

/// Makes the form around it say that it is on its way.
#[island]
pub fn Testing() -> impl IntoView {
    let place = NodeRef::<html::Span>::new();
    Effect::new(move || {
        if let Some(card) = place
            .get()
            .and_then(|place| place.closest(".card").ok().flatten())
        {
            follow(&card);
        }
    });
    view! { <span hidden node_ref=place></span> }
}

fn follow(card: &Element) {
    let clock = Rc::new(Cell::new(None::<IntervalHandle>));
    let (its_clock, its_card) = (Rc::clone(&clock), card.clone());
    dom::listen(card, "submit", move |event| {
        if its_clock.get().is_some() {
            event.prevent_default();
            return;
        }
        let (card, seconds) = (its_card.clone(), Cell::new(0_u32));
        let tick = move || {
            seconds.set(seconds.get().saturating_add(1));
            say(&card, seconds.get());
        };
        its_clock.set(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
        let card = its_card.clone();
        // Once the form was read: a button that is off says nothing in it.
        set_timeout(move || show(&card, true), Duration::ZERO);
    });
    // A page that comes back as it was has its form again.
    let card = card.clone();
    dom::listen(&window(), "pageshow", move |_| {
        if let Some(clock) = clock.take() {
            clock.clear();
        }
        say(&card, 0);
        show(&card, false);
    });
}

fn say(card: &Element, seconds: u32) {
    if let Ok(Some(place)) = card.query_selector("[data-seconds]") {
        place.set_text_content(Some(&format!("{seconds} s")));
    }
}

/// Whether it runs: what says so shows, the last answer hides, and the buttons are off.
fn show(card: &Element, runs: bool) {
    for button in dom::all(card, "form button[type=submit]") {
        if let Ok(button) = button.dyn_into::<HtmlButtonElement>() {
            button.set_disabled(runs);
        }
    }
    for (selector, hidden) in [("[data-testing]", !runs), ("[data-last-test]", runs)] {
        for element in dom::all(card, selector) {
            element.set_hidden(hidden);
        }
    }
}
