//! Whether a request may go up at all: steps 1 to 7 of the crate's list, and how a refusal looks.

mod target;

use std::{sync::Arc, time::Instant};

use admin::live::{LiveProvider, LiveToken, Snapshot};
use bytes::Bytes;
use domain::{
    CallId, Timestamp,
    call::{CallStart, Operation},
    provider::{ProviderType, host},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, UPGRADE},
    request,
};
use http_body::Body;
use uuid::Uuid;
use wire::route::{self, Dialect};

pub(crate) use self::target::at_home;
use self::target::{Asked, Target};
use crate::{
    Gateway, PREFIX,
    answer::AnswerBody,
    attempts::ToTry,
    authenticate, call, discovery,
    forward::{Admitted, Refused},
    headers::{self, WEIR_AGENT, WEIR_CONVERSATION, WEIR_USER},
    intake::{self, IntakeError},
    log,
    refusal::Refusal,
};

/// What the agents of Weir's own calls begin with.
const RESERVED_LABELS: &str = "weir:";
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
        let dialect = route::dialect(provider_type.unwrap_or(ProviderType::OpenAi), path);
        let (provider, token) = match admit(&parts, provider, dialect, &snapshot, arrival.at) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                tracing::info!(call.id = %id, status = refusal.status(), code = refusal.code(), "Refused a request to {provider_id:?}");
                return refused(dialect, &refusal, id);
            }
        };
        let mut start = start(&arrival, &provider, &token, &parts.headers, &snapshot);
        // Of several it is not chosen yet.
        if provider.endpoints().is_none() {
            start.endpoint = host(&self.base_url(&provider.provider.upstream)).map(str::to_owned);
        }
        let result = match self.operation(&parts, path, &provider, &token) {
            Err(refusal) => Err(Refused {
                refusal,
                start: Some(start),
            }),
            Ok(Asked::Discovery) => {
                return discovery::answer(&snapshot, &provider, &self.books.cards, id);
            }
            Ok(Asked::Operation(target)) => {
                start.operation = target.operation;
                start.model = target.model.clone();
                if provider.endpoints().is_some() {
                    // Apart, so that calls of other providers need no room for it.
                    let tried = self
                        .take_and_try(parts, body, dialect, &arrival, start, &provider, &snapshot);
                    return Box::pin(tried).await;
                }
                self.take_and_forward(
                    parts, body, dialect, target, &arrival, start, provider, &snapshot,
                )
                .await
            }
        };
        result.unwrap_or_else(|refused| self.refuse(dialect, refused, id, arrival.began))
    }

    /// Weir's own answer to a call, with its row where it has none.
    pub(crate) fn refuse(
        &self,
        dialect: Dialect,
        refused: Refused,
        id: CallId,
        began: Instant,
    ) -> Response<AnswerBody> {
        let Refused { refusal, start } = refused;
        if let Some(start) = start {
            self.write_down_refused(start, &refusal, began);
        }
        self::refused(dialect, &refusal, id)
    }

    /// Writes the row of a call that Weir refused.
    pub(crate) fn write_down_refused(&self, start: CallStart, refusal: &Refusal, began: Instant) {
        let row = call::rejected(start, refusal.status(), began);
        log::call(&row);
        self.books.recorder.finish(row);
    }

    /// Takes the body in and tries the call at one endpoint after the other.
    #[expect(
        clippy::too_many_arguments,
        reason = "everything that the request consists of"
    )]
    async fn take_and_try<B>(
        &self,
        parts: request::Parts,
        body: B,
        dialect: Dialect,
        arrival: &Arrival,
        start: CallStart,
        provider: &LiveProvider,
        snapshot: &Snapshot,
    ) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let waiting = Instant::now();
        let taken = self.take_in(body, start).await;
        let ((body, held, start), endpoints) = match (taken, provider.endpoints()) {
            (Ok(taken), Some(endpoints)) => (taken, endpoints),
            (Ok((_, _, start)), None) => {
                let refused = Refused {
                    refusal: Refusal::ProviderUnknown,
                    start: Some(start),
                };
                return self.refuse(dialect, refused, arrival.id, arrival.began);
            }
            (Err(refused), _) => {
                return self.refuse(dialect, refused, arrival.id, arrival.began);
            }
        };
        self.in_turn(ToTry {
            parts,
            body,
            held,
            dialect,
            start,
            began: arrival.began,
            waited: waiting.elapsed(),
            endpoints,
            snapshot,
        })
        .await
    }

    /// Takes the body of a call in.
    async fn take_in<B>(
        &self,
        body: B,
        start: CallStart,
    ) -> Result<(Bytes, intake::Held, CallStart), Refused>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let taken = intake::take(
            body,
            self.limits.max_body_bytes,
            self.limits.client_idle_timeout,
            &self.budget,
        );
        match taken.await {
            Ok((body, held)) => Ok((body, held, start)),
            Err(IntakeError::Refused(refusal)) => Err(Refused {
                refusal,
                start: Some(start),
            }),
            Err(IntakeError::Gone) => {
                let reason = "it ended before it was complete".to_owned();
                Err(Refused {
                    refusal: Refusal::BodyInvalid { reason },
                    start: None,
                })
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything that the request consists of"
    )]
    async fn take_and_forward<B>(
        &self,
        parts: request::Parts,
        body: B,
        dialect: Dialect,
        target: Target,
        arrival: &Arrival,
        start: CallStart,
        provider: Arc<LiveProvider>,
        snapshot: &Snapshot,
    ) -> Result<Response<AnswerBody>, Refused>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let waiting = Instant::now();
        let (body, held, start) = self.take_in(body, start).await?;
        let admitted = Admitted {
            provider,
            catalog: Arc::clone(&snapshot.catalog),
            method: parts.method,
            address: target.address,
            uri: parts.uri,
            headers: parts.headers,
            streamed: target.streamed,
            dialect,
            start,
            began: arrival.began,
            waited: waiting.elapsed(),
            first_byte_timeout: self.limits.first_byte_timeout,
            observer: None,
            tried: None,
        };
        self.forward(admitted, body, held, &mut None).await
    }
}

/// When and as what a request arrived.
struct Arrival {
    id: CallId,
    at: Timestamp,
    began: Instant,
}

/// Splits the path into the provider's id and what is behind it (`/…`, or nothing).
pub(crate) fn split(path: &str) -> (&str, &str) {
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
    dialect: Dialect,
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
    let token = authenticate::caller(parts, upstream, dialect, snapshot, now)?;
    let provider = provider.ok_or(Refusal::ProviderUnknown)?;
    Ok((Arc::clone(provider), token))
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
        endpoint: None,
        attempt_of: None,
        catalog_version: snapshot.catalog.version().to_owned(),
        estimated_input: None,
    }
}

/// A name that the request gives itself. What is too long or unreadable is taken as not said.
fn label(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = std::str::from_utf8(headers.get(name)?.as_bytes())
        .ok()?
        .trim();
    let fits = !text.is_empty()
        && text.chars().count() <= LABEL_MAX
        // Weir's own calls begin like this.
        && !text
            .get(..RESERVED_LABELS.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(RESERVED_LABELS));
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// Weir's own answer to a request that it refuses, in the shape that the provider's SDK expects.
fn refused(dialect: Dialect, refusal: &Refusal, id: CallId) -> Response<AnswerBody> {
    let status = refusal.status();
    let request_id = id.to_string();
    let answer = wire::error::body(
        dialect,
        status,
        refusal.code(),
        &refusal.message(),
        Some(&request_id),
    );
    let mut response = Response::new(AnswerBody::ready(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if let Some(seconds) = refusal.retry_after_s() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    headers::own(headers, id);
    response
}
