use super::*;

object! {
    /// For the tests.
    Thing { name = "name", count = "count", list = "list" }
}

fn read(text: &str) -> Thing<'_> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn of_a_member_named_twice_the_last_counts() {
    assert_eq!(
        read(r#"{"name":"a","name":"b"}"#).name.string().unwrap(),
        "b"
    );
}

#[test]
fn a_name_written_with_escapes_is_the_same_name() {
    assert_eq!(read(r#"{"n\u0061me":"a"}"#).name.string().unwrap(), "a");
}

#[test]
fn absent_and_null_are_nothing_and_zero_is_something() {
    assert_eq!(read(r#"{"name":null}"#).count.count(), None);
    assert_eq!(read(r#"{"count":null}"#).count.count(), None);
    assert_eq!(read(r#"{"count":0}"#).count.count(), Some(0));
}

#[test]
fn counts_are_read_as_servers_write_them() {
    let cases = [
        ("10", Some(10)),
        ("10.0", Some(10)),
        ("1e3", Some(1000)),
        ("9.6", Some(10)),
        ("-3", Some(0)),
        ("-0.0", Some(0)),
        ("18446744073709551615", Some(u64::MAX)),
        ("1e300", None),
        ("1e999", None),
        ("\"10\"", None),
        ("[10]", None),
        ("true", None),
    ];
    for (text, expected) in cases {
        assert_eq!(
            read(&format!(r#"{{"count": {text} }}"#)).count.count(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_value_of_another_type_reads_as_empty_and_half_a_text_as_nothing() {
    for text in [
        "[1,{\"name\":2}]",
        "3",
        "-3",
        "3.5",
        "\"x\"",
        "true",
        "null",
    ] {
        assert!(!read(text).name.is_some(), "{text}");
    }
    for text in ["{\"name\":", "{\"name\":1", "{\"name\":1}}", "", "<html>"] {
        assert!(serde_json::from_str::<Thing<'_>>(text).is_err(), "{text}");
    }
}

#[test]
fn half_a_surrogate_pair_does_not_hide_what_stands_beside_it() {
    let thing = read(r#"{"name":"a\ud83d","count":7}"#);
    assert_eq!(
        (thing.name.string().unwrap().as_ref(), thing.count.count()),
        ("a\u{fffd}", Some(7))
    );
}

#[test]
fn escapes_are_resolved() {
    let text = unescape(r#"a\"b\\c\/d\b\f\n\r\t\u00e9\ud83d\ude00 \ude00 \ud83d\u0041 \x \u12"#);
    let expected = "a\"b\\c/d\u{8}\u{c}\n\r\té😀 \u{fffd} \u{fffd}A \u{fffd} \u{fffd}12";
    assert_eq!(text, expected);
    assert!(matches!(unescape("plain"), Cow::Borrowed("plain")));
}

#[test]
fn lists_are_walked_in_order() {
    let mut names = vec![];
    let thing = read(r#"{"list":[{"name":"a"},7,{"name":"b"}]}"#);
    thing
        .list
        .for_each(|entry: Thing<'_>| names.extend(entry.name.string().map(Cow::into_owned)));
    assert_eq!(names, ["a", "b"]);
    assert!(read(r#"{"list":[ ]}"#).list.is_empty_list());
    assert!(!read(r#"{"list":[0]}"#).list.is_empty_list());
}

#[test]
fn what_lenient_servers_take_for_yes_is_yes() {
    for yes in ["true", "1", "1.0", "\"true\"", "\"True\"", "\"on\""] {
        assert!(read(&format!(r#"{{"name":{yes}}}"#)).name.flag(), "{yes}");
    }
    for no in [
        "false",
        "0",
        "null",
        "\"false\"",
        "\"\"",
        "{}",
        "[true]",
        "2",
    ] {
        assert!(!read(&format!(r#"{{"name":{no}}}"#)).name.flag(), "{no}");
    }
}
