//! Display name and resource id of a provider that is being made.

use std::time::Duration;

use domain::{ProviderId, provider::DISPLAY_NAME_MAX};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::dom;
use crate::{
    kit::note_line::NoteLine,
    provider_form::notes::{self, Note},
};

/// How long one must have stopped typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// The two fields. The id follows the name until it is typed itself; both are checked while typing.
#[island]
pub fn IdentityFields(
    /// The name, as typed.
    name: String,
    /// The id, as typed. Empty: it follows the name.
    id: String,
    /// Why the name was refused. Empty: it was not.
    name_error: String,
    /// Why the id was refused. Empty: it was not.
    id_error: String,
    /// Whether the page begins at the name.
    focus_name: bool,
    /// Whether the page begins at the id.
    focus_id: bool,
) -> impl IntoView {
    let follows = RwSignal::new(id.is_empty());
    let name = RwSignal::new(name);
    let id = RwSignal::new(id);
    let name_refused = RwSignal::new(name_error);
    let id_refused = RwSignal::new(id_error);
    let free = RwSignal::new(None::<bool>);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let newest = StoredValue::new(0_u32);

    // What was asked before is about another text.
    let forget = move || {
        free.set(None);
        newest.update_value(|newest| *newest = newest.wrapping_add(1));
        if let Some(waiting) = waiting.get_value() {
            waiting.clear();
        }
    };
    // Asks the server once typing pauses: for a free id behind a name, or whether an id is free.
    let ask = move |address: String| {
        let mine = newest.get_value();
        let ask = move || {
            spawn_local(async move {
                let answer = dom::fetch_text(&address).await;
                let Some(answer) = answer.filter(|_| newest.get_value() == mine) else {
                    return;
                };
                match answer.as_str() {
                    "free" => free.set(Some(true)),
                    "taken" => free.set(Some(false)),
                    given if follows.get_untracked() => {
                        id.set(given.to_owned());
                        free.set(Some(true));
                    }
                    _ => {}
                }
            });
        };
        waiting.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let name_typed = move |typed: String| {
        name_refused.set(String::new());
        if follows.get_untracked() {
            forget();
            let derived = ProviderId::derive(&typed)
                .map(String::from)
                .unwrap_or_default();
            if !derived.is_empty() {
                ask(format!(
                    "/new-provider/free-id?name={}",
                    dom::in_query(&typed)
                ));
            }
            id_refused.set(String::new());
            id.set(derived);
        }
        name.set(typed);
    };
    let id_typed = move |typed: String| {
        forget();
        id_refused.set(String::new());
        follows.set(typed.trim().is_empty());
        if ProviderId::new(typed.trim()).is_ok() {
            ask(format!(
                "/new-provider/free-id?id={}",
                dom::in_query(typed.trim())
            ));
        }
        id.set(typed);
    };

    dom::keep_typed("id", &id.get_untracked(), id_typed);
    dom::keep_typed("display_name", &name.get_untracked(), name_typed);

    let name_note = Memo::new(move |_| told(name_refused, || notes::on_display_name(&name.read())));
    let id_note = Memo::new(move |_| {
        told(id_refused, || {
            match (notes::on_id(&id.read()), free.get()) {
                (Note::Silent, Some(true)) => Note::Good(
                    "Free. It is part of the proxy URL and cannot change later.".to_owned(),
                ),
                (Note::Silent, Some(false)) => Note::Wrong("Taken. Choose another id.".to_owned()),
                (note, _) => note,
            }
        })
    });
    let is_wrong =
        |note: Memo<Note>| move || matches!(&*note.read(), Note::Wrong(_)).then_some("true");

    view! {
        <div class="grid-2">
            <div class="field">
                <label for="display_name">"Display name"</label>
                <input class="input" id="display_name" name="display_name" autocomplete="off" aria-required="true"
                    prop:value=name value=name.get_untracked() aria-describedby="display_name-help"
                    aria-invalid=is_wrong(name_note) autofocus=focus_name
                    on:input:target=move |event| name_typed(event.target().value())/>
                <span id="display_name-help">
                    {move || match name_note.get() {
                        Note::Silent => {
                            let length = name.read().trim().chars().count();
                            let count = (length > 0).then(|| format!(" {length} of {DISPLAY_NAME_MAX} characters."));
                            view! { <span class="help">"What people see."{count}</span> }.into_any()
                        }
                        note => view! { <NoteLine note=note/> }.into_any(),
                    }}
                </span>
            </div>
            <div class="field">
                <label for="id">
                    "Resource id"
                    <span class="end">{move || if follows.get() { "from the name" } else { "" }}</span>
                </label>
                <input class="input mono" id="id" name="id" autocomplete="off" spellcheck="false" autocapitalize="off"
                    prop:value=id value=id.get_untracked() aria-describedby="id-help" aria-invalid=is_wrong(id_note) autofocus=focus_id
                    on:input:target=move |event| id_typed(event.target().value())/>
                <span id="id-help">
                    {move || match id_note.get() {
                        Note::Silent => view! {
                            <span class="help">"Part of the proxy URL, and fixed from then on. Left blank, it is made from the name."</span>
                        }.into_any(),
                        note => view! { <NoteLine note=note/> }.into_any(),
                    }}
                </span>
            </div>
        </div>
    }
}

/// What the server refused, as long as it stands there as it was sent; else what is found now.
fn told(refused: RwSignal<String>, now: impl FnOnce() -> Note) -> Note {
    let refused = refused.get();
    if refused.is_empty() {
        now()
    } else {
        Note::Wrong(refused)
    }
}
