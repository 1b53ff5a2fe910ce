//! Headers that every answer of the console carries, and the nonce of its scripts.

use std::fmt::Write as _;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};

/// Marks the scripts and the style sheet of one answer as ours. New for each request.
#[derive(Debug, Clone)]
pub(crate) struct Nonce(pub(crate) String);

impl Nonce {
    fn new() -> Self {
        let bytes: [u8; 16] = rand::random();
        let mut text = String::with_capacity(32);
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

/// What may run, load and be sent: only what this page names. `strict-dynamic` lets the marked script
/// load its module, and makes plain addresses count for nothing, so that not even a file of this origin
/// (an upstream's answer, say) can be run.
fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'nonce-{nonce}'; \
         img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Headers that are always the same.
const FIXED: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Where Weir is reached over TLS, browsers are to come no other way for a year. Of other hosts of the domain
/// it says nothing: they are not ours.
const OVER_TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Gives the request a nonce and the answer its headers. An answer that says how it is kept is left so;
/// any other is a page with somebody's data in it, and is kept nowhere. An answer that is no page of ours, but
/// what others wrote, says itself that it may do nothing at all.
pub(crate) async fn secure(
    State(over_tls): State<bool>,
    mut request: Request,
    next: Next,
) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce.0)) {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(policy);
    }
    for (name, value) in FIXED {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if over_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, OVER_TLS_ONLY);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
