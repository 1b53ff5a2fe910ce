//! The `model` of a multipart form, and of other bodies on paths that Weir does not meter.

use domain::provider::ProviderType;
use proptest::prelude::*;
use weir_wire::request::{self, RequestError, multipart_model};

fn other_model(content_type: Option<&str>, body: &[u8]) -> Result<Option<String>, RequestError> {
    request::other_model(ProviderType::OpenAi, content_type, body)
}

const FORM: &str = "multipart/form-data; boundary=----b1";

fn form(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: String = parts
        .iter()
        .map(|(head, value)| format!("------b1\r\n{head}\r\n\r\n{value}\r\n"))
        .collect();
    format!("{parts}------b1--\r\n").into_bytes()
}

const FILE: (&str, &str) = (
    "Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg",
    "\0\u{1}\r\n\r\n--x",
);
const MODEL: (&str, &str) = (
    "Content-Disposition: form-data; name=\"model\"",
    "whisper-1",
);

#[test]
fn the_model_of_a_form_is_read() {
    assert_eq!(
        multipart_model(FORM, &form(&[FILE, MODEL])),
        Ok(Some("whisper-1".to_owned()))
    );
    assert_eq!(
        multipart_model(FORM, &form(&[MODEL, FILE])),
        Ok(Some("whisper-1".to_owned()))
    );
    assert_eq!(multipart_model(FORM, &form(&[FILE])), Ok(None));
    let quoted = "Multipart/Form-Data; charset=utf-8; Boundary=\"----b1\"";
    assert_eq!(
        multipart_model(quoted, &form(&[MODEL])),
        Ok(Some("whisper-1".to_owned()))
    );
    let bare = ("content-disposition:form-data;name=model", "m");
    assert_eq!(
        multipart_model(FORM, &form(&[bare])),
        Ok(Some("m".to_owned()))
    );
}

#[test]
fn a_form_that_can_be_read_in_two_ways_is_refused() {
    let other = ("Content-Disposition: form-data; name=\"model\"", "other");
    assert_eq!(
        multipart_model(FORM, &form(&[MODEL, FILE, other])),
        Err(RequestError::Duplicate("model"))
    );
    let upper = ("Content-Disposition: form-data; name=\"Model\"", "other");
    assert_eq!(
        multipart_model(FORM, &form(&[MODEL, upper])),
        Err(RequestError::Duplicate("model"))
    );
    let empty = ("Content-Disposition: form-data; name=\"model\"", "");
    assert_eq!(
        multipart_model(FORM, &form(&[empty])),
        Err(RequestError::ModelEmpty)
    );

    let heads = [
        "Content-Disposition: form-data; name=\"model\"; filename=\"x\"",
        "Content-Disposition: form-data; name=\"model\"; name=\"file\"",
        "Content-Disposition: form-data; name=\"mo\\\"del\"",
        "Content-Disposition: form-data; name=\"mod%65l\"",
        "Content-Disposition: form-data; name*=utf-8''model",
        "Content-Disposition: form-data; name=\"file\"; filename=\"a\\\"; name=\\\"model\"",
        "Content-Disposition: form-data",
        "Content-Disposition: attachment; name=\"model\"",
        "Content-Type: text/plain",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Disposition: form-data; name=\"file\"",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data;\r\n name=\"model\"",
        "Content-Disposition: form-data; name=\"file\"\nContent-Disposition: form-data; name=\"model\"",
        "no colon",
    ];
    for head in heads {
        assert_eq!(
            multipart_model(FORM, &form(&[(head, "m")])),
            Err(RequestError::BadForm),
            "{head}"
        );
    }
    let whole = form(&[MODEL]);
    for cut in 0..whole.len() - "--\r\n".len() {
        assert_eq!(
            multipart_model(FORM, &whole[..cut]),
            Err(RequestError::BadForm),
            "cut at {cut}"
        );
    }
    let before = [b"before\r\n".as_slice(), &whole].concat();
    assert_eq!(multipart_model(FORM, &before), Err(RequestError::BadForm));
    let loose = form(&[(
        "Content-Disposition: form-data; name=\"file\"",
        "x\n------b1\nContent-Disposition: form-data; name=\"model\"\n\nother",
    )]);
    assert_eq!(multipart_model(FORM, &loose), Err(RequestError::BadForm));
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"a b\"; x",
    ] {
        assert_eq!(
            multipart_model(content_type, &whole),
            Err(RequestError::BadForm),
            "{content_type}"
        );
    }
}

#[test]
fn other_paths_name_their_model_in_json_or_in_a_form() {
    let json = Some("application/json");
    assert_eq!(
        other_model(json, br#"{"model":"m"}"#),
        Ok(Some("m".to_owned()))
    );
    assert_eq!(
        other_model(Some("Application/JSON; charset=utf-8"), br#"{"model":"m"}"#),
        Ok(Some("m".to_owned()))
    );
    assert_eq!(
        other_model(Some("text/plain"), br#" {"model":"m"}"#),
        Ok(Some("m".to_owned()))
    );
    assert_eq!(
        other_model(None, br#"{"model":"m"}"#),
        Ok(Some("m".to_owned()))
    );
    assert_eq!(other_model(json, br#"{"name":"m"}"#), Ok(None));
    assert_eq!(other_model(json, br#"[{"model":"m"}]"#), Ok(None));
    assert_eq!(other_model(json, b""), Ok(None));
    assert_eq!(other_model(json, b"{model}"), Err(RequestError::NotJson));
    assert_eq!(
        other_model(json, br#"{"model":"a","model":"b"}"#),
        Err(RequestError::Duplicate("model"))
    );
    assert_eq!(
        other_model(Some("application/octet-stream"), b"{\x01"),
        Ok(None)
    );
    assert_eq!(
        other_model(
            Some("application/jsonl"),
            b"{\"model\":\"a\"}\n{\"model\":\"b\"}"
        ),
        Ok(None)
    );
    assert_eq!(
        other_model(Some(FORM), &form(&[MODEL])),
        Ok(Some("whisper-1".to_owned()))
    );
    assert_eq!(
        other_model(Some("multipart/form-data"), b"x"),
        Err(RequestError::BadForm)
    );
}

proptest! {
    #[test]
    fn random_parts_of_forms_are_refused_or_read_and_never_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "--x", "\r\n", "\r\n\r\n", "--", "Content-Disposition: form-data; name=\"model\"", "Content-Disposition: form-data; name=\"file\"; filename=\"a\"", "gpt", "\n", ":", ";", "\"",
    ]), 0..24)) {
        let _ = multipart_model("multipart/form-data; boundary=x", parts.concat().as_bytes());
    }
}
