//! What the catalog that waits would change, before it is applied.

use admin::catalog::{
    AffectedModel, CatalogChanges, ChangedModel, KindChanges, PriceView, ProposedCatalog,
    RepricedModel,
};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use super::{CHANGES, PATH, show::waits_until, words};
use crate::{
    format::{count, time},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::Empty,
        head::{Crumb, PageHead},
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
        pager::{Pager, Slice},
    },
    pages::providers,
    shell::nav::Place,
};

/// Prices of one model that are shown before the rest is folded.
const PRICES_SHOWN: usize = 6;

/// `GET /settings/catalog/changes`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let proposed = page.admin().catalog().proposed(page.who()?).await?;
    let query = page.query().clone();
    let title = "What the catalog would change";
    Ok(page
        .html(
            StatusCode::OK,
            title,
            Place::Settings,
            move || match proposed {
                Some(proposed) => view(proposed, &query),
                None => nothing(),
            },
        )
        .await)
}

fn crumbs() -> Vec<Crumb> {
    vec![
        ("Settings", "/settings".to_owned()),
        ("Catalog", PATH.to_owned()),
    ]
}

fn nothing() -> AnyView {
    html! {
        <PageHead title="No catalog waits" crumbs=crumbs() here="Changes"/>
        <section class="card">
            <Empty icon=Icon::Rows title="Nothing to apply"
                words="It was applied or discarded, or its hour is over. Refresh or upload again to see what a newer catalog would change.">
                <a class="btn" href=PATH>"To the catalog"</a>
            </Empty>
        </section>
    }
}

fn view(proposed: ProposedCatalog, query: &Fields) -> AnyView {
    let now = time::now();
    let ProposedCatalog {
        catalog,
        in_use,
        changes,
    } = proposed;
    let back = catalog.origin == "builtin";
    let title = if back {
        format!("Back to the built-in catalog {}", catalog.version)
    } else {
        format!("Catalog {}", catalog.version)
    };
    let lede = format!(
        "What it would change against {in_use}, which is in use. {}.",
        waits_until(&catalog, now)
    );
    let (version, pending) = (catalog.version.clone(), catalog.pending.to_string());
    let apply = if back { "Go back" } else { "Apply" };
    html! {
        <PageHead title=title lede=lede crumbs=crumbs() here="Changes">
            <form method="post" action="/settings/catalog/discard">
                <input type="hidden" name="pending" value=pending.clone()/>
                <button class="btn" type="submit">"Discard"</button>
            </form>
            <form method="post" action="/settings/catalog/apply">
                <input type="hidden" name="version" value=version/>
                <input type="hidden" name="pending" value=pending/>
                <button class="btn primary" type="submit"><Drawn icon=Icon::Check/>{apply}</button>
            </form>
        </PageHead>
        <Affected changes=changes.clone()/>
        <Kinds kinds=changes.kinds.clone()/>
        <Lists changes=changes query=query.clone()/>
    }
}

/// What it means for the providers that are configured.
#[component]
fn Affected(changes: CatalogChanges) -> impl IntoView {
    let lost = changes
        .affected
        .iter()
        .filter(|model| model.loses_price)
        .count();
    let warning = (lost > 0).then(|| {
        let words = format!(
            "{} would lose the price of input or output: calls of it would be unpriced until an override is set.",
            count::plural(lost, "model on a provider’s list", "models on providers’ lists")
        );
        html! { <NoteBox tone=Tone::Warning>{words}</NoteBox> }
    });
    let open: Vec<_> = changes
        .open_providers
        .iter()
        .map(|id| {
            let (href, id) = (providers::address(id.as_str()), id.to_string());
            html! { <a class="model" href=href>{id}</a> }
        })
        .collect();
    let open = (!open.is_empty()).then(|| {
        html! {
            <p class="soft">"These allow every model, so calls of any model that changes are priced anew:"</p>
            <span class="models">{open}</span>
        }
    });
    let table = if changes.affected.is_empty() {
        html! { <p class="soft">"No model on a provider’s list changes its price."</p> }
    } else {
        let rows = changes
            .affected
            .into_iter()
            .map(affected_row)
            .collect_view();
        html! {
            <div class="table-wrap scroll" role="region" aria-label="Table of models of your providers" tabindex="0">
                <table class="difference">
                    <thead><tr><th scope="col">"Provider"</th><th scope="col">"Model"</th><th scope="col">"Prices"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    };
    html! {
        <section class="card" aria-labelledby="affected-title">
            <div class="card-head"><h2 id="affected-title">"Models of your providers"</h2></div>
            <div class="card-body">{warning}{table}{open}</div>
        </section>
    }
}

fn affected_row(model: AffectedModel) -> AnyView {
    let href = providers::address(model.provider.as_str());
    let lost = model
        .loses_price
        .then(|| html! { " "<span class="badge warn">"unpriced"</span> });
    html! {
        <tr>
            <td><a href=href>{model.provider_name}</a></td>
            <td><code>{model.model}</code>{lost}</td>
            <td>{prices(&model.prices)}</td>
        </tr>
    }
}

/// Prices, one under the other, before and after.
fn prices(changes: &[PriceView]) -> AnyView {
    let mut lines: Vec<_> = changes
        .iter()
        .map(|price| {
            let before = words::value(price, price.before.as_deref());
            let after = words::value(price, price.after.as_deref());
            let percent = words::percent(price);
            html! {
                <li>
                    <span class="what">{words::price(price)}</span>
                    <span class="tnum nowrap">
                        <span class="soft">{before}</span>" → "<b class="strong">{after}</b>
                        {percent.map(|percent| html! { <span class="muted">" "{percent}</span> })}
                    </span>
                </li>
            }
        })
        .collect();
    let more = lines.split_off(lines.len().min(PRICES_SHOWN));
    let more = (!more.is_empty()).then(|| {
        html! {
            <details class="fold">
                <summary>{format!("{} more", more.len())}</summary>
                <ul class="price-list">{more}</ul>
            </details>
        }
    });
    html! { <ul class="price-list">{lines}</ul>{more} }
}

/// How many rows come, go and change.
#[component]
fn Kinds(kinds: Vec<KindChanges>) -> impl IntoView {
    if kinds.is_empty() {
        return html! {
            <NoteBox tone=Tone::Info>"Nothing but the version differs: every model and every price is the same."</NoteBox>
        };
    }
    let cell = |count: usize| match count {
        0 => html! { <td class="num muted">"–"</td> },
        count => html! { <td class="num">{count::grouped_size(count)}</td> },
    };
    let rows: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let cells = [kind.repriced, kind.added, kind.removed, kind.other].map(cell);
            html! { <tr><th scope="row">{words::kind(&kind.kind)}</th>{cells.collect_view()}</tr> }
        })
        .collect();
    html! {
        <section class="card" aria-labelledby="kinds-title">
            <div class="card-head"><h2 id="kinds-title">"By host"</h2></div>
            <div class="table-wrap scroll" role="region" aria-label="Changes by host" tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Host"</th>
                            <th scope="col" class="num">"Prices change"</th>
                            <th scope="col" class="num">"Come"</th>
                            <th scope="col" class="num">"Go"</th>
                            <th scope="col" class="num">"Something else"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

/// The rows that change, a list at a time.
#[component]
fn Lists(changes: CatalogChanges, query: Fields) -> impl IntoView {
    if changes.is_empty() {
        return ().into_any();
    }
    let lists = [
        ("prices", "Prices", changes.repriced.len()),
        ("added", "Come", changes.added.len()),
        ("removed", "Go", changes.removed.len()),
        ("other", "Something else", changes.other.len()),
    ];
    let asked = query.text("show");
    let chosen = lists.iter().find(|(key, _, _)| *key == asked);
    let chosen = chosen.or_else(|| lists.iter().find(|(_, _, count)| *count > 0));
    let chosen = chosen.map_or("prices", |(key, _, _)| *key);
    let fresh = query.clone().with("page", "");
    let tabs = lists.map(|(key, label, count)| {
        let address = fresh.clone().with("show", key).address(CHANGES);
        html! {
            <a href=address aria-current=(key == chosen).then_some("page")>
                {label}<span class="n">{count::grouped_size(count)}</span>
            </a>
        }
    });
    let tabs = tabs.collect_view();
    let body = match chosen {
        "added" => keys(changes.added, &query),
        "removed" => keys(changes.removed, &query),
        "other" => keys(changes.other, &query),
        _ => repriced(changes.repriced, &query),
    };
    html! {
        <nav class="tabs" id="lists" aria-label="Rows of the catalog">{tabs}</nav>
        <section class="card">{body}</section>
    }
}

fn repriced(models: Vec<RepricedModel>, query: &Fields) -> AnyView {
    let slice = Slice::read(query, models.len());
    let rows = slice.of(models).into_iter().map(|change| {
        html! { <tr>{key_cells(change.model)}<td>{prices(&change.prices)}</td></tr> }
    });
    let rows: Vec<_> = rows.collect();
    table(rows, true, slice, query)
}

fn keys(models: Vec<ChangedModel>, query: &Fields) -> AnyView {
    let slice = Slice::read(query, models.len());
    let rows = slice.of(models).into_iter();
    let rows: Vec<_> = rows
        .map(|model| html! { <tr>{key_cells(model)}</tr> })
        .collect();
    table(rows, false, slice, query)
}

fn key_cells(model: ChangedModel) -> AnyView {
    let region = model
        .region
        .map(|region| html! { <span class="muted xs">{format!(" in {region}")}</span> });
    html! {
        <td>{words::kind(&model.kind)}</td>
        <td><code class="break">{model.id}</code>{region}</td>
    }
}

fn table(rows: Vec<AnyView>, with_prices: bool, slice: Slice, query: &Fields) -> AnyView {
    if rows.is_empty() {
        return html! { <p class="soft card-body">"None."</p> };
    }
    html! {
        <div class="table-wrap scroll" role="region" aria-label="Rows that change" tabindex="0">
            <table class="table roomy">
                <thead>
                    <tr>
                        <th scope="col">"Host"</th>
                        <th scope="col">"Model"</th>
                        {with_prices.then(|| html! { <th scope="col">"Prices, the largest change first"</th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager slice=slice query=query.clone() path=CHANGES.to_owned()/>
    }
}
