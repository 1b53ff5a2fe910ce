//! The list of gateway tokens.

use std::collections::BTreeSet;

use admin::tokens::TokenView;
use axum::response::Response;
use domain::{NanoUsd, ProviderId, Timestamp};
use http::StatusCode;
use leptos::prelude::*;

use super::address;
use crate::{
    format::{
        count::{grouped, plural},
        money, time,
    },
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        chips::{Chip, Chips},
        empty::{AllHidden, Empty},
        expiry::has_expired,
        figures::{Spent, When, WhenOr},
        filters::{Choice, ChoiceFilter, SearchField},
        head::PageHead,
        icon::{Drawn, Icon},
        marks::{Standing, Status},
        menu::{MenuLink, RowMenu},
        pager::{Pager, Slice},
        sort::{Order, SortHead, SortKey},
        spark::Bars,
    },
    pages::providers::{
        self,
        week::{self, LastWeek, Spend},
    },
    shell::nav::Place,
};

const PATH: &str = "/tokens";

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Spend,
    Used,
    Made,
}

impl SortKey for By {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Spend => "spend",
            Self::Used => "used",
            Self::Made => "made",
        }
    }

    fn first_ascending(self) -> bool {
        self == Self::Name
    }
}

/// One token with what was spent with it.
struct Row {
    token: TokenView,
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
    providers: Vec<Choice>,
    agents: Vec<Choice>,
    users: Vec<Choice>,
    days: LastWeek,
    now: Timestamp,
}

/// `GET /tokens`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let now = time::now();
    let days = LastWeek::until(now, &page.zone());
    let all = page.admin().tokens().all(who).await?;
    let mut spends = week::of_tokens(&page, who, days).await?;
    let providers = providers::names(&page).await?;
    let query = page.query().clone();
    let order = Order::read(
        &query,
        &[By::Name, By::Spend, By::Used, By::Made],
        Order {
            key: By::Made,
            ascending: false,
        },
    );
    let there_are = all.len();
    let agents = named(all.iter().map(|token| token.agent.as_deref()));
    let users = named(all.iter().map(|token| token.user.as_deref()));
    let mut found: Vec<Row> = all
        .into_iter()
        .filter(|token| matches(token, &query, now))
        .map(|token| Row {
            spend: spends.remove(&token.id.to_string()).unwrap_or_default(),
            token,
        })
        .collect();
    sort(&mut found, order);
    let sums = (
        found.iter().map(|row| row.spend.total).sum(),
        found.iter().map(|row| row.spend.unpriced).sum(),
    );
    let slice = Slice::read(&query, found.len());
    let shown = Shown {
        there_are,
        rows: slice.of(found),
        slice,
        sums,
        order,
        providers,
        agents,
        users,
        days,
        now,
    };
    Ok(page
        .html(StatusCode::OK, "Gateway tokens", Place::Tokens, move || {
            if there_are == 0 {
                return nothing_yet();
            }
            view(shown, &query)
        })
        .await)
}

/// The names that tokens have, each once, as choices of a filter.
fn named<'a>(names: impl Iterator<Item = Option<&'a str>>) -> Vec<Choice> {
    let names: BTreeSet<&str> = names.flatten().collect();
    let names = names.into_iter();
    names
        .map(|name| (name.to_owned(), name.to_owned()))
        .collect()
}

fn matches(token: &TokenView, query: &Fields, now: Timestamp) -> bool {
    let text = query.text("q").to_lowercase();
    let has = |value: &str| value.to_lowercase().contains(&text);
    let named = has(&token.name)
        || has(&token.first_characters)
        || token.agent.as_deref().is_some_and(has)
        || token.user.as_deref().is_some_and(has);
    let status = if has_expired(token.expires_at, now) {
        "expired"
    } else {
        "active"
    };
    // A token for every provider is one for each of them.
    let provider = query.text("provider").is_empty()
        || token.providers.is_empty()
        || token
            .providers
            .iter()
            .any(|id| query.has("provider", id.as_str()));
    let one_of = |name, value: Option<&str>| {
        query.text(name).is_empty() || value.is_some_and(|value| query.has(name, value))
    };
    named
        && provider
        && one_of("status", Some(status))
        && one_of("agent", token.agent.as_deref())
        && one_of("user", token.user.as_deref())
}

fn sort(rows: &mut [Row], order: Order<By>) {
    match order.key {
        By::Name => rows.sort_by_key(|row| row.token.name.to_lowercase()),
        By::Spend => rows.sort_by_key(|row| row.spend.total),
        By::Used => rows.sort_by_key(|row| row.token.last_used_at),
        By::Made => rows.sort_by_key(|row| (row.token.created_at, row.token.id)),
    }
    if !order.ascending {
        rows.reverse();
    }
}

fn head() -> impl IntoView {
    html! {
        <PageHead title="Gateway tokens" lede="What applications show to Weir in place of an upstream key. Each says whom its calls are for, and which providers it may use.">
            <a class="btn primary" href="/new-token" data-key="n"><Drawn icon=Icon::Plus/>"Create token"</a>
        </PageHead>
    }
}

fn nothing_yet() -> AnyView {
    html! {
        {head()}
        <section class="card">
            <Empty icon=Icon::Ticket title="No gateway tokens yet"
                words="An application shows its token (wr_…) where its SDK expects the API key. Weir knows by it who calls, and never sends it on.">
                <a class="btn primary" href="/new-token" data-key="n"><Drawn icon=Icon::Plus/>"Create token"</a>
            </Empty>
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
        providers,
        agents,
        users,
        days,
        now,
    } = shown;
    let statuses = [("active", "Active"), ("expired", "Expired")]
        .map(|(key, label)| (key.to_owned(), label.to_owned()));
    let filters = [
        ("status", "Status", statuses.into()),
        ("agent", "Agent", agents),
        ("user", "User", users),
        ("provider", "Provider", providers.clone()),
    ];
    let filters = filters
        .into_iter()
        .filter(|(_, _, choices)| !choices.is_empty());
    let filters = filters.map(|(name, label, choices)| {
        html! { <ChoiceFilter query=query.clone() path=PATH name=name label=label choices=choices/> }
    });
    let filters = filters.collect_view();
    let found = slice.total;
    let body = if rows.is_empty() {
        html! { <AllHidden there_are=there_are one="token" many="tokens" clear=PATH/> }
    } else {
        let rows = rows
            .into_iter()
            .map(|row| table_row(row, &providers, days, now))
            .collect_view();
        html! {
            <div class="table-wrap" role="region" aria-label="Table of gateway tokens" tabindex="0">
                <table class="table roomy stackable tokens">
                    <thead>
                        <tr>
                            <SortHead label="Token" key=By::Name order=order query=query.clone() path=PATH/>
                            <th scope="col">"Status"</th>
                            <th scope="col">"Agent"</th>
                            <th scope="col">"User"</th>
                            <th scope="col">"Providers"</th>
                            <SortHead label="Spend, 7 days" key=By::Spend order=order query=query.clone() path=PATH class="num"/>
                            <SortHead label="Last used" key=By::Used order=order query=query.clone() path=PATH/>
                            <SortHead label="Made" key=By::Made order=order query=query.clone() path=PATH class="mid-hide"/>
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
                <SearchField query=query.clone() path=PATH label="Name, agent, user or first characters"/>
                <div class="chips" id="list-chips">
                    {filters}
                    <span class="end muted xs tnum" role="status">{plural(found, "token", "tokens")}</span>
                </div>
            </div>
            <section class="card" id="list-card">{body}</section>
        </div>
    }
}

/// Agent or user of a token; where it has none, the request may say.
#[component]
pub(super) fn Whom(name: Option<String>) -> impl IntoView {
    match name {
        Some(name) => html! { <span class="break">{name}</span> },
        None => {
            html! { <span class="muted" title="The request may say">"–"<span class="sr">" the request may say"</span></span> }
        }
    }
}

/// The providers that a token may use: all of them, or in a list the first few, with where all of them stand.
/// One that has been deleted since has no page to link to; of the others, `there_are` has ids and names.
pub(super) fn allowed(
    limited_to: Vec<ProviderId>,
    there_are: &[Choice],
    all_at: Option<String>,
) -> AnyView {
    if limited_to.is_empty() {
        return html! { <span class="muted">"every provider"</span> };
    }
    let chips: Vec<Chip> = limited_to
        .into_iter()
        .map(|id| {
            if there_are.iter().any(|(there, _)| there == id.as_str()) {
                (id.to_string(), Some(providers::address(id.as_str())))
            } else {
                (format!("{id} (deleted)"), None)
            }
        })
        .collect();
    html! { <Chips chips=chips all_at=all_at/> }
}

/// Whether a token is taken, and how long.
#[component]
pub(crate) fn TokenStatus(expires_at: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    match expires_at {
        Some(at) if has_expired(expires_at, now) => html! {
            <Status standing=Standing::Off label="Expired"/>
            <span class="why"><When moment=at now=now/></span>
        },
        Some(at) => html! {
            <Status standing=Standing::Good label="Active"/>
            <span class="why">"expires "<When moment=at now=now/></span>
        },
        None => html! { <Status standing=Standing::Good label="Active"/> },
    }
}

fn table_row(row: Row, there_are: &[Choice], days: LastWeek, now: Timestamp) -> AnyView {
    let Row { token, spend } = row;
    let id = token.id.to_string();
    let page = address(&id);
    let unpriced = days.calls([("token", &id), ("price_state", "unpriced")]);
    let usage = LastWeek::usage([("token", &id)]);
    let bars = format!("Spend per day, {}", days.in_words());
    html! {
        <tr>
            <td>
                <a class="name" href=page.clone()>{token.name.clone()}</a>
                <span class="url"><span>{token.first_characters}"…"</span></span>
            </td>
            <td><TokenStatus expires_at=token.expires_at now=now/></td>
            <td><span class="only-narrow muted">"Agent "</span><Whom name=token.agent/></td>
            <td><span class="only-narrow muted">"User "</span><Whom name=token.user/></td>
            <td class="full">{allowed(token.providers, there_are, Some(page.clone()))}</td>
            <td class="num">
                <span class="spend">
                    <Spent amount=spend.total unpriced=spend.unpriced href=unpriced usage=usage/>
                    <Bars days=spend.of_each_day() label=bars/>
                </span>
            </td>
            <td class="soft nowrap">
                <span class="only-narrow muted">"Last used "</span><WhenOr moment=token.last_used_at now=now none="never"/>
            </td>
            <td class="soft nowrap mid-hide"><span class="only-narrow muted">"Made "</span><When moment=token.created_at now=now/></td>
            <td class="menu-cell">
                <RowMenu id=format!("menu-{id}") of=token.name>
                    <MenuLink href=page.clone() icon=Icon::Open label="Open"/>
                    <MenuLink href=format!("/usage?token={id}") icon=Icon::Chart label="Show its usage"/>
                    <MenuLink href=format!("/calls?token={id}") icon=Icon::Rows label="Show its calls"/>
                    <hr/>
                    <MenuLink href=format!("{page}#delete") icon=Icon::Bin label="Revoke…" bad=true/>
                </RowMenu>
            </td>
        </tr>
    }
}
