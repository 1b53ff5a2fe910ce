//! Which OpenAI-compatible server, and where it is.

use domain::provider::Preset;
use leptos::prelude::*;

use super::dom;
use crate::{
    kit::note_line::NoteLine,
    provider_form::notes::{self, Note},
};

/// The preset and the address: choosing a preset fills in the address, unless another was typed.
#[island]
pub fn CompatibleAddress(
    /// Key of the preset. Empty: another server.
    preset: String,
    /// The address, as typed.
    address: String,
    /// Why the preset was refused. Empty: it was not.
    preset_error: String,
    /// Why the address was refused. Empty: it was not.
    address_error: String,
    /// Whether the page begins at the preset.
    focus_preset: bool,
    /// Whether the page begins at the address.
    focus_address: bool,
) -> impl IntoView {
    let preset = RwSignal::new(preset);
    let address = RwSignal::new(address);
    let refused = RwSignal::new(address_error);
    let note = Memo::new(move |_| {
        let refused = refused.get();
        if refused.is_empty() {
            notes::on_compatible_address(&preset.read(), &address.read())
        } else {
            Note::Wrong(refused)
        }
    });
    dom::keep_typed(
        "openai_compatible.base_url",
        &address.get_untracked(),
        move |text| address.set(text),
    );
    let choose = move |chosen: String| {
        let offered = chosen
            .parse::<Preset>()
            .map(Preset::base_url)
            .unwrap_or_default();
        let untouched = address.with_untracked(|address| {
            address.trim().is_empty()
                || Preset::ALL
                    .iter()
                    .any(|preset| preset.base_url() == address)
        });
        if untouched {
            refused.set(String::new());
            address.set(offered.to_owned());
        }
        preset.set(chosen);
    };
    let placeholder = move || {
        preset
            .read()
            .parse::<Preset>()
            .map_or("https://llm.example.com/v1", Preset::base_url)
    };
    view! {
        <div class="grid-2">
            <div class="field">
                <label for="openai_compatible.preset">"Which server"</label>
                <select class="input" id="openai_compatible.preset" name="openai_compatible.preset"
                    aria-describedby="preset-help" aria-invalid=(!preset_error.is_empty()).then_some("true") autofocus=focus_preset
                    on:change:target=move |event| choose(event.target().value())>
                    <option value="" selected=preset.read_untracked().is_empty()>"Another one"</option>
                    {Preset::ALL.iter().map(|offered| view! {
                        <option value=offered.key() selected=preset.with_untracked(|chosen| chosen == offered.key())>{offered.label()}</option>
                    }).collect_view()}
                </select>
                <span id="preset-help">
                    {if preset_error.is_empty() {
                        view! { <span class="help">"Fills in the address and picks the list prices."</span> }.into_any()
                    } else {
                        view! { <NoteLine note=Note::Wrong(preset_error)/> }.into_any()
                    }}
                </span>
            </div>
            <div class="field">
                <label for="openai_compatible.base_url">"Base URL"</label>
                <input class="input mono" id="openai_compatible.base_url" name="openai_compatible.base_url" type="url"
                    inputmode="url" autocomplete="off" spellcheck="false" placeholder=placeholder
                    prop:value=address value=address.get_untracked() aria-describedby="address-help"
                    aria-invalid=move || matches!(&*note.read(), Note::Wrong(_)).then_some("true") autofocus=focus_address
                    on:input:target=move |event| {
                        refused.set(String::new());
                        address.set(event.target().value());
                    }/>
                <span id="address-help">
                    {move || match note.get() {
                        Note::Silent => view! { <span class="help">"Where the server listens, as its SDK wants it."</span> }.into_any(),
                        note => view! { <NoteLine note=note/> }.into_any(),
                    }}
                </span>
            </div>
        </div>
    }
}
