//! One call to a token endpoint, and its answer. Of what comes back nothing is repeated but the error's
//! code and description, cut, on one line, and without what was sent.

use std::time::Duration;

use bytes::Bytes;
use credentials::Client;
use http::{
    HeaderMap, Request, Response,
    header::{ACCEPT, CONTENT_TYPE},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded::Serializer};

use crate::error::{self, TokenError};

/// How long a token is believed to be good, whatever its endpoint says: none lives longer.
const LIVES_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// What the metadata server wants to see, and shows itself.
const METADATA_FLAVOR: (&str, &str) = ("metadata-flavor", "Google");
/// What stands in place of a secret that an endpoint repeats.
const REDACTED: &str = "[redacted]";

/// What came.
pub(crate) struct Answer {
    pub(crate) text: SecretString,
    pub(crate) lives: Duration,
}

/// What a token endpoint is asked with.
pub(crate) struct Form {
    body: String,
    secrets: Vec<SecretString>,
}

impl Form {
    pub(crate) fn new(grant_type: &str) -> Self {
        let mut form = Self {
            body: String::new(),
            secrets: Vec::new(),
        };
        form.add("grant_type", grant_type);
        form
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) -> &mut Self {
        self.body = Serializer::new(std::mem::take(&mut self.body))
            .append_pair(name, value)
            .finish();
        self
    }

    pub(crate) fn add_secret(&mut self, name: &str, value: &str) -> &mut Self {
        self.secrets.push(value.into());
        self.add(name, value)
    }
}

/// Asks a token endpoint.
pub(crate) async fn token(client: &Client, url: &Url, form: Form) -> Result<Answer, TokenError> {
    let request = Request::post(url.as_str())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(Bytes::from(form.body));
    let answer = call(client, url.as_str(), request).await?;
    read(&answer, url.host_str().unwrap_or_default(), &form.secrets)
}

/// Asks the metadata server of a machine at Google's for the token of its service account.
pub(crate) async fn metadata_token(
    client: &Client,
    host: &str,
    scope: &str,
) -> Result<Answer, TokenError> {
    let scopes = Serializer::new(String::new())
        .append_pair("scopes", scope)
        .finish();
    let url = format!(
        "http://{host}/computeMetadata/v1/instance/service-accounts/default/token?{scopes}"
    );
    let (name, value) = METADATA_FLAVOR;
    let request = Request::get(&url).header(name, value).body(Bytes::new());
    let answer = match call(client, &url, request).await {
        Err(TokenError::Unreachable { host, reason }) => {
            return Err(TokenError::NoneFound(format!("{host}: {reason}")));
        }
        answer => answer?,
    };
    if !is_metadata(answer.headers()) {
        return Err(TokenError::NoneFound(format!(
            "{host} answers, but is no metadata server of Google's"
        )));
    }
    if answer.status() == http::StatusCode::NOT_FOUND {
        return Err(TokenError::NoneFound(format!(
            "{host}: no service account is attached to this machine"
        )));
    }
    read(&answer, host, &[])
}

fn is_metadata(headers: &HeaderMap) -> bool {
    let (name, value) = METADATA_FLAVOR;
    headers.get(name).is_some_and(|shown| shown == value)
}

async fn call(
    client: &Client,
    url: &str,
    request: http::Result<Request<Bytes>>,
) -> Result<Response<Bytes>, TokenError> {
    let unusable = |error: http::Error| TokenError::Unreachable {
        host: url.to_owned(),
        reason: error.to_string(),
    };
    let answer = client.call(request.map_err(unusable)?).await;
    answer.map_err(|failed| TokenError::Unreachable {
        host: failed.host,
        reason: error::cut(&failed.reason),
    })
}

fn read(answer: &Response<Bytes>, host: &str, sent: &[SecretString]) -> Result<Answer, TokenError> {
    let status = answer.status();
    let strange = |reason: &str| TokenError::NotAToken {
        host: host.to_owned(),
        status: status.as_u16(),
        reason: reason.to_owned(),
    };
    let members: Map<String, Value> = serde_json::from_slice(answer.body())
        .map_err(|_| strange("its answer is no JSON object"))?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if !status.is_success() {
        let code = text("error").ok_or_else(|| strange("its answer names no error"))?;
        return Err(TokenError::refused(
            host,
            &without(code, sent),
            &without(text("error_description").unwrap_or("no reason given"), sent),
        ));
    }
    let token = text("access_token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| strange("there is no access_token in its answer"))?;
    if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(strange("its token is no bearer token"));
    }
    // Some endpoints write it as a text.
    let seconds = members.get("expires_in").and_then(|seconds| match seconds {
        Value::String(text) => text.parse().ok(),
        seconds => seconds.as_u64(),
    });
    Ok(Answer {
        text: token.into(),
        lives: Duration::from_secs(
            seconds.ok_or_else(|| strange("its answer does not say when the token ends"))?,
        )
        .min(LIVES_MAX),
    })
}

/// The endpoint's words without what it was asked with.
fn without(words: &str, sent: &[SecretString]) -> String {
    sent.iter().fold(words.to_owned(), |words, secret| {
        words.replace(secret.expose_secret(), REDACTED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_believed_to_live_for_more_than_a_day() {
        let lives = |expires_in: &str| {
            let body = format!(r#"{{"access_token":"t","expires_in":{expires_in}}}"#);
            let answer = read(&Response::new(Bytes::from(body)), "host", &[]);
            answer.map(|answer| answer.lives).ok()
        };
        assert_eq!(lives("3600"), Some(Duration::from_secs(3600)));
        assert_eq!(lives("\"86400\""), Some(LIVES_MAX));
        assert_eq!(lives(&u64::MAX.to_string()), Some(LIVES_MAX));
        assert_eq!(lives("-1"), None);
    }
}
