//! Weir's own errors, and credentials in those of the upstream.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use weir_wire::{
    error::{body, redact},
    route::Dialect,
};

fn text(dialect: Dialect, status: u16, request_id: Option<&str>) -> String {
    let answer = body(
        dialect,
        status,
        "model_not_allowed",
        "No \"x\" here",
        request_id,
    );
    assert_eq!(answer.content_type, "application/json");
    String::from_utf8(answer.body).unwrap()
}

#[test]
fn openai_sdks_read_the_error() {
    let expected = r#"{"error":{"message":"No \"x\" here","type":"permission_error","param":null,"code":"model_not_allowed"}}"#;
    assert_eq!(text(Dialect::OpenAi, 403, Some("id")), expected);
    let cases = [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (404, "invalid_request_error"),
        (413, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "server_error"),
        (503, "server_error"),
    ];
    for (status, kind) in cases {
        assert!(
            text(Dialect::OpenAi, status, None).contains(&format!(r#""type":"{kind}""#)),
            "{status}"
        );
    }
}

#[test]
fn anthropic_sdks_read_the_error() {
    let expected = r#"{"type":"error","error":{"type":"permission_error","message":"No \"x\" here","details":{"error_code":"model_not_allowed"}},"request_id":"id"}"#;
    assert_eq!(text(Dialect::Anthropic, 403, Some("id")), expected);
    assert!(!text(Dialect::Anthropic, 403, None).contains("request_id"));
    let cases = [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (404, "not_found_error"),
        (409, "conflict_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (501, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ];
    for (status, kind) in cases {
        assert!(
            text(Dialect::Anthropic, status, None)
                .contains(&format!(r#""error":{{"type":"{kind}""#)),
            "{status}"
        );
    }
}

#[test]
fn google_sdks_read_the_error() {
    let expected = r#"{"error":{"code":403,"message":"No \"x\" here","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"model_not_allowed","domain":"weir"}]}}"#;
    assert_eq!(text(Dialect::Google, 403, Some("id")), expected);
    let cases = [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (404, "NOT_FOUND"),
        (413, "INVALID_ARGUMENT"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (501, "UNIMPLEMENTED"),
        (502, "UNAVAILABLE"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ];
    for (status, word) in cases {
        let text = text(Dialect::Google, status, None);
        assert!(text.contains(&format!(r#""status":"{word}""#)), "{status}");
        assert!(text.contains(&format!(r#""code":{status},"#)), "{status}");
    }
}

#[test]
fn aws_sdks_read_the_error() {
    let answer = body(
        Dialect::Aws,
        403,
        "model_not_allowed",
        "No \"x\" here",
        Some("id"),
    );
    assert_eq!(answer.content_type, "application/json");
    assert_eq!(answer.body, br#"{"message":"No \"x\" here"}"#);
    let headers = [
        ("x-amzn-errortype", "AccessDeniedException".to_owned()),
        ("x-weir-error-code", "model_not_allowed".to_owned()),
        ("x-amzn-requestid", "id".to_owned()),
    ];
    assert_eq!(answer.headers, headers);
    let cases = [
        (400, "ValidationException"),
        (401, "UnrecognizedClientException"),
        (404, "ResourceNotFoundException"),
        (413, "ValidationException"),
        (429, "ThrottlingException"),
        (500, "InternalServerException"),
        (501, "InternalServerException"),
        (502, "ServiceUnavailableException"),
        (503, "ServiceUnavailableException"),
        (504, "ModelTimeoutException"),
    ];
    for (status, kind) in cases {
        let answer = body(Dialect::Aws, status, "c", "m", None);
        assert_eq!(answer.headers[0].1, kind, "{status}");
        assert_eq!(answer.headers.len(), 2, "{status}");
    }
    let answer = body(Dialect::Aws, 400, "a\r\nb", "m", Some("c\nd"));
    assert!(
        answer
            .headers
            .iter()
            .all(|(_, value)| !value.contains(['\r', '\n']))
    );
}

#[test]
fn every_dialect_writes_json_and_only_amazons_needs_headers() {
    for dialect in Dialect::ALL.iter().copied() {
        for status in [400, 401, 403, 404, 413, 429, 500, 501, 502, 503, 504] {
            let answer = body(dialect, status, "code", "\u{1}\"\n", Some("id"));
            let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            let message = match dialect {
                Dialect::OpenAi | Dialect::Anthropic | Dialect::Google => &json["error"]["message"],
                Dialect::Aws | Dialect::Cohere => &json["message"],
            };
            assert_eq!(message, "\u{1}\"\n", "{dialect:?} {status}");
            assert_eq!(
                answer.headers.is_empty(),
                !matches!(dialect, Dialect::Aws | Dialect::Cohere),
                "{dialect:?}"
            );
        }
    }
}

#[track_caller]
fn blanked(body: &str, secret: &str, expected: Option<&str>) {
    let blanked = redact(body.as_bytes(), secret).map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(blanked.as_deref(), expected, "{secret} in {body}");
}

#[test]
fn a_credential_is_blanked_wherever_it_stands() {
    blanked(
        "Incorrect API key: sk-abc.",
        "sk-abc",
        Some("Incorrect API key: [redacted]."),
    );
    blanked("sk-abcsk-abc", "sk-abc", Some("[redacted][redacted]"));
    blanked("sk-absk-abc", "sk-abc", Some("sk-ab[redacted]"));
    blanked("nothing here", "sk-abc", None);
    blanked("", "sk-abc", None);
    blanked("anything", "", None);
    blanked("kéy-ü!", "kéy-ü", Some("[redacted]!"));
    blanked(
        "C:\\sk-abc, \"sk-abc\", \\\\sk-abc",
        "sk-abc",
        Some("C:\\[redacted], \"[redacted]\", \\\\[redacted]"),
    );
}

#[test]
fn a_credential_is_found_in_every_writing_that_json_has_for_it() {
    let secret = "a/b+c=\"\\é😀";
    blanked(
        r#"{"m":"a/b+c=\"\\é😀"}"#,
        secret,
        Some(r#"{"m":"[redacted]"}"#),
    );
    blanked(
        r#"{"m":"a\/b\u002bc\u003D\u0022\u005c\u00e9\ud83d\ude00 x"}"#,
        secret,
        Some(r#"{"m":"[redacted] x"}"#),
    );
    blanked(
        r#"{"m":"\u0061/b+c=\"\\é\uD83D\uDE00"}"#,
        secret,
        Some(r#"{"m":"[redacted]"}"#),
    );
    blanked(r#"{"m":"a\/b\u002b"}"#, secret, None);
    blanked(r"sk\u", "sku", None);
    blanked(r"sk\", "sk\\", Some("[redacted]"));
}

#[test]
fn no_escape_is_cut_in_two() {
    blanked(
        r#"{"m":"\\/secret"}"#,
        "/secret",
        Some(r#"{"m":"\\[redacted]"}"#),
    );
    blanked(r#"{"m":"\nnnn"}"#, "nnn", Some(r#"{"m":"\n[redacted]"}"#));
}

proptest! {
    #[test]
    fn after_blanking_no_credential_is_left(
        before in "(.|[\\\\\n/]){0,20}", after in ".{0,20}", secret in "[A-Za-z0-9/+_=\"\\\\.-]{8,20}",
    ) {
        let json = serde_json::json!({ "message": format!("{before}{secret}{after}") }).to_string();
        let blanked = String::from_utf8(redact(json.as_bytes(), &secret).unwrap()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&blanked).unwrap();
        prop_assert_eq!(value["message"].as_str().unwrap(), format!("{before}[redacted]{after}"));
    }

    #[test]
    fn other_bytes_stay(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(redact(&bytes, "sk-not-in-there-at-all"), None);
    }
}
