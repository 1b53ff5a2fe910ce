//! The page of one provider: overview, models, connect, activity, each with an address of its own.

mod activity;
mod commands;
mod connect;
mod connection;
mod endpoints;
mod models;
pub(in crate::pages) mod overview;
mod test;

use admin::{
    Who,
    probe::TestView,
    providers::{ProviderStatus, ProviderView},
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{address, edit_address, standing::ProviderStanding};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    kit::{
        head::PageHead,
        icon::{Drawn, Icon},
        marks::Tile,
    },
};

pub(super) use activity::show as activity;
pub(super) use connect::show as connect;
pub(super) use models::show as models;
pub(super) use test::submit as test;

/// A provider, as its pages show it.
struct Subject {
    provider: ProviderView,
    status: ProviderStatus,
    now: Timestamp,
}

impl Subject {
    async fn read(page: &Page, who: &Who, id: &str) -> Result<Self, Failure> {
        let provider = page.admin().providers().get(who, id).await?;
        let status = page.admin().providers().status(who, &provider).await?;
        Ok(Self {
            provider,
            status,
            now: time::now(),
        })
    }
}

/// A tab of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Overview,
    Models,
    Connect,
    Activity,
}

/// The overview with whatever a form on it was answered.
struct Answer<'a> {
    status: StatusCode,
    fields: &'a Fields,
    wrong: &'a Wrong,
    tested: Option<TestView>,
}

/// `GET /providers/{id}`
pub(super) async fn overview(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let nothing = Fields::default();
    let answer = Answer {
        status: StatusCode::OK,
        fields: &nothing,
        wrong: &Wrong::NOTHING,
        tested: None,
    };
    overview::answer(&page, &id, answer).await
}

/// The overview after a refused deletion.
pub(super) async fn with_refused_delete(
    page: &Page,
    id: &str,
    status: StatusCode,
    fields: &Fields,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    overview::answer(
        page,
        id,
        Answer {
            status,
            fields,
            wrong,
            tested: None,
        },
    )
    .await
}

/// `GET /providers/{id}/test`: where one comes by reloading a test's result; the test is not repeated.
pub(super) async fn test_again(Path(id): Path<String>) -> Response {
    Redirect::to(&address(&id)).into_response()
}

/// Head and tabs.
#[component]
fn Head(subject: Subject, tab: Tab) -> impl IntoView {
    let Subject {
        provider,
        status,
        now,
    } = subject;
    let id = provider.id.to_string();
    let own = address(&id);
    let (action, icon, label) = if provider.enabled {
        (format!("{own}/disable"), Icon::Pause, "Disable")
    } else {
        (format!("{own}/enable"), Icon::Play, "Enable")
    };
    let models = provider.models.len();
    let tabs = [
        (Tab::Overview, own.clone(), "Overview", None),
        (
            Tab::Models,
            format!("{own}/models"),
            "Models",
            (models > 0).then_some(models),
        ),
        (Tab::Connect, format!("{own}/connect"), "Connect", None),
        (Tab::Activity, format!("{own}/activity"), "Activity", None),
    ];
    let tabs = tabs.map(|(of, address, label, count)| {
        html! {
            <a href=address aria-current=(of == tab).then_some("page")>
                {label}{count.map(|count| html! { <span class="n">{count}</span> })}
            </a>
        }
    });
    let ty = provider.provider_type;
    let before = html! { <Tile ty=ty large=true/> };
    let after = html! {
        <span class="row">
            <span class="badge">{ty.label()}</span>
            <ProviderStanding id=id.clone() status=status now=now why=false/>
        </span>
    };
    html! {
        <PageHead title=provider.display_name crumbs=vec![("LLM Providers", "/providers".to_owned())] here=id.clone() before=before after=after>
            <form method="post" action=action>
                <button class="btn" type="submit"><Drawn icon=icon/>{label}</button>
            </form>
            <a class="btn primary" href=edit_address(&id) data-key="e"><Drawn icon=Icon::Pencil/>"Edit"</a>
        </PageHead>
        <nav class="tabs" aria-label="Provider">{tabs.collect_view()}</nav>
    }
}
