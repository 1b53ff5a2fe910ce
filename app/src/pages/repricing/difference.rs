//! What a re-pricing changes, as tables: by model, and by day and model.

use admin::repricing::{Line, RepricingDetail, Span, Totals};
use domain::NanoUsd;
use leptos::prelude::*;

use super::words::{self, Names};
use crate::{
    format::{count, money},
    http::fields::Fields,
    kit::pager::{Pager, Slice},
    pages::providers,
};

/// By provider and model, over the whole range.
#[component]
pub(super) fn ByModel(detail: RepricingDetail, names: Names) -> impl IntoView {
    let is_open = matches!(detail.repricing.state, "ready" | "applied");
    let rows: Vec<_> = detail
        .models
        .into_iter()
        .map(|line| {
            let pricing = (is_open && line.totals.unpriced_after > 0)
                .then(|| pricing(&line, &names))
                .flatten();
            html! { <tr>{who(&line, &names, pricing)}{figures(&line.totals)}</tr> }
        })
        .collect();
    let others = detail.other_models.map(|totals| {
        html! { <tr><td class="named muted" colspan="2">"All other models, too many to tell each"</td>{figures(&totals)}</tr> }
    });
    html! {
        <section class="card repriced" aria-labelledby="models-title">
            <div class="card-head"><h2 id="models-title">"By model"</h2></div>
            <div class="table-wrap scroll" role="region" aria-label="Difference by model" tabindex="0">
                <table class="table">
                    <thead><tr>{heads(None)}</tr></thead>
                    <tbody>{rows}{others}</tbody>
                </table>
            </div>
        </section>
    }
}

/// By day, provider and model, a page at a time.
#[component]
pub(super) fn ByDay(
    detail: RepricingDetail,
    names: Names,
    query: Fields,
    path: String,
) -> impl IntoView {
    let span = detail.span;
    let (head, title) = match span {
        Span::Day => ("Day", "By day and model"),
        Span::Month => ("Month", "By month and model"),
        // That is what stands above.
        Span::Range => return ().into_any(),
    };
    let note = (span == Span::Month).then(|| {
        html! { <span class="muted xs">"There are too many days and models to tell each."</span> }
    });
    let slice = Slice::read(&query, detail.lines.len());
    let rows: Vec<_> = slice
        .of(detail.lines)
        .into_iter()
        .map(|line| {
            let day = words::day(span, &line.day);
            html! { <tr><td class="nowrap tnum">{day}</td>{who(&line, &names, None)}{figures(&line.totals)}</tr> }
        })
        .collect();
    let head = format!("{head}, {}", detail.time_zone);
    html! {
        <section class="card list repriced" aria-labelledby="days-title" data-live="days-table">
            <div class="card-head"><h2 id="days-title">{title}</h2>{note}</div>
            <div id="days-table">
                <div class="table-wrap scroll" role="region" aria-label="Difference by day and model" tabindex="0">
                    <table class="table">
                        <thead><tr>{heads(Some(head))}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <Pager slice=slice query=query path=path/>
            </div>
        </section>
    }
    .into_any()
}

fn heads(day: Option<String>) -> AnyView {
    html! {
        {day.map(|day| html! { <th scope="col">{day}</th> })}
        <th scope="col">"Provider"</th>
        <th scope="col">"Model"</th>
        <th scope="col" class="num">"Calls"</th>
        <th scope="col" class="num">"Other price"</th>
        <th scope="col" class="num">"Before"</th>
        <th scope="col" class="num">"After"</th>
        <th scope="col" class="num">"Difference"</th>
        <th scope="col" class="num">"Without a price"</th>
    }
}

/// The pricing dialog of a model. `None`: the provider is deleted, or no model was named.
fn pricing(line: &Line, names: &Names) -> Option<String> {
    let id = line.provider.as_str();
    names.get(id)?;
    let query = Fields::from([("price", line.model.as_deref()?)]);
    Some(query.address(&providers::edit_address(id)))
}

fn who(line: &Line, names: &Names, pricing: Option<String>) -> AnyView {
    let id = line.provider.as_str();
    let provider = match names.get(id) {
        Some(name) => html! { <a href=providers::address(id)>{name.clone()}</a> },
        None => html! { {id.to_owned()}<span class="muted">" deleted"</span> },
    };
    let model = match line.model.clone() {
        Some(model) => html! { <code class="break">{model}</code> },
        None => html! { <span class="muted">"none named"</span> },
    };
    let pricing = pricing.map(|href| html! { " "<a class="nowrap" href=href>"Set rates"</a> });
    html! { <td class="named">{provider}</td><td class="named">{model}{pricing}</td> }
}

/// A cost, as it is told. Nothing is told where no call had a price.
pub(super) fn cost(amount: NanoUsd, told: Option<String>) -> AnyView {
    match told {
        Some(told) => html! { <td class="num" title=money::hover(amount)>{told}</td> },
        None => html! { <td class="num muted">"–"<span class="sr">" no price"</span></td> },
    }
}

fn figures(totals: &Totals) -> AnyView {
    let [before, after] = words::costs(totals);
    let unpriced = match (totals.unpriced_before, totals.unpriced_after) {
        (0, 0) => html! { <td class="num muted">"–"</td> },
        (before, after) => html! {
            <td class="num"><span class="soft">{count::grouped(before)}</span>" → "{count::grouped(after)}</td>
        },
    };
    let difference = totals.difference();
    html! {
        <td class="num">{count::grouped(totals.calls)}</td>
        <td class="num">{count::grouped(totals.changed)}</td>
        {cost(totals.before_usd, before)}
        {cost(totals.after_usd, after)}
        <td class="num strong" title=money::hover(difference)>{words::difference(difference)}</td>
        {unpriced}
    }
}
