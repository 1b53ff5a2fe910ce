use super::*;
use crate::json::object;

object! {
    /// A frame for the tests.
    Frame { text = "text", n = "n", pad = "pad" }
}

fn event<'a>(name: &'a str, data: &'a str) -> Event<'a> {
    Event {
        name: name.as_bytes(),
        data: data.as_bytes(),
        given_up: false,
    }
}

/// A pattern that was learnt from this frame.
fn pattern(name: &str, data: &str) -> Pattern {
    let mut pattern = Pattern::default();
    learn(&mut pattern, name, data);
    pattern
}

fn learn(pattern: &mut Pattern, name: &str, data: &str) {
    let frame: Frame<'_> = serde_json::from_str(data).unwrap();
    pattern.learn(
        &event(name, data),
        data,
        &[
            (frame.text, Gap::Text),
            (frame.n, Gap::Digits),
            (frame.pad, Gap::Padding),
        ],
    );
}

#[test]
fn a_frame_that_differs_in_its_gaps_only_follows() {
    let mut pattern = pattern("e", r#"{"n":1,"x":"\"","text":"a","pad":"xyz","end":[]}"#);
    let mut text = |data| pattern.text_of(&event("e", data)).map(str::to_owned);
    assert_eq!(
        text(r#"{"n":23,"x":"\"","text":"b \"c\" \\","pad":"","end":[]}"#).as_deref(),
        Some(r#"b \"c\" \\"#)
    );
    assert_eq!(
        text(r#"{"n":4,"x":"\"","text":"","pad":"\\\"","end":[]}"#).as_deref(),
        Some("")
    );
    assert_eq!(
        text(r#"{"n":4,"x":"\"","text":"ünï😀","pad":"p","end":[]}"#).as_deref(),
        Some("ünï😀")
    );
}

#[test]
fn any_other_frame_does_not() {
    let mut pattern = pattern("e", r#"{"n":1,"text":"a","pad":"xyz","end":[]}"#);
    for data in [
        r#"{"n":1,"text":"a","pad":"xyz","end":[1]}"#,
        r#"{"n":1,"text":"a","pad":"xyz","end":[]} "#,
        r#"{"n":1,"text":"a","pad":"xyz","end":["#,
        r#"{"n":-1,"text":"a","pad":"xyz","end":[]}"#,
        r#"{"n":,"text":"a","pad":"xyz","end":[]}"#,
        r#"{"n":1.5,"text":"a","pad":"xyz","end":[]}"#,
        r#"{"n":1,"text":null,"pad":"xyz","end":[]}"#,
        r#"{"n":1,"text":"a","usage":{},"pad":"xyz","end":[]}"#,
        r#"{"n":1,"text":"a","pad":"xyz","usage":{},"end":[]}"#,
        r#"{"n":1,"text":"a\","pad":"xyz","end":[]}"#,
        r#"{"n":1,"text":"a"#,
        r#"{"n":1"#,
        "",
    ] {
        assert_eq!(pattern.text_of(&event("e", data)), None, "{data}");
    }
    let same = r#"{"n":1,"text":"a","pad":"xyz","end":[]}"#;
    assert_eq!(pattern.text_of(&event("", same)), None);
    assert_eq!(pattern.text_of(&event("f", same)), None);
    assert_eq!(pattern.text_of(&event("e", same)), Some("a"));
}

#[test]
fn members_that_are_missing_or_of_another_type_are_no_gaps() {
    let mut pattern = pattern("", r#"{"n":"1","text":"a","pad":7}"#);
    assert_eq!(
        pattern.text_of(&event("", r#"{"n":"1","text":"b","pad":7}"#)),
        Some("b")
    );
    assert_eq!(
        pattern.text_of(&event("", r#"{"n":"2","text":"b","pad":7}"#)),
        None
    );
    assert_eq!(
        pattern.text_of(&event("", r#"{"n":"1","text":"b","pad":8}"#)),
        None
    );
}

#[test]
fn nothing_follows_before_a_frame_was_read() {
    assert_eq!(Pattern::default().text_of(&event("", "")), None);
}

#[test]
fn learning_is_given_up_where_no_frame_ever_follows() {
    let mut pattern = Pattern::default();
    for n in 0..TRIES {
        learn(&mut pattern, "", &format!(r#"{{"text":"a","other":{n}}}"#));
    }
    assert!(
        pattern
            .text_of(&event("", r#"{"text":"b","other":7}"#))
            .is_some(),
        "it goes on while frames follow"
    );
    for n in 0..=TRIES {
        learn(&mut pattern, "", &format!(r#"{{"text":"a","other":{n}}}"#));
    }
    assert_eq!(
        pattern.text_of(&event("", r#"{"text":"b","other":8}"#)),
        None
    );
}
