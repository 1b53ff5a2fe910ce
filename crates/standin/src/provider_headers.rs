//! The headers that each provider puts on every answer. It knows nothing of the answers.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::route::Api;

/// Room for the headers that differ by answer.
const PER_ANSWER: usize = 5;

/// On every answer of both. The cookie and what follows it concern a browser that talks to the
/// provider itself.
const BOTH: &[(&str, &str)] = &[
    ("set-cookie", "__cf_bm=standin"),
    (
        "strict-transport-security",
        "max-age=31536000; includeSubDomains; preload",
    ),
    ("alt-svc", "h3=\":443\"; ma=86400"),
    ("cf-cache-status", "DYNAMIC"),
];

const OPENAI: &[(&str, &str)] = &[
    ("openai-organization", "standin"),
    ("openai-processing-ms", "21"),
    ("openai-version", "2020-10-01"),
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-limit-tokens", "30000000"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-remaining-tokens", "29999900"),
    ("x-ratelimit-reset-requests", "6ms"),
    ("x-ratelimit-reset-tokens", "0s"),
];

const ANTHROPIC: &[(&str, &str)] = &[
    (
        "anthropic-organization-id",
        "00000000-0000-4000-8000-000000000001",
    ),
    ("anthropic-workspace-id", "wrkspc_standin"),
    ("anthropic-ratelimit-requests-limit", "4000"),
    ("anthropic-ratelimit-requests-remaining", "3999"),
    ("anthropic-ratelimit-requests-reset", "2026-11-01T00:00:01Z"),
    ("anthropic-ratelimit-tokens-limit", "4800000"),
    ("anthropic-ratelimit-tokens-remaining", "4799000"),
    ("anthropic-ratelimit-tokens-reset", "2026-11-01T00:00:01Z"),
    ("anthropic-ratelimit-input-tokens-limit", "4000000"),
    ("anthropic-ratelimit-input-tokens-remaining", "3999000"),
    (
        "anthropic-ratelimit-input-tokens-reset",
        "2026-11-01T00:00:01Z",
    ),
    ("anthropic-ratelimit-output-tokens-limit", "800000"),
    ("anthropic-ratelimit-output-tokens-remaining", "800000"),
    (
        "anthropic-ratelimit-output-tokens-reset",
        "2026-11-01T00:00:00Z",
    ),
];

/// Built once, copied for each answer.
pub(crate) struct ProviderHeaders {
    openai: HeaderMap,
    anthropic: HeaderMap,
}

impl ProviderHeaders {
    pub(crate) fn new() -> Self {
        Self {
            openai: headers(OPENAI),
            anthropic: headers(ANTHROPIC),
        }
    }

    /// The provider's headers with the id of this request.
    pub(crate) fn answer(&self, api: Api, request_id: &str) -> HeaderMap {
        let (headers, name) = match api {
            Api::OpenAi => (&self.openai, HeaderName::from_static("x-request-id")),
            Api::Anthropic => (&self.anthropic, HeaderName::from_static("request-id")),
        };
        let mut headers = headers.clone();
        insert(&mut headers, name, request_id);
        headers
    }
}

/// Puts a header in; one whose value cannot be a header's is left out.
pub(crate) fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn headers(own: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(BOTH.len() + own.len() + PER_ANSWER);
    for (name, value) in BOTH.iter().chain(own) {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
}
