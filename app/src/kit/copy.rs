//! Buttons that copy.

use leptos::prelude::*;

use crate::islands::CopyButton;

/// An icon that copies a text.
#[component]
pub(crate) fn Copy(#[prop(into)] text: String, #[prop(into)] label: String) -> impl IntoView {
    html! { <CopyButton text=text label=label shown=String::new() class=String::new()/> }
}

/// A row of a menu that copies a text.
#[component]
pub(crate) fn CopyRow(#[prop(into)] text: String, #[prop(into)] label: String) -> impl IntoView {
    html! { <CopyButton text=text label=label.clone() shown=label class="row-button".to_owned()/> }
}

/// A button with words that copies a text.
#[component]
pub(crate) fn CopyWide(#[prop(into)] text: String, #[prop(into)] label: String) -> impl IntoView {
    html! { <CopyButton text=text label=label.clone() shown=label class="btn".to_owned()/> }
}
