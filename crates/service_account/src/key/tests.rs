use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::json;

use super::*;

/// The stand-in's: it opens nothing.
const PEM: &str = include_str!("../../../standin/src/oauth/service_account.pem");

fn file() -> Value {
    json!({
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "k1",
        "private_key": PEM,
        "client_email": "weir@a-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    })
}

fn changed(field: &str, value: Value) -> String {
    let mut file = file();
    match value {
        Value::Null => drop(file.as_object_mut().unwrap().remove(field)),
        value => file[field] = value,
    }
    file.to_string()
}

#[test]
fn a_key_is_read_and_hidden() {
    for text in [
        file().to_string(),
        serde_json::to_string_pretty(&file()).unwrap(),
    ] {
        let key = ServiceAccountKey::parse(&text).unwrap();
        assert_eq!(key.project_id(), "a-project");
        assert_eq!(key.private_key_id(), "k1");
        assert_eq!(key.client_email(), "weir@a-project.iam.gserviceaccount.com");
        assert_eq!(
            key.token_uri().as_str(),
            "https://oauth2.googleapis.com/token"
        );
        let shown = format!("{key:?}");
        assert!(
            shown.contains("hidden") && !shown.contains("PRIVATE"),
            "{shown}"
        );
    }
}

#[test]
fn what_is_wrong_is_told_by_field_and_not_repeated() {
    let damaged = PEM.replace("MII", "MIJ");
    let ec = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n";
    for (field, value, words) in [
        ("type", Value::Null, "is missing"),
        ("type", json!("external_account"), "is external_account"),
        ("type", json!("s3cr3t"), "must be service_account"),
        ("project_id", Value::Null, "is missing"),
        ("project_id", json!(" "), "is empty"),
        ("private_key_id", json!(7), "must be a text"),
        ("client_email", Value::Null, "is missing"),
        ("client_email", json!("s3cr3t"), "is not an address"),
        ("token_uri", Value::Null, "is missing"),
        ("token_uri", json!("s3cr3t"), "is not an address"),
        ("token_uri", json!("file:///s3cr3t"), "is not an address"),
        (
            "token_uri",
            json!("https://a:s3cr3t@b/"),
            "is not an address",
        ),
        ("private_key", Value::Null, "is missing"),
        ("private_key", json!("s3cr3t"), "is not a private key"),
        ("private_key", json!(damaged), "is damaged"),
        ("private_key", json!(ec), "is of another kind"),
    ] {
        let error = ServiceAccountKey::parse(&changed(field, value.clone())).unwrap_err();
        let InvalidServiceAccountKey::Fields(wrong) = &error else {
            panic!("{error}");
        };
        let [wrong] = &**wrong else {
            panic!("{field} {value}: {error}");
        };
        assert_eq!(wrong.field, field);
        assert!(wrong.reason.starts_with(words), "{field}: {}", wrong.reason);
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
}

#[test]
fn all_fields_are_told_at_once() {
    let error = ServiceAccountKey::parse(r#"{"type":"service_account","private_key":"x"}"#);
    let InvalidServiceAccountKey::Fields(wrong) = error.unwrap_err() else {
        panic!("fields");
    };
    let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field).collect();
    let all = [
        "project_id",
        "private_key_id",
        "client_email",
        "token_uri",
        "private_key",
    ];
    assert_eq!(fields, all);
    for text in ["", "AIza", "[]", "\"x\"", "{"] {
        let error = ServiceAccountKey::parse(text).unwrap_err();
        assert_eq!(error, InvalidServiceAccountKey::NotAnObject, "{text}");
    }
}

#[test]
fn the_statement_is_signed_by_the_key() {
    let key = ServiceAccountKey::parse(&file().to_string()).unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let statement = key.assertion("a-scope", now).unwrap();
    let parts: Vec<_> = statement.split('.').collect();
    let [header, claims, signature] = &*parts else {
        panic!("{statement}");
    };
    let read = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(
        read(header),
        json!({"alg": "RS256", "typ": "JWT", "kid": "k1"})
    );
    assert_eq!(
        read(claims),
        json!({
            "iss": "weir@a-project.iam.gserviceaccount.com",
            "scope": "a-scope",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": 1_767_225_600,
            "exp": 1_767_229_200,
        })
    );
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair().public().as_ref())
        .verify(
            format!("{header}.{claims}").as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();
}
