//! What a call needs of an endpoint beside that it is well: what is stored is at one of them and nowhere else.

use admin::live::LiveEndpoints;
use bytes::Bytes;
use domain::{
    call::{CallStart, Operation},
    provider::EndpointName,
};
use http::{Method, Response, StatusCode, header::CONTENT_ENCODING};
use memchr::memmem;
use wire::{decode::Decoder, request as body_of};

use crate::{answer::AnswerBody, plan::text};

/// What a call needs beside an endpoint that is well.
pub(super) struct Needs {
    /// The endpoint that has what it needs. `None`: any, or nobody knows which.
    pub(super) at: Option<EndpointName>,
    /// How endpoints say that they have not got it.
    pub(super) missing: Missing,
    /// The upstream works on it when the call is over (Responses in the background).
    pub(super) background: bool,
}

/// How an endpoint says that it has not got what a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
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
    /// Whether an answer says so.
    pub(super) fn is_told(self, response: &Response<AnswerBody>) -> bool {
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

/// What the call needs of an endpoint: what it reads, or goes on from, is stored at one.
pub(super) fn needs(
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
