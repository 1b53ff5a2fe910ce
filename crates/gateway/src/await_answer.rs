//! Waiting for the head of the upstream's answer, so that a client which leaves meanwhile does not
//! take the call's usage with it.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::time::{error::Elapsed, timeout};

use crate::{
    call::OpenCall,
    drain::Drainer,
    plan::Plan,
    refusal::Refusal,
    tried::Tried,
    upstream::{self, UpstreamBody, UpstreamClient, UpstreamFailure},
};

/// Waits for the head of an answer. Dropped before that, it leaves the rest to the drain.
pub(crate) struct AwaitAnswer(Option<Waiting>);

struct Waiting {
    response: Sending,
    call: OpenCall,
    plan: Plan,
    tried: Option<Tried>,
    drainer: Drainer,
}

/// A request that goes up, until the head of its answer.
pub(crate) struct Sending(
    BoxFuture<'static, Result<Result<Response<UpstreamBody>, UpstreamFailure>, Elapsed>>,
);

impl Sending {
    /// Sends the request.
    pub(crate) fn new(
        client: &UpstreamClient,
        request: Request<Full<Bytes>>,
        first_byte_timeout: Duration,
    ) -> Self {
        let client = client.clone();
        Self(Box::pin(async move {
            timeout(first_byte_timeout, client.request(request)).await
        }))
    }
}

impl Future for Sending {
    type Output = Result<Response<UpstreamBody>, Refusal>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(|answered| match answered {
            Ok(Ok(response)) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                Err(Refusal::Unreachable {
                    reason: "it wants another protocol than HTTP, which nobody asked for",
                })
            }
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                let refusal = upstream::refusal(&error);
                tracing::warn!(%error, code = refusal.code(), "An upstream could not be asked");
                Err(refusal)
            }
            Err(_) => Err(Refusal::AnswerTimeout),
        })
    }
}

/// An attempt whose client has left. It is waited for no longer than a drain takes.
struct UntilDrained(Option<Tried>);

impl Drop for UntilDrained {
    fn drop(&mut self) {
        if let Some(tried) = self.0.take() {
            tried.kept_silent();
        }
    }
}

/// Tells what came of an attempt at one of several endpoints.
fn tell(tried: Option<Tried>, result: &Result<Response<UpstreamBody>, Refusal>) {
    let Some(tried) = tried else {
        return;
    };
    match result {
        Ok(response) => tried.answered(response.status(), response.headers()),
        Err(refusal) => tried.refused(refusal),
    }
}

/// What came of it, with the call to go on with.
pub(crate) struct Answered {
    pub(crate) call: OpenCall,
    pub(crate) plan: Plan,
    pub(crate) result: Result<Response<UpstreamBody>, Refusal>,
}

impl AwaitAnswer {
    /// Waits from now on.
    pub(crate) const fn begin(
        response: Sending,
        call: OpenCall,
        plan: Plan,
        tried: Option<Tried>,
        drainer: Drainer,
    ) -> Self {
        Self(Some(Waiting {
            response,
            call,
            plan,
            tried,
            drainer,
        }))
    }
}

impl Future for AwaitAnswer {
    type Output = Answered;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered> {
        let Some(mut waiting) = self.0.take() else {
            return Poll::Pending;
        };
        let Poll::Ready(result) = Pin::new(&mut waiting.response).poll(cx) else {
            self.0 = Some(waiting);
            return Poll::Pending;
        };
        let Waiting {
            call, plan, tried, ..
        } = waiting;
        tell(tried, &result);
        Poll::Ready(Answered { call, plan, result })
    }
}

impl Drop for AwaitAnswer {
    fn drop(&mut self) {
        if let Some(Waiting {
            response,
            call,
            plan,
            tried,
            drainer,
        }) = self.0.take()
        {
            let mut tried = UntilDrained(tried);
            let pending = Box::pin(async move {
                let result = response.await;
                tell(tried.0.take(), &result);
                result.ok()
            });
            let begin = move |response: &Response<UpstreamBody>, call: &mut OpenCall| {
                plan.note(response, call);
                if response.status().as_u16() < 400 {
                    call.answer_begins(response.headers());
                } else {
                    // It may hold the credential.
                    call.unheard();
                }
                (plan.metering(response), plan.filter(response))
            };
            drainer.drain_pending(pending, begin, call);
        }
    }
}
