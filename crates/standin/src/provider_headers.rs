//! The headers that each provider puts on every answer. It knows nothing of the answers.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::host::Host;
use crate::route::Api;
use crate::seed::Seed;

/// Room for the headers that differ by answer.
const PER_ANSWER: usize = 5;

/// On every answer of all. The cookie and what follows it concern a browser that talks to the
/// provider itself.
const ALL: &[(&str, &str)] = &[
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

const AZURE: &[(&str, &str)] = &[
    ("x-ms-region", "Sweden Central"),
    ("x-ms-deployment-name", "standin"),
    ("x-ratelimit-limit-requests", "1000"),
    ("x-ratelimit-limit-tokens", "1000000"),
    ("x-ratelimit-remaining-requests", "999"),
    ("x-ratelimit-remaining-tokens", "999990"),
    ("azureml-model-session", "d010"),
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

const GOOGLE: &[(&str, &str)] = &[
    ("server", "scaffolding on HTTPServer2"),
    ("server-timing", "gfet4t7; dur=812"),
    ("vary", "Origin, X-Origin, Referer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-xss-protection", "0"),
];

const COHERE: &[(&str, &str)] = &[
    ("server", "envoy"),
    ("x-endpoint-monthly-call-limit", "1000"),
    ("x-trial-endpoint-call-limit", "40"),
    ("x-trial-endpoint-call-remaining", "39"),
];

/// Built once, copied for each answer.
pub(crate) struct ProviderHeaders {
    openai: HeaderMap,
    anthropic: HeaderMap,
    google: HeaderMap,
    bedrock: HeaderMap,
    azure: HeaderMap,
    cohere: HeaderMap,
}

impl ProviderHeaders {
    pub(crate) fn new() -> Self {
        Self {
            openai: headers(OPENAI),
            anthropic: headers(ANTHROPIC),
            google: headers(GOOGLE),
            bedrock: headers(&[]),
            azure: headers(AZURE),
            cohere: headers(COHERE),
        }
    }

    /// The provider's headers with the id of this request; Google's answers have no id, and Cohere's have it in
    /// their bodies.
    pub(crate) fn answer(&self, host: Host, api: Api, id: Seed) -> HeaderMap {
        if host == Host::Azure {
            let mut headers = self.azure.clone();
            insert(
                &mut headers,
                HeaderName::from_static("apim-request-id"),
                &id.uuid(),
            );
            return headers;
        }
        let api = match host {
            Host::Bedrock => Api::Bedrock,
            Host::Vertex => Api::Google,
            _ => api,
        };
        let (headers, name, id) = match api {
            Api::OpenAi => (&self.openai, "x-request-id", id.id("req_")),
            Api::Anthropic => (&self.anthropic, "request-id", id.id("req_")),
            Api::Bedrock => (&self.bedrock, "x-amzn-requestid", id.uuid()),
            Api::Google => return self.google.clone(),
            Api::Cohere => return self.cohere.clone(),
        };
        let mut headers = headers.clone();
        insert(&mut headers, HeaderName::from_static(name), &id);
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
    let mut headers = HeaderMap::with_capacity(ALL.len() + own.len() + PER_ANSWER);
    for (name, value) in ALL.iter().chain(own) {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
}
