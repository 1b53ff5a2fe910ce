//! Lists without rows.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::format::count::plural;

/// Says why there is nothing, and what to do. Its children are the buttons.
#[component]
pub(crate) fn Empty(
    icon: Icon,
    #[prop(into)] title: String,
    #[prop(into)] words: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    html! {
        <div class="empty">
            <Drawn icon=icon/>
            <h2>{title}</h2>
            <p>{words}</p>
            {children.map(|children| html! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// Nothing fits the search and the filters: the way back.
#[component]
pub(crate) fn NothingMatches(
    #[prop(into)] words: String,
    #[prop(into)] clear: String,
) -> impl IntoView {
    html! {
        <Empty icon=Icon::Search title="Nothing matches" words=words>
            <a class="btn sm" href=clear>"Clear search and filters"</a>
        </Empty>
    }
}

/// As [`NothingMatches`], for a list of which it is known how many rows there are.
#[component]
pub(crate) fn AllHidden(
    there_are: usize,
    /// What one row is called.
    one: &'static str,
    /// What several are called.
    many: &'static str,
    #[prop(into)] clear: String,
) -> impl IntoView {
    let are = if there_are == 1 { "is" } else { "are" };
    let rows = plural(there_are, one, many);
    html! { <NothingMatches words=format!("{rows} {are} hidden by the search and the filters.") clear=clear/> }
}
