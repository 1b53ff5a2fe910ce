//! What a one-time link opens: the first admin, or a new password for one who lost it.

use admin::{AdminError, people::PASSWORD_MIN};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;

use crate::{
    http::{failure::Failure, fields::Fields, page::Page, session, wrong::Wrong},
    islands::PasswordField,
    kit::{
        code::Code,
        field::TextField,
        note::{NoteBox, Tone},
    },
    shell::gate::Gate,
};

/// `GET /welcome?link=…`
pub(crate) async fn show(page: Page) -> Result<Response, Failure> {
    let first = page.is_first_start().await?;
    let link = page.query().text("link").to_owned();
    if link.is_empty() {
        return Ok(where_to_find(&page, StatusCode::OK, first, false).await);
    }
    Ok(form(
        &page,
        StatusCode::OK,
        first,
        &link,
        &Fields::default(),
        &Wrong::NOTHING,
    )
    .await)
}

/// `POST /welcome`
pub(crate) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let first = page.is_first_start().await?;
    let link = fields.text("link").to_owned();
    let password = SecretString::from(fields.get("password").unwrap_or_default());
    let used = page
        .admin()
        .people()
        .use_link(
            SecretString::from(link.as_str()),
            fields.text("name"),
            password,
            page.address(),
        )
        .await;
    match used {
        Ok(signed_in) => {
            session::begin(page.session(), &signed_in).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(AdminError::LinkInvalid) => {
            Ok(where_to_find(&page, StatusCode::FORBIDDEN, first, true).await)
        }
        Err(error) => {
            let wrong = Wrong::read(error)?.in_order(&["name", "password"]);
            Ok(form(
                &page,
                StatusCode::UNPROCESSABLE_ENTITY,
                first,
                &link,
                &fields,
                &wrong,
            )
            .await)
        }
    }
}

async fn form(
    page: &Page,
    status: StatusCode,
    first: bool,
    link: &str,
    fields: &Fields,
    wrong: &Wrong,
) -> Response {
    let (title, words, button, name_label, name_help) = if first {
        (
            "Set up the first admin",
            "You opened the one-time link that Weir printed when it started. Once you finish, the link stops working and the \
             rest of the console opens.",
            "Create admin and sign in",
            "Your name",
            "You sign in with it.",
        )
    } else {
        (
            "Set a new password",
            "You opened a one-time link. Say whose password it is to set; sessions of that account end, and the link stops \
             working.",
            "Set password and sign in",
            "Name of the account",
            "As it signs in.",
        )
    };
    let look = page.look().clone();
    let name = wrong.typed(fields, "name");
    let focus_name = wrong.is_empty();
    let focus_password = wrong.is_first("password");
    let password_error = wrong.of("password");
    let link = link.to_owned();
    let here = Fields::from([("link", link.as_str())]).address("/welcome");
    page.bare_html(status, title, move || {
        html! {
            <Gate title=title.to_owned() look=look here=here>
                <p class="soft">{words}</p>
                <form class="stack" method="post" action="/welcome">
                    <input type="hidden" name="link" value=link/>
                    <TextField name="name" label=name_label typed=name help=name_help autocomplete="username" focus=focus_name/>
                    <PasswordField name="password".to_owned() label="Password".to_owned() autocomplete="new-password".to_owned()
                        error=password_error least=PASSWORD_MIN focus=focus_password/>
                    <button class="btn primary" type="submit">{button}</button>
                </form>
            </Gate>
        }
    })
        .await
}

/// The link is missing or no longer good: where a good one is.
async fn where_to_find(page: &Page, status: StatusCode, first: bool, refused: bool) -> Response {
    let look = page.look().clone();
    let title = if first {
        "Set up the first admin"
    } else {
        "One-time link"
    };
    let words = if first {
        "Weir printed a one-time link when it started. Open it in this browser: it is in the terminal or the log of the program, \
         and it is good for 24 hours."
    } else {
        "A one-time link sets the password of an account that has lost it. It is good for 24 hours and for one use."
    };
    page.bare_html(status, title, move || {
        html! {
            <Gate title=title.to_owned() look=look here="/welcome".to_owned()>
                <div class="stack">
                    {refused.then(|| html! {
                        <NoteBox tone=Tone::Bad>"This link was used before, is older than 24 hours, or was never given out."</NoteBox>
                    })}
                    <p class="soft">{words}</p>
                    <p class="soft">"A new one is printed, on the machine that Weir runs on, by"</p>
                    <Code language="Shell" text="weir admin link"/>
                    {(!first).then(|| html! { <a class="btn" href="/sign-in">"Sign in"</a> })}
                </div>
            </Gate>
        }
    })
        .await
}
