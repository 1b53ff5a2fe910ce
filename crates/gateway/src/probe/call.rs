//! One call of Weir's own, made the way traffic makes it, and its answer read whole.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use admin::{
    live::LiveProvider,
    probe::{Failure, Symptom},
};
use bytes::Bytes;
use domain::{
    CallId, Timestamp,
    call::{Call, CallStart},
};
use http::{HeaderMap, Response, Uri, header::AUTHORIZATION};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::oneshot, time::timeout};
use uuid::Uuid;
use wire::route;

use super::{
    ANSWER_MAX_BYTES, PATIENCE, failure, millis, refused,
    request::{Place, TestRequest},
    symptoms,
};
use crate::{
    Gateway,
    admit::at_home,
    answer::AnswerBody,
    azure,
    forward::{Admitted, Refused},
    intake,
    refusal::Refusal,
};

/// The agent that test calls are for.
const TEST_AGENT: &str = "weir:test";

/// An answer that was read whole.
pub(super) struct Whole {
    pub(super) status: u16,
    /// What AWS calls its error.
    pub(super) kind: Option<String>,
    pub(super) body: Bytes,
    pub(super) head_ms: u64,
    pub(super) body_ms: u64,
}

impl Gateway {
    /// How long a test waits for an answer to begin: never longer than traffic does.
    fn patience(&self) -> Duration {
        PATIENCE.min(self.limits.first_byte_timeout)
    }

    /// Nothing came back: says how long was waited, and for whom.
    fn silent(&self, address: &str, began: Instant) -> Failure {
        let host = address.split('/').nth(2).unwrap_or(address);
        let waited = began.elapsed().max(self.patience()).as_secs();
        Failure {
            symptom: Symptom::NoAnswer,
            status: None,
            message: Some(format!("{host}: no answer within {waited} s")),
        }
    }

    /// Makes one call the way traffic makes it, and waits for its row.
    pub(super) async fn call_upstream(
        &self,
        provider: &LiveProvider,
        request: TestRequest,
        authorization: Option<SecretString>,
    ) -> Result<(Whole, Option<Call>), Failure> {
        let began = Instant::now();
        let (observer, row) = oneshot::channel();
        let mut admitted = self.admitted(provider, &request, authorization)?;
        admitted.observer = Some(observer);
        let address = admitted.address.clone();
        let body = Bytes::from(request.body);
        let (body, held) = intake::take(
            http_body_util::Full::new(body),
            u64::MAX,
            PATIENCE,
            &self.budget,
        )
        .await
        .map_err(|_| refused(&Refusal::BuffersFull))?;
        let response = self
            .forward(admitted, body, held, &mut None)
            .await
            .map_err(|Refused { refusal, .. }| match refusal {
                Refusal::AnswerTimeout => self.silent(&address, began),
                refusal => refused(&refusal),
            })?;
        let head_ms = millis(began);
        let answer = whole(response, head_ms, began).await?;
        // Redirects are never followed, so one is no answer either.
        if answer.status >= 300 {
            return Err(symptoms::failure_of(
                &provider.provider.upstream,
                answer.status,
                answer.kind.as_deref(),
                &answer.body,
            ));
        }
        Ok((answer, row.await.ok()))
    }

    fn admitted(
        &self,
        provider: &LiveProvider,
        request: &TestRequest,
        authorization: Option<SecretString>,
    ) -> Result<Admitted, Failure> {
        let snapshot = self.live.keep();
        let upstream = &provider.provider.upstream;
        let provider_type = upstream.provider_type();
        let route = route::route(provider_type, request.method.as_str(), &request.path)
            .map_err(|_| Failure {
                symptom: Symptom::NotFound,
                status: None,
                message: Some("The upstream was not asked: with a model of this name the path would be another one. Names have no slashes or dots of their own there.".to_owned()),
            })?;
        let route = at_home(route, upstream);
        let mut address = match request.place {
            Place::BelowBaseUrl => route.url(&self.base_url(upstream)),
            Place::AtHost(path) => at_host(&self.base_url(upstream), path),
        };
        if let Some(query) = azure::query(upstream, &request.path, request.query.clone()) {
            address = format!("{address}?{query}");
        }
        let mut headers: HeaderMap = request.headers.clone();
        if let Some(authorization) = authorization {
            let value = authorization.expose_secret().trim();
            let value = if value.contains(' ') {
                value.to_owned()
            } else {
                format!("Bearer {value}")
            };
            let value = value
                .parse()
                .map_err(|_| refused(&Refusal::AuthorizationMissing))?;
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Admitted {
            provider: Arc::new(provider.clone()),
            catalog: Arc::clone(&snapshot.catalog),
            method: request.method.clone(),
            address,
            uri: Uri::default(),
            headers,
            streamed: route.streamed,
            dialect: route::dialect(provider_type, &request.path),
            start: CallStart {
                id: CallId(Uuid::now_v7()),
                started_at: Timestamp::now(),
                provider: provider.provider.id.clone(),
                provider_type,
                model: route.model,
                requested_model: None,
                operation: route.operation,
                streamed: false,
                agent: Some(TEST_AGENT.to_owned()),
                user: None,
                conversation: None,
                token: None,
                endpoint: provider
                    .endpoint()
                    .map(|endpoint| endpoint.name.to_string()),
                attempt_of: None,
                catalog_version: snapshot.catalog.version().to_owned(),
                estimated_input: None,
            },
            began: Instant::now(),
            waited: std::time::Duration::ZERO,
            first_byte_timeout: self.patience(),
            observer: None,
            tried: None,
        })
    }
}

/// A path of the host that a base URL is at.
fn at_host(base_url: &str, path: &str) -> String {
    let scheme = base_url.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = base_url.get(scheme..).unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    format!("{}{host}{path}", base_url.get(..scheme).unwrap_or_default())
}

async fn whole(
    response: Response<AnswerBody>,
    head_ms: u64,
    began: Instant,
) -> Result<Whole, Failure> {
    let status = response.status().as_u16();
    let kind = response.headers().get("x-amzn-errortype");
    let kind = kind.and_then(|kind| Some(kind.to_str().ok()?.to_owned()));
    let failed = |words| failure(Symptom::UpstreamError, Some(status), words);
    let body = Limited::new(response.into_body(), ANSWER_MAX_BYTES);
    let body = timeout(PATIENCE, body.collect())
        .await
        .map_err(|_| failed(b"the answer took longer than a minute"))?
        .map_err(|error| {
            failed(if error.is::<LengthLimitError>() {
                b"the answer is larger than any answer to this should be"
            } else {
                b"the answer broke off"
            })
        })?
        .to_bytes();
    Ok(Whole {
        status,
        kind,
        body,
        head_ms,
        body_ms: millis(began).saturating_sub(head_ms),
    })
}
