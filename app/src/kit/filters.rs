//! Filters of a list: dashed chips add one, tinted ones are active and can be taken away. All of it
//! stands in the address.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::{http::fields::Fields, islands::NarrowBoxes};

/// The part of the address that starts at the first page again once a filter changes.
const STARTS_AGAIN: [&str; 2] = ["page", "cursor"];

/// From how many boxes on a field narrows them.
pub(crate) const NARROWED_FROM: usize = 8;

/// One choice of a filter: its value in the address, and what people read.
pub(crate) type Choice = (String, String);

/// The query without what belongs to one page of it.
fn fresh(query: &Fields) -> Fields {
    STARTS_AGAIN
        .iter()
        .fold(query.clone(), |query, name| query.with(name, ""))
}

/// What a form must carry along so that nothing else of the address is lost.
#[component]
pub(crate) fn Carried(query: Fields, without: &'static str) -> impl IntoView {
    let query = fresh(&query).with(without, "");
    query
        .iter()
        .map(|(name, value)| html! { <input type="hidden" name=name.to_owned() value=value.to_owned()/> })
        .collect_view()
}

/// The chips of a filter's active values, each with a way to take it away.
#[component]
pub(crate) fn ActiveChips(
    query: Fields,
    #[prop(into)] path: String,
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
) -> impl IntoView {
    let chips = query.all(name).filter(|value| !value.trim().is_empty()).map(|value| {
        let shown = choices.iter().find(|(key, _)| key == value).map_or(value, |(_, shown)| shown.as_str()).to_owned();
        let address = fresh(&query).without_value(name, value).address(&path);
        html! {
            <span class="chip on">
                <span class="k">{label}</span>
                <span class="v" title=shown.clone()>{shown.clone()}</span>
                <a href=address aria-label=format!("Remove the filter {label} {shown}")><Drawn icon=Icon::Close/></a>
            </span>
        }
    });
    chips.collect_view()
}

/// A filter with choices to tick.
#[component]
pub(crate) fn ChoiceFilter(
    query: Fields,
    #[prop(into)] path: String,
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let narrow = (choices.len() > NARROWED_FROM)
        .then(|| html! { <NarrowBoxes label=format!("Find in {}", label.to_lowercase())/> });
    let boxes: Vec<_> = choices
        .iter()
        .map(|(value, shown)| {
            let on = query.has(name, value);
            html! {
                <label class="check">
                    <input type="checkbox" name=name value=value.clone() checked=on/>
                    <span class="cut" title=shown.clone()>{shown.clone()}</span>
                </label>
            }
        })
        .collect();
    html! {
        <ActiveChips query=query.clone() path=path.clone() name=name label=label choices=choices/>
        <button class="chip add" type="button" id=format!("{id}-add") popovertarget=id.clone()><Drawn icon=Icon::Plus/>{label}</button>
        <div class="panel filter" id=id popover="auto" role="group" aria-label=format!("Filter by {label}")>
            <form method="get" action=path>
                <Carried query=query without=name/>
                {narrow}
                <div class="boxes">{boxes}</div>
                <button class="btn primary sm" type="submit">"Apply"</button>
            </form>
        </div>
    }
}

/// A filter with a text to type. It is added to those that there are, or, where there can be only one,
/// takes its place.
#[component]
pub(crate) fn TextFilter(
    query: Fields,
    #[prop(into)] path: String,
    name: &'static str,
    label: &'static str,
    #[prop(into)] help: String,
    /// Values that are offered while one types.
    #[prop(optional)]
    offered: Vec<String>,
    /// Whether there can be only one value.
    #[prop(optional)]
    single: bool,
) -> impl IntoView {
    let id = format!("filter-{name}");
    let field = format!("filter-{name}-value");
    let list = (!offered.is_empty()).then(|| format!("filter-{name}-list"));
    let options = list.clone().map(|id| {
        let options = offered
            .into_iter()
            .map(|value| html! { <option value=value></option> })
            .collect_view();
        html! { <datalist id=id>{options}</datalist> }
    });
    let present = single.then(|| query.text(name).to_owned());
    let kept = (!single).then(|| {
        query
            .all(name)
            .map(|value| html! { <input type="hidden" name=name value=value.to_owned()/> })
            .collect_view()
    });
    html! {
        <ActiveChips query=query.clone() path=path.clone() name=name label=label choices=vec![]/>
        <button class="chip add" type="button" id=format!("{id}-add") popovertarget=id.clone()><Drawn icon=Icon::Plus/>{label}</button>
        <div class="panel filter" id=id popover="auto" role="group" aria-label=format!("Filter by {label}")>
            <form method="get" action=path>
                <Carried query=query without=name/>
                {kept}
                <div class="field">
                    <label for=field.clone()>{label}</label>
                    <input class="input" id=field name=name list=list value=present autocomplete="off" autofocus=true/>
                    <span class="help">{help}</span>
                </div>
                {options}
                <button class="btn primary sm" type="submit">"Apply"</button>
            </form>
        </div>
    }
}

/// The search of a list. Where script runs it searches while one types.
#[component]
pub(crate) fn SearchField(
    query: Fields,
    #[prop(into)] path: String,
    #[prop(into)] label: String,
) -> impl IntoView {
    html! {
        <form class="grow" method="get" action=path role="search">
            <div class="affix">
                <Drawn icon=Icon::Search/>
                <input class="input" id="search" type="search" name="q" value=query.text("q").to_owned()
                    placeholder=label.clone() aria-label=label autocomplete="off" data-key="/"/>
            </div>
            <span id="search-carried" hidden><Carried query=query without="q"/></span>
        </form>
    }
}
