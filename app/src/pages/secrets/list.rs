//! The list of secrets.

use admin::secrets::SecretView;
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::address;
use crate::{
    format::{count::plural, time},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        chips::Chips,
        empty::{AllHidden, Empty},
        figures::{When, WhenOr},
        filters::{ChoiceFilter, SearchField},
        head::PageHead,
        icon::{Drawn, Icon},
        menu::{MenuLink, RowMenu},
        pager::{Pager, Slice},
        sort::{Order, SortHead, SortKey},
    },
    pages::providers,
    shell::nav::Place,
};

const PATH: &str = "/secrets";

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Updated,
    Used,
}

impl SortKey for By {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Updated => "updated",
            Self::Used => "used",
        }
    }

    fn first_ascending(self) -> bool {
        self == Self::Name
    }
}

/// `GET /secrets`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let all = page.admin().secrets().all(page.who()?).await?;
    let query = page.query().clone();
    let order = Order::read(
        &query,
        &[By::Name, By::Updated, By::Used],
        Order {
            key: By::Name,
            ascending: true,
        },
    );
    let there_are = all.len();
    let mut found: Vec<SecretView> = all
        .into_iter()
        .filter(|secret| matches(secret, &query))
        .collect();
    sort(&mut found, order);
    let slice = Slice::read(&query, found.len());
    let rows = slice.of(found);
    Ok(page
        .html(StatusCode::OK, "Secrets", Place::Secrets, move || {
            view(there_are, rows, slice, &query, order)
        })
        .await)
}

fn matches(secret: &SecretView, query: &Fields) -> bool {
    let text = query.text("q").to_uppercase();
    let used = if secret.used_by.is_empty() {
        "unused"
    } else {
        "used"
    };
    secret.name.as_str().contains(&text) && (query.text("use").is_empty() || query.has("use", used))
}

fn sort(secrets: &mut [SecretView], order: Order<By>) {
    match order.key {
        By::Name => secrets.sort_by(|a, b| a.name.cmp(&b.name)),
        By::Updated => secrets.sort_by_key(|secret| secret.updated_at),
        By::Used => secrets.sort_by_key(|secret| secret.last_used_at),
    }
    if !order.ascending {
        secrets.reverse();
    }
}

fn view(
    there_are: usize,
    rows: Vec<SecretView>,
    slice: Slice,
    query: &Fields,
    order: Order<By>,
) -> AnyView {
    let head = html! {
        <PageHead title="Secrets" lede="Upstream credentials under a name. A provider holds the name; the value is encrypted, and nobody can read it again.">
            <a class="btn primary" href="/new-secret" data-key="n"><Drawn icon=Icon::Plus/>"Create secret"</a>
        </PageHead>
    };
    if there_are == 0 {
        return html! {
            {head}
            <section class="card">
                <Empty icon=Icon::Key title="No secrets yet"
                    words="A secret is an upstream key under a name such as OPENAI_API_KEY. Make one here, or along with the provider that needs it.">
                    <a class="btn primary" href="/new-secret" data-key="n"><Drawn icon=Icon::Plus/>"Create secret"</a>
                    <a class="btn" href="/new-provider">"Create provider"</a>
                </Empty>
            </section>
        };
    }
    let now = time::now();
    let found = slice.total;
    let choices = vec![
        ("used".to_owned(), "In use".to_owned()),
        ("unused".to_owned(), "Not in use".to_owned()),
    ];
    let body = if rows.is_empty() {
        html! { <AllHidden there_are=there_are one="secret" many="secrets" clear=PATH/> }
    } else {
        let rows = rows
            .into_iter()
            .map(|secret| row(secret, now))
            .collect_view();
        html! {
            <div class="table-wrap" role="region" aria-label="Table of secrets" tabindex="0">
                <table class="table stackable">
                    <thead>
                        <tr>
                            <SortHead label="Name" key=By::Name order=order query=query.clone() path=PATH/>
                            <th scope="col">"Used by"</th>
                            <SortHead label="Value set" key=By::Updated order=order query=query.clone() path=PATH/>
                            <SortHead label="Last used" key=By::Used order=order query=query.clone() path=PATH/>
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
        {head}
        <div class="stack list" data-live="list-chips list-card search-carried">
            <div class="tools">
                <SearchField query=query.clone() path=PATH label="Name of a secret"/>
                <div class="chips" id="list-chips">
                    <ChoiceFilter query=query.clone() path=PATH name="use" label="Use" choices=choices/>
                    <span class="end muted xs tnum" role="status">{plural(found, "secret", "secrets")}</span>
                </div>
            </div>
            <section class="card" id="list-card">{body}</section>
        </div>
    }
}

fn row(secret: SecretView, now: Timestamp) -> impl IntoView {
    let name = secret.name.to_string();
    let page = address(&name);
    let used_by = if secret.used_by.is_empty() {
        html! { <span class="badge" title="No provider refers to it: it can be deleted">"not in use"</span> }
    } else {
        let chips = secret.used_by.iter();
        let chips = chips.map(|id| (id.to_string(), Some(providers::address(id.as_str()))));
        html! { <Chips chips=chips.collect() all_at=Some(page.clone())/> }
    };
    let menu = format!("menu-{name}");
    html! {
        <tr>
            <td><a class="name" href=page.clone()><code>{name.clone()}</code></a></td>
            <td class="full">{used_by}</td>
            <td class="soft nowrap">
                <span class="only-narrow muted">"Value set "</span><When moment=secret.updated_at now=now/>
            </td>
            <td class="soft nowrap">
                <span class="only-narrow muted">"Last used "</span><WhenOr moment=secret.last_used_at now=now none="never"/>
            </td>
            <td class="menu-cell">
                <RowMenu id=menu of=name>
                    <MenuLink href=page.clone() icon=Icon::Open label="Open"/>
                    <MenuLink href=format!("{page}#value") icon=Icon::Reset label="Replace value…"/>
                    <hr/>
                    <MenuLink href=format!("{page}#delete") icon=Icon::Bin label="Delete…" bad=true/>
                </RowMenu>
            </td>
        </tr>
    }
}
