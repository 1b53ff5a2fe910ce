//! Pages of what went wrong.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;

use crate::{
    http::{failure::Failure, page::Page},
    kit::head::PageHead,
    shell::{gate::Gate, nav::Place},
};

/// Answers whatever no route takes.
pub(crate) async fn not_found() -> Response {
    Failure::NotFound.into_response()
}

/// Title, words, and where to go on.
struct Told {
    title: String,
    words: String,
    way: Option<(&'static str, String)>,
}

fn told(page: &Page, failure: &Failure) -> Told {
    let home = Some(("LLM Providers", "/providers".to_owned()));
    let back = Some(("Try again", page.here().to_owned()));
    match failure {
        Failure::NotFound => Told {
            title: "There is no such page".to_owned(),
            words: "The address may be mistyped, or what it showed has been deleted.".to_owned(),
            way: home,
        },
        Failure::Missing(words) => Told { title: "It does not exist".to_owned(), words: words.clone(), way: home },
        Failure::CrossSite => Told {
            title: "Refused: it came from another site".to_owned(),
            words: format!(
                "Changes are taken only from pages of this console. Weir takes itself to be at {}; if that is wrong, \
                 set WEIR_PUBLIC_URL to the address that you use.",
                page.public_url()
            ),
            way: home,
        },
        Failure::SignedOut => Told {
            title: "You are signed out".to_owned(),
            words: "The session has ended, so nothing was changed. Sign in, then make the change again; what was typed in \
                    the form is not kept."
                .to_owned(),
            way: Some(("Sign in", "/sign-in".to_owned())),
        },
        Failure::FirstStart => Told {
            title: "There is no admin yet".to_owned(),
            words: "Nothing can be changed before the first admin is set up.".to_owned(),
            way: Some(("Set up the first admin", "/welcome".to_owned())),
        },
        Failure::Problem { title, detail, .. } => {
            Told { title: (*title).to_owned(), words: detail.clone(), way: back }
        }
    }
}

/// The page of a failure, with the navigation where somebody has signed in.
pub(crate) async fn page(page: &Page, failure: &Failure) -> Response {
    let response = answer(page, failure.status(), told(page, failure)).await;
    to_be_tried_again(response, failure)
}

/// What is said of a failure: the title of its page, and the words under it.
pub(crate) fn title_and_words(page: &Page, failure: &Failure) -> (String, String) {
    let told = told(page, failure);
    (told.title, told.words)
}

/// Says when to try again, where that helps.
pub(crate) fn to_be_tried_again(mut response: Response, failure: &Failure) -> Response {
    if let Some(wait) = failure.retry_after() {
        let seconds = HeaderValue::from(wait.as_secs().max(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// The page of a request that did not even reach a page: a wrong method, a body too large.
pub(crate) async fn bare(page: &Page, status: StatusCode) -> Response {
    let words = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address cannot be used in this way. Go back and use the page's own links and buttons."
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            "More was sent than the form can hold. Nothing was changed."
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            "What was sent is no form. Programs use the API under /api/v1."
        }
        _ => "The request could not be read. Nothing was changed.",
    };
    let title = status
        .canonical_reason()
        .unwrap_or("The request was refused")
        .to_owned();
    answer(
        page,
        status,
        Told {
            title,
            words: words.to_owned(),
            way: Some(("LLM Providers", "/providers".to_owned())),
        },
    )
    .await
}

async fn answer(page: &Page, status: StatusCode, told: Told) -> Response {
    let Told { title, words, way } = told;
    let heading = title.clone();
    if !page.is_signed_in() {
        let look = page.look().clone();
        let here = "/".to_owned();
        return page.bare_html(status, &heading, move || {
            html! {
                <Gate title=title look=look here=here>
                    <p class="soft">{words}</p>
                    {way.map(|(label, address)| html! { <a class="btn" href=address>{label}</a> })}
                </Gate>
            }
        })
        .await;
    }
    page.html(status, &heading, Place::Elsewhere, move || {
        html! {
            <PageHead title=title lede=words/>
            <div class="row">
                {way.map(|(label, address)| html! { <a class="btn" href=address>{label}</a> })}
                <span class="help">{format!("Status {}", status.as_u16())}</span>
            </div>
        }
    })
    .await
}
