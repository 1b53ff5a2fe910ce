//! Bodies as they were recorded: in the page when they are asked for, and as files. A file of them is plain
//! text to whoever opens it, in a frame of its own that may do nothing.

use admin::{
    csv::disposition,
    transcripts::{RawBody, Side, Turn},
};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use leptos::prelude::*;

use super::{
    address,
    sheet::told,
    text::{self, Look, Of},
};
use crate::{
    format::size,
    http::{failure::Failure, page::Page},
};

/// Bytes of a body that stand in the page; all of it is in its file.
const SHOWN: usize = 48 * 1024;

/// Both bodies of a call, as far as there are.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) request: Option<RawBody>,
    pub(super) response: Option<RawBody>,
}

impl Raw {
    /// Reads the bodies of a turn.
    ///
    /// # Errors
    /// What admin says.
    pub(super) async fn read(page: &Page, turn: &Turn) -> Result<Self, Failure> {
        let transcripts = page.admin().transcripts();
        let who = page.who()?;
        let call = turn.call_id.to_string();
        let mut raw = Self::default();
        if turn.request.is_some() {
            raw.request = Some(transcripts.body(who, &call, Side::Request).await?);
        }
        if turn.response.is_some() {
            raw.response = Some(transcripts.body(who, &call, Side::Response).await?);
        }
        Ok(raw)
    }
}

/// Both bodies, and the ways to their files.
pub(super) fn view(call: &str, raw: Raw) -> AnyView {
    let request = raw
        .request
        .map(|body| one(call, "request", "Request", &body));
    let response = raw
        .response
        .map(|body| one(call, "response", "Answer", &body));
    html! { <div class="raw">{request}{response}</div> }
}

fn one(call: &str, side: &'static str, title: &'static str, body: &RawBody) -> AnyView {
    let text = String::from_utf8_lossy(&body.bytes);
    let shown = text::show(&text, Look::AsWritten, SHOWN, SHOWN * 4);
    let media_type = body
        .info
        .content_type
        .clone()
        .map(|it| html! { <code><Of text=it/></code> });
    let all = size::of(body.info.bytes);
    let kept = (body.info.kept_bytes < body.info.bytes)
        .then(|| format!(", of which {} are kept", size::of(body.info.kept_bytes)));
    let cut = shown.is_cut.then(|| {
        html! { <p class="cut-here">{format!("Only the first {} are shown. The file has all that was kept.", told(SHOWN))}</p> }
    });
    let file = format!("{}/{side}", address::of_call(call));
    html! {
        <div class="code">
            <div class="code-head">
                <b>{title}</b>{media_type}<span>{all}{kept}</span>
                <a class="end" href=file download=true>{format!("Download the {}", title.to_lowercase())}</a>
            </div>
            <pre tabindex="0" dir="ltr" inner_html=shown.html></pre>
        </div>
        {cut}
    }
}

/// `GET /transcripts/call/{id}/request`
pub(super) async fn request(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    file(&page, &id, Side::Request, "request").await
}

/// `GET /transcripts/call/{id}/response`
pub(super) async fn response(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    file(&page, &id, Side::Response, "response").await
}

async fn file(page: &Page, id: &str, side: Side, name: &str) -> Result<Response, Failure> {
    let body = page
        .admin()
        .transcripts()
        .body(page.who()?, id, side)
        .await?;
    let mut response = body.bytes.into_response();
    as_file(
        &mut response,
        "text/plain; charset=utf-8",
        &format!("{id}-{name}.txt"),
    )?;
    Ok(response)
}

/// Says that an answer is a file to be kept, and that nothing in it may do anything.
///
/// # Errors
/// [`Failure`] where the name cannot stand in a header.
pub(super) fn as_file(
    response: &mut Response,
    media_type: &'static str,
    name: &str,
) -> Result<(), Failure> {
    let disposition = HeaderValue::try_from(disposition(name))
        .map_err(|error| Failure::internal("name a file", &error))?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    Ok(())
}
