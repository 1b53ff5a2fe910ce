//! A call to a provider with several endpoints: tried at one after the other until one answers.
//!
//! Each attempt is a call like any other, with a row of its own, journalled before it goes up; a later one names
//! the first. An endpoint that cannot be reached, or answers 429 or 5xx, is passed over for a while
//! ([`admin::live::Ring`]) and the call goes on to the next. What was answered with anything else is the answer.
//!
//! Where no endpoint answers, the last answer that there was passes, else Weir's own refusal of the last attempt.
//! Nothing is tried again where the upstream may have begun to work on something that must not be done twice: a
//! path that is not metered, or a background response; but for the statuses that say that it was not begun. One
//! that keeps silent has taken the call, so that is not tried again either.
//!
//! A stored response is at one endpoint only. Calls that read it, or go on from it, go there; where nobody
//! remembers it, each endpoint is asked until one has it. So it is with files, batches and the like, which nobody
//! remembers. That one has not got something passes only where no other failed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use admin::live::{LiveEndpoint, LiveEndpoints, LiveProvider, Snapshot};
use bytes::Bytes;
use domain::{
    CallId, Timestamp,
    call::{CallStart, Operation},
    provider::EndpointName,
};
use http::{Method, Response, StatusCode, header::CONTENT_ENCODING, request};
use memchr::memmem;
use uuid::Uuid;
use wire::{decode::Decoder, request as body_of, route::Dialect};

use crate::{
    Gateway,
    admit::split,
    answer::AnswerBody,
    call::PROMPT_KEPT_BYTES,
    forward::{Admitted, Refused},
    intake::Held,
    plan::text,
    recording::Recording,
    refusal::Refusal,
    tried::{Tried, fails},
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

/// What becomes of a call after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// What was answered, or refused, is the end.
    Stop,
    /// Another endpoint may be tried.
    GoOn,
    /// The endpoint has not what the call needs. Another one may have it.
    LookElsewhere,
}

/// What a call needs beside an endpoint that is well.
struct Needs {
    /// The endpoint that has what it needs. `None`: any, or nobody knows which.
    at: Option<EndpointName>,
    /// How endpoints say that they have not got it.
    missing: Missing,
    /// The upstream works on it when the call is over (Responses in the background).
    background: bool,
}

/// How an endpoint says that it has not got what a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// Nothing is needed, or it is known who has it.
    No,
    /// With 404.
    NotFound,
    /// With 404, or with 400 and words about it.
    PreviousResponse,
}

/// What OpenAI's errors call a response that another one goes on from.
const PREVIOUS_RESPONSE: &[u8] = b"previous_response";
/// The longest error in which it is looked for.
const ERROR_READ: usize = 64 << 10;

impl Missing {
    fn is_told(self, response: &Response<AnswerBody>) -> bool {
        let status = response.status();
        match self {
            Self::No => false,
            Self::NotFound => status == StatusCode::NOT_FOUND,
            Self::PreviousResponse => {
                status == StatusCode::NOT_FOUND
                    || status == StatusCode::BAD_REQUEST && names_previous_response(response)
            }
        }
    }
}

fn names_previous_response(response: &Response<AnswerBody>) -> bool {
    let encoding = text(response.headers(), &CONTENT_ENCODING).unwrap_or("identity");
    let said = Decoder::for_encoding(encoding).zip(response.body().known());
    let said = said.and_then(|(decoder, said)| decoder.with_limit(ERROR_READ).push(said).ok());
    said.is_some_and(|said| memmem::find(&said, PREVIOUS_RESPONSE).is_some())
}

/// An answer or a refusal, and what was recorded of it: of the one that passes in the end it is kept, of others
/// forgotten.
type Kept<T> = (T, Option<Box<Recording>>);

/// What attempts came to so far.
#[derive(Default)]
struct Outcomes {
    answer: Option<Kept<Response<AnswerBody>>>,
    refusal: Option<Kept<(Refusal, CallId)>>,
    /// An endpoint has not what the call needs.
    missing: Option<Kept<Response<AnswerBody>>>,
}

impl Outcomes {
    /// An answer, which passes unless another follows.
    fn answered(&mut self, response: Response<AnswerBody>, recording: Option<Box<Recording>>) {
        forget(self.answer.replace((response, recording)));
    }

    fn missing(&mut self, response: Response<AnswerBody>, recording: Option<Box<Recording>>) {
        forget(self.missing.replace((response, recording)));
    }

    fn refused(&mut self, refusal: Refusal, id: CallId, recording: Option<Box<Recording>>) {
        forget(self.refusal.replace(((refusal, id), recording)));
    }

    /// What was answered before does not pass: Weir's own refusal does.
    fn no_answer(&mut self) {
        forget(self.answer.take());
    }

    /// The last answer, else the last refusal and the attempt that it is of, else that nobody has it.
    fn end(mut self, first: CallId) -> Result<Response<AnswerBody>, (Refusal, CallId)> {
        if let Some((response, _recorded)) = self.answer.take() {
            return Ok(response);
        }
        if let Some((refused, _recorded)) = self.refusal.take() {
            return Err(refused);
        }
        if let Some((response, _recorded)) = self.missing.take() {
            return Ok(response);
        }
        let reason = "none of its endpoints can be called";
        Err((Refusal::Unreachable { reason }, first))
    }
}

impl Drop for Outcomes {
    /// What did not pass is not recorded, nor what passed by where the client has left.
    fn drop(&mut self) {
        forget(self.answer.take());
        forget(self.refusal.take());
        forget(self.missing.take());
    }
}

fn forget<T>(kept: Option<Kept<T>>) {
    if let Some((_, Some(mut recording))) = kept {
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
        let needs = needs(&start, &parts.method, path, &body, endpoints);
        let mut turns = match (needs.missing, &needs.at) {
            (Missing::No, at) => endpoints.ring.turns(at.as_ref()),
            (Missing::NotFound | Missing::PreviousResponse, _) => endpoints.ring.turns_of_all(),
        };
        let mut attempt_start = start.clone();
        let mut outcomes = Outcomes::default();
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
            let tried = Tried {
                attempt,
                books: Arc::clone(&self.books),
                call: id,
                provider: start.provider.clone(),
                endpoint: endpoint.name.clone(),
            };
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
                    admitted.tried = Some(tried);
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
            let next = next(&result, start.operation, &parts.method, &needs);
            match result {
                Ok(response) if next == Next::LookElsewhere => {
                    outcomes.missing(response, recording);
                }
                Ok(response) => outcomes.answered(response, recording),
                Err(mut refused) => {
                    if let Some(start) = refused.start.take() {
                        self.write_down_refused(start, &refused.refusal, began);
                    }
                    outcomes.refused(refused.refusal, id, recording);
                    if next == Next::Stop {
                        outcomes.no_answer();
                    }
                }
            }
            // What is at one endpoint is nowhere else.
            if next == Next::Stop || needs.at.is_some() {
                break;
            }
        }
        let (refusal, id) = match outcomes.end(start.id) {
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
            provider: Arc::clone(&endpoint.provider),
            catalog: Arc::clone(&snapshot.catalog),
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
            tried: None,
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

/// What becomes of the call after an attempt.
fn next(
    result: &Result<Response<AnswerBody>, Refused>,
    operation: Operation,
    method: &Method,
    needs: &Needs,
) -> Next {
    let go_on = |may: bool| if may { Next::GoOn } else { Next::Stop };
    let after_status = |status: u16| {
        go_on(
            fails(status)
                && (was_not_begun(status)
                    || needs.missing != Missing::No
                    || may_be_repeated(operation, method)
                    || operation == Operation::Responses && !needs.background),
        )
    };
    match result {
        Ok(response) if needs.missing.is_told(response) => Next::LookElsewhere,
        Ok(response) => after_status(response.status().as_u16()),
        Err(Refused { refusal, .. }) => match refusal {
            Refusal::Unreachable { .. }
            | Refusal::AddressRefused
            | Refusal::ConnectTimeout
            | Refusal::SecretMissing { .. }
            | Refusal::CredentialsMissing => Next::GoOn,
            Refusal::Broken { .. } => go_on(may_be_repeated(operation, method)),
            Refusal::ErrorTooLarge { status } | Refusal::ErrorStalled { status } => {
                after_status(*status)
            }
            _ => Next::Stop,
        },
    }
}

/// Whether an answer of this status says that nothing was begun: a limit, or too much to do.
const fn was_not_begun(status: u16) -> bool {
    matches!(status, 429 | 503 | 529)
}

/// Whether it does no harm if an upstream does twice what it was asked: at worst it bills an answer that nobody
/// reads. Not so for what it keeps.
fn may_be_repeated(operation: Operation, method: &Method) -> bool {
    operation.is_inference() && operation != Operation::Responses
        || *method == Method::GET
        || *method == Method::HEAD
        || operation == Operation::CountTokens
}

/// What the call needs of an endpoint: what it reads, or goes on from, is stored at one.
fn needs(
    start: &CallStart,
    method: &Method,
    path: &str,
    body: &Bytes,
    endpoints: &LiveEndpoints,
) -> Needs {
    let mut background = false;
    let (response, missing) = match start.operation {
        Operation::StoredResponse => {
            let mut parts = path.split('/').skip_while(|part| *part != "responses");
            (parts.nth(1).map(str::to_owned), Missing::NotFound)
        }
        Operation::Responses => {
            let asked = body_of::read(start.operation, start.provider_type, body);
            let asked = asked.unwrap_or_default();
            background = asked.background;
            match asked.previous_response_id {
                Some(response) => (Some(response), Missing::PreviousResponse),
                None => (None, Missing::No),
            }
        }
        Operation::Other if [Method::GET, Method::HEAD, Method::DELETE].contains(method) => {
            (None, Missing::NotFound)
        }
        _ => (None, Missing::No),
    };
    let at = response.and_then(|response| endpoints.ring.answered().by(&response));
    let at = at.filter(|at| endpoints.each.iter().any(|endpoint| endpoint.name == *at));
    Needs {
        missing: if at.is_some() { Missing::No } else { missing },
        at,
        background,
    }
}

#[cfg(test)]
mod tests;
