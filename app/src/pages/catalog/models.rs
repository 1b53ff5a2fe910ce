//! Looking a model up: by its host and a part of its name. The one that the address opens shows every price.

use std::collections::BTreeMap;

use admin::catalog::{CatalogModelView, CatalogStatus, Mode};
use domain::{Bucket, UsdPerMtok};
use leptos::prelude::*;

use super::{PATH, show, words};
use crate::{
    format::{ability, count, money},
    http::fields::Fields,
    kit::{
        empty::NothingMatches,
        filters::SearchField,
        icon::{Drawn, Icon},
        kv::Fact,
        pager::Pager,
    },
};

/// The kind that is looked at: the one that is asked for where there is such a kind, else the first that
/// most look for.
pub(super) fn chosen(status: &CatalogStatus, asked: &str) -> String {
    let has = |kind: &str| status.kinds.iter().any(|known| known.kind == kind);
    let first = status.kinds.first().map(|known| known.kind.as_str());
    [asked, "openai"]
        .into_iter()
        .find(|kind| has(kind))
        .or(first)
        .unwrap_or_default()
        .to_owned()
}

/// Every model of a host, with all its prices.
#[component]
pub(super) fn Models(status: CatalogStatus, models: show::Models, query: Fields) -> impl IntoView {
    let fresh = query.clone().with("page", "").with("open", "");
    let kinds = status.kinds.iter().map(|known| {
        let address = fresh.clone().with("kind", &known.kind).address(PATH);
        let current = (known.kind == models.kind).then_some("true");
        html! {
            <a class="chip" href=address aria-current=current>
                {words::kind(&known.kind)}<span class="n tnum">{count::grouped_size(known.models)}</span>
            </a>
        }
    });
    let kinds = kinds.collect_view();
    let body = if models.found.is_empty() {
        let words = format!("{} has no model of this name.", words::kind(&models.kind));
        let clear = query.clone().with("q", "").with("page", "").address(PATH);
        html! { <NothingMatches words=words clear=clear/> }
    } else {
        let slice = models.slice;
        html! {
            <Table models=models query=query.clone()/>
            <Pager slice=slice query=query.clone().with("open", "") path=PATH.to_owned()/>
        }
    };
    html! {
        <section class="stack list" aria-labelledby="models-title" data-live="list-kinds list-card search-carried">
            <h2 id="models-title">"Models"</h2>
            <div class="tools">
                <SearchField query=query.with("open", "") path=PATH label="Id or name of a model"/>
            </div>
            <nav class="chips kinds" id="list-kinds" aria-label="Host">{kinds}</nav>
            <div class="card" id="list-card">{body}</div>
        </section>
    }
}

#[component]
fn Table(models: show::Models, query: Fields) -> impl IntoView {
    let open = query.text("open").to_owned();
    let prices = models.open;
    let rows = models
        .found
        .into_iter()
        .map(|model| {
            let is_open = model.id == open;
            let detail = (is_open && !prices.is_empty()).then(|| {
                html! { <tr class="detail"><td colspan="5"><Prices rows=prices.clone()/></td></tr> }
            });
            html! { {line(model, is_open, &query)}{detail} }
        })
        .collect_view();
    html! {
        <div class="table-wrap" role="region" aria-label="Models of the catalog" tabindex="0">
            <table class="table ledger known">
                <thead>
                    <tr>
                        <th scope="col">"Model"</th>
                        <th scope="col" class="num">"Input $/1M"</th>
                        <th scope="col" class="num">"Output $/1M"</th>
                        <th scope="col" class="num mid-hide">"Cached $/1M"</th>
                        <th scope="col" class="num mid-hide">"Context"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn line(model: CatalogModelView, is_open: bool, query: &Fields) -> impl IntoView + use<> {
    let rate = |bucket: Bucket| match model.rates.get(bucket.key()) {
        Some(rate) => html! { {money::rate(*rate)} },
        None => html! { <span class="muted">"–"</span> },
    };
    let toggled = query
        .clone()
        .with("open", if is_open { "" } else { &model.id });
    let address = format!("{}#models-title", toggled.address(PATH));
    let named = (model.display_name != model.id).then(|| model.display_name.clone());
    let dimensions = model.embedding_dimensions.map(ability::dimensions);
    let context = model
        .context_window
        .map_or_else(|| "–".to_owned(), count::headline);
    let cells = (
        rate(Bucket::Input),
        rate(Bucket::Output),
        rate(Bucket::CachedInput),
    );
    html! {
        <tr class=is_open.then_some("open")>
            <td class="clip id">
                <a class="rowbtn" href=address aria-expanded=if is_open { "true" } else { "false" }>
                    <Drawn icon=Icon::Right/>
                    <code class="cut" title=model.id.clone()>{model.id.clone()}</code>
                    {named.map(|name| html! { <span class="muted cut">{name}</span> })}
                    {dimensions.map(|words| html! { <span class="muted nowrap">{words}</span> })}
                </a>
            </td>
            <td class="num rate"><span class="only-narrow muted">"in "</span>{cells.0}</td>
            <td class="num rate"><span class="only-narrow muted">"out "</span>{cells.1}</td>
            <td class="num hide mid-hide">{cells.2}</td>
            <td class="num hide mid-hide">{context}</td>
        </tr>
    }
}

/// One column of prices: of a region, a tier, long prompts.
struct Column {
    label: String,
    rates: BTreeMap<&'static str, UsdPerMtok>,
}

fn columns(rows: &[CatalogModelView]) -> Vec<Column> {
    let mut columns = vec![];
    for row in rows {
        let of = |what: &str| match &row.region {
            None => what.to_owned(),
            Some(region) if what == "Standard" => region.clone(),
            Some(region) => format!("{region}, {}", what.to_lowercase()),
        };
        columns.push(Column {
            label: of("Standard"),
            rates: row.rates.clone(),
        });
        if let Some(long) = &row.long_context {
            columns.push(Column {
                label: of(&format!("Above {} tokens", count::grouped(long.threshold))),
                rates: long.rates.clone(),
            });
        }
        for (tier, rates) in &row.tiers {
            columns.push(Column {
                label: of(words::tier(tier)),
                rates: rates.clone(),
            });
        }
    }
    columns
}

/// Every price of a model.
#[component]
fn Prices(rows: Vec<CatalogModelView>) -> impl IntoView {
    let columns = columns(&rows);
    let buckets: Vec<Bucket> = Bucket::ALL
        .iter()
        .copied()
        .filter(|bucket| {
            columns
                .iter()
                .any(|column| column.rates.contains_key(bucket.key()))
        })
        .collect();
    let table = if buckets.is_empty() {
        html! { <p class="soft">"No price is known, which is not the same as free: calls of it are unpriced unless a provider overrides its rates."</p> }
    } else {
        price_table(&columns, &buckets)
    };
    let facts = rows.into_iter().next().map(facts);
    html! {
        <div class="account">
            <div class="stack"><h3>"Dollars per 1M tokens"</h3>{table}</div>
            <div class="stack"><h3>"About it"</h3>{facts}</div>
        </div>
    }
}

fn price_table(columns: &[Column], buckets: &[Bucket]) -> AnyView {
    let heads: Vec<_> = columns
        .iter()
        .map(|column| {
            let label = column.label.clone();
            html! { <th scope="col" class="num">{label}</th> }
        })
        .collect();
    let rows: Vec<_> = buckets
        .iter()
        .map(|bucket| {
            let cells: Vec<_> = columns
                .iter()
                .map(|column| match column.rates.get(bucket.key()) {
                    Some(rate) => html! { <td class="num">{money::rate(*rate)}</td> },
                    None => html! { <td class="num muted">"–"</td> },
                })
                .collect();
            html! { <tr><th scope="row">{bucket.label()}</th>{cells}</tr> }
        })
        .collect();
    html! {
        <div class="table-wrap scroll" role="region" aria-label="Every price of the model" tabindex="0">
            <table class="difference prices">
                <thead><tr><th scope="col">"Bucket"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(columns.len() > 1).then(|| html! { <p class="help">"A dash in a tier follows the tier’s ratio of input prices; a dash for long prompts keeps the ordinary price."</p> })}
    }
}

fn facts(model: CatalogModelView) -> AnyView {
    let tokens = |count: Option<u64>| {
        count.map_or_else(
            || "not known".to_owned(),
            |count| format!("{} tokens", count::grouped(count)),
        )
    };
    let can = ability::in_words(&model.capabilities);
    html! {
        <dl class="kv tight">
            <Fact name="Id"><code class="break">{model.id.clone()}</code></Fact>
            <Fact name="Name"><span class="break">{model.display_name.clone()}</span></Fact>
            <Fact name="Largest prompt"><span class="tnum">{tokens(model.context_window)}</span></Fact>
            {if model.mode == Mode::Embedding {
                let length = model.embedding_dimensions.map_or_else(|| "not known".to_owned(), ability::dimensions);
                html! { <Fact name="Vector"><span class="tnum">{length}</span></Fact> }
            } else {
                html! { <Fact name="Longest answer"><span class="tnum">{tokens(model.max_output_tokens)}</span></Fact> }
            }}
            <Fact name="Can"><span class="break">{if can.is_empty() { "not known".to_owned() } else { can }}</span></Fact>
            {model.searches_usd_per_thousand.map(|rate| {
                let rate = format!("${} per 1,000", money::at_least_two_decimals(&rate.to_string()));
                html! { <Fact name="Web searches"><span class="tnum">{rate}</span></Fact> }
            })}
            {model.regional_multiplier.map(|factor| html! { <Fact name="Pinned geography"><span class="tnum">"× "{factor}</span></Fact> })}
            {model.deprecation_date.map(|day| html! { <Fact name="Shut down"><span class="tnum">{day}</span></Fact> })}
        </dl>
    }
}
