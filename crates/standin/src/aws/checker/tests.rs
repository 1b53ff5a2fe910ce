//! Known signatures, made with botocore itself and checked by hand.

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const BODY: &[u8] = b"{\"messages\":[]}";

/// Wire path, session token, signature.
const VECTORS: [(&str, Option<&str>, &str); 4] = [
    (
        "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse",
        None,
        "663ddd65b03a7249602e254d0d0856b7152231c05065b092f35374d151c4c98f",
    ),
    (
        "/model/anthropic.claude-3-haiku-20240307-v1:0/converse",
        None,
        "58e250722922060ff3bceab2f4df51e4474b6efa06b8c0affe4718cff33c7aef",
    ),
    (
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile\
         %2Fabc123/converse",
        None,
        "96f3ce92a91a28041d47394ed28a66b81cda801188399ec78e1f2560e9eca8bb",
    ),
    (
        "/model/us.anthropic.claude-opus-5-5/converse",
        Some("TOKEN"),
        "f0784840796a4fdc01c9b57629ef20609b2197a5ac6ff506e7916c5008f5fc47",
    ),
];

fn checker() -> Checker {
    Checker::new(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/sigv4/check.py"))
}

fn question<'q>(
    path: &'q str,
    token: Option<&str>,
    signature: &str,
    more: &[(&'q str, &str)],
) -> Question<'q> {
    let signed = match token {
        Some(_) => "content-type;host;x-amz-date;x-amz-security-token",
        None => "content-type;host;x-amz-date",
    };
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, \
         SignedHeaders={signed}, Signature={signature}"
    );
    let mut headers = vec![
        ("host", "bedrock-runtime.us-east-1.amazonaws.com".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-amz-date", "20260102T030405Z".to_owned()),
        ("user-agent", "somebody".to_owned()),
        ("authorization", authorization),
    ];
    if let Some(token) = token {
        headers.push(("x-amz-security-token", token.to_owned()));
    }
    for (name, value) in more {
        headers.push((name, (*value).to_owned()));
    }
    Question {
        method: "POST",
        path,
        query: "",
        headers,
        body: Question::body(BODY),
        region: "us-east-1",
        service: "bedrock",
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: SECRET,
    }
}

#[tokio::test]
async fn known_signatures_are_right() {
    let checker = checker();
    for (path, token, signature) in VECTORS {
        let verdict = checker.check(&question(path, token, signature, &[])).await;
        let verdict = verdict.expect("an answer");
        assert!(verdict.ok, "{path}: {verdict:?}");
    }
}

#[tokio::test]
async fn anything_else_is_wrong() {
    let checker = checker();
    let (path, _, signature) = VECTORS[0];
    let right = question(path, None, signature, &[]);
    assert!(checker.check(&right).await.expect("an answer").ok);
    let changed: Vec<Question<'_>> = vec![
        question(VECTORS[1].0, None, signature, &[]),
        question(path, None, &signature.replace('6', "7"), &[]),
        // Not signed, but it must be.
        question(path, None, signature, &[("x-amz-target", "x")]),
        // Named as signed, but never sent.
        Question {
            headers: right
                .headers
                .iter()
                .filter(|(name, _)| *name != "content-type")
                .cloned()
                .collect(),
            ..question(path, None, signature, &[])
        },
        Question {
            method: "PUT",
            ..question(path, None, signature, &[])
        },
        Question {
            query: "a=b",
            ..question(path, None, signature, &[])
        },
        Question {
            body: Question::body(b"{\"messages\": []}"),
            ..question(path, None, signature, &[])
        },
        Question {
            region: "eu-west-1",
            ..question(path, None, signature, &[])
        },
        Question {
            service: "bedrock-runtime",
            ..question(path, None, signature, &[])
        },
        Question {
            secret_access_key: "another",
            ..question(path, None, signature, &[])
        },
        Question {
            headers: Vec::new(),
            ..question(path, None, signature, &[])
        },
    ];
    for question in &changed {
        let verdict = checker.check(question).await.expect("an answer");
        assert!(!verdict.ok, "{verdict:?}");
        assert!(verdict.expected.is_some());
    }
}

#[tokio::test]
async fn a_hash_of_the_body_is_not_believed() {
    // Signed by botocore over a header that claims another body.
    let claimed = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut asked = question(
        VECTORS[0].0,
        None,
        "00",
        &[("x-amz-content-sha256", claimed)],
    );
    for (name, value) in &mut asked.headers {
        if *name == "authorization" {
            *value = value.replace("host;", "host;x-amz-content-sha256;");
        }
    }
    let checker = checker();
    let verdict = checker.check(&asked).await.expect("an answer");
    assert!(!verdict.ok);
    assert!(verdict.expected.expect("a reason").contains("body"));
}

#[tokio::test]
async fn a_program_that_cannot_run_is_an_error() {
    let checker = Checker::new(PathBuf::from("/does/not/exist.py"));
    let (path, token, signature) = VECTORS[0];
    for _ in 0..2 {
        let asked = question(path, token, signature, &[]);
        assert!(checker.check(&asked).await.is_err());
    }
}
