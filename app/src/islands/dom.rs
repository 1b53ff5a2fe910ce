//! What the islands need of the browser. Nothing here can fail loudly: an island that cannot do its
//! work leaves the page as the server made it.

mod fetch;

use leptos::{
    prelude::{Effect, document},
    wasm_bindgen::{JsCast, JsValue, prelude::Closure},
    web_sys::{
        self, Element, Event, EventTarget, FormData, HtmlElement, HtmlFormElement,
        HtmlInputElement, KeyboardEvent, UrlSearchParams,
    },
};

pub(crate) use self::fetch::{
    Told, fetch, fetch_by_itself, fetch_text, send, status, text_by_itself,
};
use super::focus;
use crate::{fields::Fields, kit::note_line::signs, provider_form::notes::Note};

/// Heard by the page's script, which wakes the islands inside.
const WAKE: &str = "weir:wake";

/// Calls `act` with each event of a kind that reaches `target`, for as long as the page lives.
pub(crate) fn listen(target: &EventTarget, kind: &str, act: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(act);
    let _ = target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// The nearest element at or above where an event happened that matches.
pub(crate) fn nearest(event: &Event, selector: &str) -> Option<Element> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()?
}

/// The value of an input, found by its id.
pub(crate) fn value_of(id: &str) -> Option<String> {
    Some(input(id)?.value())
}

/// An input, found by its id.
pub(crate) fn input(id: &str) -> Option<HtmlInputElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The first element that matches.
pub(crate) fn first(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Every element that matches.
pub(crate) fn all(within: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = within.query_selector_all(selector) else {
        return vec![];
    };
    (0..found.length())
        .filter_map(|place| found.get(place)?.dyn_into().ok())
        .collect()
}

/// Path and query of the page that is shown.
pub(crate) fn here() -> String {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return String::new();
    };
    let part = |part: Result<String, JsValue>| part.unwrap_or_default();
    format!("{}{}", part(location.pathname()), part(location.search()))
}

/// The key that was pressed. `None`: a letter that is still being composed, or no key at all.
pub(crate) fn key_of(event: &Event) -> Option<&KeyboardEvent> {
    event
        .dyn_ref::<KeyboardEvent>()
        .filter(|key| !key.is_composing())
}

/// The text of the first element that matches.
pub(crate) fn text_of(selector: &str) -> Option<String> {
    document().query_selector(selector).ok()??.text_content()
}

/// Writes a note into the line of a field, as the server does, and marks the field where it is wrong.
pub(crate) fn note_beside(input: &HtmlInputElement, line: &str, note: Note) {
    let _ = if matches!(note, Note::Wrong(_)) {
        input.set_attribute("aria-invalid", "true")
    } else {
        input.remove_attribute("aria-invalid")
    };
    let Some(line) = document().get_element_by_id(line) else {
        return;
    };
    let Some((class, icon, words)) = signs(note) else {
        line.set_inner_html("");
        return;
    };
    let drawing = icon.drawing();
    line.set_inner_html(&format!(
        r#"<span class="{class}"><svg viewBox="0 0 16 16" aria-hidden="true" class="i">{drawing}</svg></span>"#
    ));
    if let Some(span) = line.first_element_child() {
        let _ = span.append_with_str_1(&words);
    }
}

/// Gives an element the focus if nothing has it.
pub(crate) fn focus_if_lost(id: &str) {
    if let Some(element) = document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        focus::give(&element);
    }
}

/// A text, made fit to stand in a query.
pub(crate) fn in_query(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// What a form holds.
pub(crate) fn fields_of(form: &HtmlFormElement) -> Fields {
    let mut fields = Fields::default();
    let Ok(data) = FormData::new_with_form(form) else {
        return fields;
    };
    for entry in data.entries().into_iter().flatten() {
        let pair = js_sys::Array::from(&entry);
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
            fields.push(name, value);
        }
    }
    fields
}

/// Names and values as the body of a POST. What is blank is as good as not there, and is left out: a form of a
/// thousand models is half blank.
pub(crate) fn body_of(fields: &Fields) -> JsValue {
    let Ok(body) = UrlSearchParams::new() else {
        return JsValue::NULL;
    };
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        body.append(name, value);
    }
    body.into()
}

/// Writes into an answer's fields what was typed on the page since its question was sent.
pub(crate) fn keep_changes(form: &HtmlFormElement, sent: &Fields, answer: &web_sys::Document) {
    let now = fields_of(form);
    let Ok(inputs) =
        answer.query_selector_all("input[name]:not([type=hidden]):not([type=checkbox])")
    else {
        return;
    };
    for place in 0..inputs.length() {
        let Some(input) = inputs
            .get(place)
            .and_then(|input| input.dyn_into::<HtmlInputElement>().ok())
        else {
            continue;
        };
        let name = input.name();
        if let Some(typed) = now.get(&name)
            && sent.get(&name).is_some_and(|sent| sent != typed)
        {
            input.set_value(typed);
        }
    }
}

/// Hands what was typed before the island woke to it, once it has: an island begins as the server made
/// it, and writes that into its fields.
pub(crate) fn keep_typed(id: &str, from_server: &str, then: impl Fn(String) + 'static) {
    if cfg!(feature = "ssr") {
        return;
    }
    if let Some(typed) = value_of(id).filter(|typed| typed != from_server) {
        Effect::new(move || then(typed.clone()));
    }
}

/// Tells an element and all around it that something happened.
pub(crate) fn tell(element: &Element, kind: &str) {
    let options = web_sys::EventInit::new();
    options.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict(kind, &options) {
        let _ = element.dispatch_event(&event);
    }
}

/// The elements right inside of another.
fn children(element: &Element) -> Vec<Element> {
    let mut children = vec![];
    let mut next = element.first_element_child();
    while let Some(child) = next {
        next = child.next_element_sibling();
        children.push(child);
    }
    children
}

/// The part of an element that scrolls.
fn scrolling(element: &Element) -> Option<Element> {
    element.query_selector(".scroll").ok().flatten()
}

/// A page that was fetched.
pub(crate) struct Answer {
    /// Where it came from in the end, after redirects.
    pub(crate) address: String,
    /// The status that it came with.
    pub(crate) status: u16,
    /// The page.
    pub(crate) page: web_sys::Document,
}

impl Answer {
    /// Whether it was answered well.
    pub(crate) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it is of the page that is shown.
    pub(crate) fn is_here(&self) -> bool {
        let origin = web_sys::window().and_then(|window| window.location().origin().ok());
        origin.is_some_and(|origin| format!("{origin}{}", here()) == self.address)
    }

    /// Whether the page has an element of this id. One that has not is another page: of an error, or of
    /// signing in again.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.page.get_element_by_id(id).is_some()
    }

    /// Writes into an empty field of the page what this page shows there.
    pub(crate) fn take_placeholder(&self, id: &str) {
        let shown = self
            .page
            .get_element_by_id(id)
            .and_then(|field| field.get_attribute("placeholder"));
        if let (Some(shown), Some(field)) = (shown, input(id)) {
            field.set_placeholder(&shown);
        }
    }

    /// Makes the children of an element those of this page: those that are gone go, those that are new come last, and
    /// those that both have, by their ids, stay as they are. Whether both pages have the element.
    pub(crate) fn sync(&self, id: &str) -> bool {
        let (Some(old), Some(new)) = (
            document().get_element_by_id(id),
            self.page.get_element_by_id(id),
        ) else {
            return false;
        };
        for child in children(&old) {
            if !self.has(&child.id()) {
                child.remove();
            }
        }
        for child in children(&new) {
            if document().get_element_by_id(&child.id()).is_none() {
                let _ = old.append_child(&child);
            }
        }
        true
    }

    /// Puts every element of this page that matches and has an id in the place of its like.
    pub(crate) fn swap_all(&self, selector: &str) {
        let Ok(found) = self.page.query_selector_all(selector) else {
            return;
        };
        let ids: Vec<String> = (0..found.length())
            .filter_map(|place| Some(found.get(place)?.dyn_into::<Element>().ok()?.id()))
            .filter(|id| !id.is_empty())
            .collect();
        self.swap(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Puts elements of this page in the place of those with the same id, wakes what is inside, and
    /// leaves the focus where it was.
    pub(crate) fn swap(&self, ids: &[&str]) {
        let focused = document()
            .active_element()
            .map(|element| element.id())
            .filter(|id| !id.is_empty());
        for id in ids {
            let (Some(old), Some(new)) = (
                document().get_element_by_id(id),
                self.page.get_element_by_id(id),
            ) else {
                continue;
            };
            let scrolled = scrolling(&old).map_or(0, |region| region.scroll_top());
            if old.replace_with_with_node_1(&new).is_ok() {
                if let Some(region) = scrolling(&new) {
                    region.set_scroll_top(scrolled);
                }
                tell(&new, WAKE);
            }
        }
        if let Some(id) = focused {
            focus_if_lost(&id);
        }
    }
}
