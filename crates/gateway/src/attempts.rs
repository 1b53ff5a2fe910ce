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
};
use http::{Method, Response, request};
use uuid::Uuid;
use wire::route::Dialect;

mod needs;
mod outcomes;

use self::{
    needs::{Missing, Needs, needs},
    outcomes::Outcomes,
};
use crate::{
    Gateway,
    admit::split,
    answer::AnswerBody,
    call::PROMPT_KEPT_BYTES,
    forward::{Admitted, Refused},
    intake::Held,
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

impl Gateway {
    /// Tries a call at one endpoint after the other.
    pub(crate) async fn in_turn(&self, to_try: ToTry<'_>) -> Response<AnswerBody> {
        let ToTry {
            parts,
            body,
            held,
            dialect,
            start,
            mut began,
            mut waited,
            endpoints,
            snapshot,
        } = to_try;
        let held = Arc::new(held);
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
                _held: Arc::clone(&held),
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
            Refusal::ErrorTooLarge { status } | Refusal::ErrorCutOff { status } => {
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

#[cfg(test)]
mod tests;
