//! The elements of a JSON array: where they begin and end, cuts and limits.

use proptest::prelude::*;
use serde_json::Value;
use weir_wire::json_array::Scanner;

/// The elements of an array in pieces; `]` where it is closed and `?` where something else was seen.
fn scan<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut elements = vec![];
    let mut scanner = Scanner::with_limit(limit);
    for piece in pieces {
        scanner.push(piece, |element| {
            elements.push(if element.given_up {
                assert!(element.json.is_empty());
                "(given up)".to_owned()
            } else {
                String::from_utf8_lossy(element.json).into_owned()
            });
        });
        assert!(scanner.held_bytes() <= limit.saturating_mul(4).max(64 * 1024));
    }
    if scanner.is_closed() {
        elements.push("]".to_owned());
    }
    if scanner.saw_foreign() {
        elements.push("?".to_owned());
    }
    elements
}

#[track_caller]
fn check(array: &str, expected: &[&str]) {
    let bytes = array.as_bytes();
    assert_eq!(scan(1000, [bytes]), expected, "{array:?}");
    for cut in 0..=bytes.len() {
        let (first, second) = bytes.split_at(cut);
        assert_eq!(
            scan(1000, [first, b"", second]),
            expected,
            "{array:?} cut at {cut}"
        );
    }
    for size in [1, 2, 3, 7] {
        assert_eq!(
            scan(1000, bytes.chunks(size)),
            expected,
            "{array:?} by {size}"
        );
    }
}

#[test]
fn elements_of_every_kind() {
    check("[]", &["]"]);
    check(" \r\n[ \t]\n", &["]"]);
    check(r#"[{"a":1},{"b":2}]"#, &[r#"{"a":1}"#, r#"{"b":2}"#, "]"]);
    check(
        "[{\n  \"a\": [1, {}]\n}\n,\r\n{\"b\": {}}\n]\n",
        &["{\n  \"a\": [1, {}]\n}", "{\"b\": {}}", "]"],
    );
    check(
        r#"[1, -2.5e3 ,true,null,"s",[],[[1],"]"],"a\"b,]"]"#,
        &[
            "1",
            "-2.5e3",
            "true",
            "null",
            r#""s""#,
            "[]",
            r#"[[1],"]"]"#,
            r#""a\"b,]""#,
            "]",
        ],
    );
}

#[test]
fn brackets_and_quotes_in_strings_are_text() {
    check(
        r#"[{"a":"}]","b\"":"\\","c":"\\\"]"},{"d":"[{"}]"#,
        &[r#"{"a":"}]","b\"":"\\","c":"\\\"]"}"#, r#"{"d":"[{"}"#, "]"],
    );
    check("[\"日本 😀\"]", &["\"日本 😀\"", "]"]);
}

#[test]
fn what_breaks_off_is_not_closed() {
    check("", &[]);
    check("[", &[]);
    check(r#"[{"a":1}"#, &[r#"{"a":1}"#]);
    check(r#"[{"a":1},"#, &[r#"{"a":1}"#]);
    check(r#"[{"a":1},{"b":"#, &[r#"{"a":1}"#]);
    check("[12", &[]);
}

#[test]
fn what_is_no_array_is_foreign() {
    check("<html>[1]</html>", &["?"]);
    check(r#"{"a":[1,2]}"#, &["?"]);
    check("data: [1]\n\n", &["?"]);
    check("]", &["?"]);
    check("[1] 2", &["1", "]", "?"]);
    check("[1][2]", &["1", "]", "?"]);
    // Not JSON, and for whoever reads the elements to find out.
    check("[1}{2]", &["1}{2", "]"]);
    check(r#"[{} {}]"#, &["{}", "{}", "]"]);
}

#[test]
fn an_element_above_the_limit_is_given_up_and_the_rest_is_read() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(100));
    for (limit, expected) in [
        (long.len(), vec!["1", long.as_str(), "2", "]"]),
        (long.len() - 1, vec!["1", "(given up)", "2", "]"]),
        (1, vec!["1", "(given up)", "2", "]"]),
    ] {
        let array = format!("[1,{long},2]");
        for size in [1, 10, 1000] {
            assert_eq!(scan(limit, array.as_bytes().chunks(size)), expected);
        }
    }
    let word = format!("[{},2]", "1".repeat(100));
    for size in [1, 10, 1000] {
        assert_eq!(
            scan(50, word.as_bytes().chunks(size)),
            ["(given up)", "2", "]"]
        );
    }
}

#[test]
fn depth_is_no_problem() {
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(scan(usize::MAX, [deep.as_bytes()]).len(), 2);
    let mut scanner = Scanner::with_limit(1000);
    scanner.push(deep.as_bytes(), |element| assert!(element.given_up));
    assert!(scanner.is_closed());
}

/// JSON values, not too large.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[\\[\\]{}\",\\\\a\n]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// The elements are those that a parser of JSON finds.
    #[test]
    fn elements_are_those_of_the_array(
        values in prop::collection::vec(json(), 0..5), pretty in any::<bool>(), size in 1..40_usize,
    ) {
        let array = Value::from(values.clone());
        let text = if pretty { serde_json::to_string_pretty(&array) } else { serde_json::to_string(&array) }.unwrap();
        let mut found = scan(usize::MAX, text.as_bytes().chunks(size));
        let last = found.pop();
        prop_assert_eq!(last.as_deref(), Some("]"));
        let found: Vec<Value> = found.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        prop_assert_eq!(found, values);
    }

    /// Whatever comes reads the same whole and byte by byte.
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'['), Just(b'"'), Just(b'}'), Just(b'\\')], 0..100)) {
        prop_assert_eq!(scan(50, [bytes.as_slice()]), scan(50, bytes.chunks(1)));
    }
}
