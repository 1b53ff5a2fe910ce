//! The filters of the page: a chip for each value that is left or left out, and a panel to choose more.

use leptos::prelude::*;

use super::{
    PATH,
    query::{FILTERS, filters, unfiltered, value_in_words},
};
use crate::{
    http::fields::Fields,
    islands::NarrowBoxes,
    kit::{
        filters::{Choice, NARROWED_FROM},
        icon::{Drawn, Icon},
    },
};

/// How many values a panel offers. There is room for more in the address.
const OFFERED: usize = 200;

/// What a form carries along so that nothing else of the address is lost. A value that is empty on purpose is
/// sent under a name that says so: scripts leave out what is empty.
#[component]
pub(super) fn Carried(query: Fields) -> impl IntoView {
    query
        .iter()
        .filter_map(|(name, value)| {
            if !value.trim().is_empty() {
                return Some(
                    html! { <input type="hidden" name=name.to_owned() value=value.to_owned()/> },
                );
            }
            let said = filters(&query).any(|given| given == (name, value));
            said.then(|| html! { <input type="hidden" name=format!("{name}.none") value="on"/> })
        })
        .collect_view()
}

/// What can be chosen: the filter's name, and its values with what people read.
pub(super) type Choices = Vec<(&'static str, Vec<Choice>)>;

/// All chips and panels, and the way back to no filters at all.
#[component]
pub(super) fn Filters(query: Fields, choices: Choices) -> impl IntoView {
    let any = filters(&query).next().is_some();
    let all = FILTERS.map(|(name, label, nobody)| {
        let offered = choices.iter().find(|(of, _)| *of == name);
        let offered = offered.map_or(vec![], |(_, offered)| offered.clone());
        html! { <Filter query=query.clone() name=name label=label nobody=nobody choices=offered/> }
    });
    let clear = any.then(|| {
        html! { <a class="btn ghost sm" href=unfiltered(&query).address(PATH)>"Clear filters"</a> }
    });
    html! { {all.collect_view()}{clear} }
}

#[component]
fn Filter(
    query: Fields,
    name: &'static str,
    label: &'static str,
    nobody: bool,
    choices: Vec<Choice>,
) -> impl IntoView {
    let not = format!("{name}.not");
    let chips: Vec<_> = filters(&query)
        .filter(|(given, _)| *given == name || *given == not)
        .map(|(given, value)| {
            let told = value_in_words(value, label, &choices);
            let words = if given == name { label.to_owned() } else { format!("{label} is not") };
            let address = query.clone().without_value(given, value).address(PATH);
            html! {
                <span class="chip on">
                    <span class="k">{words.clone()}</span>
                    <span class="v" title=told.clone()>{told.clone()}</span>
                    <a href=address aria-label=format!("Remove the filter {words} {told}")><Drawn icon=Icon::Close/></a>
                </span>
            }
        })
        .collect();
    let id = format!("filter-{name}");
    html! {
        {chips}
        <button class="chip add" type="button" id=format!("{id}-add") popovertarget=id.clone()><Drawn icon=Icon::Plus/>{label}</button>
        <div class="panel filter" id=id popover="auto" role="group" aria-label=format!("Filter by {}", label.to_lowercase())>
            <Panel query=query name=name label=label nobody=nobody choices=choices/>
        </div>
    }
}

/// Values to tick, or to type where there may be thousands; and whether they are left, or left out.
#[component]
fn Panel(
    query: Fields,
    name: &'static str,
    label: &'static str,
    nobody: bool,
    choices: Vec<Choice>,
) -> impl IntoView {
    let not = format!("{name}.not");
    let excludes = query.get(name).is_none() && query.get(&not).is_some();
    let mode = if excludes { not.as_str() } else { name };
    let typed = name == "user";
    let mut offered: Vec<Choice> = choices
        .into_iter()
        .filter(|(key, _)| !key.is_empty())
        .collect();
    offered.truncate(OFFERED);
    for value in query.all(mode).filter(|value| !value.trim().is_empty()) {
        if !offered.iter().any(|(key, _)| key == value) {
            offered.push((value.to_owned(), value.to_owned()));
        }
    }
    let narrow = (offered.len() > NARROWED_FROM)
        .then(|| html! { <NarrowBoxes label=format!("Find in {}", label.to_lowercase())/> });
    let boxes: Vec<_> = offered
        .into_iter()
        .map(|(value, shown)| {
            let on = query.has(mode, &value);
            html! {
                <label class="check">
                    <input type="checkbox" name=name value=value checked=on/><span class="cut" title=shown.clone()>{shown.clone()}</span>
                </label>
            }
        })
        .collect();
    let none = nobody.then(|| {
        let on = query.has(mode, "");
        html! {
            <label class="check">
                <input type="checkbox" name=format!("{name}.none") value="on" checked=on/>
                <span class="cut muted">{format!("no {}", label.to_lowercase())}</span>
            </label>
        }
    });
    let field = typed.then(|| {
        html! {
            <div class="field">
                <label for="filter-user-value">{label}</label>
                <input class="input" id="filter-user-value" name="user.add" autocomplete="off"/>
                <span class="help">"The person that the calls were for."</span>
            </div>
        }
    });
    let nothing = (boxes.is_empty() && none.is_none() && !typed)
        .then(|| html! { <p class="muted">"Nothing occurs in this range."</p> });
    let carried = query.with(name, "").with(&not, "");
    html! {
        <form method="get" action=PATH>
            <Carried query=carried/>
            <div class="seg" role="radiogroup" aria-label="How">
                <label><input type="radio" name=format!("{name}.how") value="is" checked=!excludes/>"is"</label>
                <label><input type="radio" name=format!("{name}.how") value="not" checked=excludes/>"is not"</label>
            </div>
            {field}{narrow}
            <div class="boxes">{boxes}{none}</div>
            {nothing}
            <button class="btn primary sm" type="submit">"Apply"</button>
        </form>
    }
}
