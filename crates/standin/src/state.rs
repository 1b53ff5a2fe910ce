//! What the answers have in common and what is kept of the requests. It knows nothing of the APIs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method};

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

    pub(crate) fn record(&self, request: &Parts, body: &Bytes) {
        let Some(mut kept) = self.kept() else {
            return;
        };
        if kept.len() >= MOST_REQUESTS {
            kept.pop_front();
        }
        kept.push_back(Recorded {
            method: request.method.clone(),
            path_and_query: request
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            headers: request.headers.clone(),
            body: body.clone(),
        });
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
        // Nothing in here can be left half done.
        Some(requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
