//! One gateway token, and its end.

use axum::{extract::Path, response::Response};
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address,
    list::{TokenStatus, Whom, allowed},
};
use crate::{
    format::{count::plural, money, time},
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        danger::DangerZone,
        figures::{When, WhenOr},
        head::PageHead,
        icon::{Drawn, Icon},
        kv::Fact,
    },
    pages::{
        audit,
        providers::{
            self, Strip,
            week::{self, LastWeek, Weeks},
        },
    },
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
    let token = page.admin().tokens().get(page.who()?, &id).await?;
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
        "Calls that show it get 401 from now on. Its calls and costs stay in the ledger, under its name.",
    );
    Ok(page.go_on("/tokens", done).await)
}

async fn answer(
    page: &Page,
    status: StatusCode,
    id: &str,
    fields: &Fields,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let who = page.who()?;
    let token = page.admin().tokens().get(who, id).await?;
    let there_are = providers::names(page).await?;
    let now = time::now();
    let days = LastWeek::until(now, &page.zone());
    let weeks = week::of_token(page, who, token.id, days).await?;
    let last_hour = page.admin().tokens().calls_last_hour(who, token.id).await?;
    let confirm = wrong.typed(fields, "confirm");
    let title = token.name.clone();
    Ok(page.html(status, &title, Place::Tokens, move || {
        let id = token.id.to_string();
        let calls = format!("/calls?token={id}");
        let changes = audit::changes("token", &id);
        html! {
            <PageHead title=token.name.clone() crumbs=vec![("Gateway tokens", "/tokens".to_owned())] here=token.name.clone()>
                <a class="btn" href=changes>"Changes"</a>
                <a class="btn" href=calls><Drawn icon=Icon::Rows/>"Show its calls"</a>
            </PageHead>
            <Strip weeks=weeks.clone() ty=None of="token" id=id.clone() days=days/>
            <section class="card" aria-labelledby="facts-title">
                <div class="card-head"><h2 id="facts-title">"Token"</h2></div>
                <div class="card-body">
                    <dl class="kv">
                        <Fact name="Status"><TokenStatus expires_at=token.expires_at now=now/></Fact>
                        <Fact name="Begins with"><code>{token.first_characters.clone()}"…"</code></Fact>
                        <Fact name="Agent"><Whom name=token.agent.clone()/></Fact>
                        <Fact name="User"><Whom name=token.user.clone()/></Fact>
                        <Fact name="Providers">{allowed(token.providers.clone(), &there_are, None)}</Fact>
                        <Fact name="Last used"><WhenOr moment=token.last_used_at now=now none="never"/></Fact>
                        <Fact name="Made"><When moment=token.created_at now=now/></Fact>
                        <Fact name="Expires"><WhenOr moment=token.expires_at now=now none="never"/></Fact>
                    </dl>
                </div>
            </section>
            <DangerZone title="Revoke this token" action=format!("{}/revoke", address(&id)) expected=token.name.clone()
                button="Revoke token" typed=confirm>
                {what_breaks(token.last_used_at, last_hour, &weeks, now)}
            </DangerZone>
        }
    })
        .await)
}

/// What a revocation breaks.
fn what_breaks(
    last_used: Option<Timestamp>,
    last_hour: u64,
    weeks: &Weeks,
    now: Timestamp,
) -> AnyView {
    let Some(at) = last_used else {
        return html! { <p>"It has never been used. From then on it gets 401."</p> };
    };
    let spend = weeks.spend.money();
    let unpriced = weeks.spend.unpriced;
    html! {
        <p>
            "It was last used "<When moment=at now=now/>". "{providers::calls_in_words(last_hour)}
            " In the last 7 days it spent "<span title=money::hover(spend)>{money::total(spend)}</span>
            {(unpriced > 0).then(|| format!(" and made {}", plural(usize::try_from(unpriced).unwrap_or(usize::MAX), "unpriced call", "unpriced calls")))}
            "."
        </p>
        <p>
            "Applications that show it get 401 at once; running calls end as they began. Its calls and costs stay in the ledger, under its name."
        </p>
    }
}
