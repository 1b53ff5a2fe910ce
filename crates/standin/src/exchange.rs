//! One request and its answer: who may ask, what was wished for, which operation it is. It knows
//! nothing of what the operations answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::{LOCATION, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;

use crate::answer_body::AnswerBody;
use crate::ask::Ask;
use crate::deliver::deliver;
use crate::failures::{self, Failure, Voice};
use crate::host::Host;
use crate::oauth::{TokenFor, TokenState};
use crate::reply::{Content, Reply};
use crate::route::{Api, Operation, Route};
use crate::seed::Seed;
use crate::state::StandinState;
use crate::wishes::{ErrorBody, Hang, Wishes};
use crate::{
    anthropic, aws, azure, bedrock, cohere, credentials, google, leaks, oauth, openai, vertex,
};

/// Answers one request.
pub(crate) async fn exchange<B>(state: &StandinState, request: Request<B>) -> Response<AnswerBody>
where
    B: Body<Data = Bytes>,
{
    let (request, body) = request.into_parts();
    // A body that breaks off leaves nobody to answer; what is said then does not matter.
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    state.record(&request, &body);
    let leak = leaks::found(&request.headers);
    if let Some(sentence) = &leak {
        state.remember_leak(sentence);
    } else if let Some(reply) = issued(state, &request, &body).await {
        let (wishes, headers) = (Wishes::default(), HeaderMap::new());
        return deliver(reply, &wishes, &request.headers, headers, Duration::ZERO);
    }

    let (mut wishes, misunderstood) = match Wishes::read(&request.headers) {
        Ok(wishes) => (wishes, None),
        Err(sentence) => (Wishes::default(), Some(sentence)),
    };
    let route = Route::of(&request, wishes.host);
    // That server shows in this way that it is at work.
    wishes.comments |= route.host == Host::DeepSeek;
    if wishes.hang == Some(Hang::Headers) {
        std::future::pending::<()>().await;
    }
    pause(wishes.first_byte.unwrap_or(state.first_byte())).await;

    let request_id = request_id(&request, &body);
    let api = route.api();
    let mut headers = state.provider_headers().answer(route.host, api, request_id);
    let reply = match leak.or(misunderstood) {
        Some(sentence) => Err(Failure::invalid(sentence)),
        None => match may_call(state, &route, &request, &body).await {
            Ok(()) => answer(state, &route, &request, &body, &wishes, &mut headers),
            // Google itself turns callers away, whoever made the model.
            Err(failure) if route.host == Host::Vertex => {
                Ok(worded(&failure, Voice::Google, request_id))
            }
            Err(failure) => Err(failure),
        },
    };
    let reply = reply.unwrap_or_else(|failure| worded(&failure, Voice::of(&route), request_id));
    if let Some(seconds) = Failure::retry_after(api, reply.status) {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    deliver(reply, &wishes, &request.headers, headers, state.pace())
}

/// Answers a request for credentials; `None` for any other.
async fn issued(state: &StandinState, request: &Parts, body: &Bytes) -> Option<Reply> {
    match aws::answer(state.aws(), request, body).await {
        Some(reply) => Some(reply),
        None => oauth::answer(state.oauth(), request, body),
    }
}

async fn may_call(
    state: &StandinState,
    route: &Route<'_>,
    request: &Parts,
    body: &Bytes,
) -> Result<(), Failure> {
    let required = state.required_key();
    match route.host {
        Host::Azure => {
            azure::check(request, required, |token| {
                state.token_state(token, TokenFor::Azure) == TokenState::Good
            })?;
            azure::check_version(request)
        }
        Host::Bedrock => aws::may_call_bedrock(state.aws(), required, request, body).await,
        Host::Vertex => vertex::may_call(state, request),
        _ => credentials::check(route.api(), request, required),
    }
}

fn worded(failure: &Failure, voice: Voice, request_id: Seed) -> Reply {
    let body = failure.body(voice, &request_id.id("req_"));
    let reply = Reply::of(failure.status, Content::Json(body));
    match failure.aws_type(voice) {
        Some(kind) => reply.with_header("x-amzn-errortype", kind),
        None => reply,
    }
}

fn answer(
    state: &StandinState,
    route: &Route<'_>,
    request: &Parts,
    body: &[u8],
    wishes: &Wishes,
    headers: &mut HeaderMap,
) -> Result<Reply, Failure> {
    let api = route.api();
    if let Some(address) = &wishes.redirect {
        headers.insert(LOCATION, address.clone());
        let status = wishes.status.unwrap_or(StatusCode::FOUND);
        return Ok(Reply::of(status, Content::Nothing));
    }
    if let Some(reply) = wished_error(route, &request.headers, wishes)? {
        return Ok(reply);
    }
    let ask = Ask {
        api,
        host: route.host,
        state,
        path: request.uri.path(),
        query: request.uri.query().unwrap_or_default(),
        headers: &request.headers,
        body,
        wishes,
        deployment: route.deployment,
    };
    let mut reply = match &route.operation {
        Operation::OpenAi(operation) => openai::answer(operation, &ask),
        Operation::Anthropic(operation) => anthropic::answer(operation, &ask),
        Operation::Google(operation) => google::answer(operation, &ask),
        Operation::Bedrock(operation) => bedrock::answer(operation, &ask),
        Operation::Vertex(operation) => vertex::answer(operation, &ask),
        Operation::Cohere(operation) => cohere::answer(operation, &ask),
        Operation::WrongMethod(_) => Err(Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("Not allowed to {} on {}.", request.method, ask.path),
        )),
        Operation::UnknownPath(api) => Err(unknown_path(*api, request)),
    }?;
    if let Some(status) = wishes.status {
        reply.status = status;
    }
    Ok(reply)
}

fn unknown_path(api: Api, request: &Parts) -> Failure {
    match api {
        Api::OpenAi => Failure::new(
            StatusCode::NOT_FOUND,
            format!("Invalid URL ({} {})", request.method, request.uri.path()),
        ),
        Api::Anthropic | Api::Google | Api::Cohere => Failure::of_status(StatusCode::NOT_FOUND),
        Api::Bedrock => {
            Failure::of_status(StatusCode::NOT_FOUND).with_code("UnknownOperationException")
        }
    }
}

/// The error that the headers ask for, if they ask for one.
fn wished_error(
    route: &Route<'_>,
    headers: &HeaderMap,
    wishes: &Wishes,
) -> Result<Option<Reply>, Failure> {
    let wished = wishes.status;
    let error = wished.filter(|status| status.as_u16() >= 400);
    let (status, content) = match (wishes.error_body, error) {
        (None, None) => return Ok(None),
        (None, Some(status)) => return Err(Failure::of_status(status)),
        (Some(ErrorBody::Html), _) => {
            let status = wished.unwrap_or(StatusCode::BAD_GATEWAY);
            (status, Content::Html(failures::page(status)))
        }
        (Some(ErrorBody::Empty), _) => (
            wished.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            Content::Nothing,
        ),
        (Some(ErrorBody::EchoAuth), _) => {
            let given = match route.host {
                Host::Azure => azure::credential(headers),
                _ => credentials::credential(route.api(), headers),
            };
            let given = given.unwrap_or_default();
            let status = wished.unwrap_or(StatusCode::UNAUTHORIZED);
            let message = format!("Incorrect API key provided: {given}.");
            return Err(Failure::new(status, message));
        }
    };
    Ok(Some(Reply::of(status, content)))
}

/// What the provider's id of the request is made of: the same for the same path and body.
fn request_id(request: &Parts, body: &[u8]) -> Seed {
    let path = Seed::of(request.uri.path().as_bytes());
    Seed::of(body).mixed_with(path)
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}
