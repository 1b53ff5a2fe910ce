//! What a one-time link opens: the first admin, or a new password for one who lost it.

use admin::{
    AdminError,
    people::{LinkFor, PASSWORD_MIN},
};
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
    let secret = SecretString::from(link.as_str());
    match page.admin().people().link_is_for(&secret).await {
        Ok(of) => {
            let about = About::of(first, of);
            let nothing = Fields::default();
            Ok(form(
                &page,
                StatusCode::OK,
                about,
                &link,
                &nothing,
                &Wrong::NOTHING,
            )
            .await)
        }
        Err(AdminError::LinkInvalid) => {
            Ok(where_to_find(&page, StatusCode::FORBIDDEN, first, true).await)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /welcome`
pub(crate) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let first = page.is_first_start().await?;
    let link = fields.text("link").to_owned();
    let password = SecretString::from(fields.get("password").unwrap_or_default());
    let of = page
        .admin()
        .people()
        .link_is_for(&SecretString::from(link.as_str()))
        .await;
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
            let about = About::of(first, of.unwrap_or(LinkFor::Anybody));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(form(&page, status, about, &link, &fields, &wrong).await)
        }
    }
}

/// Whose password is set.
enum About {
    /// The first admin's, who is made with it.
    First,
    /// Of an account that is to be named.
    Named,
    /// Of this person.
    Person {
        /// The name that they sign in with.
        name: String,
        /// Whether they have had a password before.
        had_password: bool,
    },
}

impl About {
    fn of(first: bool, link: LinkFor) -> Self {
        match link {
            LinkFor::Person { name, had_password } => Self::Person { name, had_password },
            LinkFor::Anybody if first => Self::First,
            LinkFor::Anybody => Self::Named,
        }
    }
}

async fn form(
    page: &Page,
    status: StatusCode,
    about: About,
    link: &str,
    fields: &Fields,
    wrong: &Wrong,
) -> Response {
    let (title, words, button) = match &about {
        About::First => (
            "Set up the first admin",
            "You opened the one-time link that Weir printed when it started. Once you finish, the link stops working and the \
             rest of the console opens.",
            "Create admin and sign in",
        ),
        About::Named => (
            "Set a new password",
            "You opened a one-time link. Say whose password it is to set; sessions of that account end, and the link stops \
             working.",
            "Set password and sign in",
        ),
        About::Person {
            had_password: false,
            ..
        } => (
            "Set your password",
            "Somebody who signs in here has added you. Set a password of your own; the link stops working then.",
            "Set password and sign in",
        ),
        About::Person { .. } => (
            "Set a new password",
            "You opened a one-time link of your account. Its sessions end when you set a new password, and the link stops \
             working.",
            "Set password and sign in",
        ),
    };
    let look = page.look().clone();
    let name = wrong.typed(fields, "name");
    let is_named = matches!(about, About::First | About::Named);
    let focus_name = wrong.is_empty();
    let focus_password = wrong.is_first("password") || (wrong.is_empty() && !is_named);
    let password_error = wrong.of("password");
    let link = link.to_owned();
    let here = Fields::from([("link", link.as_str())]).address("/welcome");
    page.bare_html(status, title, move || {
        html! {
            <Gate title=title.to_owned() look=look here=here>
                <p class="soft">{words}</p>
                <form class="stack" method="post" action="/welcome">
                    <input type="hidden" name="link" value=link/>
                    {match about {
                        About::First => html! {
                            <TextField name="name" label="Your name" typed=name help="You sign in with it." autocomplete="username" focus=focus_name/>
                        },
                        About::Named => html! {
                            <TextField name="name" label="Name of the account" typed=name help="As it signs in." autocomplete="username" focus=focus_name/>
                        },
                        About::Person { name, .. } => html! {
                            <p>"You sign in as "<b>{name.clone()}</b>"."</p>
                            <input type="text" name="username" autocomplete="username" value=name hidden/>
                        },
                    }}
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
                    <p class="soft">{if first {
                        "A new one is printed, on the machine that Weir runs on, by"
                    } else {
                        "Somebody who can sign in makes a new one under Settings, People. On the machine that Weir runs on it is printed by"
                    }}</p>
                    <Code language="Shell" text="weir admin link"/>
                    {(!first).then(|| html! { <a class="btn" href="/sign-in">"Sign in"</a> })}
                </div>
            </Gate>
        }
    })
        .await
}
