//! JSON that ends anywhere, and what is kept of it.

use super::{Json, read};

/// A text read and written again, with ` …` where it is cut. Empty: it is no JSON.
fn again(text: &str) -> String {
    read(text).map_or_else(String::new, |(json, cut)| {
        json.compact() + if cut { " …" } else { "" }
    })
}

#[test]
fn what_was_written_is_kept() {
    for text in [
        r#"{"b":1,"a":[1.50,-2e3,12345678901234567890123],"c":{}}"#,
        r#"[true,false,null,"x",[],[[1,2],[3]]]"#,
        r#""Gr\u0001ße \" \\ \n""#,
        "12 ",
    ] {
        assert_eq!(again(text), text.trim());
    }
    assert_eq!(
        again(" { \"a\" : [ 1 , 2 ] , \"b\" : \"\\u00e9\\/\" } "),
        r#"{"a":[1,2],"b":"é/"}"#
    );
}

#[test]
fn of_members_of_one_name_the_last_counts() {
    let (json, _) = read(r#"{"a":1,"a":2}"#).unwrap();
    assert_eq!(json.get("a").number(), Some(2));
    assert!(json.get("b").is_null());
}

#[test]
fn a_text_that_ends_early_is_read_as_far_as_it_goes() {
    let cases = [
        ("{", "{} …"),
        (r#"{"a"#, "{} …"),
        (r#"{"a""#, "{} …"),
        (r#"{"a":"#, "{} …"),
        (r#"{"a":1"#, "{} …"),
        (r#"{"a":1,"#, r#"{"a":1} …"#),
        (r#"{"a":tru"#, "{} …"),
        (r#"{"a":"x"#, r#"{"a":"x"} …"#),
        (r#"{"type":"x"#, "{} …"),
        (r#"{"a":"x\"#, r#"{"a":"x"} …"#),
        (r#"{"a":"x\\"#, r#"{"a":"x\\"} …"#),
        (r#"{"a":"x\u00"#, r#"{"a":"x"} …"#),
        (r#"{"a":"x\u00e9"#, r#"{"a":"xé"} …"#),
        (r#"{"a":"x\ud83d"#, r#"{"a":"x"} …"#),
        (r#"{"a":"x\ud83d\ude"#, r#"{"a":"x"} …"#),
        (r#"{"a":"x\ud83d\ude00"#, r#"{"a":"x😀"} …"#),
        (r#"{"a":"\u00e9\u00"#, r#"{"a":"é"} …"#),
        ("[1,2", "[1,2 …"),
        (r#"["a",1"#, r#"["a"] …"#),
        (r#"[{"a":1},{"#, r#"[{"a":1}] …"#),
        (r#"[["#, "[[]] …"),
    ];
    for (text, expected) in cases {
        assert_eq!(again(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_json_is_not_read() {
    for text in [
        "",
        " ",
        "}",
        "{a:1}",
        r#"{"a" 1}"#,
        "{1:2}",
        "[1 x;]",
        "{} {}",
        "<html>",
        "data: {}",
    ] {
        assert_eq!(again(text), "", "{text}");
    }
}

#[test]
fn what_is_very_deep_or_very_much_takes_little() {
    let deep = "[".repeat(200_000);
    let (json, cut) = read(&deep).unwrap();
    assert!(cut);
    assert_eq!(json.compact().len(), 200_000 + 48);
    let much = format!("[{}]", vec!["{}"; 1_500_000].join(","));
    let (json, cut) = read(&much).unwrap();
    assert!(cut && json.list().len() < 1_000_000);
    let numbers = format!("[{}1]", "0,".repeat(1_500_000));
    assert!(matches!(read(&numbers), Some((Json::Numbers(_), false))));
}
