//! The newest calls of a provider.

use admin::calls::CallQuery;
use axum::{extract::Path, response::Response};
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Subject, Tab};
use crate::{
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::Empty,
        icon::{Drawn, Icon},
    },
    pages::{
        calls::table::{CallsTable, Names, Opened},
        providers::address,
    },
    shell::nav::Place,
};

/// `GET /providers/{id}/activity`
pub(crate) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let who = page.who()?;
    let subject = Subject::read(&page, who, &id).await?;
    let asked = Fields::from([("provider", id.as_str()), ("limit", "25")]).address("");
    let asked = CallQuery::read(asked.trim_start_matches('?'))?;
    let calls = page.admin().calls().list(who, &asked).await?.items;
    let names = Names::read(&page).await?;
    let opened = Opened::read(&page).await?;
    let query = page.query().clone();
    let title = format!("Activity of {}", subject.provider.display_name);
    Ok(page.html(StatusCode::OK, &title, Place::Providers, move || {
        let now = subject.now;
        let path = format!("{}/activity", address(&id));
        let all = Fields::from([("provider", id.as_str())]).address("/calls");
        let body = if calls.is_empty() {
            html! {
                <Empty icon=Icon::Rows title="No calls yet"
                    words="Calls through this provider’s proxy URL are listed here as they end."/>
            }
        } else {
            html! {
                <CallsTable calls=calls names=names query=query path=path now=now opened=opened/>
                <div class="pager"><span>"The newest calls"</span><div class="end"><a class="btn sm" href=all>"All its calls"<Drawn icon=Icon::Right/></a></div></div>
            }
        };
        html! {
            <Head subject=subject tab=Tab::Activity/>
            <div data-live="list-card"><section class="card" id="list-card">{body}</section></div>
        }
    })
        .await)
}
