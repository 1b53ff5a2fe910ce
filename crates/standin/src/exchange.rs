//! One request and its answer: who may ask, what was wished for, which operation it is. It knows
//! nothing of what the operations answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;

use crate::answer_body::AnswerBody;
use crate::ask::Ask;
use crate::credentials;
use crate::deliver::deliver;
use crate::failures::{self, Failure};
use crate::reply::{Content, Reply};
use crate::route::{Api, Operation};
use crate::seed::Seed;
use crate::state::StandinState;
use crate::wishes::{ErrorBody, Hang, Wishes};
use crate::{anthropic, openai};

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

    let operation = Operation::of(&request);
    let api = operation.api();
    let request_id = request_id(&request, &body);
    let (wishes, misunderstood) = match Wishes::read(&request.headers) {
        Ok(wishes) => (wishes, None),
        Err(sentence) => (Wishes::default(), Some(sentence)),
    };
    if wishes.hang == Some(Hang::Headers) {
        std::future::pending::<()>().await;
    }
    pause(wishes.first_byte.unwrap_or(state.first_byte())).await;

    let mut headers = state.provider_headers().answer(api, &request_id);
    let answer = match misunderstood {
        Some(sentence) => Err(Failure::new(StatusCode::BAD_REQUEST, sentence)),
        None => credentials::check(api, &request.headers, state.required_key())
            .and_then(|()| answer(&operation, &request, &body, &wishes, &mut headers)),
    };
    let reply = answer.unwrap_or_else(|failure| Reply {
        status: failure.status,
        content: Content::Json(failure.body(api, &request_id)),
    });
    deliver(reply, &wishes, &request.headers, headers, state.pace())
}

fn answer(
    operation: &Operation<'_>,
    request: &Parts,
    body: &[u8],
    wishes: &Wishes,
    headers: &mut HeaderMap,
) -> Result<Reply, Failure> {
    let api = operation.api();
    if let Some(address) = &wishes.redirect {
        headers.insert(LOCATION, address.clone());
        return Ok(Reply {
            status: wishes.status.unwrap_or(StatusCode::FOUND),
            content: Content::Nothing,
        });
    }
    if let Some(reply) = wished_error(api, &request.headers, wishes)? {
        return Ok(reply);
    }
    let ask = Ask {
        api,
        path: request.uri.path(),
        query: request.uri.query().unwrap_or_default(),
        headers: &request.headers,
        body,
        wishes,
    };
    let mut reply = match operation {
        Operation::WrongMethod(_) => Err(Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("Not allowed to {} on {}.", request.method, ask.path),
        )),
        Operation::UnknownPath(Api::OpenAi) => Err(Failure::new(
            StatusCode::NOT_FOUND,
            format!("Invalid URL ({} {})", request.method, ask.path),
        )),
        Operation::UnknownPath(Api::Anthropic) => Err(Failure::of_status(StatusCode::NOT_FOUND)),
        known => match api {
            Api::OpenAi => openai::answer(known, &ask),
            Api::Anthropic => anthropic::answer(known, &ask),
        },
    }?;
    if let Some(status) = wishes.status {
        reply.status = status;
    }
    Ok(reply)
}

/// The error that the headers ask for, if they ask for one.
fn wished_error(api: Api, headers: &HeaderMap, wishes: &Wishes) -> Result<Option<Reply>, Failure> {
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
            let given = credentials::credential(api, headers).unwrap_or_default();
            let status = wished.unwrap_or(StatusCode::UNAUTHORIZED);
            let message = format!("Incorrect API key provided: {given}.");
            return Err(Failure::new(status, message));
        }
    };
    Ok(Some(Reply { status, content }))
}

/// The provider's id of the request: the same for the same path and body.
fn request_id(request: &Parts, body: &[u8]) -> String {
    let path = Seed::of(request.uri.path().as_bytes());
    Seed::of(body).mixed_with(path).id("req_")
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}
