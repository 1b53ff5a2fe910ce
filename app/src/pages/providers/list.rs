//! The list of providers.

use admin::providers::{ProviderQuery, ProviderStatus, ProviderView};
use axum::response::Response;
use domain::{NanoUsd, Timestamp, provider::ProviderType};
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
        copy::{Copy, CopyRow},
        empty::NothingMatches,
        figures::{Spent, When},
        filters::{ChoiceFilter, SearchField},
        head::PageHead,
        icon::{Drawn, Icon},
        marks::Tile,
        menu::{MenuAction, MenuLink, RowMenu},
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

/// `GET /providers`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let now = time::now();
    let query = page.query().clone();
    let days = LastWeek::until(now, &page.zone());
    let mut spends = week::spend(&page, who, days).await?;
    let all = page
        .admin()
        .providers()
        .found(who, &ProviderQuery::default())
        .await?;
    let there_are = all.len();
    let statuses = page.admin().providers().statuses(who, &all).await?;
    let mut found = vec![];
    for (provider, status) in all.into_iter().zip(statuses) {
        if matches(&provider, &status, &query) {
            let spend = spends.remove(provider.id.as_str()).unwrap_or_default();
            found.push(Row {
                provider,
                status,
                spend,
            });
        }
    }
    let order = Order::read(
        &query,
        &[By::Name, By::Status, By::Spend, By::Updated],
        Order {
            key: By::Name,
            ascending: true,
        },
    );
    sort(&mut found, order);
    let sums = (
        found.iter().map(|row| row.spend.total).sum::<NanoUsd>(),
        found.iter().map(|row| row.spend.unpriced).sum::<u64>(),
    );
    let slice = Slice::read(&query, found.len());
    let rows = slice.of(found);
    let here = page.here().to_owned();
    Ok(page
        .html(
            StatusCode::OK,
            "LLM Providers",
            Place::Providers,
            move || {
                if there_are == 0 {
                    nothing_yet()
                } else {
                    view(
                        there_are, rows, slice, sums, &query, order, days, now, &here,
                    )
                }
            },
        )
        .await)
}

fn matches(provider: &ProviderView, status: &ProviderStatus, query: &Fields) -> bool {
    let text = query.text("q").to_lowercase();
    let named = provider.display_name.to_lowercase().contains(&text)
        || provider.id.as_str().contains(&text);
    let typed = query.text("type").is_empty() || query.has("type", provider.provider_type.key());
    let stands = query.text("status").is_empty() || query.has("status", status.key());
    named && typed && stands
}

fn sort(rows: &mut [Row], order: Order<By>) {
    // By name first, so that rows that are alike otherwise stand in an order that one can follow.
    rows.sort_by_key(|row| {
        (
            row.provider.display_name.to_lowercase(),
            row.provider.id.clone(),
        )
    });
    match order.key {
        By::Name => {}
        By::Status => rows.sort_by_key(|row| rank(&row.status)),
        By::Spend => rows.sort_by_key(|row| row.spend.total),
        By::Updated => rows.sort_by_key(|row| row.provider.updated_at),
    }
    if !order.ascending {
        rows.reverse();
    }
}

fn head() -> impl IntoView {
    html! {
        <PageHead title="LLM Providers" lede="Each provider is one upstream: a type, an address, credentials by reference, and the models it may serve.">
            <a class="btn primary" href="/new-provider"><Drawn icon=Icon::Plus/>"Create provider"</a>
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
            </div>
        </section>
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page")]
fn view(
    there_are: usize,
    rows: Vec<Row>,
    slice: Slice,
    (total, unpriced): (NanoUsd, u64),
    query: &Fields,
    order: Order<By>,
    days: LastWeek,
    now: Timestamp,
    here: &str,
) -> AnyView {
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
        let are = if there_are == 1 { "is" } else { "are" };
        let words = format!(
            "{} {are} hidden by the search and the filters.",
            plural(there_are, "provider", "providers")
        );
        html! { <NothingMatches words=words clear=PATH/> }
    } else {
        let rows = rows
            .into_iter()
            .map(|row| table_row(row, days, now, here))
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
    let shown = week.in_words();
    let switch = if provider.enabled {
        html! { <MenuAction action=format!("{page}/disable") back=here.to_owned() icon=Icon::Pause label="Disable"/> }
    } else {
        html! { <MenuAction action=format!("{page}/enable") back=here.to_owned() icon=Icon::Play label="Enable"/> }
    };
    let days = if spend.days.is_empty() {
        vec![0; 7]
    } else {
        spend.days
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
            <td><ProviderStanding id=id.clone() status=status now=now why=true/></td>
            <td class="full"><ModelChips models=provider.models.into_iter().map(|model| model.id).collect()/></td>
            <td class="num">
                <span class="spend">
                    <Spent amount=spend.total unpriced=spend.unpriced href=unpriced/>
                    <Bars days=days label=format!("Spend per day, {shown}")/>
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

/// The first two models, and how many more. A dash: every model is allowed.
#[component]
fn ModelChips(models: Vec<String>) -> impl IntoView {
    const SHOWN: usize = 2;
    if models.is_empty() {
        return html! {
            <span class="muted only-wide" title="Every model is allowed">"–"<span class="sr">" every model is allowed"</span></span>
            <span class="muted only-narrow">"Every model"</span>
        };
    }
    let more = models.len().saturating_sub(SHOWN);
    let rest: Vec<&str> = models.iter().skip(SHOWN).map(String::as_str).collect();
    let rest = rest.join(", ");
    let chips = models
        .iter()
        .take(SHOWN)
        .map(|id| html! { <span class="model" title=id.clone()>{id.clone()}</span> });
    html! {
        <span class="models">
            {chips.collect_view()}
            {(more > 0).then(|| html! { <span class="model more" title=rest>{format!("+{more}")}</span> })}
        </span>
    }
}
