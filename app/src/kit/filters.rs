//! Filters of a list: dashed chips add one, tinted ones are active and can be taken away. All of it
//! stands in the address.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::{http::fields::Fields, islands::NarrowBoxes};

/// The part of the address that starts at the first page again once a filter changes.
const STARTS_AGAIN: [&str; 3] = ["page", "cursor", super::pager::BACK];

/// From how many boxes on a field narrows them.
pub(crate) const NARROWED_FROM: usize = 8;

/// Behind the name of a filter: what is wanted, or not, is that nobody said. Empty values would say it too, but
/// forms lose them.
pub(crate) const NOBODY: &str = ".none";

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
    let chip = |name: &str, value: &str, words: String| {
        let known = choices.iter().find(|(key, _)| key == value);
        let shown = if name.ends_with(NOBODY) {
            "nobody".to_owned()
        } else {
            known.map_or(value, |(_, shown)| shown.as_str()).to_owned()
        };
        let address = fresh(&query).without_value(name, value).address(&path);
        html! {
            <span class="chip on">
                <span class="k">{words.clone()}</span>
                <span class="v" title=shown.clone()>{shown.clone()}</span>
                <a href=address aria-label=format!("Remove the filter {words} {shown}")><Drawn icon=Icon::Close/></a>
            </span>
        }
    };
    let mut chips = vec![];
    for (base, words) in [
        (name.to_owned(), label.to_owned()),
        (format!("{name}.not"), format!("{label} is not")),
    ] {
        for name in [base.clone(), format!("{base}{NOBODY}")] {
            let given = query.all(&name).filter(|value| !value.trim().is_empty());
            chips.extend(given.map(|value| chip(&name, value, words.clone())));
        }
    }
    chips
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
    /// Whether values can be left out, too.
    #[prop(optional)]
    excludes: bool,
    /// What it is called where nobody said. Empty: somebody always did.
    #[prop(optional, into)]
    nobody: String,
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
    let without = (!nobody.is_empty()).then(|| {
        let asked = fresh(&query).with(&format!("{name}{NOBODY}"), "on");
        html! { <a class="row-button" href=asked.address(&path)>{nobody}</a> }
    });
    let exclude = excludes.then(|| {
        let (not, field) = (format!("{name}.not"), format!("{field}-not"));
        html! {
            <hr/>
            <form method="get" action=path.clone()>
                <Carried query=query.clone() without=""/>
                <div class="field">
                    <label for=field.clone()>{format!("{label} is not")}</label>
                    <input class="input" id=field name=not list=list.clone() autocomplete="off" required=true/>
                </div>
                <button class="btn sm" type="submit">"Leave out"</button>
            </form>
        }
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
                    <input class="input" id=field name=name list=list value=present autocomplete="off" autofocus=true required=!single/>
                    <span class="help">{help}</span>
                </div>
                {options}
                <button class="btn primary sm" type="submit">"Apply"</button>
            </form>
            {exclude}
            {without}
        </div>
    }
}

/// The search of a list. Where script runs it searches while one types.
#[component]
pub(crate) fn SearchField(
    query: Fields,
    #[prop(into)] path: String,
    #[prop(into)] label: String,
    /// What else one should know of it.
    #[prop(optional)]
    help: Option<&'static str>,
) -> impl IntoView {
    let about = help.map(|help| html! { <span class="help" id="search-about">{help}</span> });
    html! {
        <form class="grow" method="get" action=path role="search">
            <div class="affix">
                <Drawn icon=Icon::Search/>
                <input class="input" id="search" type="search" name="q" value=query.text("q").to_owned()
                    placeholder=label.clone() aria-label=label autocomplete="off" data-key="/"
                    aria-describedby=help.map(|_| "search-about")/>
            </div>
            {about}
            <span id="search-carried" hidden><Carried query=query without="q"/></span>
        </form>
    }
}
