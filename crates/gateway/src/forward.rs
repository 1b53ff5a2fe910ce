//! One call, from the admitted request to the answer.
//!
//! See the crate's documentation for the order of the steps; this module is steps 8 to 12.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use domain::{
    call::{CallStart, Operation},
    id::MODEL_ID_MAX,
    provider::{AnthropicAuth, ProviderType, Upstream},
};
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use wire::{
    meter::{Meter, Shape},
    request::{self, Asked, RequestError},
    strip::UsageChunkFilter,
};

use crate::{
    Gateway,
    answer::AnswerBody,
    authenticate,
    await_answer::{Answered, AwaitAnswer},
    call::{End, Observer, OpenCall, Opening, Sent},
    connect::UpstreamClient,
    headers::{self, Credential},
    intake::{BufferBudget, Held},
    metering::Metering,
    refusal::Refusal,
};
use admin::live::LiveProvider;
use catalog::Catalog;

/// Bytes of a JSON prompt that make one token, roughly; for calls whose end a crash swallows.
const BYTES_PER_TOKEN: u64 = 4;

/// A request that may go up.
pub(crate) struct Admitted {
    pub(crate) provider: Arc<LiveProvider>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) method: Method,
    /// Where it goes: base URL, path and query.
    pub(crate) address: String,
    pub(crate) headers: HeaderMap,
    pub(crate) start: CallStart,
    pub(crate) began: Instant,
    /// Time that was spent waiting for the client's body; not Weir's own.
    pub(crate) waited: std::time::Duration,
    /// Is told the row. `None`: nobody asks.
    pub(crate) observer: Option<Observer>,
}

/// A call that was refused on the way, with what is known of it for the ledger.
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// `None`: the call has a row already.
    pub(crate) start: Option<CallStart>,
}

/// What is to be done with the answer.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    operation: Operation,
    provider_type: ProviderType,
    /// The request was changed so that the stream tells its usage; the chunk that does is taken out.
    take_usage_out: bool,
    /// The memory for all calls, of which the meter's copy takes its share.
    budget: Arc<BufferBudget>,
}

impl Plan {
    /// Notes status and the upstream's id on the call.
    pub(crate) fn note(&self, response: &Response<Incoming>, call: &mut OpenCall) {
        self.note_head(response.status(), response.headers(), call);
    }

    fn note_head(&self, status: StatusCode, headers: &HeaderMap, call: &mut OpenCall) {
        let name = match self.provider_type {
            ProviderType::OpenAi | ProviderType::OpenAiCompatible => "x-request-id",
            ProviderType::Anthropic => "request-id",
        };
        let id = headers.get(name).and_then(|value| value.to_str().ok());
        call.answered(status.as_u16(), id.map(str::to_owned));
    }

    /// The meter for an answer. `None`: nothing of it is metered.
    pub(crate) fn metering(&self, response: &Response<Incoming>) -> Option<Metering> {
        // A stored response may show the usage of one that ran in the background.
        let told = self.operation.is_inference() || self.operation == Operation::StoredResponse;
        if !told || !response.status().is_success() {
            return None;
        }
        let shape = if is_event_stream(response.headers()) {
            Shape::Stream
        } else {
            Shape::Plain
        };
        let meter = Meter::new(self.operation, self.provider_type, shape);
        let encoding = text(response.headers(), &CONTENT_ENCODING).unwrap_or("identity");
        Some(Metering::new(meter, encoding, &self.budget))
    }

    fn filter(&self, response: &Response<Incoming>) -> Option<UsageChunkFilter> {
        let plain = text(response.headers(), &CONTENT_ENCODING)
            .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
        (self.take_usage_out && plain && is_event_stream(response.headers()))
            .then(UsageChunkFilter::new)
    }
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    text(headers, &CONTENT_TYPE).is_some_and(|value| {
        value
            .split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

/// A request body as it goes up.
struct Outgoing {
    body: Bytes,
    /// The client's body, where `body` is a changed one.
    unchanged: Option<Bytes>,
}

impl Gateway {
    /// Sends an admitted request up and gives back what comes down.
    pub(crate) async fn forward(
        &self,
        mut admitted: Admitted,
        body: Bytes,
        mut held: Held,
    ) -> Result<Response<AnswerBody>, Refused> {
        let prepared = self.prepare(&mut admitted, body, &mut held);
        admitted.start.clean_texts();
        let (outgoing, asked, credential_headers) = match prepared {
            Ok(prepared) => prepared,
            Err(refusal) => {
                return Err(Refused {
                    refusal,
                    start: Some(admitted.start),
                });
            }
        };
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
            address,
            observer,
            ..
        } = admitted;
        let id = start.id;
        let plan = Plan {
            operation: start.operation,
            provider_type: start.provider_type,
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
            observer,
        });
        let target = Target {
            method,
            provider,
            address,
            headers: credential_headers,
        };
        let Answered { call, plan, result } =
            self.ask(&target, outgoing.body.clone(), call, plan).await;
        let (mut call, plan, response) = match result {
            Ok(response) if response.status() == StatusCode::BAD_REQUEST => {
                match self
                    .without_injection(&target, &outgoing, call, plan, response)
                    .await
                {
                    Ok(answered) => answered,
                    Err(refused) => return Err(refused),
                }
            }
            Ok(response) => (call, plan, Answer::Flowing(response)),
            Err(refusal) => {
                call.failed(refusal.status());
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
                down
            }
            Answer::Flowing(response) => {
                plan.note(&response, &mut call);
                if response.status().as_u16() >= 400 {
                    self.error_down(&target.provider, response, call).await?
                } else {
                    self.answer_down(&plan, response, call, began)
                }
            }
        };
        headers::down(down.headers_mut(), id);
        Ok(down)
    }

    /// Reads what the request asks for, checks it, and makes what goes up.
    fn prepare(
        &self,
        admitted: &mut Admitted,
        body: Bytes,
        held: &mut Held,
    ) -> Result<(Outgoing, Asked, HeaderMap), Refusal> {
        let provider = Arc::clone(&admitted.provider);
        let start = &mut admitted.start;
        let asked = asked(start.operation, &admitted.headers, &body)?;
        if start.operation.is_inference() && asked.model.is_none() {
            return Err(Refusal::ModelMissing);
        }
        if let Some(model) = &asked.model {
            if model.chars().count() > MODEL_ID_MAX {
                return Err(Refusal::BodyInvalid {
                    reason: format!("the model's name has more than {MODEL_ID_MAX} characters"),
                });
            }
            start.model = Some(model.clone());
            start.requested_model = Some(model.clone());
            if !provider.allows(model) {
                return Err(Refusal::ModelNotAllowed {
                    model: model.clone(),
                });
            }
        }
        start.streamed = asked.stream;
        if start.operation.is_inference() {
            start.estimated_input = Some(length(body.len()) / BYTES_PER_TOKEN);
        }
        let outgoing = if self.injects_usage(&provider, start.operation, &asked) {
            match request::with_stream_usage(&body).map_err(invalid)? {
                Some(changed) => {
                    held.grow(length(changed.len()))?;
                    Outgoing {
                        body: Bytes::from(changed),
                        unchanged: Some(body),
                    }
                }
                None => Outgoing {
                    body,
                    unchanged: None,
                },
            }
        } else {
            Outgoing {
                body,
                unchanged: None,
            }
        };
        let upstream = &provider.provider.upstream;
        let credential = credential(&provider, &admitted.headers)?;
        let identity_only = outgoing.unchanged.is_some();
        let headers = headers::up(&admitted.headers, upstream, &credential, identity_only)
            .map_err(|_| Refusal::Unreachable {
                reason: "its credential cannot be sent in a header",
            })?;
        Ok((outgoing, asked, headers))
    }

    /// Whether this stream must be made to tell its usage.
    fn injects_usage(&self, provider: &LiveProvider, operation: Operation, asked: &Asked) -> bool {
        let streams_without_usage = match operation {
            Operation::Chat | Operation::Completions => asked.stream && !asked.asks_stream_usage,
            Operation::Responses
            | Operation::Embeddings
            | Operation::Messages
            | Operation::CountTokens
            | Operation::Models
            | Operation::StoredResponse
            | Operation::Other => false,
        };
        streams_without_usage
            && match provider.provider.upstream {
                Upstream::OpenAi { .. } => true,
                Upstream::OpenAiCompatible {
                    inject_stream_usage,
                    ..
                } => inject_stream_usage && !self.refuses_injection(&provider.provider),
                Upstream::Anthropic { .. } => false,
            }
    }

    async fn ask(&self, target: &Target, body: Bytes, call: OpenCall, plan: Plan) -> Answered {
        match target.request(body) {
            Ok(request) => {
                let client: &UpstreamClient = &self.client;
                let timeout = self.limits.first_byte_timeout;
                AwaitAnswer::send(client, request, timeout, call, plan, self.drainer.clone()).await
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
        outgoing: &Outgoing,
        mut call: OpenCall,
        plan: Plan,
        response: Response<Incoming>,
    ) -> Result<(OpenCall, Plan, Answer), Refused> {
        let compatible = matches!(
            target.provider.provider.upstream,
            Upstream::OpenAiCompatible { .. }
        );
        let (Some(unchanged), true) = (&outgoing.unchanged, compatible) else {
            return Ok((call, plan, Answer::Flowing(response)));
        };
        plan.note(&response, &mut call);
        let (first, mut call) = self.look_through(&target.provider, response, call).await?;
        let plain = Plan {
            take_usage_out: false,
            ..plan.clone()
        };
        let Answered {
            call: again,
            plan: plain,
            result,
        } = self.ask(target, unchanged.clone(), call, plain).await;
        call = again;
        match result {
            Ok(response) if response.status().is_success() => {
                self.remember_refusal(&target.provider.provider);
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
        response: Response<Incoming>,
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

/// An answer that is on its way, or one that has been looked through already.
enum Answer {
    Flowing(Response<Incoming>),
    Looked(Response<AnswerBody>),
}

/// Where a request goes, but for its body.
struct Target {
    method: Method,
    provider: Arc<LiveProvider>,
    address: String,
    headers: HeaderMap,
}

impl Target {
    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, Refusal> {
        let uri: Uri = self.address.parse().map_err(|_| Refusal::PathInvalid)?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Whose credential goes up.
fn credential<'a>(
    provider: &'a LiveProvider,
    client: &HeaderMap,
) -> Result<Credential<'a>, Refusal> {
    let upstream = &provider.provider.upstream;
    if let Upstream::Anthropic {
        auth: AnthropicAuth::Passthrough,
        ..
    } = upstream
    {
        return Ok(Credential::Client(authenticate::own_authorization(client)?));
    }
    match (&provider.credential, upstream.secrets().first()) {
        (Some(secret), _) => Ok(Credential::Own(secret)),
        (None, None) => Ok(Credential::None),
        (None, Some(name)) => Err(Refusal::SecretMissing {
            name: (*name).clone(),
        }),
    }
}

/// What the body asks for.
fn asked(operation: Operation, headers: &HeaderMap, body: &Bytes) -> Result<Asked, Refusal> {
    match operation {
        Operation::Chat
        | Operation::Responses
        | Operation::Completions
        | Operation::Embeddings
        | Operation::Messages
        | Operation::CountTokens => request::read(operation, body).map_err(invalid),
        Operation::Models | Operation::StoredResponse => Ok(Asked::default()),
        Operation::Other => {
            let kind = headers.get(CONTENT_TYPE).map(HeaderValue::to_str);
            let kind = kind.and_then(Result::ok);
            let model = request::other_model(kind, body).map_err(invalid)?;
            Ok(Asked {
                model,
                ..Asked::default()
            })
        }
    }
}

fn invalid(error: RequestError) -> Refusal {
    match error {
        RequestError::ModelMissing => Refusal::ModelMissing,
        other => Refusal::BodyInvalid {
            reason: other.to_string(),
        },
    }
}
