use domain::{
    SecretName,
    provider::{AwsCredentials, Guardrail},
};
use uuid::Uuid;

use super::*;

fn openai() -> Upstream {
    Upstream::OpenAi {
        base_url: None,
        api_key: SecretName::new("KEY").unwrap(),
        organization: Some("org-1".to_owned()),
        project: None,
    }
}

fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(*name, HeaderValue::from_static(value));
    }
    map
}

#[test]
fn credentials_cookies_and_hops_stay_behind() {
    let client = map(&[
        ("authorization", "Bearer wr_client"),
        ("x-weir-token", "wr_client"),
        ("x-weir-agent", "bot"),
        ("x-api-key", "wr_client"),
        ("x-goog-api-key", "wr_client"),
        ("api-key", "wr_client"),
        ("cookie", "weir=1"),
        ("host", "weir.example"),
        ("content-length", "3"),
        ("connection", "close, X-Private"),
        ("x-private", "1"),
        ("keep-alive", "5"),
        ("transfer-encoding", "chunked"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-amz-date", "20260102T030405Z"),
        ("x-amz-security-token", "of the client"),
        ("x-amz-content-sha256", "0"),
        ("x-amz-meta-anything", "1"),
        (
            "referer",
            "https://a.example/?t=wr_0123456789012345678901234567890123456789012",
        ),
        ("content-type", "application/json"),
        ("x-stainless-lang", "js"),
    ]);
    let up = up(&client, &openai(), false).unwrap();
    let mut names: Vec<_> = up.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["content-type", "openai-organization", "x-stainless-lang"]
    );
}

#[test]
fn a_configured_guardrail_wins_over_the_clients() {
    let bedrock = |guardrail| Upstream::Bedrock {
        region: "us-east-1".parse().unwrap(),
        base_url: None,
        credentials: AwsCredentials::DefaultChain,
        fips: false,
        guardrail,
    };
    let client = map(&[
        ("x-amzn-bedrock-guardrailidentifier", "the client's"),
        ("x-amzn-bedrock-guardrailversion", "DRAFT"),
    ]);
    let ours = Guardrail {
        id: "gr-1".to_owned(),
        version: "7".to_owned(),
    };
    let headers = up(&client, &bedrock(Some(ours)), false).unwrap();
    assert_eq!(headers[GUARDRAIL_ID], "gr-1");
    assert_eq!(headers[GUARDRAIL_VERSION], "7");
    assert_eq!(headers.len(), 2);
    let headers = up(&client, &bedrock(None), false).unwrap();
    assert_eq!(headers[GUARDRAIL_ID], "the client's");
}

#[test]
fn encodings_are_cut_to_what_weir_can_read() {
    let accepted = |value: &'static str, identity_only| {
        accept_encoding(&map(&[("accept-encoding", value)]), identity_only)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(
        accepted("gzip, deflate, br;q=0.5", false).as_deref(),
        Some("gzip, br;q=0.5")
    );
    assert_eq!(accepted("deflate", false).as_deref(), Some("identity"));
    assert_eq!(accepted("*", false).as_deref(), Some("identity"));
    assert_eq!(accepted("gzip", true).as_deref(), Some("identity"));
    assert_eq!(accept_encoding(&HeaderMap::new(), false), None);
}

#[test]
fn answers_lose_what_reaches_beyond_the_data_plane() {
    let mut headers = map(&[
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("alt-svc", "h3=\":443\""),
        ("strict-transport-security", "max-age=1"),
        ("clear-site-data", "*"),
        ("service-worker-allowed", "/"),
        ("content-security-policy", "default-src *"),
        ("x-weir-call-id", "forged"),
        ("connection", "close"),
        ("transfer-encoding", "chunked"),
        ("content-length", "5"),
        ("nel", "{}"),
        ("report-to", "{}"),
        ("refresh", "0;url=https://a.example"),
        ("x-request-id", "req_1"),
    ]);
    let id = CallId(Uuid::now_v7());
    down(&mut headers, id);
    let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "content-security-policy",
            "x-content-type-options",
            "x-request-id",
            "x-weir-call-id"
        ]
    );
    assert_eq!(
        headers[CONTENT_SECURITY_POLICY],
        "sandbox; default-src 'none'"
    );
    assert_eq!(headers[CALL_ID], id.to_string().as_str());
}
