//! Access tokens: from Entra, from Google's token endpoint, from the metadata server.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use weir_standin::{IssuedTokens, OAuthSettings, TokenFor, TokenState};

use crate::client::{Answer, Bench};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn post(bench: &Bench, path: &str, body: &str) -> Answer {
    bench
        .send(bench.request(Method::POST, path, &[FORM], body))
        .await
}

fn token(answer: &Answer) -> String {
    let answer = answer.json();
    assert_eq!(answer["expires_in"], 3_600);
    assert_eq!(answer["token_type"], "Bearer");
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn entra_knows_one_application() {
    let bench = Bench::new().await;
    let known = OAuthSettings::default();
    let path = format!("/{}/oauth2/v2.0/token", known.tenant);
    let right = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}\
         &scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default",
        known.client_id, known.client_secret
    );
    let text = token(&post(&bench, &path, &right).await);
    let standin = &bench.standin;
    assert_eq!(
        standin.token_state(&text, TokenFor::Azure),
        TokenState::Good
    );
    assert_eq!(
        standin.token_state(&text, TokenFor::Google),
        TokenState::ForAnother
    );
    assert_eq!(
        standin.token_state("x", TokenFor::Azure),
        TokenState::Unknown
    );

    for (path, body, status, error) in [
        (
            "/other/oauth2/v2.0/token",
            right.clone(),
            400,
            "invalid_request",
        ),
        (
            &*path,
            right.replace("client_credentials", "password"),
            400,
            "unsupported_grant_type",
        ),
        (
            &*path,
            right.replace(&known.client_id, "x"),
            400,
            "unauthorized_client",
        ),
        (
            &*path,
            right.replace(&known.client_secret, "x"),
            401,
            "invalid_client",
        ),
        (&*path, right.replace(".default", "x"), 400, "invalid_scope"),
    ] {
        let answer = post(&bench, path, &body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.any_json()["error"], error, "{body}");
    }
    assert_eq!(standin.issued_tokens().entra, 1);
    standin.expire_issued();
    assert_eq!(
        standin.token_state(&text, TokenFor::Azure),
        TokenState::Expired
    );
    standin.refuse_issuing(true);
    assert_eq!(post(&bench, &path, &right).await.status, 503);
}

fn statement(file: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": file["private_key_id"]});
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let pem = file["private_key"].as_str().unwrap();
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let pair = KeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn google_checks_what_a_service_account_says() {
    let bench = Bench::new().await;
    let file = "/standin/service-account.json";
    let file = bench.send(bench.request(Method::GET, file, &[], "")).await;
    let file = file.json();
    let now = jiff::Timestamp::now().as_second();
    let right = json!({
        "iss": file["client_email"],
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": file["token_uri"],
        "iat": now,
        "exp": now + 3_600,
    });
    let ask = async |statement: &str| {
        let body = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={statement}"
        );
        post(&bench, "/token", &body).await
    };
    let good = statement(&file, &right);
    let text = token(&ask(&good).await);
    let state = bench.standin.token_state(&text, TokenFor::Google);
    assert_eq!(state, TokenState::Good);

    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let refused = ask(&format!("{unsigned}.AAAA")).await.any_json();
    assert_eq!(refused["error_description"], "Invalid JWT Signature.");
    assert_eq!(ask("nothing").await.status, 400);
    for (claim, value) in [
        ("iss", json!("nobody@x")),
        ("scope", json!("email")),
        ("aud", json!("https://oauth2.googleapis.com/token")),
        ("exp", json!(now + 3_700)),
        ("exp", json!(now - 1)),
        ("iat", json!(now + 300)),
    ] {
        let mut claims = right.clone();
        claims[claim] = value;
        let answer = ask(&statement(&file, &claims)).await;
        assert_eq!(answer.status, 400, "{claim}");
        assert_eq!(answer.any_json()["error"], "invalid_grant", "{claim}");
    }
    let expected = IssuedTokens {
        service_account: 1,
        ..IssuedTokens::default()
    };
    assert_eq!(bench.standin.issued_tokens(), expected);
}

#[tokio::test]
async fn the_metadata_server_wants_its_header() {
    let bench = Bench::new().await;
    let ask = async |item: &str, headers: &[(&str, &str)]| {
        let path = format!("/computeMetadata/v1/{item}");
        bench
            .send(bench.request(Method::GET, &path, headers, ""))
            .await
    };
    let flavor = [("metadata-flavor", "Google")];
    let item = "instance/service-accounts/default/token?scopes=x";
    assert_eq!(ask(item, &[]).await.status, 403);
    let answer = ask(item, &flavor).await;
    assert_eq!(answer.header("metadata-flavor"), "Google");
    let text = token(&answer);
    let state = bench.standin.token_state(&text, TokenFor::Google);
    assert_eq!(state, TokenState::Good);
    let project = ask("project/project-id", &flavor).await.text();
    assert_eq!(project, "standin-project");
    assert_eq!(ask("instance/id", &flavor).await.status, 404);
    assert_eq!(bench.standin.issued_tokens().metadata, 1);
}
