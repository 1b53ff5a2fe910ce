//! Copying a text.

use std::time::Duration;

use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{self, HtmlElement, HtmlTextAreaElement},
};
use wasm_bindgen_futures::JsFuture;

use crate::kit::icon::{Drawn, Icon};

/// A button that copies a text. Hidden until it can. As a row of a menu it shows its label.
#[island]
pub fn CopyButton(
    /// What is copied.
    text: String,
    /// What the button says, such as "Copy the proxy URL of OpenAI main".
    label: String,
    /// What stands beside the icon, as in a menu. Empty: nothing.
    shown: String,
    /// The classes of a button that is no plain icon. Empty: it is one.
    class: String,
) -> impl IntoView {
    let told = RwSignal::new(Told::Nothing);
    let done = move || told.get() == Told::Copied;
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            if copy_text(&text).await {
                told.set(Told::Copied);
                set_timeout(
                    move || told.set(Told::Nothing),
                    Duration::from_millis(1_400),
                );
            } else {
                told.set(Told::Refused);
            }
        });
    };
    let with_text = !shown.is_empty();
    let title = (!with_text).then(|| label.clone());
    let class = if class.is_empty() {
        "copy".to_owned()
    } else {
        format!("copies {class}")
    };
    view! {
        <button type="button" class=class class:done=done class:refused=move || told.get() == Told::Refused aria-label=label title=title on:click=copy>
            {move || if done() {
                view! { <Drawn icon=Icon::Check small=true/> }
            } else {
                view! { <Drawn icon=Icon::Copy small=true/> }
            }}
            {with_text.then(|| view! { <span>{move || if done() { "Copied".to_owned() } else { shown.clone() }}</span> })}
            <span class:sr=move || told.get() != Told::Refused role="status">{move || told.get().words()}</span>
        </button>
    }
}

/// What a button says about what it did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Copied,
    /// The browser let it copy in neither way.
    Refused,
}

impl Told {
    const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Copied => "Copied",
            Self::Refused => "Not copied. Copy it by hand.",
        }
    }
}

/// Copies through the clipboard where the page may use it, which browsers allow over TLS and on this
/// machine only; else, or where the browser refuses, the old way, through a selection.
async fn copy_text(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    if window.is_secure_context() {
        let written = window.navigator().clipboard().write_text(text);
        if JsFuture::from(written).await.is_ok() {
            return true;
        }
    }
    select_and_copy(text).unwrap_or(false)
}

fn select_and_copy(text: &str) -> Option<bool> {
    let document = document();
    let area: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_value(text);
    area.set_class_name("sr");
    // An open menu or dialog makes all else inert, so the text must stand inside of it.
    let before: Option<HtmlElement> = document
        .active_element()
        .and_then(|element| element.dyn_into().ok());
    let place = before
        .as_ref()
        .and_then(|element| element.parent_node())
        .or_else(|| document.body().map(Into::into))?;
    place.append_child(&area).ok()?;
    area.select();
    let copied = document
        .dyn_ref::<web_sys::HtmlDocument>()?
        .exec_command("copy")
        .ok();
    area.remove();
    if let Some(element) = before {
        let _ = element.focus();
    }
    copied
}
