//! The list of gateway tokens.

use admin::tokens::TokenView;
use axum::response::Response;
use domain::{ProviderId, Timestamp};
use http::StatusCode;
use leptos::prelude::*;

use super::address;
use crate::{
    format::{count::plural, time},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::{Empty, NothingMatches},
        figures::{When, WhenOr},
        filters::{ChoiceFilter, SearchField},
        head::PageHead,
        icon::{Drawn, Icon},
        marks::{Standing, Status},
        menu::{MenuLink, RowMenu},
        pager::{Pager, Slice},
        sort::{Order, SortHead, SortKey},
    },
    pages::providers,
    shell::nav::Place,
};

const PATH: &str = "/tokens";

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Made,
    Used,
}

impl SortKey for By {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Made => "made",
            Self::Used => "used",
        }
    }

    fn first_ascending(self) -> bool {
        self == Self::Name
    }
}

/// `GET /tokens`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let all = page.admin().tokens().all(page.who()?).await?;
    let providers: Vec<(String, String)> = providers::names(&page).await?;
    let query = page.query().clone();
    let now = time::now();
    let order = Order::read(
        &query,
        &[By::Name, By::Made, By::Used],
        Order {
            key: By::Made,
            ascending: false,
        },
    );
    let there_are = all.len();
    let mut found: Vec<TokenView> = all
        .into_iter()
        .filter(|token| matches(token, &query, now))
        .collect();
    sort(&mut found, order);
    let slice = Slice::read(&query, found.len());
    let rows = slice.of(found);
    Ok(page
        .html(StatusCode::OK, "Gateway tokens", Place::Tokens, move || {
            if there_are == 0 {
                return nothing_yet();
            }
            view(there_are, rows, slice, &query, order, providers, now)
        })
        .await)
}

/// Whether a token is refused by now.
pub(super) fn has_expired(token: &TokenView, now: Timestamp) -> bool {
    token.expires_at.is_some_and(|at| at <= now)
}

fn matches(token: &TokenView, query: &Fields, now: Timestamp) -> bool {
    let text = query.text("q").to_lowercase();
    let has = |value: &str| value.to_lowercase().contains(&text);
    let named = has(&token.name)
        || has(&token.first_characters)
        || token.agent.as_deref().is_some_and(has)
        || token.user.as_deref().is_some_and(has);
    let status = if has_expired(token, now) {
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
    named && provider && (query.text("status").is_empty() || query.has("status", status))
}

fn sort(tokens: &mut [TokenView], order: Order<By>) {
    match order.key {
        By::Name => tokens.sort_by_key(|token| token.name.to_lowercase()),
        By::Made => tokens.sort_by_key(|token| (token.created_at, token.id)),
        By::Used => tokens.sort_by_key(|token| token.last_used_at),
    }
    if !order.ascending {
        tokens.reverse();
    }
}

fn head() -> impl IntoView {
    html! {
        <PageHead title="Gateway tokens" lede="What applications show to Weir in place of an upstream key. Each says whom its calls are for, and which providers it may use.">
            <a class="btn primary" href="/new-token"><Drawn icon=Icon::Plus/>"Create token"</a>
        </PageHead>
    }
}

fn nothing_yet() -> AnyView {
    html! {
        {head()}
        <section class="card">
            <Empty icon=Icon::Ticket title="No gateway tokens yet"
                words="An application shows its token (wr_…) where its SDK expects the API key. Weir knows by it who calls, and never sends it on.">
                <a class="btn primary" href="/new-token"><Drawn icon=Icon::Plus/>"Create token"</a>
            </Empty>
        </section>
    }
}

fn view(
    there_are: usize,
    rows: Vec<TokenView>,
    slice: Slice,
    query: &Fields,
    order: Order<By>,
    providers: Vec<(String, String)>,
    now: Timestamp,
) -> AnyView {
    let found = slice.total;
    let statuses = vec![
        ("active".to_owned(), "Active".to_owned()),
        ("expired".to_owned(), "Expired".to_owned()),
    ];
    let body = if rows.is_empty() {
        let are = if there_are == 1 { "is" } else { "are" };
        let words = format!(
            "{} {are} hidden by the search and the filters.",
            plural(there_are, "token", "tokens")
        );
        html! { <NothingMatches words=words clear=PATH/> }
    } else {
        let rows = rows
            .into_iter()
            .map(|token| row(token, &providers, now))
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
                            <SortHead label="Last used" key=By::Used order=order query=query.clone() path=PATH/>
                            <SortHead label="Made" key=By::Made order=order query=query.clone() path=PATH class="mid-hide"/>
                            <th scope="col"><span class="sr">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Pager slice=slice query=query.clone() path=PATH.to_owned()/>
        }
    };
    html! {
        {head()}
        <div class="stack list" data-live="list-chips list-card search-carried">
            <div class="tools">
                <SearchField query=query.clone() path=PATH label="Name, agent, user or first characters"/>
                <div class="chips" id="list-chips">
                    <ChoiceFilter query=query.clone() path=PATH name="status" label="Status" choices=statuses/>
                    {(!providers.is_empty()).then(|| html! {
                        <ChoiceFilter query=query.clone() path=PATH name="provider" label="Provider" choices=providers/>
                    })}
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

/// The providers that a token may use. One that has been deleted since has no page to link to; of the
/// others, `there_are` has ids and names.
pub(super) fn allowed(limited_to: Vec<ProviderId>, there_are: &[(String, String)]) -> AnyView {
    if limited_to.is_empty() {
        return html! { <span class="muted">"every provider"</span> };
    }
    let links = limited_to.into_iter().map(|id| {
        if there_are.iter().any(|(there, _)| there == id.as_str()) {
            html! { <a class="model" href=providers::address(id.as_str())>{id.to_string()}</a> }
        } else {
            html! { <span class="model">{format!("{id} (deleted)")}</span> }
        }
    });
    html! { <span class="models">{links.collect_view()}</span> }
}

/// Whether a token is taken, and how long.
#[component]
pub(crate) fn TokenStatus(expires_at: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    match expires_at {
        Some(at) if at <= now => html! {
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

fn row(token: TokenView, there_are: &[(String, String)], now: Timestamp) -> AnyView {
    let id = token.id.to_string();
    let page = address(&id);
    html! {
        <tr>
            <td>
                <a class="name" href=page.clone()>{token.name.clone()}</a>
                <span class="url"><span>{token.first_characters}"…"</span></span>
            </td>
            <td><TokenStatus expires_at=token.expires_at now=now/></td>
            <td><span class="only-narrow muted">"Agent "</span><Whom name=token.agent/></td>
            <td><span class="only-narrow muted">"User "</span><Whom name=token.user/></td>
            <td class="full">{allowed(token.providers, there_are)}</td>
            <td class="soft nowrap">
                <span class="only-narrow muted">"Last used "</span><WhenOr moment=token.last_used_at now=now none="never"/>
            </td>
            <td class="soft nowrap mid-hide"><span class="only-narrow muted">"Made "</span><When moment=token.created_at now=now/></td>
            <td class="menu-cell">
                <RowMenu id=format!("menu-{id}") of=token.name>
                    <MenuLink href=page.clone() icon=Icon::Open label="Open"/>
                    <MenuLink href=format!("/calls?token={id}") icon=Icon::Rows label="Show its calls"/>
                    <hr/>
                    <MenuLink href=format!("{page}#delete") icon=Icon::Bin label="Revoke…" bad=true/>
                </RowMenu>
            </td>
        </tr>
    }
}
