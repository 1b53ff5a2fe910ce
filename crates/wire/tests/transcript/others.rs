//! Embeddings, and operations in which nothing is said.

use domain::call::Operation;
use weir_wire::{
    meter::Shape,
    transcript::{answer, request},
};

use crate::shown::{api, check_plain, check_request, said};

const EMBEDDINGS: Operation = Operation::Embeddings;

#[test]
fn what_is_embedded_is_what_a_user_says() {
    check_request(EMBEDDINGS, r#"{"model":"m","input":"One"}"#, &["user: One"]);
    check_request(
        EMBEDDINGS,
        r#"{"input":["One","Two"]}"#,
        &["user: One | Two"],
    );
    check_request(
        EMBEDDINGS,
        r#"{"input":[[1,2],[3]]}"#,
        &["user: <tokens [1,2]> | <tokens [3]>"],
    );
    check_request(EMBEDDINGS, r#"{"input":[1,2]}"#, &["user: <tokens [1,2]>"]);
}

#[test]
fn of_vectors_only_their_number_and_length_are_told() {
    let expected = r#"assistant: <embeddings {"count":2,"dimensions":3}>"#;
    for body in [
        r#"{"object":"list","data":[{"embedding":[0.1,-0.2,3e-1]},{"embedding":[0,0,0]}]}"#,
        r#"{"object":"list","data":[{"embedding":"AAAAAAAAAAAAAAAA"},{"embedding":"AAAAAAAAAAAAAAAA"}]}"#,
        r#"{"embeddings":[{"values":[0.1,-0.2,0.3]},{"values":[0.1,-0.2,0.3]}]}"#,
    ] {
        check_plain(EMBEDDINGS, body, &[expected], "");
    }
    check_plain(
        EMBEDDINGS,
        r#"{"embedding":{"values":[0.1]},"usageMetadata":{}}"#,
        &[r#"assistant: <embeddings {"count":1,"dimensions":1}>"#],
        "",
    );
    // Many, so that they could not all be kept as values.
    let vector = ["0.123456789"; 3072].join(",");
    let many = vec![format!(r#"{{"embedding":[{vector}],"index":0}}"#); 500].join(",");
    check_plain(
        EMBEDDINGS,
        &format!(r#"{{"data":[{many}],"usage":{{}}}}"#),
        &[r#"assistant: <embeddings {"count":500,"dimensions":3072}>"#],
        "",
    );
}

#[test]
fn where_nothing_is_said_only_errors_are_read() {
    for operation in [Operation::CountTokens, Operation::Models] {
        let body = br#"{"object":"list","data":[],"input_tokens":3}"#;
        assert_eq!(answer(api(operation), Shape::Plain, body), None);
        let error = said(operation, Shape::Plain, br#"{"error":{"message":"no"}}"#);
        assert_eq!(error.error.as_deref(), Some("no"));
    }
    let other = api(Operation::Other);
    assert_eq!(
        answer(other, Shape::Plain, br#"{"message":"stored"}"#),
        None
    );
    for operation in [
        Operation::Models,
        Operation::StoredResponse,
        Operation::Other,
    ] {
        assert_eq!(request(api(operation), br#"{"messages":[]}"#), None);
    }
}
