//! Which headers pass, in both directions.
//!
//! Everything passes but what belongs to one connection, what carries a credential, and what would
//! reach beyond the data plane in a browser, since the console lives on the same origin.

use domain::{CallId, provider::Upstream};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
        COOKIE, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE,
        STRICT_TRANSPORT_SECURITY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
        X_CONTENT_TYPE_OPTIONS,
    },
};

use crate::leak::holds_token;

/// The id of the call, on every answer.
pub(crate) const CALL_ID: HeaderName = HeaderName::from_static("x-weir-call-id");
/// The gateway token, for every type of provider.
pub(crate) const WEIR_TOKEN: HeaderName = HeaderName::from_static("x-weir-token");
/// The application that the call is for.
pub(crate) const WEIR_AGENT: HeaderName = HeaderName::from_static("x-weir-agent");
/// The person that the call is for.
pub(crate) const WEIR_USER: HeaderName = HeaderName::from_static("x-weir-user");
/// The conversation that the call belongs to.
pub(crate) const WEIR_CONVERSATION: HeaderName = HeaderName::from_static("x-weir-conversation");
/// Where Anthropic's and other clients put a key.
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Where Google's clients put a key.
pub(crate) const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Whose quota a call counts against, and who is billed for it.
const X_GOOG_USER_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");
/// Where Azure's clients put a key.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("api-key");
const OPENAI_ORGANIZATION: HeaderName = HeaderName::from_static("openai-organization");
const OPENAI_PROJECT: HeaderName = HeaderName::from_static("openai-project");
const GUARDRAIL_ID: HeaderName = HeaderName::from_static("x-amzn-bedrock-guardrailidentifier");
const GUARDRAIL_VERSION: HeaderName = HeaderName::from_static("x-amzn-bedrock-guardrailversion");

/// Headers about one connection, or about the way to it.
const HOP_BY_HOP: [HeaderName; 10] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
];

/// Headers of a request that never go up: credentials, what tells of the network in front of Weir, and what
/// some servers take for another method or path than the one that Weir has looked at.
const NEVER_UP: [HeaderName; 19] = [
    HOST,
    CONTENT_LENGTH,
    EXPECT,
    COOKIE,
    X_API_KEY,
    X_GOOG_API_KEY,
    X_GOOG_USER_PROJECT,
    API_KEY,
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-method-override"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
];

/// Headers of an answer that never come down.
const NEVER_DOWN: [HeaderName; 11] = [
    SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
    CALL_ID,
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("service-worker-allowed"),
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("set-cookie2"),
    HeaderName::from_static("nel"),
    HeaderName::from_static("report-to"),
    HeaderName::from_static("reporting-endpoints"),
    HeaderName::from_static("refresh"),
];

/// A header of the provider's configuration holds something that no header can carry. They are checked when
/// they are saved.
#[derive(Debug)]
pub(crate) struct UnusableHeader;

/// Encodings that Weir can read on its copy.
const READABLE_ENCODINGS: [&str; 4] = ["gzip", "br", "zstd", "identity"];

/// Makes the headers of the request that goes up out of those that came; the credential is still missing.
///
/// `identity_only`: the answer must come uncompressed, since a part of it is to be taken out.
///
/// # Errors
/// [`UnusableHeader`].
pub(crate) fn up(
    client: &HeaderMap,
    upstream: &Upstream,
    identity_only: bool,
) -> Result<HeaderMap, UnusableHeader> {
    let mut headers = HeaderMap::with_capacity(client.len().saturating_add(2));
    let named = named_by_connection(client);
    for (name, value) in client {
        let stays = HOP_BY_HOP.contains(name)
            || NEVER_UP.contains(name)
            || *name == AUTHORIZATION
            || *name == ACCEPT_ENCODING
            || name.as_str().starts_with("x-weir-")
            || name.as_str().starts_with("x-amz-")
            || holds_token(value.as_bytes())
            || named.iter().any(|named| named == name.as_str());
        if !stays {
            headers.append(name, value.clone());
        }
    }
    if let Some(encodings) = accept_encoding(client, identity_only) {
        headers.insert(ACCEPT_ENCODING, encodings);
    }
    for (name, value) in configured(upstream) {
        let value = HeaderValue::from_str(value).map_err(|_| UnusableHeader)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// What the provider's configuration says that every call carries, over what the client says.
fn configured(upstream: &Upstream) -> Vec<(HeaderName, &str)> {
    match upstream {
        Upstream::OpenAi {
            organization,
            project,
            ..
        } => [
            (OPENAI_ORGANIZATION, organization),
            (OPENAI_PROJECT, project),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect(),
        // Converse takes it in the body and does not look at these.
        Upstream::Bedrock {
            guardrail: Some(guardrail),
            ..
        } => vec![
            (GUARDRAIL_ID, guardrail.id.as_str()),
            (GUARDRAIL_VERSION, guardrail.version.as_str()),
        ],
        Upstream::Bedrock {
            guardrail: None, ..
        }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::VertexAi { .. }
        | Upstream::AzureOpenAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => vec![],
    }
}

/// Takes out of an answer's headers what must not come down, and adds Weir's own.
pub(crate) fn down(headers: &mut HeaderMap, call: CallId) {
    for name in named_by_connection(headers) {
        headers.remove(name);
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        // Both at once is a mistake of the upstream; the length is then not that of the body.
        headers.remove(CONTENT_LENGTH);
    }
    for name in HOP_BY_HOP.iter().chain(&NEVER_DOWN) {
        headers.remove(name);
    }
    own(headers, call);
}

/// The headers that every answer of the data plane carries, Weir's own answers too.
pub(crate) fn own(headers: &mut HeaderMap, call: CallId) {
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::try_from(call.to_string()) {
        headers.insert(CALL_ID, value);
    }
}

/// Headers that a message itself declares to belong to this connection alone.
fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

/// What the client accepts, cut to what Weir can read. `None`: the client said nothing.
fn accept_encoding(client: &HeaderMap, identity_only: bool) -> Option<HeaderValue> {
    if identity_only {
        return Some(HeaderValue::from_static("identity"));
    }
    let mut readable: Vec<&str> = Vec::new();
    let mut said = false;
    for value in client.get_all(ACCEPT_ENCODING) {
        said = true;
        for encoding in value.to_str().unwrap_or_default().split(',') {
            let name = encoding.split(';').next().unwrap_or_default().trim();
            if READABLE_ENCODINGS
                .iter()
                .any(|readable| readable.eq_ignore_ascii_case(name))
            {
                readable.push(encoding.trim());
            }
        }
    }
    if !said {
        return None;
    }
    if readable.is_empty() {
        return Some(HeaderValue::from_static("identity"));
    }
    HeaderValue::try_from(readable.join(", ")).ok()
}

#[cfg(test)]
mod tests;
