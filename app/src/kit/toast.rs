//! What is said after a change: a small dialog that closes by itself, or by its button.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::http::flash::Flash;

/// A message about a change that was made, with its way back where it has one.
#[component]
pub(crate) fn Toast(flash: Flash) -> impl IntoView {
    let undo = flash.undo.map(|undo| {
        html! {
            <form method="post" action=undo.action>
                <input type="hidden" name="back" value=undo.back/>
                <button class="btn ghost sm" type="submit">"Undo"</button>
            </form>
        }
    });
    let detail = (!flash.detail.is_empty()).then(|| html! { <p>{flash.detail}</p> });
    html! {
        <dialog class="toast" open aria-label="What was done">
            <Drawn icon=Icon::Check/>
            <b role="status">{flash.title}</b>
            <div class="row">
                {undo}
                <form method="dialog">
                    <button class="btn ghost icon sm" type="submit" aria-label="Close this message"><Drawn icon=Icon::Close/></button>
                </form>
            </div>
            {detail}
        </dialog>
    }
}
