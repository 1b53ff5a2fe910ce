//! The focus where a part of the page is replaced: it goes to what stands for what had it, so that whoever works
//! by the keyboard does not begin anew at the top of the page.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

use super::dom;

/// What can have the focus.
const STOPS: &str = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea";

/// Where the focus is, by what stays the same when the part around it is another one.
pub(super) struct Place {
    /// The part that is replaced.
    part: String,
    /// The nearest thing with an id around what has the focus, or itself: a row, mostly.
    near: String,
    /// What it says.
    words: String,
    /// The panel that it stands in.
    panel: Option<String>,
    /// Whether one works by the keyboard.
    by_keyboard: bool,
}

impl Place {
    /// Where the focus is among parts of the page. `None`: in none of them.
    pub(super) fn within(parts: &[&str]) -> Option<Self> {
        let focused = document().active_element()?;
        let id_around = |selector: &str| Some(focused.closest(selector).ok()??.id());
        let part = parts
            .iter()
            .find(|part| by_id(part).is_some_and(|part| part.contains(Some(&focused))))?;
        Some(Self {
            part: (*part).to_owned(),
            near: id_around("[id]:not([id=''])")?,
            words: words_of(&focused),
            panel: id_around("[popover]"),
            by_keyboard: is_visible(),
        })
    }

    /// Gives the focus back if it was lost: to the same thing, else to the button of its panel, else, where one
    /// works by the keyboard, to the first thing of the part or to the part itself.
    pub(super) fn restore(self) {
        let same = by_id(&self.near).and_then(|near| {
            let mut stops = dom::all(&near, STOPS);
            stops.retain(|stop| words_of(stop) == self.words);
            match near.matches(STOPS) {
                Ok(true) => near.dyn_into().ok(),
                _ => stops.into_iter().next(),
            }
        });
        let button = self
            .panel
            .and_then(|panel| dom::first(&format!("[popovertarget='{panel}']")));
        for stop in [same, button].into_iter().flatten() {
            give(&stop);
        }
        let Some(part) = by_id(&self.part).filter(|_| self.by_keyboard) else {
            return;
        };
        for stop in dom::all(&part, STOPS) {
            give(&stop);
        }
        if let Ok(part) = part.dyn_into::<HtmlElement>() {
            let _ = part.set_attribute("tabindex", "-1");
            give(&part);
        }
    }
}

/// Gives an element the focus if nothing has it. What is hidden does not take it.
pub(super) fn give(element: &HtmlElement) {
    let lost = document()
        .active_element()
        .is_none_or(|element| element.tag_name() == "BODY");
    if lost {
        let _ = element.focus();
    }
}

/// Whether the focus shows, as it does where one works by the keyboard.
pub(super) fn is_visible() -> bool {
    document()
        .active_element()
        .is_some_and(|element| element.matches(":focus-visible").unwrap_or(false))
}

fn by_id(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

fn words_of(element: &Element) -> String {
    element
        .get_attribute("aria-label")
        .or_else(|| element.text_content())
        .unwrap_or_default()
}
