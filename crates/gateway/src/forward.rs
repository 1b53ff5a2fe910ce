//! One call, from the admitted request to the answer.
//!
//! See the crate's documentation for the order of the steps; this module is steps 11 and 12.

use std::{sync::Arc, time::Instant};

use admin::live::LiveProvider;
use bytes::Bytes;
use catalog::Catalog;
use domain::{ModelId, call::CallStart, provider::Upstream};
use http::{HeaderMap, Method, Response, StatusCode, Uri, Version, header::CONTENT_LENGTH};
use http_body::Body as _;
use wire::route::Dialect;

use crate::{
    Gateway,
    answer::AnswerBody,
    await_answer::{Answered, AwaitAnswer, Sending},
    call::{End, Observer, OpenCall, Opening, Sent},
    credential::Credential,
    headers,
    intake::Held,
    metering::Metering,
    plan::Plan,
    prepare::{Prepared, Target, Unchanged},
    recording::Recording,
    refusal::Refusal,
    tried::Tried,
    upstream::{UpstreamBody, UpstreamClient},
};

/// What AWS calls credentials that it does not take, or no longer.
const EXPIRED: [&str; 3] = [
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
];
/// A request that may go up.
pub(crate) struct Admitted {
    pub(crate) provider: Arc<LiveProvider>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) method: Method,
    /// Where it goes: base URL, path and query.
    pub(crate) address: String,
    /// As the client wrote it.
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    /// Whether the path asks for a stream. `None`: the body says.
    pub(crate) streamed: Option<bool>,
    /// Whose SDK speaks.
    pub(crate) dialect: Dialect,
    pub(crate) start: CallStart,
    pub(crate) began: Instant,
    /// Time that was spent waiting for the client's body; not Weir's own.
    pub(crate) waited: std::time::Duration,
    /// From the request being sent to the head of the answer.
    pub(crate) first_byte_timeout: std::time::Duration,
    /// Is told the row. `None`: nobody asks.
    pub(crate) observer: Option<Observer>,
    /// Is told what came of it. `None`: its provider has not several endpoints.
    pub(crate) tried: Option<Tried>,
}

/// A call that was refused on the way, with what is known of it for the ledger.
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// `None`: the call has a row already.
    pub(crate) start: Option<CallStart>,
}

impl Gateway {
    /// Sends an admitted request up and gives back what comes down. `left`: is given what was recorded of a
    /// failure, so that it can be forgotten where another upstream is asked; dropped, it is recorded.
    pub(crate) async fn forward(
        &self,
        mut admitted: Admitted,
        body: Bytes,
        mut held: Held,
        left: &mut Option<Box<Recording>>,
    ) -> Result<Response<AnswerBody>, Refused> {
        let mut recording = Recording::begin(
            self.transcripts.as_ref(),
            &admitted.provider.provider,
            admitted.start.operation,
            &admitted.uri,
            &admitted.headers,
            &body,
        );
        let prepared = self.prepare(&mut admitted, body, &mut held).await;
        admitted.start.clean_texts();
        let Prepared {
            outgoing,
            asked,
            target,
        } = match prepared {
            Ok(prepared) => prepared,
            Err(refusal) => {
                if let Some(tried) = admitted.tried {
                    tried.refused(&refusal);
                }
                return Err(Refused {
                    refusal,
                    start: Some(admitted.start),
                });
            }
        };
        if let Some(recording) = &mut recording {
            recording.goes_up_with(&target.credential);
        }
        if let Err(refusal) = self.books.recorder.start(&admitted.start) {
            return Err(Refused {
                refusal,
                start: None,
            });
        }
        let Admitted {
            provider,
            catalog,
            start,
            began,
            waited,
            method,
            observer,
            tried,
            ..
        } = admitted;
        let id = start.id;
        let plan = Plan {
            operation: start.operation,
            provider_type: start.provider_type,
            model: start.model.as_deref().map(|model| {
                let listed = provider.model(model);
                let price_as = listed.and_then(|entry| entry.price_as.as_ref());
                price_as.map_or(model, ModelId::as_str).to_owned()
            }),
            streamed: start.streamed,
            take_usage_out: outgoing.unchanged.is_some(),
            budget: Arc::clone(&self.budget),
        };
        let inside = began.elapsed().saturating_sub(waited);
        let sent = Sent::new(&method, asked, &outgoing.body, held);
        let call = OpenCall::new(Opening {
            books: Arc::clone(&self.books),
            provider: Arc::clone(&provider),
            catalog,
            start,
            sent,
            began,
            inside,
            recording,
            observer,
        });
        let Answered { call, plan, result } = self
            .ask(&target, outgoing.body.clone(), call, plan, tried)
            .await;
        let (mut call, plan, response) = match result {
            Ok(response) if response.status() == StatusCode::BAD_REQUEST => {
                match self
                    .without_injection(&target, outgoing.unchanged, call, plan, response, left)
                    .await
                {
                    Ok(answered) => answered,
                    Err(refused) => return Err(refused),
                }
            }
            Ok(response) => (call, plan, Answer::Flowing(response)),
            Err(refusal) => {
                *left = call.failed(refusal.status());
                return Err(Refused {
                    refusal,
                    start: None,
                });
            }
        };
        let began = Instant::now();
        let mut down = match response {
            Answer::Looked(down) => {
                call.settle(End::Whole, None);
                *left = call.take_recording();
                down
            }
            Answer::Flowing(response) => {
                plan.note(&response, &mut call);
                if response.status().as_u16() >= 400 {
                    self.note_expired(&target, &response);
                    self.error_down(&target.credential, response, call, left)
                        .await?
                } else {
                    self.answer_down(&plan, response, call, began)
                }
            }
        };
        headers::down(down.headers_mut(), id);
        Ok(down)
    }

    /// Has a credential renewed that the upstream calls expired or unknown.
    fn note_expired(&self, target: &Target, response: &Response<UpstreamBody>) {
        let expired = match target.credential {
            Credential::Aws(_) => {
                let kind = response.headers().get("x-amzn-errortype");
                kind.and_then(|kind| kind.to_str().ok())
                    .is_some_and(|kind| EXPIRED.iter().any(|expired| kind.starts_with(expired)))
            }
            Credential::Token(_) => response.status() == StatusCode::UNAUTHORIZED,
            Credential::None | Credential::Key(_) | Credential::Client(_) => false,
        };
        if expired && let Ok(identity) = self.identities.of(&target.provider) {
            identity.refused();
        }
    }

    async fn ask(
        &self,
        target: &Target,
        body: Bytes,
        call: OpenCall,
        plan: Plan,
        tried: Option<Tried>,
    ) -> Answered {
        match target.request(body) {
            Ok(request) => {
                let client: &UpstreamClient = &self.client;
                let timeout = target.first_byte_timeout;
                let sent = Sending::new(client, request, timeout);
                AwaitAnswer::begin(sent, call, plan, tried, self.drainer.clone()).await
            }
            Err(refusal) => Answered {
                call,
                plan,
                result: Err(refusal),
            },
        }
    }

    /// An upstream answered 400. Where Weir's own addition may be the reason, it is asked once more
    /// without it; only if that succeeds, its answer counts.
    async fn without_injection(
        &self,
        target: &Target,
        unchanged: Option<Unchanged>,
        mut call: OpenCall,
        plan: Plan,
        response: Response<UpstreamBody>,
        left: &mut Option<Box<Recording>>,
    ) -> Result<(OpenCall, Plan, Answer), Refused> {
        let imitates = match target.provider.provider.upstream {
            Upstream::OpenAi { .. } | Upstream::Anthropic { .. } => false,
            Upstream::GoogleAi { .. }
            | Upstream::Bedrock { .. }
            | Upstream::VertexAi { .. }
            | Upstream::AzureOpenAi { .. }
            | Upstream::OpenAiCompatible { .. }
            | Upstream::Cohere { .. } => true,
        };
        let (Some(Unchanged { body, refuser }), true) = (unchanged, imitates) else {
            return Ok((call, plan, Answer::Flowing(response)));
        };
        plan.note(&response, &mut call);
        let (first, mut call) = self
            .look_through(&target.credential, response, call, left)
            .await?;
        if !may_be_about_injection(&target.provider.provider.upstream, first.body()) {
            return Ok((call, plan, Answer::Looked(first)));
        }
        let plain = Plan {
            take_usage_out: false,
            ..plan.clone()
        };
        let Answered {
            call: again,
            plan: plain,
            result,
        } = self.ask(target, body, call, plain, None).await;
        call = again;
        match result {
            Ok(response) if response.status().is_success() => {
                self.refusing.remember(refuser);
                Ok((call, plain, Answer::Flowing(response)))
            }
            _ => {
                plan.note_head(first.status(), first.headers(), &mut call);
                Ok((call, plan, Answer::Looked(first)))
            }
        }
    }

    /// The way down of a success (or of a redirect, which is passed on and never followed).
    fn answer_down(
        &self,
        plan: &Plan,
        response: Response<UpstreamBody>,
        mut call: OpenCall,
        began: Instant,
    ) -> Response<AnswerBody> {
        let metering = plan.metering(&response);
        let filter = plan.filter(&response);
        let (mut parts, body) = response.into_parts();
        // That of an upstream would decide how the client is answered.
        parts.version = Version::HTTP_11;
        if filter.is_some() {
            parts.headers.remove(CONTENT_LENGTH);
        }
        call.answer_begins(&parts.headers);
        if body.is_end_stream() {
            // Nobody asks such a body for its end.
            call.settle(End::Whole, metering.map(Metering::finish));
            return Response::from_parts(parts, AnswerBody::ready(Bytes::new()));
        }
        call.head_handled(began.elapsed());
        let timeout = self.limits.idle_timeout;
        let body = AnswerBody::flowing(body, metering, filter, call, timeout, self.drainer.clone());
        Response::from_parts(parts, body)
    }
}

/// Whether a 400 may come from the asking for usage. Azure bills prompts that its filter refuses with 400,
/// and names what it does not know: only then it is asked once more.
fn may_be_about_injection(upstream: &Upstream, body: &AnswerBody) -> bool {
    match upstream {
        Upstream::AzureOpenAi { .. } => body
            .known()
            .is_some_and(|said| memchr::memmem::find(said, b"stream_options").is_some()),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::Bedrock { .. }
        | Upstream::VertexAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => true,
    }
}

/// An answer that is on its way, or one that has been looked through already.
enum Answer {
    Flowing(Response<UpstreamBody>),
    Looked(Response<AnswerBody>),
}
