//! Making an API token of one's own, and showing it this once.

use admin::{
    AdminError,
    api_tokens::{ApiTokenDraft, NewApiToken},
};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use secrecy::ExposeSecret;

use super::{
    api_token_address,
    api_tokens::{NEW, PATH},
};
use crate::{
    format::time,
    http::{
        failure::Failure,
        fields::Fields,
        once::{self, Taken},
        page::{Page, shown_once},
        wrong::Wrong,
    },
    kit::{
        code::Code,
        expiry::{self, ExpiryField, has_expired},
        field::TextField,
        head::{Crumb, PageHead},
        note::{NoteBox, Tone},
        once_card::{Once, OnceCard, TokenWarning},
    },
    pages::made_before,
    shell::nav::Place,
};

const FIELDS: &[&str] = &["name", "expires_on"];

/// `GET /settings/api-tokens/new`
pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, &Fields::default(), &Wrong::NOTHING).await
}

/// `POST /settings/api-tokens/new`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let who = page.who()?;
    let id = fields.text(once::FIELD);
    if let Taken::Again(made) = once::take(page.session(), id).await? {
        let form = made_before::Form {
            place: Place::Settings,
            crumbs: crumbs(),
            new: NEW.to_owned(),
            list: PATH,
            of: made_before::TOKEN,
        };
        return Ok(made_before::answer(&page, form, made).await);
    }
    let draft = ApiTokenDraft {
        name: Some(fields.text("name").to_owned()),
        expires_at: expiry::read(&fields, &page.zone()),
        unreadable: vec![],
    };
    match page.admin().api_tokens().create(who, &draft).await {
        Ok(new) => {
            let own_page = api_token_address(&new.token.id.to_string());
            once::note_made(page.session(), id, &own_page).await;
            Ok(shown_once(made(&page, &new).await))
        }
        Err(mut error) => {
            once::give_back(page.session(), id).await?;
            if let AdminError::Invalid(errors) = &mut error {
                errors.iter_mut().for_each(expiry::day_wanted);
            }
            let wrong = Wrong::read_as(error, |error| match error.field.as_str() {
                "expires_at" => "expires_on".to_owned(),
                field => field.to_owned(),
            })?;
            let wrong = wrong.in_order(FIELDS);
            Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong).await)
        }
    }
}

fn crumbs() -> Vec<Crumb> {
    vec![
        ("Settings", "/settings".to_owned()),
        ("API tokens", PATH.to_owned()),
    ]
}

async fn form(page: &Page, status: StatusCode, fields: &Fields, wrong: &Wrong) -> Response {
    let (name, expires) = (wrong.typed(fields, "name"), expiry::typed(fields, wrong));
    let focus = wrong.is_empty();
    page.html(status, "Create API token", Place::Settings, move || {
        html! {
            <PageHead title="Create API token" crumbs=crumbs() here="Create"/>
            <form class="card narrow" method="post" action=NEW>
                <input type="hidden" name=once::FIELD value=once::issue()/>
                <div class="card-body">
                    <TextField name="name" label="Name" typed=name focus=focus help="For you: where it is used."/>
                    <ExpiryField typed=expires/>
                    <p class="soft">"With it a script can do whatever you can do, in your name. It stops when you revoke it, and while you are disabled."</p>
                </div>
                <div class="card-foot">
                    <button class="btn primary" type="submit">"Create token"</button>
                    <a class="btn ghost" href=PATH>"Cancel"</a>
                </div>
            </form>
        }
    })
        .await
}

/// The token, this once. The way on opens when one says that it is saved.
async fn made(page: &Page, new: &NewApiToken) -> Response {
    let once = Once {
        title: "Copy the API token now",
        id: "token",
        plain: new.plain.expose_secret().to_owned(),
        copy: "Copy token",
        did: "saved",
        done: PATH,
        own_page: Some(api_token_address(&new.token.id.to_string())),
    };
    let name = new.token.name.clone();
    let expired = has_expired(new.token.expires_at, time::now());
    let curl = format!(
        "curl -H \"Authorization: Bearer $WEIR_API_TOKEN\" {}/api/v1/providers",
        page.public_url()
    );
    page.html(StatusCode::OK, "API token made", Place::Settings, move || {
        html! {
            <PageHead title=format!("{name} is made") crumbs=crumbs() here=name/>
            <OnceCard once=once warning=html! { <TokenWarning/> }>
                <p class="soft">"Scripts send it to the REST API as a bearer token. With it in "<code>"WEIR_API_TOKEN"</code>":"</p>
                <Code language="Shell" text=curl/>
                {expired.then(|| html! { <NoteBox tone=Tone::Bad>"It has expired already."</NoteBox> })}
            </OnceCard>
        }
    })
        .await
}
