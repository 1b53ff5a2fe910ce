//! From an admitted request to what goes up: what it asks for, whether it may, the body and the headers.
//! Steps 8 to 10 of the crate's list.

use std::sync::Arc;

use admin::live::LiveProvider;
use bytes::Bytes;
use domain::{
    call::{CallStart, Operation},
    id::MODEL_ID_MAX,
    provider::Upstream,
};
use http::{
    HeaderMap, HeaderValue, Method, Request, Uri,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use http_body_util::Full;
use wire::{
    request::{self, Asked, RequestError},
    route::Dialect,
};

use crate::{
    Gateway, azure,
    credential::{Bound, CannotAdd, Credential},
    forward::Admitted,
    headers,
    intake::Held,
    plan::text,
    refusal::Refusal,
    refusing::Refuser,
};

/// Bytes of a JSON prompt that make one token, roughly; for calls whose end a crash swallows.
const BYTES_PER_TOKEN: u64 = 4;

/// A request that is ready to go up.
pub(crate) struct Prepared {
    pub(crate) outgoing: Outgoing,
    pub(crate) asked: Asked,
    pub(crate) target: Target,
}

/// A request body as it goes up.
pub(crate) struct Outgoing {
    pub(crate) body: Bytes,
    /// What the client sent, where `body` is a changed one.
    pub(crate) unchanged: Option<Unchanged>,
}

/// A body that usage was added to.
pub(crate) struct Unchanged {
    /// The client's own.
    pub(crate) body: Bytes,
    /// Who may refuse the addition.
    pub(crate) refuser: Refuser,
}

/// Where a request goes and with what, but for its body.
pub(crate) struct Target {
    method: Method,
    pub(crate) provider: Arc<LiveProvider>,
    address: String,
    dialect: Dialect,
    headers: HeaderMap,
    pub(crate) credential: Credential,
    pub(crate) first_byte_timeout: std::time::Duration,
}

impl Target {
    /// The request, with its credential.
    ///
    /// # Errors
    /// A [`Refusal`] where it cannot be made.
    pub(crate) fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, Refusal> {
        let uri: Uri = self.address.parse().map_err(|_| Refusal::PathInvalid)?;
        let mut headers = self.headers.clone();
        let bound = Bound {
            upstream: &self.provider.provider.upstream,
            dialect: self.dialect,
            method: &self.method,
            address: &self.address,
            body: &body,
        };
        self.credential
            .add_to(&mut headers, &bound)
            .map_err(|error| match error {
                CannotAdd::Unusable => Refusal::Unreachable {
                    reason: "its credential cannot be sent in a header",
                },
                CannotAdd::ContentType => Refusal::BodyInvalid {
                    reason: "its content-type is no text".to_owned(),
                },
            })?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl Gateway {
    /// Reads what the request asks for, checks it, and makes what goes up.
    ///
    /// # Errors
    /// A [`Refusal`]: the body, its model, or a secret.
    pub(crate) async fn prepare(
        &self,
        admitted: &mut Admitted,
        body: Bytes,
        held: &mut Held,
    ) -> Result<Prepared, Refusal> {
        let provider = Arc::clone(&admitted.provider);
        let start = &mut admitted.start;
        let encoding = text(&admitted.headers, &CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(Refusal::BodyEncoded);
        }
        let mut asked = asked(start, &admitted.headers, &body)?;
        asked.model = start.model.take().or(asked.model).or_else(|| {
            // A server of a single model need not be told which.
            match provider.provider.models.as_slice() {
                [only] if start.operation.is_inference() => Some(only.id.to_string()),
                _ => None,
            }
        });
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
        asked.stream = admitted.streamed.unwrap_or(asked.stream);
        start.streamed = asked.stream;
        // A ranking is billed by searches.
        if start.operation.is_inference() && start.operation != Operation::Rerank {
            start.estimated_input = Some(length(body.len()) / BYTES_PER_TOKEN);
        }
        let body = guarded(&provider.provider.upstream, start.operation, body)?;
        let refuser = Self::injects_usage(&provider, start.operation, &asked, admitted)
            .then(|| Refuser::of(&provider, asked.model.as_deref(), &admitted.address));
        let refuser = refuser.filter(|refuser| !self.refusing.has(refuser));
        let outgoing = if let Some(refuser) = refuser {
            match request::with_stream_usage(&body).map_err(invalid)? {
                Some(changed) => {
                    held.grow(length(changed.len()))?;
                    Outgoing {
                        body: Bytes::from(changed),
                        unchanged: Some(Unchanged { body, refuser }),
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
        let identity_only = outgoing.unchanged.is_some();
        let headers = headers::up(
            &admitted.headers,
            &provider.provider.upstream,
            identity_only,
        )
        .map_err(|_| Refusal::Unreachable {
            reason: "a header that its configuration asks for cannot be sent",
        })?;
        let credential = self.credential(&provider, &admitted.headers).await?;
        let target = Target {
            method: admitted.method.clone(),
            provider,
            address: admitted.address.clone(),
            dialect: admitted.dialect,
            headers,
            credential,
            first_byte_timeout: admitted.first_byte_timeout,
        };
        Ok(Prepared {
            outgoing,
            asked,
            target,
        })
    }

    /// Whether this stream must be made to tell its usage, by an upstream that has not refused to.
    fn injects_usage(
        provider: &LiveProvider,
        operation: Operation,
        asked: &Asked,
        admitted: &Admitted,
    ) -> bool {
        let streams_without_usage = match operation {
            Operation::Chat | Operation::Completions => asked.stream && !asked.asks_stream_usage,
            Operation::Responses
            | Operation::Embeddings
            | Operation::Messages
            | Operation::Generate
            | Operation::Converse
            | Operation::Invoke
            | Operation::CohereChat
            | Operation::Rerank
            | Operation::CountTokens
            | Operation::Models
            | Operation::StoredResponse
            | Operation::Other => false,
        };
        streams_without_usage
            && match provider.provider.upstream {
                // Their OpenAI-style paths are imitations, too.
                Upstream::OpenAi { .. }
                | Upstream::GoogleAi { .. }
                | Upstream::Bedrock { .. }
                | Upstream::Cohere { .. } => true,
                Upstream::OpenAiCompatible {
                    inject_stream_usage,
                    ..
                } => inject_stream_usage,
                // Bodies of other publishers are theirs to understand, and tell their usage unasked.
                Upstream::VertexAi { .. } => admitted.dialect == Dialect::OpenAi,
                Upstream::AzureOpenAi { .. } => azure::takes_stream_options(&admitted.address),
                Upstream::Anthropic { .. } => false,
            }
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The body with the guardrail that the provider puts into every call, where the body is its place.
fn guarded(upstream: &Upstream, operation: Operation, body: Bytes) -> Result<Bytes, Refusal> {
    match (upstream, operation) {
        (
            Upstream::Bedrock {
                guardrail: Some(guardrail),
                ..
            },
            Operation::Converse,
        ) => request::with_guardrail(&body, &guardrail.id, &guardrail.version)
            .map(Bytes::from)
            .map_err(invalid),
        _ => Ok(body),
    }
}

/// What the body asks for.
fn asked(start: &CallStart, headers: &HeaderMap, body: &Bytes) -> Result<Asked, Refusal> {
    let provider_type = start.provider_type;
    match start.operation {
        Operation::Chat
        | Operation::Responses
        | Operation::Completions
        | Operation::Embeddings
        | Operation::Messages
        | Operation::Generate
        | Operation::Converse
        | Operation::Invoke
        | Operation::CohereChat
        | Operation::Rerank
        | Operation::CountTokens => {
            request::read(start.operation, provider_type, body).map_err(invalid)
        }
        Operation::Models | Operation::StoredResponse => Ok(Asked::default()),
        Operation::Other => {
            let kind = headers.get(CONTENT_TYPE).map(HeaderValue::to_str);
            let kind = kind.and_then(Result::ok);
            let model = request::other_model(provider_type, kind, body).map_err(invalid)?;
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
