use domain::{SecretName, provider::AnthropicAuth};
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
        ("content-type", "application/json"),
        ("x-stainless-lang", "js"),
    ]);
    let key = SecretString::from("sk-upstream");
    let up = up(&client, &openai(), &Credential::Own(&key), false).unwrap();
    let mut names: Vec<_> = up.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "authorization",
            "content-type",
            "openai-organization",
            "x-stainless-lang"
        ]
    );
    assert_eq!(up[AUTHORIZATION], "Bearer sk-upstream");
    assert!(up[AUTHORIZATION].is_sensitive());
}

#[test]
fn each_type_has_its_own_place_for_the_key() {
    let anthropic = Upstream::Anthropic {
        base_url: None,
        auth: AnthropicAuth::Key(SecretName::new("KEY").unwrap()),
    };
    let key = SecretString::from("sk-ant");
    let headers = up(&HeaderMap::new(), &anthropic, &Credential::Own(&key), false).unwrap();
    assert_eq!(headers[X_API_KEY], "sk-ant");
    assert!(!headers.contains_key(AUTHORIZATION));

    let own = HeaderValue::from_static("Bearer sk-ant-oat-1");
    let headers = up(
        &HeaderMap::new(),
        &anthropic,
        &Credential::Client(own),
        false,
    )
    .unwrap();
    assert_eq!(headers[AUTHORIZATION], "Bearer sk-ant-oat-1");
    assert!(!headers.contains_key(X_API_KEY));
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
