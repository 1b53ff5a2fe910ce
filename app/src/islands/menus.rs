//! Arrow keys in menus: down from the button into its panel, up and down through it. Opening, closing with
//! Escape, and giving the focus back are the browser's own.

use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Event, HtmlElement},
};

use super::dom;

/// What one can move to.
const STOPS: &str = "a[href], button:not(:disabled), input:not([type=hidden])";

/// Listens for as long as the page lives.
pub(super) fn follow() {
    dom::listen(&document(), "keydown", |event| {
        let Some(key) = dom::key_of(&event).map(leptos::web_sys::KeyboardEvent::key) else {
            return;
        };
        if moves(&event, &key) {
            event.prevent_default();
        }
    });
}

fn moves(event: &Event, key: &str) -> bool {
    let Some(panel) = panel_of(event, key) else {
        return false;
    };
    let stops = dom::all(&panel, STOPS);
    let Some(last) = stops.len().checked_sub(1) else {
        return false;
    };
    let here: Option<HtmlElement> = event.target().and_then(|target| target.dyn_into().ok());
    let now = here.and_then(|here| stops.iter().position(|stop| *stop == here));
    let next = match (key, now) {
        ("ArrowDown", Some(now)) if now < last => now + 1,
        ("ArrowUp", Some(now)) if now > 0 => now - 1,
        ("ArrowUp", Some(_)) | ("End", _) | ("ArrowUp", None) => last,
        ("ArrowDown", _) | ("Home", _) => 0,
        _ => return false,
    };
    stops.get(next).is_some_and(|stop| stop.focus().is_ok())
}

/// The open panel that the key was pressed in, or whose button it was pressed on. Arrow down opens it.
fn panel_of(event: &Event, key: &str) -> Option<HtmlElement> {
    // In a field the keys are the field's own.
    if dom::nearest(
        event,
        "input:not([type=checkbox], [type=radio]), textarea, select",
    )
    .is_some()
    {
        return None;
    }
    if let Some(panel) = dom::nearest(event, ".panel:popover-open") {
        return panel.dyn_into().ok();
    }
    let button = dom::nearest(event, "button[popovertarget]")?;
    let panel = document().get_element_by_id(&button.get_attribute("popovertarget")?)?;
    let panel: HtmlElement = panel.dyn_into().ok()?;
    if !panel.matches(".panel").ok()? {
        return None;
    }
    if key == "ArrowDown" && !panel.matches(":popover-open").ok()? {
        // By its button, so that the browser knows where the focus goes when it closes.
        button.dyn_into::<HtmlElement>().ok()?.click();
    }
    panel.matches(":popover-open").ok()?.then_some(panel)
}
