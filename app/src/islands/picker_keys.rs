//! Keys that move about in the form of a provider, and where the focus goes when what had it is gone.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, KeyboardEvent},
};

use super::dom;

/// The field to search in.
const SEARCH: &str = "q";
/// The boxes of what was found.
const TICKS: &str = "#models-found input[name=pick]";
/// The names of what is selected.
const NAMES: &str = "#models-selected td input:not([type=hidden])";

/// Does what a key means where it was pressed:
///
/// | where | key | |
/// |---|---|---|
/// | search | down | to the first model found |
/// | models found | up, down | to the one above or below; up from the first, to the search |
/// | models found | Enter | ticks, rather than to send the whole form |
/// | models found | Escape | to the search |
/// | display names | Enter | to the next one, rather than to send the whole form |
/// | pricing dialog | Enter | closes it, rather than to send the whole form |
pub(super) fn pressed(key: &KeyboardEvent) {
    if key.ctrl_key() || key.alt_key() || key.meta_key() || key.shift_key() {
        return;
    }
    let Some(at) = key
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let is_at = |selector: &str| at.matches(selector) == Ok(true);
    let to = match key.key().as_str() {
        "ArrowDown" if at.id() == SEARCH => neighbour(TICKS, None, Step::Down),
        "ArrowDown" if is_at(TICKS) => neighbour(TICKS, Some(&at), Step::Down),
        "ArrowUp" if is_at(TICKS) => neighbour(TICKS, Some(&at), Step::Up).or_else(search),
        "Escape" if is_at(TICKS) => search(),
        "Enter" if is_at(TICKS) => {
            key.prevent_default();
            at.click();
            return;
        }
        "Enter" if is_at(NAMES) => {
            key.prevent_default();
            neighbour(NAMES, Some(&at), Step::Down)
        }
        "Enter" if is_at("dialog input") => {
            key.prevent_default();
            close_dialog(&at);
            return;
        }
        _ => return,
    };
    if let Some(to) = to {
        key.prevent_default();
        let _ = to.focus();
    }
}

#[derive(Clone, Copy)]
enum Step {
    Up,
    Down,
}

fn search() -> Option<HtmlElement> {
    dom::input(SEARCH).map(HtmlElement::from)
}

/// The one before or behind another among those that match; the first, where there is no other.
fn neighbour(selector: &str, of: Option<&HtmlElement>, step: Step) -> Option<HtmlElement> {
    let all = document().query_selector_all(selector).ok()?;
    let place = match of {
        None => Some(0),
        Some(of) => {
            let same = |place: &u32| {
                all.get(*place)
                    .is_some_and(|one| one.is_same_node(Some(of)))
            };
            let here = (0..all.length()).find(same)?;
            match step {
                Step::Up => here.checked_sub(1),
                Step::Down => here.checked_add(1),
            }
        }
    };
    all.get(place?)?.dyn_into().ok()
}

fn close_dialog(inside: &Element) {
    let dialog = inside
        .closest("dialog")
        .ok()
        .flatten()
        .and_then(|dialog| dialog.dyn_into::<HtmlElement>().ok());
    if let Some(dialog) = dialog {
        let _ = dialog.hide_popover();
    }
}

/// The id of what is to have the focus once a selected model is gone with its row: the button of the next row, or
/// of the one before, or the search. `None`: the button removes nothing.
pub(super) fn after_removal(button: &Element) -> Option<String> {
    if !button.id().starts_with("remove.") {
        return None;
    }
    let row = button.closest("tr").ok()??;
    let near = row
        .next_element_sibling()
        .or_else(|| row.previous_element_sibling());
    let its_button = near.and_then(|row| row.query_selector("[id^='remove.']").ok().flatten());
    Some(its_button.map_or_else(|| SEARCH.to_owned(), |button| button.id()))
}
