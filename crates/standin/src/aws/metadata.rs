//! The metadata that a container and an instance ask for their credentials. It knows nothing of
//! models.

use std::time::SystemTime;

use http::{HeaderMap, StatusCode};

use super::Aws;
use super::issuing::{refusal, write};
use super::keys::{Issuer, rfc3339};
use crate::json::object_text;
use crate::reply::{Content, Reply};

const ROLES: &str = "iam/security-credentials/";
const LONGEST_SESSION: u32 = 21_600;
const LIFETIME_HEADER: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// GET /v1/credentials.
pub(super) fn container(aws: &Aws, headers: &HeaderMap) -> Reply {
    let given = text(headers, "authorization");
    let expected = aws.settings.container_token.as_deref();
    if given.is_empty() || expected.is_some_and(|expected| expected != given) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "AccessDenied",
            "The authorization token is not the one that was mounted.",
        );
    }
    if aws.keys.is_refusing() {
        return unavailable();
    }
    let key = aws.keys.issue(Issuer::Container);
    Reply::json(object_text(|body| write(body, &key)))
}

/// PUT /latest/api/token.
pub(super) fn session(aws: &Aws, headers: &HeaderMap) -> Reply {
    let seconds = text(headers, LIFETIME_HEADER);
    match seconds.parse::<u32>() {
        Ok(1..=LONGEST_SESSION) => {
            let token = aws.keys.open_session();
            plain(StatusCode::OK, &token).with_header(LIFETIME_HEADER, seconds)
        }
        Ok(_) | Err(_) => plain(StatusCode::BAD_REQUEST, "Bad Request"),
    }
}

/// GET /latest/meta-data/{item}.
pub(super) fn instance(aws: &Aws, headers: &HeaderMap, item: &str) -> Reply {
    if !aws
        .keys
        .is_session(text(headers, "x-aws-ec2-metadata-token"))
    {
        return plain(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    if item == "placement/region" {
        let region = aws.settings.region.as_deref();
        return plain(StatusCode::OK, region.unwrap_or("us-east-1"));
    }
    let role = aws.settings.instance_role.as_str();
    match item.strip_prefix(ROLES) {
        Some("") => plain(StatusCode::OK, role),
        Some(asked) if asked == role && aws.keys.is_refusing() => unavailable(),
        Some(asked) if asked == role => {
            let key = aws.keys.issue(Issuer::Instance);
            Reply::json(object_text(|body| {
                body.text("Code", "Success")
                    .text("LastUpdated", &rfc3339(SystemTime::now()))
                    .text("Type", "AWS-HMAC");
                write(body, &key);
            }))
        }
        Some(_) | None => plain(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn unavailable() -> Reply {
    refusal(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalServerError",
        "Credentials are not issued now.",
    )
}

fn plain(status: StatusCode, words: &str) -> Reply {
    Reply::of(status, Content::Text(words.as_bytes().to_vec()))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
