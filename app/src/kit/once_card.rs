//! What is shown this once: a token, a one-time link. The way on opens when one says that it is copied.

use leptos::prelude::*;

use super::{
    copy::CopyWide,
    note::{NoteBox, Tone},
};

/// What is shown, and what its card says.
#[derive(Debug, Clone)]
pub(crate) struct Once {
    /// What to do, as the card's heading.
    pub(crate) title: &'static str,
    /// The id of the element that shows it.
    pub(crate) id: &'static str,
    /// The thing itself.
    pub(crate) plain: String,
    /// What the button says that copies it.
    pub(crate) copy: &'static str,
    /// What one did with it: `saved`, `copied`.
    pub(crate) did: &'static str,
    /// The way on.
    pub(crate) done: &'static str,
    /// The page of what was made. `None`: it has none.
    pub(crate) own_page: Option<String>,
}

/// The card. Its children say what it is good for.
#[component]
pub(crate) fn OnceCard(
    once: Once,
    /// What becomes of it if one does not take care.
    warning: AnyView,
    children: Children,
) -> impl IntoView {
    let Once {
        title,
        id,
        plain,
        copy,
        did,
        done,
        own_page,
    } = once;
    html! {
        <section class="card narrow once" aria-labelledby="once-title">
            <div class="card-head"><h2 id="once-title">{title}</h2></div>
            <div class="card-body">
                {warning}
                <div class="plain-token">
                    <code id=id class="break">{plain.clone()}</code>
                    <CopyWide text=plain label=copy/>
                </div>
                {children()}
                <label class="check"><input type="checkbox" id="saved"/><span>{format!("I {did} it")}</span></label>
            </div>
            <div class="card-foot">
                <span class="help until-saved">{format!("Say that you {did} it, and you can go on.")}</span>
                <a class="btn primary when-saved" href=done>"Done"</a>
                {own_page.map(|page| html! { <a class="btn ghost when-saved" href=page>"Open the token’s page"</a> })}
            </div>
        </section>
    }
}

/// That it cannot be read again, as the warning of a token's card.
#[component]
pub(crate) fn TokenWarning() -> impl IntoView {
    html! {
        <NoteBox tone=Tone::Warning>
            <b>"It is shown this once."</b>" Weir keeps only a hash of it, so nobody can read it again. If it is lost, revoke it and make another."
        </NoteBox>
    }
}
