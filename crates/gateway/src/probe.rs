//! Test Connection and the upstream's own list of models, for admins.
//!
//! Name, connection and TLS are timed on a connection of their own, made by the same rules as those of
//! traffic; the call itself then goes through the very function that traffic goes through, and leaves a
//! row (agent `weir:test`, no token).

mod dial;
mod request;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use admin::{
    live::LiveProvider,
    probe::{Failure, Probe, Stage, StageName, StageOutcome, Symptom, TestReport},
};
use bytes::Bytes;
use catalog::Mode;
use domain::{
    CallId, Timestamp,
    call::{Call, CallStart, Operation},
    pricing::PriceState,
};
use futures_util::future::BoxFuture;
use http::{HeaderMap, Response, header::AUTHORIZATION};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::{sync::oneshot, time::timeout};
use uuid::Uuid;
use wire::route;

use self::request::TestRequest;
use crate::{
    Gateway,
    answer::AnswerBody,
    forward::{Admitted, Refused},
    intake,
    refusal::Refusal,
};

/// The agent that test calls are for.
const TEST_AGENT: &str = "weir:test";
/// The largest answer to a test or of a list of models.
const ANSWER_MAX_BYTES: usize = 16 << 20;
/// How long such an answer may take to come down once it has begun.
const PATIENCE: Duration = Duration::from_secs(60);
/// Characters of an upstream's own words that are repeated.
const WORDS_MAX: usize = 600;

impl Probe for Gateway {
    fn test<'a>(
        &'a self,
        provider: &'a LiveProvider,
        model: Option<&'a str>,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport> {
        Box::pin(self.run_test(provider, model, authorization))
    }

    fn list_models<'a>(
        &'a self,
        provider: &'a LiveProvider,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            let request = TestRequest::models(provider.provider.upstream.provider_type());
            let (answer, _) = self.call_upstream(provider, request, authorization).await?;
            let list: Value = serde_json::from_slice(&answer.body)
                .map_err(|_| failure(Symptom::NotTheApi, Some(answer.status), &answer.body))?;
            // OpenAI and Anthropic answer an object with `data`, Together a bare list.
            let entries = list.get("data").unwrap_or(&list).as_array();
            let ids = entries
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.get("id")?.as_str());
            Ok(ids.map(str::to_owned).collect())
        })
    }
}

/// An answer that was read whole.
struct Whole {
    status: u16,
    body: Bytes,
    head_ms: u64,
    body_ms: u64,
}

impl Gateway {
    async fn run_test(
        &self,
        provider: &LiveProvider,
        model: Option<&str>,
        authorization: Option<SecretString>,
    ) -> TestReport {
        let mut report = Report::default();
        if let Some(name) = provider.secret_missing() {
            report.fail(StageName::Secret, None);
            let message = format!("there is no secret {name}");
            return report.end(Some(Failure {
                symptom: Symptom::SecretMissing,
                status: None,
                message: Some(message),
            }));
        }
        let needs_secret = provider.credential.is_some();
        report.note(StageName::Secret, needs_secret, None, None);
        if let Err(failure) = dial::dial(
            &self.connect,
            self.limits.connect_timeout,
            provider,
            &mut report,
        )
        .await
        {
            return report.end(Some(failure));
        }
        let Some(model) = model.or_else(|| {
            provider
                .provider
                .models
                .first()
                .map(|model| model.id.as_str())
        }) else {
            return report.end(Some(Failure {
                symptom: Symptom::NotFound,
                status: None,
                message: Some("name a model to test with: this provider lists none".to_owned()),
            }));
        };
        report.model = Some(model.to_owned());
        let upstream = &provider.provider.upstream;
        let snapshot = self.live.keep();
        let card = self
            .books
            .cards
            .find(&snapshot.catalog, upstream.catalog_kind(), model);
        let mode = card.map_or(Mode::Chat, |card| card.mode);
        let request = TestRequest::inference(upstream.provider_type(), model, mode);
        match self.call_upstream(provider, request, authorization).await {
            Err(failure) => {
                let stage = match failure.symptom {
                    Symptom::Unauthorized | Symptom::Forbidden => StageName::SignIn,
                    _ => StageName::Answer,
                };
                if stage == StageName::Answer && failure.status.is_some() {
                    report.note(StageName::SignIn, needs_secret, None, None);
                }
                report.fail(stage, None);
                report.end(Some(failure))
            }
            Ok((answer, row)) => {
                report.note(StageName::SignIn, true, Some(answer.head_ms), None);
                report.note(StageName::Answer, true, Some(answer.body_ms), None);
                report.judge(row, &answer)
            }
        }
    }

    /// Makes one call the way traffic makes it, and waits for its row.
    async fn call_upstream(
        &self,
        provider: &LiveProvider,
        request: TestRequest,
        authorization: Option<SecretString>,
    ) -> Result<(Whole, Option<Call>), Failure> {
        let began = Instant::now();
        let (observer, row) = oneshot::channel();
        let mut admitted = self.admitted(provider, &request, authorization)?;
        admitted.observer = Some(observer);
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
            .forward(admitted, body, held)
            .await
            .map_err(|Refused { refusal, .. }| refused(&refusal))?;
        let head_ms = millis(began);
        let answer = whole(response, head_ms, began).await?;
        if answer.status >= 400 {
            let symptom = match answer.status {
                401 => Symptom::Unauthorized,
                403 => Symptom::Forbidden,
                404 => Symptom::NotFound,
                429 => Symptom::RateLimited,
                _ => Symptom::UpstreamError,
            };
            return Err(failure(symptom, Some(answer.status), &answer.body));
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
        let route = route::route(provider_type, request.method.as_str(), request.path)
            .map_err(|_| refused(&Refusal::PathInvalid))?;
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
            address: route.url(upstream.base_url()),
            headers,
            start: CallStart {
                id: CallId(Uuid::now_v7()),
                started_at: Timestamp::now(),
                provider: provider.provider.id.clone(),
                provider_type,
                model: None,
                requested_model: None,
                operation: route.operation,
                streamed: false,
                agent: Some(TEST_AGENT.to_owned()),
                user: None,
                conversation: None,
                token: None,
                endpoint: None,
                catalog_version: snapshot.catalog.version().to_owned(),
                estimated_input: None,
            },
            began: Instant::now(),
            waited: std::time::Duration::ZERO,
            observer: None,
        })
    }
}

async fn whole(
    response: Response<AnswerBody>,
    head_ms: u64,
    began: Instant,
) -> Result<Whole, Failure> {
    let status = response.status().as_u16();
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
        body,
        head_ms,
        body_ms: millis(began).saturating_sub(head_ms),
    })
}

fn refused(refusal: &Refusal) -> Failure {
    let symptom = match refusal {
        Refusal::SecretMissing { .. } => Symptom::SecretMissing,
        Refusal::AddressRefused => Symptom::AddressRefused,
        Refusal::ConnectTimeout | Refusal::AnswerTimeout => Symptom::TimedOut,
        Refusal::AuthorizationMissing => Symptom::Unauthorized,
        Refusal::ModelNotAllowed { .. } => Symptom::NotFound,
        Refusal::CannotRecord | Refusal::BuffersFull => Symptom::CannotRecord,
        _ => Symptom::UpstreamError,
    };
    Failure {
        symptom,
        status: None,
        message: Some(refusal.message()),
    }
}

/// A failure with the upstream's own words: the message of its error where it has one, else its text.
fn failure(symptom: Symptom, status: Option<u16>, body: &[u8]) -> Failure {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let told = json.as_ref().and_then(|json| {
        let error = json.get("error").unwrap_or(json);
        error
            .get("message")
            .or(Some(error))?
            .as_str()
            .map(str::to_owned)
    });
    let words = told.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let words: String = words
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(WORDS_MAX)
        .collect();
    Failure {
        symptom,
        status,
        message: (!words.is_empty()).then_some(words),
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A test's report while it is being made.
#[derive(Default)]
struct Report {
    stages: Vec<Stage>,
    model: Option<String>,
    row: Option<Call>,
}

impl Report {
    /// Notes a stage that went well, or that there was nothing to do for.
    fn note(&mut self, name: StageName, needed: bool, ms: Option<u64>, detail: Option<String>) {
        let outcome = if needed {
            StageOutcome::Passed
        } else {
            StageOutcome::NotNeeded
        };
        self.stages.push(Stage {
            name,
            outcome,
            ms,
            detail,
        });
    }

    fn fail(&mut self, name: StageName, ms: Option<u64>) {
        self.stages.push(Stage {
            name,
            outcome: StageOutcome::Failed,
            ms,
            detail: None,
        });
    }

    /// Judges the row of a call that was answered.
    fn judge(mut self, row: Option<Call>, answer: &Whole) -> TestReport {
        let operation = row.as_ref().map(|row| row.start.operation);
        let usage_told = row
            .as_ref()
            .is_some_and(|row| row.usage.is_reported() && row.price_state != PriceState::Estimated);
        let is_the_api = row
            .as_ref()
            .is_some_and(|row| row.outcome == domain::call::Outcome::Ok);
        self.row = row;
        if !is_the_api && operation.is_some_and(Operation::is_inference) {
            self.stages.pop();
            self.fail(StageName::Answer, Some(answer.body_ms));
            return self.end(Some(failure(
                Symptom::NotTheApi,
                Some(answer.status),
                &answer.body,
            )));
        }
        if !usage_told {
            self.fail(StageName::Usage, None);
            let message = "the answer tells no token counts; Weir estimates them".to_owned();
            return self.end(Some(Failure {
                symptom: Symptom::NoUsage,
                status: Some(answer.status),
                message: Some(message),
            }));
        }
        self.note(StageName::Usage, true, None, None);
        self.end(None)
    }

    /// The whole report: stages that were not come to are there, too.
    fn end(mut self, failure: Option<Failure>) -> TestReport {
        for name in StageName::ALL {
            if !self.stages.iter().any(|stage| stage.name == *name) {
                let outcome = StageOutcome::NotTried;
                self.stages.push(Stage {
                    name: *name,
                    outcome,
                    ms: None,
                    detail: None,
                });
            }
        }
        let order = |stage: &Stage| StageName::ALL.iter().position(|name| *name == stage.name);
        self.stages.sort_by_key(order);
        TestReport {
            stages: self.stages,
            call_id: self.row.as_ref().map(|row| row.start.id),
            model: self.model,
            cost: self.row.as_ref().and_then(|row| row.charge.total),
            price_state: self.row.as_ref().map(|row| row.price_state),
            failure,
        }
    }
}
