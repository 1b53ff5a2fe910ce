use http::HeaderValue;

use super::*;

#[test]
fn how_long_to_wait_is_told_in_seconds_or_as_a_date() {
    let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    for (text, seconds) in [
        ("7", Some(7)),
        (" 0 ", Some(0)),
        ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30)),
        ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
    ] {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
        let expected = seconds.map(Duration::from_secs);
        assert_eq!(retry_after(&headers, now), expected, "{text}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), now), None);
}

#[test]
fn what_an_upstream_keeps_is_not_asked_for_twice() {
    for (operation, method, may) in [
        (Operation::Chat, Method::POST, true),
        (Operation::Embeddings, Method::POST, true),
        (Operation::CountTokens, Method::POST, true),
        (Operation::Models, Method::GET, true),
        (Operation::Responses, Method::POST, false),
        (Operation::StoredResponse, Method::GET, true),
        (Operation::StoredResponse, Method::DELETE, false),
        (Operation::Other, Method::POST, false),
        (Operation::Other, Method::GET, true),
    ] {
        assert_eq!(
            may_be_repeated(operation, &method),
            may,
            "{operation:?} {method}"
        );
    }
}

#[test]
fn limits_and_failures_of_the_upstream_count_others_do_not() {
    for (status, counts) in [
        (429, true),
        (500, true),
        (503, true),
        (529, true),
        (400, false),
        (401, false),
        (404, false),
        (200, false),
    ] {
        assert_eq!(fails(status), counts, "{status}");
    }
    assert_eq!(answered(503), "it answered 503 Service Unavailable");
    assert_eq!(answered(529), "it answered 529");
}
