//! One's own account: a new password.

use admin::{AdminError, people::PASSWORD_MIN};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;

use crate::{
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, session, wrong::Wrong},
    islands::PasswordField,
    kit::{
        note::{NoteBox, Tone},
        words::Words,
    },
    pages::settings::{Head, Tab},
    shell::nav::Place,
};

const FIELDS: &[&str] = &["current_password", "new_password"];

/// `GET /account/password`
pub(crate) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, &Wrong::NOTHING).await
}

/// `POST /account/password`
pub(crate) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let password = |name| SecretString::from(fields.get(name).unwrap_or_default());
    let people = page.admin().people();
    match people
        .change_password(
            page.who()?,
            password("current_password"),
            password("new_password"),
        )
        .await
    {
        Ok(signed_in) => {
            session::renew(page.session(), &signed_in).await?;
            let done = Flash::new("Password changed", "Your other sessions have ended.");
            Ok(page.go_on("/account/password", done).await)
        }
        Err(error @ AdminError::TooManySignIns { .. }) => {
            let wrong = Wrong::one("", error.problem().detail);
            Ok(form(&page, StatusCode::TOO_MANY_REQUESTS, &wrong).await)
        }
        Err(error) => {
            let wrong = Wrong::read(error)?.in_order(FIELDS);
            Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, &wrong).await)
        }
    }
}

async fn form(page: &Page, status: StatusCode, wrong: &Wrong) -> Response {
    let general = wrong.elsewhere(FIELDS);
    let begins_at_new = wrong.is_first("new_password");
    let (current_error, new_error) = (wrong.of("current_password"), wrong.of("new_password"));
    let person = page.person().unwrap_or_default().to_owned();
    page.html(status, "Change password", Place::Settings, move || {
        html! {
            <Head tab=Tab::Password lede="Every other session of yours ends when you change your password. Your API tokens stay."/>
            <form class="card narrow" method="post" action="/account/password" aria-labelledby="password-title">
                <div class="card-head"><h2 id="password-title">"Change password"</h2></div>
                <div class="card-body">
                    {general.into_iter().map(|words| html! { <NoteBox tone=Tone::Bad><Words text=words/></NoteBox> }).collect_view()}
                    <input type="text" name="username" autocomplete="username" value=person hidden/>
                    <PasswordField name="current_password".to_owned() label="Current password".to_owned()
                        autocomplete="current-password".to_owned() error=current_error least=0 focus=!begins_at_new/>
                    <PasswordField name="new_password".to_owned() label="New password".to_owned()
                        autocomplete="new-password".to_owned() error=new_error least=PASSWORD_MIN focus=begins_at_new/>
                </div>
                <div class="card-foot"><button class="btn primary" type="submit">"Change password"</button></div>
            </form>
        }
    })
        .await
}
