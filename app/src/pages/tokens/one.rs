//! One gateway token, and its end.

use admin::{AdminError, Thing, tokens::TokenView};
use axum::{extract::Path, response::Response};
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address,
    list::{TokenStatus, Whom, allowed},
};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        danger::DangerZone,
        figures::{When, WhenOr},
        head::PageHead,
        icon::{Drawn, Icon},
        kv::Fact,
    },
    pages::{audit, providers},
    shell::nav::Place,
};

/// `GET /tokens/{id}`
pub(super) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    answer(
        &page,
        StatusCode::OK,
        &id,
        &Fields::default(),
        &Wrong::NOTHING,
    )
    .await
}

/// `POST /tokens/{id}/revoke`
pub(super) async fn revoke(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let token = find(&page, &id).await?;
    if fields.text("confirm") != token.name {
        let wrong = Wrong::one("confirm", "This is not its name. Nothing was revoked.");
        return answer(
            &page,
            StatusCode::UNPROCESSABLE_ENTITY,
            &id,
            &fields,
            &wrong,
        )
        .await;
    }
    page.admin().tokens().revoke(page.who()?, &id).await?;
    let done = Flash::new(
        format!("{} is revoked", token.name),
        "Calls that show it get 401 from now on.",
    );
    Ok(page.go_on("/tokens", done).await)
}

async fn find(page: &Page, id: &str) -> Result<TokenView, Failure> {
    let all = page.admin().tokens().all(page.who()?).await?;
    let found = all.into_iter().find(|token| token.id.to_string() == id);
    found.ok_or_else(|| {
        AdminError::NotFound {
            what: Thing::Token,
            id: id.to_owned(),
        }
        .into()
    })
}

async fn answer(
    page: &Page,
    status: StatusCode,
    id: &str,
    fields: &Fields,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let token = find(page, id).await?;
    let there_are = providers::names(page).await?;
    let confirm = wrong.typed(fields, "confirm");
    let title = token.name.clone();
    Ok(page.html(status, &title, Place::Tokens, move || {
        let now = time::now();
        let id = token.id.to_string();
        let calls = format!("/calls?token={id}");
        let changes = audit::changes("token", &id);
        html! {
            <PageHead title=token.name.clone() crumbs=vec![("Gateway tokens", "/tokens".to_owned())] here=token.name.clone()>
                <a class="btn" href=changes>"Changes"</a>
                <a class="btn" href=calls><Drawn icon=Icon::Rows/>"Show its calls"</a>
            </PageHead>
            <section class="card" aria-labelledby="facts-title">
                <div class="card-head"><h2 id="facts-title">"Token"</h2></div>
                <div class="card-body">
                    <dl class="kv">
                        <Fact name="Status"><TokenStatus expires_at=token.expires_at now=now/></Fact>
                        <Fact name="Begins with"><code>{token.first_characters.clone()}"…"</code></Fact>
                        <Fact name="Agent"><Whom name=token.agent.clone()/></Fact>
                        <Fact name="User"><Whom name=token.user.clone()/></Fact>
                        <Fact name="Providers">{allowed(token.providers.clone(), &there_are)}</Fact>
                        <Fact name="Last used"><WhenOr moment=token.last_used_at now=now none="never"/></Fact>
                        <Fact name="Made"><When moment=token.created_at now=now/></Fact>
                        <Fact name="Expires"><WhenOr moment=token.expires_at now=now none="never"/></Fact>
                    </dl>
                </div>
            </section>
            <DangerZone title="Revoke this token" action=format!("{}/revoke", address(&id)) expected=token.name.clone()
                button="Revoke token" typed=confirm>
                {match token.last_used_at {
                    Some(at) => html! { "It was last used "<When moment=at now=now/>". Applications that show it get 401 at once; running calls end as they began. Its calls and costs stay in the ledger." },
                    None => html! { "It has never been used. From then on it gets 401." },
                }}
            </DangerZone>
        }
    })
        .await)
}
