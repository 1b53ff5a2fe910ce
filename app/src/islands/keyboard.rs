//! Keys. What a single key does stands on the page: it presses the element that names it in `data-key`, so that
//! no key does what the page does not offer. They rest while one types, and where they were switched off.

use std::{cell::RefCell, rc::Rc};

use leptos::{
    html,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{Element, Event, HtmlDialogElement, HtmlDocument, HtmlInputElement},
};

use super::{acts, dom, menus, toasts};
use crate::kit::icon::{Drawn, Icon};

/// How long the second key of two may take, in milliseconds.
const SECOND_KEY: f64 = 1_500.0;
/// The first key of two: "go".
const FIRST_OF_TWO: &str = "g";
/// Where a letter is a letter.
const FIELDS: &str = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
/// What takes all keys while it is open.
const OPEN: &str = "dialog:modal, :popover-open";
/// What was closed. A field in it keeps the focus until the next frame is drawn, and takes no letters any more.
const CLOSED: &str = "dialog:not([open]), [popover]:not(:popover-open)";
/// What the server answers for the list of keys.
const BODY: &str = "keys-body";

/// The keys of the console, and the dialog that lists them.
#[island]
pub fn Keyboard() -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        menus::follow();
        toasts::follow();
        acts::follow();
        if let Some(dialog) = dialog.get() {
            follow(dialog);
        }
    });
    view! {
        <dialog class="dialog keys-dialog" aria-labelledby="keys-title" node_ref=dialog>
            <header>
                <h2 id="keys-title">"Keys"</h2>
                <form method="dialog">
                    <button class="btn ghost icon" type="submit" aria-label="Close"><Drawn icon=Icon::Close/></button>
                </form>
            </header>
            <div class="body" id=BODY></div>
        </dialog>
    }
}

fn follow(dialog: HtmlDialogElement) {
    let before: Rc<RefCell<Option<(String, f64)>>> = Rc::default();
    dom::listen(&document(), "keydown", move |event| {
        let Some(key) = single_key(&event) else {
            return;
        };
        let went_before = before
            .take()
            .filter(|(_, at)| event.time_stamp() - at < SECOND_KEY);
        let pressed = match went_before {
            Some((first, _)) => press(&format!("{first} {key}")),
            None if key == "?" => {
                show_list(&dialog);
                true
            }
            None => press(&key),
        };
        if pressed {
            event.prevent_default();
        } else if key == FIRST_OF_TWO {
            before.replace(Some((key, event.time_stamp())));
        }
    });
}

/// The key of an event that is for the page: without a modifier, and not for a field or for what is open.
fn single_key(event: &Event) -> Option<String> {
    let key = dom::key_of(event)?;
    let plain = !(key.ctrl_key() || key.meta_key() || key.alt_key());
    let typing = dom::nearest(event, FIELDS).is_some() && dom::nearest(event, CLOSED).is_none();
    if !plain
        || typing
        || event.default_prevented()
        || key.repeat()
        || is_off()
        || dom::first(OPEN).is_some()
    {
        return None;
    }
    let key = key.key();
    let known = key == "?"
        || key == "/"
        || (key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_lowercase()));
    known.then_some(key)
}

/// Presses what names these keys: goes to a link, focuses a field. `false`: there is nothing.
fn press(keys: &str) -> bool {
    let Some(element) = dom::first(&format!("[data-key='{keys}']")) else {
        return false;
    };
    if let Some(field) = element.dyn_ref::<HtmlInputElement>() {
        let _ = field.focus();
        field.select();
    } else {
        element.click();
    }
    true
}

fn show_list(dialog: &HtmlDialogElement) {
    let dialog = dialog.clone();
    spawn_local(async move {
        let address = format!("/keys/list?here={}", dom::in_query(&dom::here()));
        let Some(answer) = dom::fetch(&address, None)
            .await
            .filter(|answer| answer.has(BODY))
        else {
            // The page of the keys says what is wrong, and leads to signing in where that is it.
            let _ = window().location().set_href("/keys");
            return;
        };
        answer.swap(&[BODY]);
        let _ = dialog.show_modal();
    });
}

/// Whether they were switched off in this browser; in another tab, perhaps, since this page came.
fn is_off() -> bool {
    let Ok(document) = document().dyn_into::<HtmlDocument>() else {
        return false;
    };
    let cookies = document.cookie().unwrap_or_default();
    cookies
        .split(';')
        .any(|pair| pair.trim() == "weir_keys=off")
}

/// Whether something is open that takes all keys.
pub(super) fn something_is_open(root: &Element) -> bool {
    root.query_selector(OPEN).ok().flatten().is_some()
}
