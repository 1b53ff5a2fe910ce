//! The list of re-pricings.

use admin::{PageRequest, page::LIMIT_DEFAULT, repricing::RepricingView};
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    NEW, PATH, address, crumbs,
    difference::cost,
    words::{self, Names},
};
use crate::{
    format::{count::plural, money, time},
    http::{failure::Failure, page::Page},
    kit::{
        empty::Empty,
        figures::When,
        head::PageHead,
        icon::{Drawn, Icon},
        marks::Status,
        pager::{self, KeysetPager},
    },
    pages::audit,
    shell::nav::Place,
};

const LEDE: &str = "After a price was missing or wrong: what calls would cost by today’s rates, day by day, and giving them that price. Nothing changes before you apply it.";

/// `GET /repricing`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let query = page.query().clone();
    let asked = PageRequest {
        limit: u32::try_from(pager::rows(&query)).unwrap_or(LIMIT_DEFAULT),
        cursor: query.get("cursor").map(str::to_owned),
    };
    let found = page.admin().repricing().list(who, &asked).await?;
    let names = words::names(&page).await?;
    Ok(page
        .html(StatusCode::OK, "Re-pricing", Place::Calls, move || {
            let now = time::now();
            let count = found.items.len();
            let body = if found.items.is_empty() {
                html! {
                    <Empty icon=Icon::Reset title="Nothing was priced again yet"
                        words="Say which calls, and Weir works out what they would cost by the overrides and the catalog of today. You see the difference before anything changes.">
                        <a class="btn primary" href=NEW>"New re-pricing"</a>
                    </Empty>
                }
            } else {
                let rows = found.items.into_iter().map(|of| row(of, &names, now));
                html! {
                    <Table rows=rows.collect()/>
                    <KeysetPager rows=plural(count, "re-pricing", "re-pricings") next=found.next_cursor query=query path=PATH/>
                }
            };
            let new = (count > 0).then(|| {
                html! { <a class="btn primary" href=NEW><Drawn icon=Icon::Plus/>"New re-pricing"</a> }
            });
            html! {
                <PageHead title="Re-pricing" lede=LEDE crumbs=crumbs(true) here="Re-pricing">{new}</PageHead>
                <section class="card" id="list-card">{body}</section>
            }
        })
        .await)
}

#[component]
fn Table(rows: Vec<AnyView>) -> impl IntoView {
    html! {
        <div class="table-wrap scroll" role="region" aria-label="Table of re-pricings" tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Calls of"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="num">"Other price"</th>
                        <th scope="col" class="num">"Before"</th>
                        <th scope="col" class="num">"After"</th>
                        <th scope="col" class="num">"Difference"</th>
                        <th scope="col">"Asked for"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(of: RepricingView, names: &Names, now: Timestamp) -> AnyView {
    let href = address(&of.id.to_string());
    let (standing, label) = words::state(&of);
    let figures = match of.totals {
        Some(totals) => {
            let [before, after] = words::costs(&totals);
            html! {
                <td class="num">{words::calls(totals.changed)}</td>
                {cost(totals.before_usd, before)}
                {cost(totals.after_usd, after)}
                <td class="num" title=money::hover(totals.difference())>{words::difference(totals.difference())}</td>
            }
        }
        None => html! { <td class="num muted" colspan="4">"not known yet"</td> },
    };
    let by = audit::actor(&of.created_by);
    html! {
        <tr>
            <td>
                <a class="name" href=href>{words::range(&of.selection, now)}</a>
                <span class="chosen soft xs">{words::chosen(&of.selection, names)}</span>
            </td>
            <td class="nowrap"><Status standing=standing label=label/></td>
            {figures}
            <td class="soft nowrap"><When moment=of.created_at now=now/>{format!(" by {by}")}</td>
        </tr>
    }
}
