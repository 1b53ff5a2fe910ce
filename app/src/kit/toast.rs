//! What is said after a change, in the one place where all of it is said. Without an undo it goes by itself
//! after a while, unless one looks at it; with one it stays until it is closed.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::http::flash::Flash;

/// Where messages stand. Always there, so that whatever comes into it is read out.
#[component]
pub(crate) fn Toasts(flash: Option<Flash>) -> impl IntoView {
    html! { <div id="toasts" role="status"><div id="toast">{flash.map(|flash| html! { <Toast flash=flash/> })}</div></div> }
}

/// A message about a change that was made, with its way back where it has one.
#[component]
fn Toast(flash: Flash) -> impl IntoView {
    let undo = flash.undo.map(|undo| {
        html! {
            <form method="post" action=undo.action data-at-once="">
                <input type="hidden" name="back" value=undo.back/>
                <button class="btn ghost sm" type="submit">"Undo"</button>
            </form>
        }
    });
    let detail = (!flash.detail.is_empty()).then(|| html! { <p>{flash.detail}</p> });
    html! {
        <dialog class="toast" open aria-label="What was done">
            <Drawn icon=Icon::Check/>
            <b>{flash.title}</b>
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
