//! A rate that replaces the catalog's.

use leptos::prelude::*;

use super::dom;
use crate::{
    kit::{
        icon::{Drawn, Icon},
        note_line::NoteLine,
    },
    provider_form::notes::{self, Note},
};

/// One row of the pricing dialog: label, rate, and what it means against the catalog's.
#[island]
pub fn RateField(
    /// The field's name and id.
    name: String,
    /// The bucket, in words.
    label: String,
    /// What the bucket holds.
    small: String,
    /// The catalog's rate. Empty: it has none.
    catalog: String,
    /// What was typed.
    value: String,
    /// Why it was refused. Empty: it was not.
    error: String,
) -> impl IntoView {
    let typed = RwSignal::new(value);
    let refused = RwSignal::new(error);
    let list = (!catalog.is_empty()).then(|| catalog.clone());
    let note = Memo::new(move |_| {
        let refused = refused.get();
        if refused.is_empty() {
            notes::on_rate(&typed.read(), list.as_deref())
        } else {
            Note::Wrong(refused)
        }
    });
    dom::keep_typed(&name, &typed.get_untracked(), move |text| typed.set(text));
    let line = format!("{name}-note");
    let reset_label = match catalog.as_str() {
        "" => "Clear".to_owned(),
        rate => format!("Back to the catalog’s {rate}"),
    };
    let placeholder = if catalog.is_empty() {
        "none".to_owned()
    } else {
        catalog
    };
    view! {
        <div class="rate">
            <label for=name.clone()>{label}<small>{small}</small></label>
            <div class="affix">
                <span class="pre">"$"</span>
                <input class="input num" id=name.clone() name=name inputmode="decimal" autocomplete="off"
                    placeholder=placeholder prop:value=typed value=typed.get_untracked()
                    aria-describedby=line.clone()
                    aria-invalid=move || matches!(&*note.read(), Note::Wrong(_)).then_some("true")
                    on:input:target=move |event| {
                        refused.set(String::new());
                        typed.set(event.target().value());
                    }/>
                <span class="unit">"/ 1M tokens"</span>
            </div>
            <button type="button" class="copy reset" class:idle=move || typed.read().is_empty()
                aria-label=reset_label.clone() title=reset_label
                on:click=move |_| {
                    refused.set(String::new());
                    typed.set(String::new());
                }>
                <Drawn icon=Icon::Reset small=true/>
            </button>
            <span id=line class="said-line">{move || view! { <NoteLine note=note.get()/> }}</span>
        </div>
    }
}
