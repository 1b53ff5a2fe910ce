//! The paths at which credentials are issued, and their answers' common parts. It knows nothing of
//! models.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};

use super::Aws;
use super::keys::Temporary;
use super::{metadata, sts};
use crate::json::{Object, object_text};
use crate::reply::{Content, Reply};

/// Answers a request for credentials; `None` for any other.
pub(crate) async fn answer(aws: &Aws, request: &Parts, body: &Bytes) -> Option<Reply> {
    let path = request.uri.path();
    let reply = match (&request.method, path) {
        (&Method::POST, "/") => sts::answer(aws, request, body).await,
        (&Method::GET, "/v1/credentials") => metadata::container(aws, &request.headers),
        (&Method::PUT, "/latest/api/token") => metadata::session(aws, &request.headers),
        (&Method::GET, _) => {
            let item = path.strip_prefix("/latest/meta-data/")?;
            metadata::instance(aws, &request.headers, item)
        }
        _ => return None,
    };
    Some(reply)
}

/// Writes a key as the metadata of containers and instances do.
pub(super) fn write(body: &mut Object<'_>, key: &Temporary) {
    body.text("AccessKeyId", &key.id)
        .text("SecretAccessKey", &key.secret)
        .text("Token", &key.token)
        .text("Expiration", &key.expiration());
}

/// An error of the metadata.
pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Reply {
    let body = object_text(|body| {
        body.text("code", code).text("message", message);
    });
    Reply::of(status, Content::Json(body))
}
