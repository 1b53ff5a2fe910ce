//! Signing in and out.

use admin::AdminError;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use secrecy::SecretString;

use crate::{
    http::{
        failure::Failure,
        fields::{Fields, local_path},
        page::Page,
        session,
    },
    islands::PasswordField,
    kit::{
        field::{TextField, Typed},
        note::{NoteBox, Tone},
        words::Words,
    },
    shell::gate::Gate,
};

/// `GET /sign-in`
pub(crate) async fn show(page: Page) -> Response {
    if page.is_signed_in() {
        return Redirect::to(local_path(page.query().text("next"))).into_response();
    }
    let next = page.query().text("next").to_owned();
    form(&page, StatusCode::OK, "", &next, None).await
}

/// `POST /sign-in`
pub(crate) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let name = fields.text("name");
    let next = fields.text("next");
    let password = SecretString::from(fields.get("password").unwrap_or_default());
    match page
        .admin()
        .people()
        .sign_in(name, password, page.address())
        .await
    {
        Ok(signed_in) => {
            session::begin(page.session(), &signed_in).await?;
            Ok(Redirect::to(local_path(next)).into_response())
        }
        Err(
            error @ (AdminError::SignInFailed
            | AdminError::TooManySignIns { .. }
            | AdminError::Busy),
        ) => {
            let problem = error.problem();
            let status = match error {
                AdminError::SignInFailed => StatusCode::UNPROCESSABLE_ENTITY,
                AdminError::TooManySignIns { .. } => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            let mut response = form(&page, status, name, next, Some(problem.detail)).await;
            if let Some(wait) = problem.retry_after {
                response.headers_mut().insert(
                    header::RETRY_AFTER,
                    HeaderValue::from(wait.as_secs().max(1)),
                );
            }
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /sign-out`: ends the session and lets the browser forget what it kept of the pages.
pub(crate) async fn out(page: Page) -> Result<Response, Failure> {
    session::end(page.session()).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    let name = HeaderName::from_static("clear-site-data");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static("\"cache\""));
    Ok(response)
}

async fn form(
    page: &Page,
    status: StatusCode,
    name: &str,
    next: &str,
    refused: Option<String>,
) -> Response {
    let look = page.look().clone();
    let here = page.here().to_owned();
    let again = refused.is_some() && !name.is_empty();
    let name = Typed {
        value: name.to_owned(),
        error: String::new(),
        first: !again,
    };
    let next = next.to_owned();
    page.bare_html(status, "Sign in", move || {
        html! {
            <Gate title="Sign in".to_owned() look=look here=here>
                <form class="stack" method="post" action="/sign-in">
                    {refused.map(|words| html! { <NoteBox tone=Tone::Bad><Words text=words/></NoteBox> })}
                    <input type="hidden" name="next" value=next/>
                    <TextField name="name" label="Name" typed=name autocomplete="username"/>
                    <PasswordField name="password".to_owned() label="Password".to_owned() autocomplete="current-password".to_owned()
                        error=String::new() least=0 focus=again/>
                    <button class="btn primary" type="submit">"Sign in"</button>
                </form>
            </Gate>
        }
    })
        .await
}
