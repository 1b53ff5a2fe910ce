//! What the answers have in common and what is kept of the requests. It knows nothing of the APIs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::aws::{Aws, Issued};
use crate::bedrock::GuardrailSeen;
use crate::oauth::{IssuedTokens, OAuth, TokenFor, TokenState};
use crate::provider_headers::ProviderHeaders;
use crate::server::Settings;

const MOST_REQUESTS: usize = 1_000;

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The path, and the query with its `?` if there is one.
    pub path_and_query: String,
    /// All headers, credentials included.
    pub headers: HeaderMap,
    /// The body, all of it.
    pub body: Bytes,
}

/// The state behind [`crate::router`]. Copies share it.
#[derive(Clone)]
pub struct StandinState {
    shared: Arc<Shared>,
}

struct Shared {
    pace: Duration,
    first_byte: Duration,
    required_key: Option<String>,
    provider_headers: ProviderHeaders,
    aws: Aws,
    oauth: OAuth,
    leaks: Mutex<VecDeque<String>>,
    guardrails: Mutex<VecDeque<GuardrailSeen>>,
    /// `None`: requests are not kept.
    requests: Option<Mutex<VecDeque<Recorded>>>,
}

impl StandinState {
    /// `settings.listen` means nothing here.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            shared: Arc::new(Shared {
                pace: settings.pace,
                first_byte: settings.first_byte,
                required_key: settings.required_key.clone(),
                provider_headers: ProviderHeaders::new(),
                aws: Aws::new(&settings.aws),
                oauth: OAuth::new(&settings.oauth),
                leaks: Mutex::default(),
                guardrails: Mutex::default(),
                requests: settings.record_requests.then(Mutex::default),
            }),
        }
    }

    /// The last 1,000 requests, the newest last; none where they are not recorded. A request is
    /// there before its answer begins.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        match self.kept() {
            Some(kept) => kept.iter().cloned().collect(),
            None => Vec::new(),
        }
    }

    /// Forgets the requests until now.
    pub fn clear_requests(&self) {
        if let Some(mut kept) = self.kept() {
            kept.clear();
        }
    }

    /// A sentence for each of the last 1,000 calls that carried what must not reach a provider: a
    /// token of the gateway, a cookie, an `x-weir-` header.
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        locked(&self.shared.leaks).iter().cloned().collect()
    }

    /// The guardrails of the last 1,000 calls of Bedrock that had one, the newest last.
    #[must_use]
    pub fn guardrails(&self) -> Vec<GuardrailSeen> {
        locked(&self.shared.guardrails).iter().cloned().collect()
    }

    /// How often temporary credentials of AWS were issued.
    #[must_use]
    pub fn issued(&self) -> Issued {
        self.aws().keys().counts()
    }

    /// How often access tokens were issued.
    #[must_use]
    pub fn issued_tokens(&self) -> IssuedTokens {
        self.oauth().tokens().counts()
    }

    /// What an access token is worth.
    #[must_use]
    pub fn token_state(&self, token: &str, taken_by: TokenFor) -> TokenState {
        self.oauth().tokens().state(token, taken_by)
    }

    /// How long those credentials and tokens hold that are issued from now on.
    pub fn set_credential_lifetime(&self, lifetime: Duration) {
        self.aws().keys().set_lifetime(lifetime);
        self.oauth().tokens().set_lifetime(lifetime);
    }

    /// All credentials and tokens that were issued until now are expired.
    pub fn expire_issued(&self) {
        self.aws().keys().expire_issued();
        self.oauth().tokens().expire_issued();
    }

    /// Whether requests for credentials and tokens fail from now on, as those of a service that is
    /// down.
    pub fn refuse_issuing(&self, refuse: bool) {
        self.aws().keys().refuse_issuing(refuse);
        self.oauth().tokens().refuse_issuing(refuse);
    }

    pub(crate) fn oauth(&self) -> &OAuth {
        &self.shared.oauth
    }

    pub(crate) fn aws(&self) -> &Aws {
        &self.shared.aws
    }

    pub(crate) fn remember_leak(&self, sentence: &str) {
        keep(&mut locked(&self.shared.leaks), sentence.to_owned());
    }

    pub(crate) fn remember_guardrail(&self, seen: GuardrailSeen) {
        keep(&mut locked(&self.shared.guardrails), seen);
    }

    pub(crate) fn record(&self, request: &Parts, body: &Bytes) {
        let Some(mut kept) = self.kept() else {
            return;
        };
        let recorded = Recorded {
            method: request.method.clone(),
            path_and_query: request
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            headers: request.headers.clone(),
            body: body.clone(),
        };
        keep(&mut kept, recorded);
    }

    pub(crate) fn pace(&self) -> Duration {
        self.shared.pace
    }

    pub(crate) fn first_byte(&self) -> Duration {
        self.shared.first_byte
    }

    pub(crate) fn required_key(&self) -> Option<&str> {
        self.shared.required_key.as_deref()
    }

    pub(crate) fn provider_headers(&self) -> &ProviderHeaders {
        &self.shared.provider_headers
    }

    fn kept(&self) -> Option<MutexGuard<'_, VecDeque<Recorded>>> {
        let requests = self.shared.requests.as_ref()?;
        Some(locked(requests))
    }
}

fn keep<T>(kept: &mut VecDeque<T>, one: T) {
    if kept.len() >= MOST_REQUESTS {
        kept.pop_front();
    }
    kept.push_back(one);
}

fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here can be left half done.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
