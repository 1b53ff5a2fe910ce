//! Light, dark, or as the system is set.

use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{HtmlDocument, SubmitEvent},
};

use crate::kit::icon::{Drawn, Icon};

const THEMES: [(&str, &str, Icon); 3] = [
    ("auto", "As the system", Icon::Auto),
    ("light", "Light", Icon::Sun),
    ("dark", "Dark", Icon::Moon),
];

/// Three buttons. Where no script runs they are sent to the server, which remembers and comes back.
#[island]
pub fn ThemeSwitch(
    /// The theme of this page.
    theme: String,
    /// Where the server comes back to.
    back: String,
) -> impl IntoView {
    let theme = RwSignal::new(theme);
    let submit = move |event: SubmitEvent| {
        let chosen = event
            .submitter()
            .and_then(|button| button.get_attribute("value"));
        if let Some(chosen) = chosen {
            event.prevent_default();
            show(&chosen);
            theme.set(chosen);
        }
    };
    view! {
        <form class="theme" method="post" action="/theme" aria-label="Theme" on:submit=submit>
            <input type="hidden" name="back" value=back/>
            {THEMES.map(|(key, label, icon)| view! {
                <button type="submit" name="theme" value=key aria-label=label title=label
                    aria-pressed=move || if *theme.read() == *key { "true" } else { "false" }>
                    <Drawn icon=icon small=true/>
                </button>
            }).collect_view()}
        </form>
    }
}

/// Paints the page in a theme and remembers it, as the server would.
fn show(theme: &str) {
    let document = document();
    if let Some(root) = document.document_element() {
        let _ = match theme {
            "auto" => root.remove_attribute("data-theme"),
            theme => root.set_attribute("data-theme", theme),
        };
    }
    if let Ok(document) = document.dyn_into::<HtmlDocument>() {
        let _ = document.set_cookie(&format!(
            "weir_theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax"
        ));
    }
}
