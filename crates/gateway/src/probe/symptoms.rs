//! What an upstream's refusal means: its status, and where that says too little its own words.

use admin::probe::{Failure, StageName, Symptom};
use domain::provider::Upstream;
use serde_json::Value;

/// Characters of an upstream's own words that are repeated.
const WORDS_MAX: usize = 600;
/// What AWS calls credentials that it does not take. It answers 403 to them as to a lack of rights.
const NOT_SIGNED_IN: [&str; 8] = [
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "IncompleteSignature",
    "RequestExpired",
];
/// Words of AWS, in small letters, for a call that does not belong to its region.
const OTHER_REGION: [&str; 6] = [
    "credential should be scoped to a valid region",
    "not supported in this region",
    "not available in this region",
    "isn't supported in this region",
    "isn't available in this region",
    "is not valid for this region",
];

/// What an answer of 300 or above means. `kind`: what AWS calls it.
pub(super) fn failure_of(
    upstream: &Upstream,
    status: u16,
    kind: Option<&str>,
    body: &[u8],
) -> Failure {
    // What stands before an API answers with pages too while it is overloaded or the API is down.
    let redirects = (300..400).contains(&status);
    let symptom = if redirects || is_page(body) && status < 500 && status != 429 {
        Symptom::NotTheApi
    } else {
        match upstream {
            Upstream::Bedrock { .. } => of_aws(status, kind.unwrap_or_default(), body),
            // What it calls an invalid token.
            Upstream::Cohere { .. } if status == 498 => Symptom::Unauthorized,
            Upstream::GoogleAi { .. } if is_bad_google_key(body) => Symptom::Unauthorized,
            Upstream::AzureOpenAi { .. } => of_azure(status, body),
            Upstream::OpenAi { .. }
            | Upstream::Anthropic { .. }
            | Upstream::GoogleAi { .. }
            | Upstream::VertexAi { .. }
            | Upstream::OpenAiCompatible { .. }
            | Upstream::Cohere { .. } => symptom_of(status),
        }
    };
    let mut failure = failure(symptom, Some(status), body);
    if redirects && failure.message.is_none() {
        failure.message =
            Some("a redirect to another address, which Weir does not follow".to_owned());
    }
    failure
}

/// The stage at which a call that came back failed.
pub(super) fn stage_of(failure: &Failure) -> StageName {
    match (failure.symptom, failure.status) {
        (Symptom::Unauthorized | Symptom::Forbidden, _) | (Symptom::NotTheApi, Some(401 | 403)) => {
            StageName::SignIn
        }
        _ => StageName::Answer,
    }
}

/// What a status of 400 or above says.
pub(crate) fn symptom_of(status: u16) -> Symptom {
    match status {
        401 => Symptom::Unauthorized,
        403 => Symptom::Forbidden,
        404 => Symptom::NotFound,
        429 => Symptom::RateLimited,
        400..=499 => Symptom::Refused,
        _ => Symptom::UpstreamError,
    }
}

fn of_aws(status: u16, kind: &str, body: &[u8]) -> Symptom {
    let said = failure(Symptom::Refused, None, body).message;
    let said = said.unwrap_or_default().to_lowercase().replace('’', "'");
    let has = |words: &str| said.contains(words);
    if has("on-demand throughput isn't supported") {
        Symptom::OnDemandUnsupported
    } else if OTHER_REGION.iter().any(|words| has(words)) {
        Symptom::WrongRegion
    } else if NOT_SIGNED_IN.iter().any(|name| kind.starts_with(name))
        || has("security token")
        || has("authentication token")
        || has("bearer token has expired")
        || has("api key is not valid")
    {
        Symptom::Unauthorized
    } else if has("model identifier") {
        Symptom::NotFound
    } else {
        symptom_of(status)
    }
}

/// Google answers 400 to a key that it does not know, with this reason in the details.
fn is_bad_google_key(body: &[u8]) -> bool {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let details = json
        .as_ref()
        .and_then(|json| json.pointer("/error/details"));
    details
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|detail| {
            detail
                .get("reason")
                .is_some_and(|reason| reason == "API_KEY_INVALID")
        })
}

/// Azure answers 401 to those who are known and lack a role, and 400 to a deployment of another kind of model.
fn of_azure(status: u16, body: &[u8]) -> Symptom {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let code = json.as_ref().and_then(|json| json.pointer("/error/code"));
    match code.and_then(Value::as_str) {
        Some("PermissionDenied") => Symptom::Forbidden,
        Some("DeploymentNotFound") => Symptom::NotFound,
        _ => symptom_of(status),
    }
}

/// Whether this is a page for people.
fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// A failure with the upstream's own words: the message of its error where it has one, the title of a page,
/// else its text.
pub(crate) fn failure(symptom: Symptom, status: Option<u16>, body: &[u8]) -> Failure {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let told = json.as_ref().and_then(|json| {
        let error = json.get("error").unwrap_or(json);
        error
            .get("message")
            .or(Some(error))?
            .as_str()
            .map(str::to_owned)
    });
    let text = String::from_utf8_lossy(body);
    let title = || {
        let (_, rest) = is_page(body).then(|| text.split_once("<title>"))??;
        let (title, _) = rest.split_once("</title>")?;
        Some(format!("a web page: {}", title.trim()))
    };
    let words = told
        .or_else(title)
        .unwrap_or_else(|| text.clone().into_owned());
    let words: String = words
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(WORDS_MAX)
        .collect();
    Failure {
        symptom,
        status,
        message: (!words.is_empty()).then_some(words),
    }
}

#[cfg(test)]
mod tests {
    use domain::provider::{AwsCredentials, AzureCredentials};

    use super::*;

    #[track_caller]
    fn check(upstream: &Upstream, status: u16, kind: &str, body: &str, symptom: Symptom) -> String {
        let failure = failure_of(upstream, status, Some(kind), body.as_bytes());
        assert_eq!(failure.symptom, symptom, "{status} {kind} {body}");
        failure.message.unwrap_or_default()
    }

    #[test]
    fn what_aws_says_is_understood() {
        let bedrock = Upstream::Bedrock {
            region: "us-east-1".parse().unwrap(),
            base_url: None,
            credentials: AwsCredentials::DefaultChain,
            fips: false,
            guardrail: None,
        };
        let of = |status, kind, says, symptom| {
            let body = format!(r#"{{"message":"{says}"}}"#);
            assert_eq!(check(&bedrock, status, kind, &body, symptom), says);
        };
        for apostrophe in ["'", "’"] {
            let says = format!(
                "Invocation of model ID x with on-demand throughput isn{apostrophe}t supported. Retry your request with the ID or ARN of an inference profile that contains this model."
            );
            let body = format!(r#"{{"message":"{says}"}}"#);
            check(
                &bedrock,
                400,
                "ValidationException",
                &body,
                Symptom::OnDemandUnsupported,
            );
        }
        of(
            403,
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
            Symptom::Forbidden,
        );
        of(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            Symptom::Unauthorized,
        );
        of(
            403,
            "InvalidSignatureException:http://internal.amazon.com/",
            "The request signature we calculated does not match",
            Symptom::Unauthorized,
        );
        of(
            403,
            "InvalidSignatureException",
            "Credential should be scoped to a valid region.",
            Symptom::WrongRegion,
        );
        of(
            400,
            "ValidationException",
            "This model is not supported in this region.",
            Symptom::WrongRegion,
        );
        of(
            400,
            "ValidationException",
            "The provided model identifier is invalid.",
            Symptom::NotFound,
        );
        of(
            400,
            "ValidationException",
            "temperature: range: 0..1",
            Symptom::Refused,
        );
        of(
            429,
            "ThrottlingException",
            "Too many requests",
            Symptom::RateLimited,
        );
        of(
            500,
            "InternalServerException",
            "Try again",
            Symptom::UpstreamError,
        );
    }

    #[test]
    fn what_azure_says_is_understood() {
        let azure = Upstream::AzureOpenAi {
            base_url: "https://res.openai.azure.com".parse().unwrap(),
            api_version: None,
            credentials: AzureCredentials::Key(domain::SecretName::new("KEY").unwrap()),
            data_zone: None,
        };
        for (status, body, symptom, says) in [
            (
                401,
                r#"{"error":{"code":"PermissionDenied","message":"The principal lacks the required data action"}}"#,
                Symptom::Forbidden,
                "The principal lacks the required data action",
            ),
            (
                401,
                r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}"#,
                Symptom::Unauthorized,
                "Access denied due to invalid subscription key",
            ),
            (
                401,
                r#"{"statusCode":401,"message":"Unauthorized. Access token is missing"}"#,
                Symptom::Unauthorized,
                "Unauthorized. Access token is missing",
            ),
            (
                404,
                r#"{"error":{"code":"DeploymentNotFound","message":"It does not exist."}}"#,
                Symptom::NotFound,
                "It does not exist.",
            ),
            (
                400,
                r#"{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work"}}"#,
                Symptom::Refused,
                "The chatCompletion operation does not work",
            ),
        ] {
            assert_eq!(check(&azure, status, "", body, symptom), says);
        }
    }

    fn compatible() -> Upstream {
        Upstream::OpenAiCompatible {
            base_url: "http://localhost:8000".parse().unwrap(),
            preset: None,
            api_key: None,
            inject_stream_usage: true,
        }
    }

    #[test]
    fn a_page_is_no_api_unless_the_api_may_be_behind_it() {
        let compatible = compatible();
        let page = "<!doctype html><html><head><title>404 Not Found</title></head></html>";
        let told = check(&compatible, 404, "", page, Symptom::NotTheApi);
        assert_eq!(told, "a web page: 404 Not Found");
        check(
            &compatible,
            404,
            "",
            r#"{"detail":"Not Found"}"#,
            Symptom::NotFound,
        );
        check(&compatible, 422, "", "{}", Symptom::Refused);
        let told = check(&compatible, 302, "", "", Symptom::NotTheApi);
        assert!(told.contains("redirect"), "{told}");
        for (status, symptom) in [
            (401, Symptom::NotTheApi),
            (403, Symptom::NotTheApi),
            (429, Symptom::RateLimited),
            (500, Symptom::UpstreamError),
            (502, Symptom::UpstreamError),
            (503, Symptom::UpstreamError),
        ] {
            check(&compatible, status, "", page, symptom);
        }
    }

    #[test]
    fn who_was_turned_away_has_not_signed_in() {
        let stage = |status, body: &str| {
            stage_of(&failure_of(&compatible(), status, None, body.as_bytes()))
        };
        for body in ["<html></html>", "{}"] {
            for status in [401, 403] {
                assert_eq!(stage(status, body), StageName::SignIn, "{status} {body}");
            }
            for status in [404, 429, 502] {
                assert_eq!(stage(status, body), StageName::Answer, "{status} {body}");
            }
        }
    }
}
