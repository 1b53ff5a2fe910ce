//! The table of changes. The row that the address opens shows before and after.

use admin::audit::AuditView;
use domain::Timestamp;
use leptos::prelude::*;

use super::{
    PATH,
    difference::Difference,
    words::{self, Known, Object},
};
use crate::{
    format::{count, zone::Zone},
    http::fields::Fields,
    kit::{
        icon::{Drawn, Icon},
        kv::Fact,
    },
};

/// The rows, newest first.
#[component]
pub(super) fn AuditTable(
    rows: Vec<AuditView>,
    known: Known,
    query: Fields,
    now: Timestamp,
) -> impl IntoView {
    let open = query.text("open").to_owned();
    let zone = Zone::here();
    let in_zone = zone.short_of_all(rows.iter().map(|row| row.at));
    let zone_name = zone.name().to_owned();
    let rows = rows
        .into_iter()
        .map(|row| {
            let id = row.id.to_string();
            let is_open = id == open;
            let toggled = query.clone().with("open", if is_open { "" } else { &id });
            let address = format!("{}#change-{id}", toggled.address(PATH));
            let object = words::object(&row, &known);
            let line = line(&row, &object, address, is_open, now);
            let detail = is_open.then(|| {
                html! { <tr class="detail"><td colspan="6"><Opened row=row object=object/></td></tr> }
            });
            html! { {line}{detail} }
        })
        .collect_view();
    html! {
        <div class="table-wrap" role="region" aria-label="Table of changes" tabindex="0">
            <table class="table ledger audit">
                <thead>
                    <tr>
                        <th scope="col" aria-sort="descending" title=zone_name>{format!("Time, {in_zone}")}</th>
                        <th scope="col">"Result"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"On"</th>
                        <th scope="col" class="mid-hide">"From"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn line(
    row: &AuditView,
    object: &Object,
    address: String,
    is_open: bool,
    now: Timestamp,
) -> impl IntoView + use<> {
    let zone = Zone::here();
    let (clock, _) = zone.clock(row.at);
    let day = zone.day(row.at, now);
    let day = (day != zone.day(now, now)).then_some(day);
    let kind = words::kind(&row.object_kind);
    let action = words::action(&row.action);
    let actor = words::actor(&row.actor);
    html! {
        <tr class=is_open.then_some("open") id=format!("change-{}", row.id)>
            <td>
                <a class="rowbtn" href=address aria-expanded=if is_open { "true" } else { "false" }>
                    <Drawn icon=Icon::Right/>
                    <time datetime=row.at.to_string() title=zone.exact_to_millis(row.at)>
                        {day.map(|day| html! { <span class="muted">{day}" "</span> })}{clock}
                    </time>
                </a>
            </td>
            <td class="st">{outcome(row)}</td>
            <td class="clip pv"><span class="cut" title=actor.clone()>{actor.clone()}</span></td>
            <td class="what">{action}</td>
            <td class="clip wide">
                <span class="cut"><span class="muted">{kind}" "</span>{named(object)}</span>
            </td>
            <td class="hide mid-hide tnum">{row.address.clone().unwrap_or_else(|| "–".to_owned())}</td>
        </tr>
    }
}

fn outcome(row: &AuditView) -> AnyView {
    let times = (row.times > 1).then(|| format!(" × {}", count::grouped(row.times)));
    let label = words::result(row.result);
    let class = if row.result == "done" {
        "badge ok"
    } else {
        "badge bad"
    };
    html! { <span class=class>{label}{times}</span> }
}

/// The object's name, linked where it still has a page.
fn named(object: &Object) -> AnyView {
    let name = object.name.clone();
    let gone = object
        .gone
        .then(|| html! { <span class="muted">" (deleted)"</span> });
    match object.href.clone() {
        Some(href) => html! { <a href=href title=name.clone()>{name.clone()}</a> },
        None => html! { <span title=name.clone()>{name.clone()}</span>{gone} },
    }
}

/// Everything that is known of a change.
#[component]
fn Opened(row: AuditView, object: Object) -> impl IntoView {
    let reason = words::reason(&row);
    let at = Zone::here().exact_to_millis(row.at);
    let id = (!row.object_id.is_empty()).then(|| row.object_id.clone());
    let actor = words::actor(&row.actor);
    let same = Fields::from([
        ("kind", row.object_kind.as_str()),
        ("object", row.object_id.as_str()),
    ]);
    let address = row
        .address
        .clone()
        .unwrap_or_else(|| "not known".to_owned());
    let times = row.times;
    let (counted, within) = match row.result {
        "refused" => ("Attempts", " within a minute"),
        _ => ("Times", " within an hour"),
    };
    let result = outcome(&row);
    let kind = words::kind(&row.object_kind);
    let object = named(&object);
    let has_object = !row.object_id.is_empty();
    let body = match reason {
        Some(reason) => html! { <h2>"Why it was refused"</h2><p class="soft">{reason}</p> },
        None => html! { <h2>"Before and after"</h2><Difference row=row.clone()/> },
    };
    html! {
        <div class="account">
            <div class="stack">{body}</div>
            <div class="stack">
                <h2>"Who and where"</h2>
                <dl class="kv tight">
                    <Fact name="When"><span>{at}</span></Fact>
                    <Fact name="Who"><span class="break">{actor}</span></Fact>
                    <Fact name="From"><span class="tnum">{address}</span></Fact>
                    <Fact name="Result">{result}</Fact>
                    {(times > 1).then(|| html! { <Fact name=counted><span>{count::grouped(times)}{within}</span></Fact> })}
                    <Fact name=kind><span class="break">{object}</span></Fact>
                    {id.map(|id| html! { <Fact name="Its id"><code class="cut" title=id.clone()>{id.clone()}</code></Fact> })}
                </dl>
                {has_object.then(|| html! {
                    <p><a class="btn sm" href=same.address(PATH)><Drawn icon=Icon::Audit/>"All changes of it"</a></p>
                })}
            </div>
        </div>
    }
}
