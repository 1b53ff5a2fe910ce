//! One of one's own API tokens, and its end.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use leptos::prelude::*;

use super::{api_token_address, api_tokens::PATH};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        danger::DangerZone,
        figures::{When, WhenOr},
        head::PageHead,
        kv::Fact,
    },
    pages::{audit, tokens::TokenStatus},
    shell::nav::Place,
};

/// `GET /settings/api-tokens/{id}`
pub(super) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let nothing = Fields::default();
    answer(&page, StatusCode::OK, &id, &nothing, &Wrong::NOTHING).await
}

/// `POST /settings/api-tokens/{id}/revoke`
pub(super) async fn revoke(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let tokens = page.admin().api_tokens();
    let token = tokens.get(page.who()?, &id).await?;
    if fields.text("confirm") != token.name {
        let wrong = Wrong::one("confirm", "This is not its name. Nothing was revoked.");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return answer(&page, status, &id, &fields, &wrong).await;
    }
    tokens.revoke(page.who()?, &id).await?;
    let done = Flash::new(
        format!("{} is revoked", token.name),
        "Requests that show it get 401 from now on.",
    );
    Ok(page.go_on(PATH, done).await)
}

async fn answer(
    page: &Page,
    status: StatusCode,
    id: &str,
    fields: &Fields,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let token = page.admin().api_tokens().get(page.who()?, id).await?;
    let confirm = wrong.typed(fields, "confirm");
    let title = token.name.clone();
    Ok(page.html(status, &title, Place::Settings, move || {
        let now = time::now();
        let changes = audit::changes("api_token", &token.id.to_string());
        let action = format!("{}/revoke", api_token_address(&token.id.to_string()));
        let crumbs = vec![
            ("Settings", "/settings".to_owned()),
            ("API tokens", PATH.to_owned()),
        ];
        html! {
            <PageHead title=token.name.clone() crumbs=crumbs here=token.name.clone()>
                <a class="btn" href=changes>"Changes"</a>
            </PageHead>
            <section class="card" aria-labelledby="facts-title">
                <div class="card-head"><h2 id="facts-title">"API token"</h2></div>
                <div class="card-body">
                    <dl class="kv">
                        <Fact name="Status"><TokenStatus expires_at=token.expires_at now=now/></Fact>
                        <Fact name="Begins with"><code>{token.first_characters.clone()}"…"</code></Fact>
                        <Fact name="Last used"><WhenOr moment=token.last_used_at now=now none="never"/></Fact>
                        <Fact name="Made"><When moment=token.created_at now=now/></Fact>
                        <Fact name="Expires"><WhenOr moment=token.expires_at now=now none="never"/></Fact>
                    </dl>
                </div>
            </section>
            <DangerZone title="Revoke this token" action=action expected=token.name.clone() button="Revoke token" typed=confirm>
                {match token.last_used_at {
                    Some(at) => html! { "It was last used "<When moment=at now=now/>". Scripts that show it get 401 at once." },
                    None => html! { "It has never been used. From then on it gets 401." },
                }}
            </DangerZone>
        }
    })
        .await)
}
