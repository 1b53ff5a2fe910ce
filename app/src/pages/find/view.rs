//! What was found, as a page and as the list of the palette.

use leptos::prelude::*;

use super::rank::{Group, Hit, Sign, Way};
use crate::{
    format::count::plural,
    http::fields::Fields,
    kit::{
        empty::Empty,
        filters::SearchField,
        head::PageHead,
        icon::{Drawn, Icon},
        marks::Tile,
    },
};

const PATH: &str = "/find";

/// The page. `keys`: whether it says which keys do the same.
pub(super) fn page(found: Vec<Group>, query: &Fields, here: &str, keys: bool) -> AnyView {
    let count: usize = found.iter().map(|group| group.hits.len()).sum();
    let typed = query.text("q");
    let body = if found.is_empty() {
        let words = format!("Nothing is called “{typed}”, or has that in its name.");
        html! { <Empty icon=Icon::Search title="Nothing matches" words=words/> }
    } else {
        let groups = found.into_iter().map(|group| {
            let Group { kind, hits, more } = group;
            let hits = hits.into_iter().map(|hit| {
                html! { <li>{of_way(hit, here, keys, None)}</li> }
            });
            let more = (more > 0).then(|| html! { <p class="help more">{format!("and {}; type more of the name", plural(more, "other", "others"))}</p> });
            html! { <section><h2 class="grp">{kind.label()}</h2><ul>{hits.collect_view()}</ul>{more}</section> }
        });
        html! { <div class="findings">{groups.collect_view()}</div> }
    };
    html! {
        <PageHead title="Find" lede="A page, a provider, a model, a secret, a gateway token, or the id of a call."/>
        <div class="stack list" data-live="list-chips list-card search-carried">
            <div class="tools">
                <SearchField query=query.clone() path=PATH label="A part of its name"/>
                <div class="chips" id="list-chips">
                    <span class="end muted xs tnum" role="status">{plural(count, "result", "results")}</span>
                </div>
            </div>
            <section class="card" id="list-card" aria-label="Results">{body}</section>
        </div>
    }
}

/// The list of the palette. `keys`: whether it says which keys do the same.
pub(super) fn palette(found: Vec<Group>, typed: &str, here: &str, keys: bool) -> AnyView {
    let nothing = found.is_empty();
    let has_more = found.iter().any(|group| group.more > 0);
    let mut number: usize = 0;
    let groups: Vec<_> = found
        .into_iter()
        .map(|group| {
            let label = group.kind.label();
            let hits: Vec<_> = group
                .hits
                .into_iter()
                .map(|hit| {
                    number += 1;
                    of_way(hit, here, keys, Some(number))
                })
                .collect();
            html! { <div role="group" aria-label=label><div class="grp" aria-hidden="true">{label}</div>{hits}</div> }
        })
        .collect();
    let all = has_more.then(|| {
        let hit = Hit {
            sign: Sign::Icon(Icon::Search),
            label: format!("Show everything for “{typed}”"),
            detail: String::new(),
            way: Way::To(Fields::from([("q", typed)]).address(PATH)),
            keys: "",
        };
        html! { <div role="group" aria-label="More">{of_way(hit, here, keys, Some(number + 1))}</div> }
    });
    let words = format!("Nothing is called “{typed}”, or has that in its name.");
    html! {
        <div id="palette-found">
            <div class="list" role="listbox" id="palette-list" aria-label="Results" hidden=nothing>{groups}{all}</div>
            {nothing.then(|| html! { <p class="none">{words}</p> })}
        </div>
    }
}

/// A thing as what it is: a link, or a form with one button. `option`: its number in the palette, where the
/// keyboard stays in the field above.
fn of_way(hit: Hit, here: &str, keys: bool, option: Option<usize>) -> AnyView {
    let role = option.map(|_| "option");
    let id = option.map(|number| format!("palette-{number}"));
    let skipped = option.map(|_| "-1");
    let selected = option.map(|_| "false");
    let sign = match hit.sign {
        Sign::Icon(icon) => html! { <span class="sign"><Drawn icon=icon/></span> },
        Sign::Type(ty) => html! { <Tile ty=ty/> },
    };
    let keys = (keys && !hit.keys.is_empty()).then(|| html! { <kbd>{hit.keys}</kbd> });
    let inside = html! {
        {sign}<span class="what">{hit.label}</span><span class="end">{hit.detail}{keys}</span>
    };
    match hit.way {
        Way::To(address) => html! {
            <a class="hit" href=address id=id role=role tabindex=skipped aria-selected=selected>{inside}</a>
        },
        Way::Post(action, sent) => {
            let (name, value) = sent.unzip();
            html! {
                <form method="post" action=action>
                    <input type="hidden" name="back" value=here.to_owned()/>
                    <button class="hit" type="submit" name=name value=value id=id role=role tabindex=skipped aria-selected=selected>{inside}</button>
                </form>
            }
        }
    }
}
