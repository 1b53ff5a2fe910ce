//! A call to a provider with several endpoints: tried at one after the other until one answers.
//!
//! Each attempt is a call like any other, with a row of its own, journalled before it goes up; a later one names
//! the first. An endpoint that cannot be reached, or answers 429 or 5xx, is passed over for a while
//! ([`admin::live::Ring`]) and the call goes on to the next. What was answered with anything else is the answer.
//!
//! Where no endpoint answers, the last answer that there was passes, else Weir's own refusal of the last attempt.
//! Nothing is tried again where the upstream may have begun to work on something that must not be done twice: a
//! path that is not metered, or a background response. One that keeps silent has taken the call, so that is not
//! tried again either.
//!
//! A stored response is at one endpoint only. Calls that read it, or go on from it, go there; where nobody
//! remembers it, each endpoint is asked until one has it.

use std::time::{Duration, Instant};

use admin::live::{LiveEndpoint, LiveEndpoints, LiveProvider, Snapshot};
use bytes::Bytes;
use domain::{
    CallId, Timestamp,
    call::{CallStart, Operation},
};
use http::{HeaderMap, Method, Response, StatusCode, header::RETRY_AFTER, request};
use uuid::Uuid;
use wire::{request as body_of, route::Dialect};

use crate::{
    Gateway,
    admit::split,
    answer::AnswerBody,
    call::PROMPT_KEPT_BYTES,
    forward::{Admitted, Refused},
    intake::Held,
    recording::Recording,
    refusal::Refusal,
};

/// A call that was taken in and is to be tried.
pub(crate) struct ToTry<'a> {
    pub(crate) parts: request::Parts,
    pub(crate) body: Bytes,
    /// The body's share of the memory for all calls; as long as it may be sent again.
    pub(crate) held: Held,
    pub(crate) dialect: Dialect,
    /// The row of the first attempt, as far as the request tells.
    pub(crate) start: CallStart,
    pub(crate) began: Instant,
    /// Time that was spent waiting for the client's body; not Weir's own.
    pub(crate) waited: Duration,
    pub(crate) endpoints: &'a LiveEndpoints,
    pub(crate) snapshot: &'a Snapshot,
}

/// What an attempt came to, for the call and for the endpoint.
enum Verdict {
    /// This is the answer.
    Answered,
    /// The endpoint failed.
    Failed {
        why: String,
        retry_after: Option<Duration>,
        /// Another one may be tried.
        again: bool,
    },
    /// The endpoint is there, and has not what the call needs. Another one may have it.
    NotThere,
    /// Weir did not come as far as the endpoint.
    Refused,
}

/// What a call needs of a stored response.
struct Stored {
    /// The endpoint that gave it out, if that is known.
    at: Option<domain::provider::EndpointName>,
    /// The statuses by which an endpoint says that it has not got it.
    missing: &'static [u16],
}

/// What attempts came to so far, each with what was recorded of it: of the one that passes in the end it is
/// kept, of others forgotten.
struct Outcomes {
    answer: Option<(Response<AnswerBody>, Option<Box<Recording>>)>,
    refusal: (Refusal, CallId, Option<Box<Recording>>),
}

impl Outcomes {
    fn new(first: CallId) -> Self {
        let refusal = Refusal::Unreachable {
            reason: "none of its endpoints can be called",
        };
        Self {
            answer: None,
            refusal: (refusal, first, None),
        }
    }

    fn answered(&mut self, response: Response<AnswerBody>, recording: Option<Box<Recording>>) {
        if let Some((_, before)) = self.answer.replace((response, recording)) {
            forget(before);
        }
    }

    fn refused(&mut self, refusal: Refusal, id: CallId, recording: Option<Box<Recording>>) {
        forget(self.refusal.2.take());
        self.refusal = (refusal, id, recording);
    }

    /// What was answered before does not pass: Weir's own refusal does.
    fn no_answer(&mut self) {
        if let Some((_, recording)) = self.answer.take() {
            forget(recording);
        }
    }

    /// The last answer, else the last refusal and the attempt that it is of.
    fn end(self) -> Result<Response<AnswerBody>, (Refusal, CallId)> {
        let (refusal, id, recording) = self.refusal;
        match self.answer {
            Some((response, _recorded)) => {
                forget(recording);
                Ok(response)
            }
            None => Err((refusal, id)),
        }
    }
}

fn forget(recording: Option<Box<Recording>>) {
    if let Some(mut recording) = recording {
        recording.forget();
    }
}

impl Gateway {
    /// Tries a call at one endpoint after the other.
    pub(crate) async fn in_turn(&self, to_try: ToTry<'_>) -> Response<AnswerBody> {
        let ToTry {
            parts,
            body,
            held: _until_the_end,
            dialect,
            start,
            mut began,
            mut waited,
            endpoints,
            snapshot,
        } = to_try;
        let path = split(parts.uri.path()).1;
        let stored = stored(&start, path, &body, endpoints);
        let mut turns = endpoints.ring.turns(stored.at.as_ref());
        let mut attempt_start = start.clone();
        let mut outcomes = Outcomes::new(start.id);
        let mut is_first = true;
        while let Some(attempt) = turns.next(Instant::now()) {
            let Some(endpoint) = endpoints.each.get(attempt.index()) else {
                break;
            };
            if !is_first {
                began = Instant::now();
                waited = Duration::ZERO;
                attempt_start = CallStart {
                    id: CallId(Uuid::now_v7()),
                    started_at: Timestamp::now(),
                    attempt_of: Some(start.id),
                    ..start.clone()
                };
            }
            is_first = false;
            attempt_start.endpoint = Some(endpoint.name.to_string());
            let id = attempt_start.id;
            let mut recording = None;
            let result = match self.admitted_at(
                endpoint,
                &parts,
                path,
                dialect,
                attempt_start.clone(),
                snapshot,
            ) {
                Err(refusal) => Err(Refused {
                    refusal,
                    start: Some(attempt_start.clone()),
                }),
                Ok(mut admitted) => {
                    admitted.began = began;
                    admitted.waited = waited;
                    match self.share(&body) {
                        Ok(share) => {
                            let body = body.clone();
                            self.forward(admitted, body, share, &mut recording).await
                        }
                        Err(refusal) => Err(Refused {
                            refusal,
                            start: Some(admitted.start),
                        }),
                    }
                }
            };
            let verdict = verdict(&result, start.operation, &parts.method, &stored);
            match result {
                Ok(response) => outcomes.answered(response, recording),
                Err(mut refused) => {
                    if let Some(start) = refused.start.take() {
                        self.write_down_refused(start, &refused.refusal, began);
                    }
                    outcomes.refused(refused.refusal, id, recording);
                }
            }
            let tried = |answered| {
                let metrics = self.books.recorder.metrics();
                metrics.tried(&start.provider, &endpoint.name, answered);
            };
            match verdict {
                Verdict::Answered => {
                    tried(true);
                    attempt.answered(Instant::now());
                    break;
                }
                Verdict::NotThere => {
                    tried(true);
                    attempt.answered(Instant::now());
                }
                Verdict::Failed {
                    why,
                    retry_after,
                    again,
                } => {
                    tracing::warn!(
                        call.id = %id, provider.id = %start.provider, endpoint = %endpoint.name, why,
                        "An endpoint failed and is passed over for a while"
                    );
                    tried(false);
                    attempt.failed(Instant::now(), why, retry_after);
                    if !again {
                        outcomes.no_answer();
                    }
                    // What is stored there is nowhere else.
                    if !again || stored.at.is_some() {
                        break;
                    }
                }
                Verdict::Refused => {
                    outcomes.no_answer();
                    break;
                }
            }
        }
        let (refusal, id) = match outcomes.end() {
            Ok(response) => return response,
            Err(refused) => refused,
        };
        let refused = Refused {
            refusal,
            start: None,
        };
        self.refuse(dialect, refused, id, began)
    }

    /// The request as it goes to one endpoint.
    fn admitted_at(
        &self,
        endpoint: &LiveEndpoint,
        parts: &request::Parts,
        path: &str,
        dialect: Dialect,
        mut start: CallStart,
        snapshot: &Snapshot,
    ) -> Result<Admitted, Refusal> {
        let provider: &LiveProvider = &endpoint.provider;
        let target = self.target(parts, path, provider)?;
        start.operation = target.operation;
        start.model = target.model;
        Ok(Admitted {
            provider: std::sync::Arc::clone(&endpoint.provider),
            catalog: std::sync::Arc::clone(&snapshot.catalog),
            method: parts.method.clone(),
            address: target.address,
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            streamed: target.streamed,
            dialect,
            start,
            began: Instant::now(),
            waited: Duration::ZERO,
            first_byte_timeout: self.limits.first_byte_timeout,
            observer: None,
        })
    }

    /// The share of an attempt: what it keeps of the body beyond the head of its answer.
    fn share(&self, body: &Bytes) -> Result<Held, Refusal> {
        let mut share = Held::none(&self.budget);
        if body.len() <= PROMPT_KEPT_BYTES {
            share.grow_to(body.len())?;
        }
        Ok(share)
    }
}

/// What an attempt came to.
fn verdict(
    result: &Result<Response<AnswerBody>, Refused>,
    operation: Operation,
    method: &Method,
    stored: &Stored,
) -> Verdict {
    let refusal = match result {
        Ok(response) => {
            let status = response.status();
            if fails(status.as_u16()) {
                return Verdict::Failed {
                    why: answered(status.as_u16()),
                    retry_after: retry_after(response.headers(), Timestamp::now()),
                    again: true,
                };
            }
            return if stored.missing.contains(&status.as_u16()) {
                Verdict::NotThere
            } else {
                Verdict::Answered
            };
        }
        Err(Refused { refusal, .. }) => refusal,
    };
    let failed = |why: &str, again| Verdict::Failed {
        why: why.to_owned(),
        retry_after: None,
        again,
    };
    match refusal {
        Refusal::Unreachable { reason } => failed(reason, true),
        Refusal::Broken { reason } => failed(reason, may_be_repeated(operation, method)),
        Refusal::AddressRefused => failed(
            "its name leads to an address to which Weir does not connect",
            true,
        ),
        Refusal::ConnectTimeout => failed("no connection within the connect timeout", true),
        Refusal::AnswerTimeout => failed("no answer within the first-byte timeout", false),
        Refusal::SecretMissing { name } => failed(
            &format!("there is no secret {name}, or it cannot be read"),
            true,
        ),
        Refusal::CredentialsMissing => failed("there are no credentials for it", true),
        Refusal::ErrorTooLarge { status } if fails(*status) => failed(&answered(*status), true),
        _ => Verdict::Refused,
    }
}

fn answered(status: u16) -> String {
    let words = StatusCode::from_u16(status).ok();
    match words.and_then(|status| status.canonical_reason()) {
        Some(words) => format!("it answered {status} {words}"),
        None => format!("it answered {status}"),
    }
}

/// Whether an answer of this status says that the endpoint cannot serve at the moment.
const fn fails(status: u16) -> bool {
    status == 429 || status >= 500
}

/// Whether it does no harm if an upstream does twice what it was asked: at worst it bills an answer that nobody
/// reads. Not so for what it keeps.
fn may_be_repeated(operation: Operation, method: &Method) -> bool {
    operation.is_inference() && operation != Operation::Responses
        || *method == Method::GET
        || *method == Method::HEAD
        || operation == Operation::CountTokens
}

/// How long an upstream asks to be left alone.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// What the call needs of a stored response: it reads one, or goes on from one.
fn stored(start: &CallStart, path: &str, body: &Bytes, endpoints: &LiveEndpoints) -> Stored {
    let (response, missing): (_, &[u16]) = match start.operation {
        Operation::StoredResponse => {
            let mut parts = path.split('/').skip_while(|part| *part != "responses");
            (parts.nth(1).map(str::to_owned), &[404])
        }
        Operation::Responses => {
            let asked = body_of::read(start.operation, start.provider_type, body);
            // An unknown one is told by either.
            (
                asked.ok().and_then(|asked| asked.previous_response_id),
                &[400, 404],
            )
        }
        _ => (None, &[]),
    };
    let Some(response) = response else {
        return Stored {
            at: None,
            missing: &[],
        };
    };
    let at = endpoints.ring.answered().by(&response);
    let at = at.filter(|at| endpoints.each.iter().any(|endpoint| endpoint.name == *at));
    let missing = if at.is_none() { missing } else { &[] };
    Stored { at, missing }
}

#[cfg(test)]
mod tests;
