//! The list of providers.

use std::sync::Arc;

use admin::{
    LiveProvider, Who,
    providers::{ProviderStatus, ProviderView},
};
use axum::response::Response;
use domain::{
    NanoUsd, ProviderId, Timestamp,
    provider::{Provider, ProviderType},
};
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address, edit_address,
    standing::{ProviderStanding, rank},
    week::{self, LastWeek, Spend},
};
use crate::{
    format::{
        count::{grouped, plural},
        money, time,
    },
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        chips::Chips,
        copy::{Copy, CopyRow},
        empty::AllHidden,
        figures::{Spent, When},
        filters::{ChoiceFilter, SearchField},
        head::PageHead,
        icon::{Drawn, Icon},
        marks::{Standing, Tile},
        menu::{AtOnce, MenuAction, MenuLink, RowMenu},
        pager::{Pager, Slice},
        sort::{Order, SortHead, SortKey},
        spark::Bars,
    },
    shell::nav::Place,
};

const PATH: &str = "/providers";

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Status,
    Spend,
    Updated,
}

impl SortKey for By {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Status => "status",
            Self::Spend => "spend",
            Self::Updated => "updated",
        }
    }

    fn first_ascending(self) -> bool {
        matches!(self, Self::Name | Self::Status)
    }
}

/// One provider with all that its row shows.
struct Row {
    provider: ProviderView,
    status: ProviderStatus,
    spend: Spend,
}

/// A provider that fits the search and the filters, as far as it takes to put it in its place.
struct Found {
    live: Arc<LiveProvider>,
    /// Known where the list is filtered or sorted by it.
    status: Option<ProviderStatus>,
    spend: Spend,
}

/// What the page shows.
struct Shown {
    there_are: usize,
    rows: Vec<Row>,
    slice: Slice,
    /// What all that were found cost, and how many calls of theirs have no rate.
    sums: (NanoUsd, u64),
    order: Order<By>,
    days: LastWeek,
    now: Timestamp,
    here: String,
}

/// `GET /providers`. However many providers there are, the ledger is asked twice: for what all of them cost, and
/// for the last call of those whose status counts.
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let now = time::now();
    let query = page.query().clone();
    let order = Order::read(
        &query,
        &[By::Name, By::Status, By::Spend, By::Updated],
        Order {
            key: By::Name,
            ascending: true,
        },
    );
    let days = LastWeek::until(now, &page.zone());
    let mut spends = week::spend(&page, who, days).await?;
    let snapshot = page.admin().live().keep();
    let there_are = snapshot.providers.len();
    let fitting = snapshot.providers.values();
    let mut found: Vec<Found> = fitting
        .filter(|live| matches(&live.provider, &query))
        .map(|live| Found {
            spend: spends.remove(live.provider.id.as_str()).unwrap_or_default(),
            live: Arc::clone(live),
            status: None,
        })
        .collect();
    let by_status = !query.text("status").is_empty();
    if by_status || order.key == By::Status {
        let statuses = statuses(&page, who, &found).await?;
        for (found, status) in found.iter_mut().zip(statuses) {
            found.status = Some(status);
        }
        found.retain(|found| {
            let key = found.status.as_ref().map(ProviderStatus::key);
            !by_status || key.is_some_and(|key| query.has("status", key))
        });
    }
    sort(&mut found, order);
    let sums = (
        found.iter().map(|found| found.spend.total).sum(),
        found.iter().map(|found| found.spend.unpriced).sum(),
    );
    let slice = Slice::read(&query, found.len());
    let found = slice.of(found);
    let statuses = statuses(&page, who, &found).await?;
    let rows = found.into_iter().zip(statuses);
    let rows = rows.map(|(found, status)| Row {
        provider: ProviderView::of(&found.live.provider, page.public_url()),
        status: found.status.unwrap_or(status),
        spend: found.spend,
    });
    let shown = Shown {
        there_are,
        rows: rows.collect(),
        slice,
        sums,
        order,
        days,
        now,
        here: page.here().to_owned(),
    };
    Ok(page
        .html(
            StatusCode::OK,
            "LLM Providers",
            Place::Providers,
            move || {
                if there_are == 0 {
                    nothing_yet()
                } else {
                    view(shown, &query)
                }
            },
        )
        .await)
}

/// How they stand, in their order; of those whose status is known already, without asking again.
async fn statuses(page: &Page, who: &Who, found: &[Found]) -> Result<Vec<ProviderStatus>, Failure> {
    let known: Option<Vec<ProviderStatus>> =
        found.iter().map(|found| found.status.clone()).collect();
    if let Some(known) = known {
        return Ok(known);
    }
    let ids: Vec<ProviderId> = found
        .iter()
        .map(|found| found.live.provider.id.clone())
        .collect();
    Ok(page.admin().providers().statuses_of(who, &ids).await?)
}

fn matches(provider: &Provider, query: &Fields) -> bool {
    let text = query.text("q").to_lowercase();
    let named = provider.display_name.to_lowercase().contains(&text)
        || provider.id.as_str().contains(&text);
    let ty = provider.upstream.provider_type();
    named && (query.text("type").is_empty() || query.has("type", ty.key()))
}

fn sort(found: &mut [Found], order: Order<By>) {
    // By name first, so that rows that are alike otherwise stand in an order that one can follow.
    found.sort_by_cached_key(|found| {
        let provider = &found.live.provider;
        (provider.display_name.to_lowercase(), provider.id.clone())
    });
    match order.key {
        By::Name => {}
        By::Status => found.sort_by_key(|found| found.status.as_ref().map(rank)),
        By::Spend => found.sort_by_key(|found| found.spend.total),
        By::Updated => found.sort_by_key(|found| found.live.provider.updated_at),
    }
    if !order.ascending {
        found.reverse();
    }
}

fn head() -> impl IntoView {
    html! {
        <PageHead title="LLM Providers" lede="Each provider is one upstream: a type, an address, credentials by reference, and the models it may serve.">
            <a class="btn primary" href="/new-provider" data-key="n"><Drawn icon=Icon::Plus/>"Create provider"</a>
        </PageHead>
    }
}

fn nothing_yet() -> AnyView {
    let types = ProviderType::ALL.iter().map(|ty| {
        let start = Fields::from([("type", ty.key())]).address("/new-provider");
        html! {
            <li><a class="type-card" href=start><Tile ty=*ty/><b>{ty.label()}</b><span class="use">{super::form::use_when(*ty)}</span></a></li>
        }
    });
    html! {
        <PageHead title="LLM Providers"/>
        <section class="card">
            <div class="empty">
                <Drawn icon=Icon::Providers/>
                <h2>"No providers yet"</h2>
                <p>
                    "A provider is one upstream with its key and the models that it may serve. Make one, and applications point their SDK \
                     at its proxy URL; Weir forwards each call and writes down what it cost."
                </p>
                <ul class="type-cards">{types.collect_view()}</ul>
                <p>"Credentials of another gateway, in JSON, "<a href="/new-provider/import">"can be imported"</a>"."</p>
            </div>
        </section>
    }
}

fn view(shown: Shown, query: &Fields) -> AnyView {
    let Shown {
        there_are,
        rows,
        slice,
        sums: (total, unpriced),
        order,
        days,
        now,
        here,
    } = shown;
    let found = slice.total;
    let types = ProviderType::ALL
        .iter()
        .map(|ty| (ty.key().to_owned(), ty.label().to_owned()))
        .collect();
    let statuses = [
        ("active", "Active"),
        ("disabled", "Disabled"),
        ("needs_attention", "Needs attention"),
    ];
    let statuses = statuses
        .map(|(key, label)| (key.to_owned(), label.to_owned()))
        .into();
    let body = if rows.is_empty() {
        html! { <AllHidden there_are=there_are one="provider" many="providers" clear=PATH/> }
    } else {
        let rows = rows
            .into_iter()
            .map(|row| table_row(row, days, now, &here))
            .collect_view();
        html! {
            <div class="table-wrap" role="region" aria-label="Table of providers" tabindex="0">
                <table class="table roomy stackable providers">
                    <thead>
                        <tr>
                            <SortHead label="Provider" key=By::Name order=order query=query.clone() path=PATH/>
                            <SortHead label="Status" key=By::Status order=order query=query.clone() path=PATH/>
                            <th scope="col">"Models"</th>
                            <SortHead label="Spend, 7 days" key=By::Spend order=order query=query.clone() path=PATH class="num"/>
                            <SortHead label="Updated" key=By::Updated order=order query=query.clone() path=PATH class="mid-hide-th"/>
                            <th scope="col"><span class="sr">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Pager slice=slice query=query.clone() path=PATH.to_owned()>
                <span>
                    "7 days: "<b title=money::hover(total)>{money::total(total)}</b>
                    {(unpriced > 0).then(|| format!(" and {} unpriced calls", grouped(unpriced)))}
                </span>
            </Pager>
        }
    };
    html! {
        {head()}
        <div class="stack list" data-live="list-chips list-card search-carried">
            <div class="tools">
                <SearchField query=query.clone() path=PATH label="Name or resource id"/>
                <div class="chips" id="list-chips">
                    <ChoiceFilter query=query.clone() path=PATH name="type" label="Type" choices=types/>
                    <ChoiceFilter query=query.clone() path=PATH name="status" label="Status" choices=statuses/>
                    <span class="end muted xs tnum" role="status">{plural(found, "provider", "providers")}</span>
                </div>
            </div>
            <section class="card" id="list-card">{body}</section>
        </div>
    }
}

fn table_row(row: Row, week: LastWeek, now: Timestamp, here: &str) -> impl IntoView {
    let Row {
        provider,
        status,
        spend,
    } = row;
    let id = provider.id.to_string();
    let name = provider.display_name.clone();
    let page = address(&id);
    let edit = edit_address(&id);
    let unpriced = week.calls([("provider", &id), ("price_state", "unpriced")]);
    let usage = LastWeek::usage([("provider", &id)]);
    let shown = week.in_words();
    let cell = format!("status-{id}");
    let at_once = |standing: Standing, words| AtOnce {
        element: cell.clone(),
        class: standing.class(),
        words,
    };
    let switch = if provider.enabled {
        let at_once = at_once(Standing::Off, "Disabled");
        html! { <MenuAction action=format!("{page}/disable") back=here.to_owned() icon=Icon::Pause label="Disable" at_once=at_once/> }
    } else {
        let at_once = at_once(Standing::Good, "Active");
        html! { <MenuAction action=format!("{page}/enable") back=here.to_owned() icon=Icon::Play label="Enable" at_once=at_once/> }
    };
    html! {
        <tr id=format!("provider-{id}")>
            <td>
                <div class="who-cell">
                    <Tile ty=provider.provider_type/>
                    <div>
                        <a class="name" href=page.clone()>{name.clone()}</a>
                        <span class="url">
                            <span title=provider.proxy_url.clone()><i>"…/providers/"</i><b>{id.clone()}</b></span>
                            <Copy text=provider.proxy_url.clone() label=format!("Copy the proxy URL of {name}")/>
                        </span>
                    </div>
                </div>
            </td>
            <td id=cell><ProviderStanding id=id.clone() status=status now=now why=true/></td>
            <td class="full"><Models ids=provider.models.into_iter().map(|model| model.id).collect() all_at=format!("{page}/models")/></td>
            <td class="num">
                <span class="spend">
                    <Spent amount=spend.total unpriced=spend.unpriced href=unpriced usage=usage/>
                    <Bars days=spend.of_each_day() label=format!("Spend per day, {shown}")/>
                </span>
            </td>
            <td class="soft nowrap upd"><When moment=provider.updated_at now=now/></td>
            <td class="menu-cell">
                <RowMenu id=format!("menu-{id}") of=name.clone()>
                    <MenuLink href=page.clone() icon=Icon::Open label="Open"/>
                    <CopyRow text=provider.proxy_url label="Copy proxy URL"/>
                    <MenuLink href=edit icon=Icon::Pencil label="Edit"/>
                    {switch}
                    <hr/>
                    <MenuLink href=format!("{page}#delete") icon=Icon::Bin label="Delete…" bad=true/>
                </RowMenu>
            </td>
        </tr>
    }
}

/// The first few models. A dash: every model is allowed.
#[component]
fn Models(ids: Vec<String>, all_at: String) -> impl IntoView {
    if ids.is_empty() {
        return html! {
            <span class="muted only-wide" title="Every model is allowed">"–"<span class="sr">" every model is allowed"</span></span>
            <span class="muted only-narrow">"Every model"</span>
        };
    }
    let chips = ids.into_iter().map(|id| (id, None)).collect();
    html! { <Chips chips=chips all_at=Some(all_at)/> }
}
