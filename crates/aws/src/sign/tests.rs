use std::time::Duration;

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2026-01-02 03:04:05 UTC, in seconds since 1970.
const THEN: u64 = 1_767_323_045;

fn keys(session_token: Option<&str>) -> Credential {
    let session_token = session_token.map(Into::into);
    Credential::Keys(Keys::new(
        &"AKIDEXAMPLE".into(),
        &SECRET.into(),
        session_token.as_ref(),
    ))
}

fn signed(credential: &Credential, url: &str) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
    sign(
        credential,
        &ToSign {
            method: &Method::POST,
            url,
            content_type: Some(&HeaderValue::from_static("application/json")),
            body: br#"{"messages":[]}"#,
            region: &"us-east-1".parse().unwrap(),
            service: BEDROCK,
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(THEN),
        },
    )
}

fn header<'a>(headers: &'a [(HeaderName, HeaderValue)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.to_str().unwrap())
}

fn check(path: &str, session_token: Option<&str>, signed_headers: &str, signature: &str) {
    let url = format!("https://bedrock-runtime.us-east-1.amazonaws.com{path}");
    let headers = signed(&keys(session_token), &url).unwrap();
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, \
         SignedHeaders={signed_headers}, Signature={signature}"
    );
    assert_eq!(
        header(&headers, "authorization"),
        Some(&*expected),
        "{path}"
    );
    assert_eq!(header(&headers, "x-amz-date"), Some("20260102T030405Z"));
    assert_eq!(header(&headers, "x-amz-security-token"), session_token);
    assert_eq!(
        headers.len(),
        2 + usize::from(session_token.is_some()),
        "{headers:?}"
    );
}

/// The signatures were made with botocore.
#[test]
fn the_path_is_signed_as_it_is_sent() {
    const HEADERS: &str = "content-type;host;x-amz-date";
    check(
        "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
        None,
        HEADERS,
        "663ddd65b03a7249602e254d0d0856b7152231c05065b092f35374d151c4c98f",
    );
    check(
        "/model/anthropic.claude-3-haiku-20240307-v1:0/converse",
        None,
        HEADERS,
        "58e250722922060ff3bceab2f4df51e4474b6efa06b8c0affe4718cff33c7aef",
    );
    check(
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc123/converse",
        None,
        HEADERS,
        "96f3ce92a91a28041d47394ed28a66b81cda801188399ec78e1f2560e9eca8bb",
    );
}

#[test]
fn a_session_token_is_sent_and_signed() {
    check(
        "/model/us.anthropic.claude-opus-5-5/converse",
        Some("TOKEN"),
        "content-type;host;x-amz-date;x-amz-security-token",
        "f0784840796a4fdc01c9b57629ef20609b2197a5ac6ff506e7916c5008f5fc47",
    );
}

#[test]
fn a_bearer_key_is_sent_as_it_is() {
    let key = Credential::Bearer("bedrock-api-key-abc".into());
    let headers = signed(&key, "https://host/").unwrap();
    assert_eq!(
        header(&headers, "authorization"),
        Some("Bearer bedrock-api-key-abc")
    );
    assert_eq!(headers.len(), 1);
}

#[test]
fn what_cannot_be_signed_is_an_error() {
    for url in ["", "/model/x/converse", "mailto:x", "https://a b/"] {
        let error = signed(&keys(None), url).unwrap_err();
        assert!(matches!(error, SignError::Url), "{url}: {error}");
    }
    let error = signed(&Credential::Bearer("a\nb".into()), "https://host/").unwrap_err();
    assert!(matches!(error, SignError::Key), "{error}");
}

#[test]
fn no_secret_shows_in_debug() {
    for credential in [
        keys(Some("TOKEN")),
        Credential::Bearer("bedrock-api-key-abc".into()),
    ] {
        let headers = signed(&credential, "https://host/").unwrap();
        let shown = format!("{credential:?} {headers:?}");
        for secret in credential.secrets() {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!shown.contains("Signature="), "{shown}");
    }
}
