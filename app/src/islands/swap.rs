//! Lists that change in place: a search, a filter, a sort, the next page, a row that opens.
//!
//! Whatever a list shows has an address, and each of these is a link or a form to one. Where script
//! runs, such an address is fetched and the list's parts are taken from it, so that the page neither
//! flashes nor scrolls; the address bar follows.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::{
    leptos_dom::helpers::TimeoutHandle,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::{
        self, Element, Event, FormData, HtmlAnchorElement, HtmlFormElement, HtmlInputElement,
        MouseEvent, UrlSearchParams,
    },
};

use super::{dom, focus::Place, following};

/// How long one must have stopped typing before the list is fetched.
const PAUSE: Duration = Duration::from_millis(180);
/// How long one waits for a list before it says that it is on its way.
const PATIENCE: Duration = Duration::from_millis(150);

/// How the address bar follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum History {
    /// A step that one can go back from.
    Step,
    /// A change of the present step: each letter of a search is no step of its own.
    Stay,
    /// It has moved already.
    Moved,
}

/// Makes every `data-live` zone of the page change in place. The attribute names the parts that change.
#[island]
pub fn LiveLists() -> impl IntoView {
    Effect::new(|| {
        let newest = Rc::new(Cell::new(0_u32));
        let waiting = Waiting::default();
        on_click(&newest, &waiting);
        on_submit(&newest, &waiting);
        on_typing(&newest, waiting);
        on_back(&newest);
        following::follow();
    });
}

/// A search that goes out once typing pauses.
type Waiting = Rc<RefCell<Option<TimeoutHandle>>>;

/// Whatever else one does is newer than a search that has not gone out yet.
fn forget(waiting: &Waiting) {
    if let Some(waiting) = waiting.take() {
        waiting.clear();
    }
}

fn on_click(newest: &Rc<Cell<u32>>, waiting: &Waiting) {
    let (newest, waiting) = (Rc::clone(newest), Rc::clone(waiting));
    dom::listen(&document(), "click", move |event| {
        let Some(mouse) = event.dyn_ref::<MouseEvent>() else {
            return;
        };
        let plain = mouse.button() == 0
            && !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key());
        let Some(link) = dom::nearest(&event, "[data-live] a[href]") else {
            return;
        };
        let (Some(parts), Ok(link)) = (parts_of(&link), link.dyn_into::<HtmlAnchorElement>())
        else {
            return;
        };
        if plain && is_this_page(&link) && link.target().is_empty() {
            event.prevent_default();
            forget(&waiting);
            go(&newest, link.href(), parts, History::Step);
        }
    });
}

fn on_submit(newest: &Rc<Cell<u32>>, waiting: &Waiting) {
    let (newest, waiting) = (Rc::clone(newest), Rc::clone(waiting));
    dom::listen(&document(), "submit", move |event| {
        if let Some((address, parts)) = address_of_form(&event) {
            event.prevent_default();
            forget(&waiting);
            go(&newest, address, parts, History::Step);
        }
    });
}

fn on_typing(newest: &Rc<Cell<u32>>, waiting: Waiting) {
    let newest = Rc::clone(newest);
    dom::listen(&document(), "input", move |event| {
        if dom::nearest(&event, "[data-live] input[type=search]").is_none() {
            return;
        }
        forget(&waiting);
        let newest = Rc::clone(&newest);
        let search = move || {
            if let Some((address, parts)) = address_of_form(&event) {
                go(&newest, address, parts, History::Stay);
            }
        };
        waiting.replace(set_timeout_with_handle(search, PAUSE).ok());
    });
}

fn on_back(newest: &Rc<Cell<u32>>) {
    let newest = Rc::clone(newest);
    let Some(window) = web_sys::window() else {
        return;
    };
    dom::listen(&window, "popstate", move |_| {
        let zone = document().query_selector("[data-live]").ok().flatten();
        if let (Some(parts), Ok(address)) = (zone.as_ref().and_then(parts_of), window_address()) {
            go(&newest, address, parts, History::Moved);
        }
    });
}

fn window_address() -> Result<String, JsValue> {
    web_sys::window().ok_or(JsValue::NULL)?.location().href()
}

/// The ids of the parts that change in the zone around an element.
fn parts_of(element: &Element) -> Option<Vec<String>> {
    let names = element
        .closest("[data-live]")
        .ok()??
        .get_attribute("data-live")?;
    Some(names.split_whitespace().map(str::to_owned).collect())
}

/// Whether a link leads to another state of the page that is shown.
fn is_this_page(link: &HtmlAnchorElement) -> bool {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return false;
    };
    location
        .origin()
        .is_ok_and(|origin| origin == link.origin())
        && location
            .pathname()
            .is_ok_and(|path| path == link.pathname())
}

/// Where a GET form of a zone leads with what is in it. Empty fields are left out of the address.
fn address_of_form(event: &Event) -> Option<(String, Vec<String>)> {
    let form: HtmlFormElement = dom::nearest(event, "[data-live] form")?.dyn_into().ok()?;
    if form.method() != "get" {
        return None;
    }
    let parts = parts_of(&form)?;
    let query = UrlSearchParams::new().ok()?;
    for entry in FormData::new_with_form(&form).ok()?.entries() {
        let pair = js_sys::Array::from(&entry.ok()?);
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
            && !value.is_empty()
        {
            query.append(&name, &value);
        }
    }
    let query = String::from(query.to_string());
    let path = form.get_attribute("action")?;
    Some((
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        },
        parts,
    ))
}

/// Fetches an address and takes the parts from it. A page that has them not, or none at all, is gone to
/// the ordinary way.
fn go(newest: &Rc<Cell<u32>>, address: String, parts: Vec<String>, history: History) {
    let newest = Rc::clone(newest);
    let mine = newest.get().wrapping_add(1);
    newest.set(mine);
    let late = set_timeout_with_handle(
        {
            let parts = parts.clone();
            move || say_busy(&parts)
        },
        PATIENCE,
    );
    spawn_local(async move {
        let answer = dom::fetch(&address, None).await;
        if let Ok(late) = late {
            late.clear();
        }
        if newest.get() != mine {
            return;
        }
        let Some(window) = web_sys::window() else {
            return;
        };
        let ids: Vec<&str> = parts.iter().map(String::as_str).collect();
        let Some(answer) = answer.filter(|answer| ids.iter().all(|id| answer.has(id))) else {
            let _ = window.location().set_href(&address);
            return;
        };
        let place = Place::within(&ids);
        answer.swap(&ids);
        if let Some(place) = place {
            place.restore();
        }
        if history != History::Stay {
            show_search_of(&answer.page);
        }
        let history_of_window = window.history();
        let _ = match (history, &history_of_window) {
            (History::Step, Ok(of_window)) => {
                of_window.push_state_with_url(&JsValue::NULL, "", Some(&answer.address))
            }
            (History::Stay, Ok(of_window)) => {
                of_window.replace_state_with_url(&JsValue::NULL, "", Some(&answer.address))
            }
            _ => Ok(()),
        };
        document().set_title(&answer.page.title());
    });
}

/// Marks parts as being fetched. Those that come in their place are not marked.
fn say_busy(parts: &[String]) {
    for part in parts {
        if let Some(part) = document().get_element_by_id(part) {
            let _ = part.set_attribute("aria-busy", "true");
        }
    }
}

/// Writes the search of a fetched page into the search field, which is no part that changes: it may just
/// be typed in.
fn show_search_of(page: &web_sys::Document) {
    let field = |document: &web_sys::Document| {
        document
            .query_selector("[data-live] input[type=search]")
            .ok()??
            .dyn_into::<HtmlInputElement>()
            .ok()
    };
    if let (Some(shown), Some(fetched)) = (field(&document()), field(page)) {
        shown.set_value(&fetched.default_value());
    }
}
