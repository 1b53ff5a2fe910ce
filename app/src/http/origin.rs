//! Changes are taken only from pages of this console.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};
use url::Url;

use super::{Console, failure::Failure};

/// Refuses a change that another site asks for.
pub(crate) async fn same_origin(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_ours(request.headers(), console.public_url()) {
        next.run(request).await
    } else {
        Failure::CrossSite.into_response()
    }
}

/// Whether the browser says that the request comes from this origin: by `Sec-Fetch-Site`, which a page
/// cannot forge, else by `Origin`, which must be the public URL's or the host that was asked. A request
/// with neither comes from no browser of today, and is refused.
fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN.as_str()).and_then(|origin| Url::parse(origin).ok())
    else {
        return false;
    };
    let is_public = Url::parse(public_url).is_ok_and(|public| public.origin() == origin.origin());
    is_public
        || authority(&origin)
            .is_some_and(|origin| text(header::HOST.as_str()) == Some(origin.as_str()))
}

/// Host and port as a `Host` header writes them.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_ours;

    fn check(headers: &[(&'static str, &'static str)], ours: bool) {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        assert_eq!(is_ours(&map, "https://weir.example"), ours, "{headers:?}");
    }

    #[test]
    fn the_browsers_word_counts_first() {
        check(
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            true,
        );
        check(
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "https://weir.example"),
            ],
            false,
        );
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "none")], false);
    }

    #[test]
    fn else_the_origin_must_be_the_public_one_or_the_host() {
        check(&[("origin", "https://weir.example")], true);
        check(&[("origin", "https://weir.example:443")], true);
        check(
            &[
                ("origin", "http://10.0.0.7:8080"),
                ("host", "10.0.0.7:8080"),
            ],
            true,
        );
        check(
            &[
                ("origin", "http://10.0.0.7:8081"),
                ("host", "10.0.0.7:8080"),
            ],
            false,
        );
        check(
            &[("origin", "https://evil.example"), ("host", "weir.example")],
            false,
        );
        check(&[("origin", "null"), ("host", "weir.example")], false);
    }

    #[test]
    fn a_request_that_says_nothing_is_refused() {
        check(&[], false);
        check(&[("host", "weir.example")], false);
    }
}
