//! Who may call Bedrock, and what no call may carry.

use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use weir_standin::{AccessKey, AwsSettings, Settings};

use crate::client::{Answer, Bench};
use crate::signing::{Signer, bench};

const PATH: &str = "/model/amazon.nova-pro-v1%3A0/converse";
const BODY: &str = r#"{"messages":[]}"#;

fn check(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let named = answer.header("x-amzn-errortype");
    assert!(named.starts_with(kind), "{named}");
}

#[tokio::test]
async fn a_right_signature_is_accepted() {
    let bench = bench(AwsSettings::default()).await;
    let signer = Signer::new("bedrock");
    for path in [
        PATH,
        "/model/amazon.nova-pro-v1:0/converse",
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fa/converse",
    ] {
        signer.send(&bench, path, BODY, &[]).await.json();
    }
    let path = "/inference-profiles?maxResults=2&type=SYSTEM_DEFINED";
    signer.send(&bench, path, "", &[]).await.json();
    let body = r#"{"model":"m","messages":[]}"#;
    let path = "/openai/v1/chat/completions";
    signer.send(&bench, path, body, &[]).await.json();
    let stream = r#"{"model":"m","max_tokens":2,"messages":[]}"#;
    let version = [("anthropic-version", "2023-06-01")];
    let path = "/anthropic/v1/messages";
    signer.send(&bench, path, stream, &version).await.json();
}

#[tokio::test]
async fn a_wrong_signature_is_refused() {
    let bench = bench(AwsSettings {
        region: Some("us-east-1".to_owned()),
        ..AwsSettings::default()
    })
    .await;
    let right = || Signer::new("bedrock");
    let wrong_secret = AccessKey {
        secret: "another".to_owned(),
        ..AccessKey::example()
    };
    let minutes = Duration::from_secs(600);
    for (signer, kind) in [
        (
            Signer::of(wrong_secret, "bedrock"),
            "InvalidSignatureException",
        ),
        (Signer::new("sts"), "InvalidSignatureException"),
        (
            Signer {
                region: "eu-west-1",
                ..right()
            },
            "InvalidSignatureException",
        ),
        (
            Signer {
                time: Timestamp::now() - minutes,
                ..right()
            },
            "InvalidSignatureException",
        ),
        (
            Signer {
                time: Timestamp::now() + minutes,
                ..right()
            },
            "InvalidSignatureException",
        ),
        (
            Signer::of(
                AccessKey {
                    id: "AKIDNOBODY".to_owned(),
                    ..AccessKey::example()
                },
                "bedrock",
            ),
            "UnrecognizedClientException",
        ),
        (
            Signer::of(
                AccessKey {
                    session_token: Some("none".to_owned()),
                    ..AccessKey::example()
                },
                "bedrock",
            ),
            "UnrecognizedClientException",
        ),
    ] {
        check(&signer.send(&bench, PATH, BODY, &[]).await, 403, kind);
    }
    // Not what was signed.
    let mut request = right().request(&bench, PATH, BODY, &[]);
    *request.body_mut() = r#"{"messages":[1]}"#.to_owned().into();
    check(&bench.send(request).await, 403, "InvalidSignatureException");
    let more = [("x-amz-target", "unsigned")];
    let answer = right().send(&bench, PATH, BODY, &more).await;
    check(&answer, 403, "InvalidSignatureException");
}

#[tokio::test]
async fn nobody_checks_signatures_without_a_program() {
    let bench = Bench::new().await;
    let answer = Signer::new("bedrock").send(&bench, PATH, BODY, &[]).await;
    check(&answer, 403, "InvalidSignatureException");
}

#[tokio::test]
async fn bearer_keys_are_those_that_were_set() {
    let bench = Bench::with(Settings {
        required_key: Some("one".to_owned()),
        aws: AwsSettings {
            bearer_keys: vec!["bedrock-api-key-two".to_owned()],
            ..AwsSettings::default()
        },
        ..Settings::default()
    })
    .await;
    let date = ("x-amz-date", "20260102T030405Z");
    for (headers, status, kind) in [
        (vec![("authorization", "Bearer one")], 200, ""),
        (
            vec![("authorization", "Bearer bedrock-api-key-two")],
            200,
            "",
        ),
        (
            vec![("authorization", "Bearer three")],
            403,
            "AccessDeniedException",
        ),
        (
            vec![("authorization", "Bearer one"), date],
            403,
            "InvalidSignatureException",
        ),
        (vec![], 403, "MissingAuthenticationTokenException"),
        (
            vec![("x-api-key", "one")],
            403,
            "MissingAuthenticationTokenException",
        ),
    ] {
        let request = bench.request(Method::POST, PATH, &headers, BODY);
        check(&bench.send(request).await, status, kind);
    }
}

#[tokio::test]
async fn what_belongs_to_the_gateway_is_refused_everywhere() {
    let bench = Bench::new().await;
    let chat = ("/v1/chat/completions", r#"{"model":"m","messages":[]}"#);
    let google = (
        "/v1/models/m:generateContent",
        r#"{"contents":[{"parts":[]}]}"#,
    );
    let converse = (PATH, BODY);
    let message = (
        "/v1/messages",
        r#"{"model":"m","max_tokens":1,"messages":[]}"#,
    );
    let mut count = 0;
    for (path, body) in [chat, google, converse, message, ("/", "Action=X")] {
        for (name, value) in [
            ("x-other", "Bearer wr_token"),
            ("cookie", "weir_session=1"),
            ("x-weir-agent", "a7x9"),
        ] {
            let headers = [
                (name, value),
                ("authorization", "Bearer k"),
                ("anthropic-version", "2023-06-01"),
            ];
            let request = bench.request(Method::POST, path, &headers, body);
            let answer = bench.send(request).await;
            assert_eq!(answer.status, 400, "{path} {name}");
            assert!(answer.text().contains(name) && !answer.text().contains(value));
            count += 1;
            assert_eq!(bench.standin.leaks().len(), count);
        }
    }
}
