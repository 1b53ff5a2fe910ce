//! What opens beside a button: the menu of a row, the choices of a filter. Without any script.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};

/// The menu of a row, behind three dots.
#[component]
pub(crate) fn RowMenu(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    /// What the menu is of.
    #[prop(into)]
    of: String,
    children: Children,
) -> impl IntoView {
    html! {
        <button class="btn ghost icon dots" type="button" popovertarget=id.clone() aria-label=format!("More for {of}") title="More">
            <Drawn icon=Icon::More/>
        </button>
        <div class="panel" id=id popover="auto">{children()}</div>
    }
}

/// An element that looks otherwise as soon as one acts, before the server has answered.
#[derive(Debug, Clone)]
pub(crate) struct AtOnce {
    /// Its id.
    pub(crate) element: String,
    /// The class of what will stand in it.
    pub(crate) class: &'static str,
    /// Its words.
    pub(crate) words: &'static str,
}

/// A row of a menu that makes a change: a form with one button.
#[component]
pub(crate) fn MenuAction(
    #[prop(into)] action: String,
    #[prop(into)] back: String,
    icon: Icon,
    #[prop(into)] label: String,
    /// What shows at once that it is done, where there is script. Without it the form leads to a page of its own.
    #[prop(optional)]
    at_once: Option<AtOnce>,
) -> impl IntoView {
    let (element, look) = at_once
        .map(|at_once| (at_once.element, (at_once.class, at_once.words)))
        .unzip();
    let (class, words) = look.unzip();
    html! {
        <form method="post" action=action data-at-once=element data-class=class data-words=words>
            <input type="hidden" name="back" value=back/>
            <button class="row-button" type="submit"><Drawn icon=icon/>{label}</button>
        </form>
    }
}

/// A row of a menu that leads somewhere.
#[component]
pub(crate) fn MenuLink(
    #[prop(into)] href: String,
    icon: Icon,
    #[prop(into)] label: String,
    #[prop(optional)] bad: bool,
) -> impl IntoView {
    html! { <a class=if bad { "row-button bad" } else { "row-button" } href=href><Drawn icon=icon/>{label}</a> }
}
