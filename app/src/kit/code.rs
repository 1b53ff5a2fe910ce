//! A block of code that can be copied whole.

use leptos::prelude::*;

use super::copy::Copy;

/// Code with its language above it.
#[component]
pub(crate) fn Code(#[prop(into)] language: String, #[prop(into)] text: String) -> impl IntoView {
    html! {
        <div class="code">
            <div class="code-head">{language}<Copy text=text.clone() label="Copy the code"/></div>
            <pre tabindex="0">{text}</pre>
        </div>
    }
}
