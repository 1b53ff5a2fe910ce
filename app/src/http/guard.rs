//! Closed by default: whoever has not signed in gets no further than the pages listed here.

use axum::{
    Extension,
    extract::{FromRequest as _, Request},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::Method;

use super::{again, failure::Failure, fields::Fields, page::Page};
use crate::pages::providers::form::resend;

/// The pages that are for everybody. The assets are so too, and nothing else.
pub(crate) const OPEN: &[&str] = &["/sign-in", "/welcome", "/theme"];

/// Lets open pages through, and everything to whoever has signed in. Before there is an admin, only the
/// page that makes the first one.
pub(crate) async fn closed_by_default(
    Extension(page): Extension<Page>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match page.is_first_start().await {
        Ok(true) if matches!(path, "/welcome" | "/theme") => return next.run(request).await,
        Ok(true) if reads => return Redirect::to("/welcome").into_response(),
        Ok(true) => return Failure::FirstStart.into_response(),
        Ok(false) => {}
        Err(error) => return Failure::from(error).into_response(),
    }
    if page.is_signed_in() {
        return again::keep_form(&page, request, next).await;
    }
    if OPEN.contains(&path) {
        return next.run(request).await;
    }
    if reads {
        let next = match page.here() {
            "/" => Fields::default(),
            here => Fields::from([("next", here)]),
        };
        return Redirect::to(&next.address("/sign-in")).into_response();
    }
    let path = path.to_owned();
    if resend::takes_form(&path) {
        return match Fields::from_request(request, &()).await {
            Ok(fields) => resend::answer(&page, &path, &fields).await,
            Err(refused) => refused,
        };
    }
    Failure::SignedOut.into_response()
}
