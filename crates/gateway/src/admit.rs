//! Whether a request may go up at all: steps 1 to 7 of the crate's list, and how a refusal looks.

use std::{sync::Arc, time::Instant};

use admin::live::{LiveProvider, LiveToken, Snapshot};
use bytes::Bytes;
use domain::{
    CallId, Timestamp,
    call::{CallStart, Operation},
    provider::{ProviderType, Upstream},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, UPGRADE},
    request,
};
use http_body::Body;
use uuid::Uuid;
use wire::route;

use crate::{
    Gateway, PREFIX,
    answer::AnswerBody,
    authenticate, call, discovery,
    forward::{Admitted, Refused},
    headers::{self, WEIR_AGENT, WEIR_CONVERSATION, WEIR_USER},
    intake::{self, IntakeError},
    refusal::Refusal,
};

/// Where the discovery document of a provider is, behind its proxy URL.
const DISCOVERY_PATH: &str = "/.well-known/weir";
/// Longest agent, user or conversation that a request may name, in characters.
const LABEL_MAX: usize = 200;

impl Gateway {
    /// Handles one request whose path is below [`crate::ROOT`].
    pub async fn handle<B>(&self, request: Request<B>) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let id = CallId(Uuid::now_v7());
        let arrival = Arrival {
            id,
            at: Timestamp::now(),
            began: Instant::now(),
        };
        let (parts, body) = request.into_parts();
        let snapshot = self.live.keep();
        let (provider_id, path) = split(parts.uri.path());
        let provider = snapshot.providers.get(provider_id);
        let provider_type = provider.map(|live| live.provider.upstream.provider_type());
        // An unknown provider's clients most likely speak OpenAI's API.
        let shape = provider_type.unwrap_or(ProviderType::OpenAi);
        let (provider, token) = match admit(&parts, provider, &snapshot, arrival.at) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                tracing::info!(call.id = %id, status = refusal.status(), code = refusal.code(), "Refused a request to {provider_id:?}");
                return refused(shape, &refusal, id);
            }
        };
        let mut start = start(&arrival, &provider, &token, &parts.headers, &snapshot);
        let result = match operation(&parts, path, &provider, &token) {
            Err(refusal) => Err(Refused {
                refusal,
                start: Some(start),
            }),
            Ok(Asked::Discovery) => {
                return discovery::answer(&snapshot, &provider, &self.books.cards, id);
            }
            Ok(Asked::Operation { operation, address }) => {
                start.operation = operation;
                self.take_and_forward(parts, body, address, &arrival, start, provider, &snapshot)
                    .await
            }
        };
        result.unwrap_or_else(|Refused { refusal, start }| {
            if let Some(start) = start {
                let row = call::rejected(start, refusal.status(), arrival.began);
                call::log(&row);
                self.books.recorder.finish(row);
            }
            refused(shape, &refusal, id)
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything that the request consists of"
    )]
    async fn take_and_forward<B>(
        &self,
        parts: request::Parts,
        body: B,
        address: String,
        arrival: &Arrival,
        start: CallStart,
        provider: Arc<LiveProvider>,
        snapshot: &Snapshot,
    ) -> Result<Response<AnswerBody>, Refused>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let waiting = Instant::now();
        let taken = intake::take(
            body,
            self.limits.max_body_bytes,
            self.limits.idle_timeout,
            &self.budget,
        );
        let (body, held) = match taken.await {
            Ok(taken) => taken,
            Err(IntakeError::Refused(refusal)) => {
                return Err(Refused {
                    refusal,
                    start: Some(start),
                });
            }
            Err(IntakeError::ClientGone) => {
                let reason = "it ended before it was complete".to_owned();
                return Err(Refused {
                    refusal: Refusal::BodyInvalid { reason },
                    start: None,
                });
            }
        };
        let admitted = Admitted {
            provider,
            catalog: Arc::clone(&snapshot.catalog),
            method: parts.method,
            address,
            headers: parts.headers,
            start,
            began: arrival.began,
            waited: waiting.elapsed(),
            observer: None,
        };
        self.forward(admitted, body, held).await
    }
}

/// When and as what a request arrived.
struct Arrival {
    id: CallId,
    at: Timestamp,
    began: Instant,
}

/// Splits the path into the provider's id and what is behind it (`/…`, or nothing).
fn split(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix(PREFIX).unwrap_or_default();
    match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    }
}

/// Steps 1 to 4.
fn admit(
    parts: &request::Parts,
    provider: Option<&Arc<LiveProvider>>,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<(Arc<LiveProvider>, Arc<LiveToken>), Refusal> {
    if parts
        .headers
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode == "navigate")
    {
        return Err(Refusal::Navigation);
    }
    let upgrade = parts
        .headers
        .get(UPGRADE)
        .and_then(|value| value.to_str().ok());
    if upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket")) {
        return Err(Refusal::WebSocket);
    }
    let upstream = provider.map(|live| &live.provider.upstream);
    let token = authenticate::caller(&parts.headers, upstream, snapshot, now)?;
    let provider = provider.ok_or(Refusal::ProviderUnknown)?;
    Ok((Arc::clone(provider), token))
}

/// What is behind a provider's proxy URL.
enum Asked {
    Discovery,
    Operation {
        operation: Operation,
        address: String,
    },
}

/// Steps 4 to 6, for a caller whose token is good.
fn operation(
    parts: &request::Parts,
    path: &str,
    provider: &LiveProvider,
    token: &LiveToken,
) -> Result<Asked, Refusal> {
    if !token.allows(&provider.provider.id) {
        return Err(Refusal::TokenNotForProvider);
    }
    if !provider.provider.enabled {
        return Err(Refusal::ProviderDisabled);
    }
    if path == DISCOVERY_PATH && parts.method == Method::GET {
        return Ok(Asked::Discovery);
    }
    let upstream = &provider.provider.upstream;
    let path = if path.is_empty() { "/" } else { path };
    let route = route::route(upstream.provider_type(), parts.method.as_str(), path)
        .map_err(|_| Refusal::PathInvalid)?;
    if route.operation == Operation::Other && !provider.provider.other_paths {
        return Err(Refusal::OperationNotAllowed);
    }
    let mut address = route.url(upstream.base_url());
    if let Some(query) = parts.uri.query() {
        address.push('?');
        address.push_str(query);
    }
    Ok(Asked::Operation {
        operation: route.operation,
        address,
    })
}

/// The beginning of the row, as far as the request's head tells.
fn start(
    arrival: &Arrival,
    provider: &LiveProvider,
    token: &LiveToken,
    headers: &HeaderMap,
    snapshot: &Snapshot,
) -> CallStart {
    let upstream = &provider.provider.upstream;
    CallStart {
        id: arrival.id,
        started_at: arrival.at,
        provider: provider.provider.id.clone(),
        provider_type: upstream.provider_type(),
        model: None,
        requested_model: None,
        operation: Operation::Other,
        streamed: false,
        agent: token.agent.clone().or_else(|| label(headers, &WEIR_AGENT)),
        user: token.user.clone().or_else(|| label(headers, &WEIR_USER)),
        conversation: label(headers, &WEIR_CONVERSATION),
        token: Some(token.id),
        endpoint: host(upstream),
        catalog_version: snapshot.catalog.version().to_owned(),
        estimated_input: None,
    }
}

/// A name that the request gives itself. What is too long or unreadable is taken as not said.
fn label(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = std::str::from_utf8(headers.get(name)?.as_bytes())
        .ok()?
        .trim();
    let fits = !text.is_empty() && text.chars().count() <= LABEL_MAX;
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// Host and port of the upstream.
fn host(upstream: &Upstream) -> Option<String> {
    let (_, rest) = upstream.base_url().split_once("://")?;
    rest.split('/').next().map(str::to_owned)
}

/// Weir's own answer to a request that it refuses, in the shape that the provider's SDK expects.
fn refused(shape: ProviderType, refusal: &Refusal, id: CallId) -> Response<AnswerBody> {
    let status = refusal.status();
    let request_id = id.to_string();
    let (content_type, body) = wire::error::body(
        shape,
        status,
        refusal.code(),
        &refusal.message(),
        Some(&request_id),
    );
    let mut response = Response::new(AnswerBody::ready(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(seconds) = refusal.retry_after_s() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    headers::own(headers, id);
    response
}
