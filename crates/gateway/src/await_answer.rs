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
    upstream::{self, UpstreamBody, UpstreamClient, UpstreamFailure},
};

/// Waits for the head of an answer. Dropped before that, it leaves the rest to the drain.
pub(crate) struct AwaitAnswer(Option<Waiting>);

struct Waiting {
    response: BoxFuture<'static, Result<Result<Response<UpstreamBody>, UpstreamFailure>, Elapsed>>,
    call: OpenCall,
    plan: Plan,
    drainer: Drainer,
}

/// What came of it, with the call to go on with.
pub(crate) struct Answered {
    pub(crate) call: OpenCall,
    pub(crate) plan: Plan,
    pub(crate) result: Result<Response<UpstreamBody>, Refusal>,
}

impl AwaitAnswer {
    /// Sends the request.
    pub(crate) fn send(
        client: &UpstreamClient,
        request: Request<Full<Bytes>>,
        first_byte_timeout: Duration,
        call: OpenCall,
        plan: Plan,
        drainer: Drainer,
    ) -> Self {
        let client = client.clone();
        let response =
            Box::pin(async move { timeout(first_byte_timeout, client.request(request)).await });
        Self(Some(Waiting {
            response,
            call,
            plan,
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
        let result = match waiting.response.as_mut().poll(cx) {
            Poll::Pending => {
                self.0 = Some(waiting);
                return Poll::Pending;
            }
            Poll::Ready(Ok(Ok(response)))
                if response.status() == StatusCode::SWITCHING_PROTOCOLS =>
            {
                Err(Refusal::Unreachable {
                    reason: "it wants another protocol than HTTP, which nobody asked for",
                })
            }
            Poll::Ready(Ok(Ok(response))) => Ok(response),
            Poll::Ready(Ok(Err(error))) => {
                let refusal = upstream::refusal(&error);
                tracing::warn!(%error, code = refusal.code(), "An upstream could not be asked");
                Err(refusal)
            }
            Poll::Ready(Err(_)) => Err(Refusal::AnswerTimeout),
        };
        let Waiting { call, plan, .. } = waiting;
        Poll::Ready(Answered { call, plan, result })
    }
}

impl Drop for AwaitAnswer {
    fn drop(&mut self) {
        if let Some(Waiting {
            response,
            call,
            plan,
            drainer,
        }) = self.0.take()
        {
            let pending = Box::pin(async move { response.await.ok()?.ok() });
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
