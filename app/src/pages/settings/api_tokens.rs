//! The list of one's own API tokens.

use admin::api_tokens::ApiTokenView;
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Tab, api_token_address};
use crate::{
    format::{count::plural, time},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::{AllHidden, Empty},
        expiry::has_expired,
        figures::{When, WhenOr},
        filters::{ChoiceFilter, SearchField},
        icon::{Drawn, Icon},
        menu::{MenuLink, RowMenu},
        pager::{Pager, Slice},
        sort::{Order, SortHead, SortKey},
    },
    pages::tokens::TokenStatus,
    shell::nav::Place,
};

pub(super) const PATH: &str = "/settings/api-tokens";
pub(super) const NEW: &str = "/settings/api-tokens/new";

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Used,
    Made,
}

impl SortKey for By {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Used => "used",
            Self::Made => "made",
        }
    }

    fn first_ascending(self) -> bool {
        self == Self::Name
    }
}

/// `GET /settings/api-tokens`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let all = page.admin().api_tokens().all(page.who()?).await?;
    let (query, now) = (page.query().clone(), time::now());
    let order = Order::read(
        &query,
        &[By::Name, By::Used, By::Made],
        Order {
            key: By::Made,
            ascending: false,
        },
    );
    let there_are = all.len();
    let mut found: Vec<ApiTokenView> = all
        .into_iter()
        .filter(|token| matches(token, &query, now))
        .collect();
    sort(&mut found, order);
    let slice = Slice::read(&query, found.len());
    let rows = slice.of(found);
    Ok(page
        .html(StatusCode::OK, "API tokens", Place::Settings, move || {
            if there_are == 0 {
                return nothing_yet();
            }
            view(there_are, rows, slice, &query, order, now)
        })
        .await)
}

fn matches(token: &ApiTokenView, query: &Fields, now: Timestamp) -> bool {
    let text = query.text("q").to_lowercase();
    let has = |value: &str| value.to_lowercase().contains(&text);
    let status = if has_expired(token.expires_at, now) {
        "expired"
    } else {
        "active"
    };
    (has(&token.name) || has(&token.first_characters))
        && (query.text("status").is_empty() || query.has("status", status))
}

fn sort(tokens: &mut [ApiTokenView], order: Order<By>) {
    match order.key {
        By::Name => tokens.sort_by_key(|token| token.name.to_lowercase()),
        By::Used => tokens.sort_by_key(|token| token.last_used_at),
        By::Made => tokens.sort_by_key(|token| (token.created_at, token.id)),
    }
    if !order.ascending {
        tokens.reverse();
    }
}

fn head() -> AnyView {
    html! {
        <Head tab=Tab::ApiTokens lede="Your own tokens for the REST API. What is done with one is done in your name.">
            <a class="btn" href="/api/docs"><Drawn icon=Icon::Open/>"API documentation"</a>
            <a class="btn primary" href=NEW data-key="n"><Drawn icon=Icon::Plus/>"Create API token"</a>
        </Head>
    }
}

fn nothing_yet() -> AnyView {
    html! {
        {head()}
        <section class="card">
            <Empty icon=Icon::Key title="No API tokens yet"
                words="Scripts and tools show one (wra_…) to the REST API to do what you can do here. Applications that call models use gateway tokens instead.">
                <a class="btn primary" href=NEW data-key="n"><Drawn icon=Icon::Plus/>"Create API token"</a>
            </Empty>
        </section>
    }
}

fn view(
    there_are: usize,
    rows: Vec<ApiTokenView>,
    slice: Slice,
    query: &Fields,
    order: Order<By>,
    now: Timestamp,
) -> AnyView {
    let found = slice.total;
    let statuses = vec![
        ("active".to_owned(), "Active".to_owned()),
        ("expired".to_owned(), "Expired".to_owned()),
    ];
    let body = if rows.is_empty() {
        html! { <AllHidden there_are=there_are one="token" many="tokens" clear=PATH/> }
    } else {
        let rows = rows.into_iter().map(|token| row(token, now)).collect_view();
        html! {
            <div class="table-wrap" role="region" aria-label="Table of your API tokens" tabindex="0">
                <table class="table roomy stackable">
                    <thead>
                        <tr>
                            <SortHead label="Token" key=By::Name order=order query=query.clone() path=PATH/>
                            <th scope="col">"Status"</th>
                            <SortHead label="Last used" key=By::Used order=order query=query.clone() path=PATH/>
                            <SortHead label="Made" key=By::Made order=order query=query.clone() path=PATH/>
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
                <SearchField query=query.clone() path=PATH label="Name or first characters"/>
                <div class="chips" id="list-chips">
                    <ChoiceFilter query=query.clone() path=PATH name="status" label="Status" choices=statuses/>
                    <span class="end muted xs tnum" role="status">{plural(found, "token", "tokens")}</span>
                </div>
            </div>
            <section class="card" id="list-card">{body}</section>
        </div>
    }
}

fn row(token: ApiTokenView, now: Timestamp) -> AnyView {
    let id = token.id.to_string();
    let page = api_token_address(&id);
    html! {
        <tr>
            <td>
                <a class="name" href=page.clone()>{token.name.clone()}</a>
                <span class="url"><span>{token.first_characters}"…"</span></span>
            </td>
            <td><TokenStatus expires_at=token.expires_at now=now/></td>
            <td class="soft nowrap">
                <span class="only-narrow muted">"Last used "</span><WhenOr moment=token.last_used_at now=now none="never"/>
            </td>
            <td class="soft nowrap"><span class="only-narrow muted">"Made "</span><When moment=token.created_at now=now/></td>
            <td class="menu-cell">
                <RowMenu id=format!("menu-{id}") of=token.name>
                    <MenuLink href=page.clone() icon=Icon::Open label="Open"/>
                    <hr/>
                    <MenuLink href=format!("{page}#delete") icon=Icon::Bin label="Revoke…" bad=true/>
                </RowMenu>
            </td>
        </tr>
    }
}
