//! One request for a page: who asks, in which look, from where; and the page that is answered.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use admin::{Actor, Admin, AdminError, ClientAddress, Who};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderName, StatusCode, header, request::Parts};
use leptos::{prelude::*, reactive::owner::Owner};
use tower_sessions::Session;

use super::{
    Console, failure::Failure, fields::Fields, flash::Flash, headers::Nonce, session, shortcuts,
    theme::Theme,
};
use crate::{
    format::zone::Zone,
    pages::errors,
    shell::{
        document::{Document, Look},
        nav::{Counts, Place, Shell},
    },
};

/// The request as pages see it. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Page(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    console: Console,
    session: Session,
    who: Option<Who>,
    address: Option<IpAddr>,
    look: Look,
    here: String,
    query: Fields,
    /// Whether a message waited when the request came.
    has_flash: bool,
    /// The message, until a page shows it.
    flash: Mutex<Option<Flash>>,
}

/// Makes the [`Page`] of a request, and pages of what fails.
pub(crate) async fn around(
    State(console): State<Console>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let page = match Page::of(&console, &session, &parts).await {
        Ok(page) => page,
        Err(failure) => {
            let of_nobody = Page::new(console, session, &parts, None, None);
            return errors::page(&of_nobody, &failure).await;
        }
    };
    parts.extensions.insert(page.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    let response = as_page(&page, response).await;
    match page.keep_session(response.status()).await {
        Ok(()) => response,
        Err(failure) => errors::page(&page, &failure).await,
    }
}

/// What a handler answered; what it answered instead of a page becomes one.
async fn as_page(page: &Page, response: Response) -> Response {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return errors::page(page, failure).await;
    }
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|ty| ty.as_bytes().starts_with(b"text/html"));
    if status.is_client_error() && !is_page {
        errors::bare(page, status).await
    } else {
        response
    }
}

impl Page {
    async fn of(console: &Console, session: &Session, request: &Parts) -> Result<Self, Failure> {
        let who = who(console, session, request).await?;
        let flash = if who.is_some() && is_for_the_eye(&request.headers) {
            Flash::waiting(session).await
        } else {
            None
        };
        Ok(Self::new(
            console.clone(),
            session.clone(),
            request,
            who,
            flash,
        ))
    }

    fn new(
        console: Console,
        session: Session,
        request: &Parts,
        who: Option<Who>,
        flash: Option<Flash>,
    ) -> Self {
        let nonce = request
            .extensions
            .get::<Nonce>()
            .map(|nonce| nonce.0.clone())
            .unwrap_or_default();
        let uri = &request.uri;
        Self(Arc::new(Inner {
            look: Look {
                nonce,
                theme: Theme::of(&request.headers),
                keys: shortcuts::are_on(&request.headers),
                addresses: console.addresses().clone(),
                version: console.version(),
            },
            console,
            session,
            who,
            address: client_address(request),
            here: uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), |here| here.as_str().to_owned()),
            query: Fields::parse(uri.query().unwrap_or_default().as_bytes()),
            has_flash: flash.is_some(),
            flash: Mutex::new(flash),
        }))
    }

    /// Ends a message that was shown, and saves the session here rather than in the layer that holds it,
    /// which would answer a blank page where that fails.
    async fn keep_session(&self, status: StatusCode) -> Result<(), Failure> {
        let session = self.session();
        if self.0.has_flash && self.flash().is_none() {
            Flash::forget(session).await;
        }
        if session.is_modified() && !session.is_empty().await && !status.is_server_error() {
            session.save().await?;
        }
        Ok(())
    }

    fn flash(&self) -> MutexGuard<'_, Option<Flash>> {
        self.0.flash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that an admin can do.
    pub(crate) fn admin(&self) -> &Admin {
        self.0.console.admin()
    }

    /// The proof of who asks.
    ///
    /// # Errors
    /// [`Failure::SignedOut`]. The guard lets nobody without it to a page that asks for it.
    pub(crate) fn who(&self) -> Result<&Who, Failure> {
        self.0.who.as_ref().ok_or(Failure::SignedOut)
    }

    /// Whether somebody has signed in.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.0.who.is_some()
    }

    /// The name of whoever has signed in.
    pub(crate) fn person(&self) -> Option<&str> {
        match &self.0.who.as_ref()?.actor {
            Actor::Person { name, .. } => Some(name),
            Actor::AdminToken | Actor::System => None,
        }
    }

    /// Whether there is no admin yet.
    pub(crate) async fn is_first_start(&self) -> Result<bool, AdminError> {
        if self.0.console.has_admin() {
            return Ok(false);
        }
        let first = self.admin().people().is_first_start().await?;
        if !first {
            self.0.console.note_admin();
        }
        Ok(first)
    }

    /// The client's address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.0.address
    }

    /// The session.
    pub(crate) fn session(&self) -> &Session {
        &self.0.session
    }

    /// Path and query of the request.
    pub(crate) fn here(&self) -> &str {
        &self.0.here
    }

    /// The query of the request.
    pub(crate) fn query(&self) -> &Fields {
        &self.0.query
    }

    /// Under which address people and applications reach Weir.
    pub(crate) fn public_url(&self) -> &str {
        self.0.console.public_url()
    }

    /// The time zone that the page tells times in.
    pub(crate) fn zone(&self) -> Zone {
        Zone::of(self.admin().live().zone())
    }

    /// How the page looks and what it loads.
    pub(crate) fn look(&self) -> &Look {
        &self.0.look
    }

    /// Answers a page of the console, with its navigation around it.
    pub(crate) async fn html(
        &self,
        status: StatusCode,
        title: &str,
        place: Place,
        body: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Response {
        let flash = self.flash().take();
        let person = self.person().unwrap_or_default().to_owned();
        let counts = Counts::now(self.admin());
        let (look, here) = (self.look().clone(), self.here().to_owned());
        self.bare_html(status, title, move || {
            let body = body();
            html! {
                <Shell place=place person=person counts=counts look=look here=here flash=flash>{body}</Shell>
            }
        })
        .await
    }

    /// Answers a page without navigation: signing in, the first start.
    pub(crate) async fn bare_html(
        &self,
        status: StatusCode,
        title: &str,
        body: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Response {
        let (look, title, zone) = (self.look().clone(), title.to_owned(), self.zone());
        let html = self.aside(move || {
            let owner = Owner::new();
            let html = owner.with(|| {
                zone.provide();
                let body = body();
                html! { <Document look=look title=title>{body}</Document> }.to_html()
            });
            owner.cleanup();
            format!("<!doctype html>{html}")
        });
        match html.await {
            Ok(html) => (status, Html(html)).into_response(),
            Err(failure) => failure.into_response(),
        }
    }

    /// Answers a piece of a page, for a script that puts it where it belongs.
    pub(crate) async fn piece(&self, body: impl FnOnce() -> AnyView + Send + 'static) -> Response {
        let html = self.aside(move || {
            let owner = Owner::new();
            let html = owner.with(|| body().to_html());
            owner.cleanup();
            html
        });
        match html.await {
            Ok(html) => Html(html).into_response(),
            Err(failure) => failure.into_response(),
        }
    }

    /// Works something out aside from the threads that carry calls, which would wait for it: large pages take
    /// long to make.
    ///
    /// # Errors
    /// [`Failure`] where the work broke off.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.0.console.aside().work(work).await
    }

    /// Goes on to another page after a change, and says there what happened.
    pub(crate) async fn go_on(&self, to: &str, flash: Flash) -> Response {
        flash.keep(self.session()).await;
        Redirect::to(to).into_response()
    }
}

/// Who a session belongs to. One that has ended is emptied.
async fn who(
    console: &Console,
    session: &Session,
    request: &Parts,
) -> Result<Option<Who>, Failure> {
    let asking = session::Asking::of(&request.headers);
    let Some((id, stamp)) = session::held(session, asking).await? else {
        return Ok(None);
    };
    match console.admin().people().resume(id, &stamp).await? {
        Some(actor) => Ok(Some(Who::checked(actor, client_address(request)))),
        None => {
            session::end(session).await?;
            Ok(None)
        }
    }
}

/// Sent by a script that shows the message of the page that it fetches.
const SHOWS_MESSAGE: HeaderName = HeaderName::from_static("x-weir-shows-message");

/// Whether somebody is to see the answer, rather than a script that takes parts from it. Browsers tell what
/// they fetch for to sites that they trust, over TLS; to others, only what they accept.
fn is_for_the_eye(headers: &HeaderMap) -> bool {
    if headers.contains_key(SHOWS_MESSAGE) {
        return true;
    }
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match header(HeaderName::from_static("sec-fetch-dest")) {
        Some(destination) => destination == "document",
        None => header(header::ACCEPT).is_none_or(|accepted| accepted.contains("text/html")),
    }
}

fn client_address(request: &Parts) -> Option<IpAddr> {
    request
        .extensions
        .get::<ClientAddress>()
        .map(|address| address.0)
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let page = parts.extensions.get::<Self>().cloned();
        page.ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

/// Says that an answer holds what is shown once.
pub(crate) fn shown_once(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        http::HeaderValue::from_static("no-store"),
    );
    response
}
