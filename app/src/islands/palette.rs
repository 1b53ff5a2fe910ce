//! The palette: Ctrl K, or the field at the top of the navigation, and then a part of any name.
//!
//! What fits is found by the server, which answers the list as it stands here. The focus stays in the field;
//! the keys move a selection through the list.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::{
    html,
    leptos_dom::helpers::TimeoutHandle,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{self, HtmlDialogElement, HtmlElement, KeyboardEvent, MouseEvent},
};

use super::dom;
use crate::kit::icon::{Drawn, Icon};

/// How long one must have stopped typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(80);
/// What the server answers.
const FOUND: &str = "palette-found";
/// The options in it.
const LIST: &str = "palette-list";
/// The field.
const FIELD: &str = "palette-field";

/// The dialog, and what opens it.
#[island]
pub fn Palette() -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let said = RwSignal::new(String::new());
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            Finder {
                dialog,
                said,
                newest: Rc::default(),
                waiting: Rc::default(),
            }
            .start();
        }
    });
    view! {
        <dialog class="palette" aria-label="Jump to" node_ref=dialog>
            <div class="q">
                <Drawn icon=Icon::Search/>
                <input id=FIELD role="combobox" aria-expanded="false" aria-controls=LIST aria-autocomplete="list"
                    aria-label="Jump to" placeholder="A page, a provider, a model, a call id…" autocomplete="off" spellcheck="false"/>
            </div>
            <div id=FOUND><div class="list" role="listbox" id=LIST aria-label="Results"></div></div>
            <span class="sr" role="status">{move || said.get()}</span>
            <div class="keys" aria-hidden="true">
                <span><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" move"</span><span><kbd>"↵"</kbd>" open"</span><span><kbd>"esc"</kbd>" close"</span>
            </div>
        </dialog>
    }
}

#[derive(Clone)]
struct Finder {
    dialog: HtmlDialogElement,
    /// What is read out.
    said: RwSignal<String>,
    newest: Rc<Cell<u32>>,
    waiting: Rc<RefCell<Option<TimeoutHandle>>>,
}

impl Finder {
    fn start(self) {
        let this = self.clone();
        dom::listen(&document(), "keydown", move |event| {
            if dom::key_of(&event).is_some_and(opens) {
                event.prevent_default();
                this.toggle();
            }
        });
        let this = self.clone();
        dom::listen(&document(), "click", move |event| {
            let plain = event
                .dyn_ref::<MouseEvent>()
                .is_none_or(|mouse| !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key()));
            if plain && dom::nearest(&event, "[data-open=palette]").is_some() {
                event.prevent_default();
                this.toggle();
            }
        });
        let this = self.clone();
        dom::listen(&self.dialog, "input", move |_| this.typed());
        let this = self.clone();
        dom::listen(&self.dialog, "keydown", move |event| {
            let done = dom::key_of(&event).is_some_and(|key| this.pressed(&key.key()));
            if done {
                event.prevent_default();
            }
        });
        // A press beside the dialog closes it; its own area is covered by what is inside.
        let dialog = self.dialog.clone();
        dom::listen(&self.dialog, "click", move |event| {
            let target = event.target();
            if target.is_some_and(|target| target == *dialog.as_ref()) {
                dialog.close();
            }
        });
    }

    fn toggle(&self) {
        if self.dialog.open() {
            self.dialog.close();
            return;
        }
        if self.dialog.show_modal().is_ok() {
            if let Some(field) = dom::input(FIELD) {
                field.set_value("");
                let _ = field.focus();
            }
            self.ask();
        }
    }

    fn typed(&self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.clear();
        }
        let this = self.clone();
        let ask = move || this.ask();
        self.waiting
            .replace(set_timeout_with_handle(ask, PAUSE).ok());
    }

    /// Asks for what fits. The newest question counts, whatever is answered first.
    fn ask(&self) {
        let this = self.clone();
        let mine = this.newest.get().wrapping_add(1);
        this.newest.set(mine);
        let typed = dom::value_of(FIELD).unwrap_or_default();
        spawn_local(async move {
            let address = format!(
                "/find/list?q={}&here={}",
                dom::in_query(&typed),
                dom::in_query(&dom::here())
            );
            let answer = dom::fetch(&address, None).await;
            if this.newest.get() != mine {
                return;
            }
            match answer {
                None => this
                    .said
                    .set("Weir did not answer. Try again in a moment.".to_owned()),
                Some(answer) if answer.has(FOUND) => {
                    answer.swap(&[FOUND]);
                    this.select(0);
                    this.said.set(count_in_words(this.options().len()));
                }
                // Signed out, or something else that a whole page says better.
                Some(_) => {
                    if let Some(window) = web_sys::window() {
                        let address = format!("/find?q={}", dom::in_query(&typed));
                        let _ = window.location().set_href(&address);
                    }
                }
            }
        });
    }

    fn options(&self) -> Vec<HtmlElement> {
        dom::all(&self.dialog, "[role=option]")
    }

    fn selected(&self) -> Option<usize> {
        let mut options = self.options().into_iter();
        options.position(|option| option.get_attribute("aria-selected").as_deref() == Some("true"))
    }

    /// Selects an option by its place, and brings it into sight.
    fn select(&self, chosen: usize) {
        let options = self.options();
        let Some(field) = dom::input(FIELD) else {
            return;
        };
        let _ = field.set_attribute(
            "aria-expanded",
            if options.is_empty() { "false" } else { "true" },
        );
        let _ = field.remove_attribute("aria-activedescendant");
        for (place, option) in options.iter().enumerate() {
            let is_chosen = place == chosen;
            let _ = option.set_attribute("aria-selected", if is_chosen { "true" } else { "false" });
            if is_chosen {
                let _ = field.set_attribute("aria-activedescendant", &option.id());
                bring_into_sight(option, chosen == 0);
            }
        }
    }

    /// What a key does here. `false`: nothing.
    fn pressed(&self, key: &str) -> bool {
        let count = self.options().len();
        let now = self.selected();
        match (key, count) {
            ("ArrowDown" | "ArrowUp", 0) => {}
            ("ArrowDown", _) => self.select(now.map_or(0, |now| (now + 1) % count)),
            ("ArrowUp", _) => self.select(now.map_or(0, |now| (now + count - 1) % count)),
            ("Enter", _) => {
                if let Some(option) = now.and_then(|now| self.options().into_iter().nth(now)) {
                    option.click();
                }
            }
            _ => return false,
        }
        true
    }
}

/// Control and K, or ⌘ and K.
fn opens(key: &KeyboardEvent) -> bool {
    (key.ctrl_key() || key.meta_key())
        && !key.alt_key()
        && !key.shift_key()
        && key.key().eq_ignore_ascii_case("k")
}

/// Scrolls the list to an option; to the very top for the first one, so that the words above it are seen.
fn bring_into_sight(option: &HtmlElement, is_first: bool) {
    if is_first {
        if let Some(list) = document().get_element_by_id(LIST) {
            list.set_scroll_top(0);
        }
        return;
    }
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    option.scroll_into_view_with_scroll_into_view_options(&options);
}

fn count_in_words(count: usize) -> String {
    match count {
        0 => "Nothing matches".to_owned(),
        1 => "1 result".to_owned(),
        many => format!("{many} results"),
    }
}
